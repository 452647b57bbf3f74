import { DEFAULT_SCALE } from "../wire/numbers.js";
import type { Step10 } from "./decimal.js";

/** An id that nothing has: the core answers it with the code for "unknown". */
export const UNKNOWN_ID = 0xfffffffe;

export interface InstrumentInfo {
  readonly id: number;
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly tick: Step10;
  readonly lot: Step10;
  /** The atom of the quote currency, in which amounts of money are counted. */
  readonly atom: Step10;
  readonly minQty: number;
  readonly maxQty: number;
  readonly minPrice: number;
  readonly maxPrice: number;
}

export interface CurrencyInfo {
  readonly id: number;
  readonly name: string;
  /** The smallest amount. */
  readonly atom: Step10;
}

/** Names and sizes on this side of the rings: what turns an object with names and decimals into a record, and back. */
export class Catalog {
  private readonly instruments: InstrumentInfo[] = [];
  private readonly instrumentIds = new Map<string, number>();
  private readonly currencies: CurrencyInfo[] = [];
  private readonly currencyIds = new Map<string, number>();
  private readonly accounts: string[] = [];
  private readonly accountIds = new Map<string, number>();

  addInstrument(info: InstrumentInfo): void {
    this.instruments[info.id] = info;
    this.instrumentIds.set(info.symbol, info.id);
  }

  addCurrency(id: number, name: string, scale: number): void {
    this.currencies[id] = { id, name, atom: atomOfScale(scale) };
    this.currencyIds.set(name, id);
  }

  /**
   * A currency that an instrument names is declared along with it unless it was before: ids are dense, so its id is known
   * to whoever has seen every declaration, base first.
   */
  addImplicitCurrency(name: string): void {
    if (!this.currencyIds.has(name)) this.addCurrency(this.currencies.length, name, DEFAULT_SCALE);
  }

  /** Undefined when there is no such currency. */
  currency(name: string): CurrencyInfo | undefined {
    const id = this.currencyIds.get(name);
    return id === undefined ? undefined : this.currencies[id];
  }

  /** As events name it. Throws Error when there is none: then we have missed its declaration. */
  knownCurrency(id: number): CurrencyInfo {
    const info = this.currencies[id];
    if (info === undefined) throw new Error(`currency ${id} is not in the catalog`);
    return info;
  }

  addAccount(id: number, name: string): void {
    this.accounts[id] = name;
    this.accountIds.set(name, id);
  }

  /** Undefined when there is no such symbol. */
  instrument(symbol: string): InstrumentInfo | undefined {
    const id = this.instrumentIds.get(symbol);
    return id === undefined ? undefined : this.instruments[id];
  }

  /** Undefined when there is no such id. */
  instrumentById(id: number): InstrumentInfo | undefined {
    return this.instruments[id];
  }

  /** As events name it. Throws Error when there is none: then we have missed its declaration. */
  knownInstrument(id: number): InstrumentInfo {
    const info = this.instruments[id];
    if (info === undefined) throw new Error(`instrument ${id} is not in the catalog`);
    return info;
  }

  /** As events name it. Throws Error when there is none: then we have missed its declaration. */
  knownAccount(id: number): string {
    const name = this.accounts[id];
    if (name === undefined) throw new Error(`account ${id} is not in the catalog`);
    return name;
  }

  accountId(name: string): number | undefined {
    return this.accountIds.get(name);
  }

  accountName(id: number): string | undefined {
    return this.accounts[id];
  }

  /** In order of id. */
  allAccounts(): readonly string[] {
    return this.accounts;
  }

  allInstruments(): readonly InstrumentInfo[] {
    return this.instruments;
  }
}

/** The smallest amount of a currency with so many decimal places. */
export function atomOfScale(scale: number): Step10 {
  return { mantissa: 1, exponent: -scale };
}

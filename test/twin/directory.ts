import type { AccountCommand, CurrencyCommand, DecimalInput, InstrumentCommand, StateName } from "../../engine/edge/types.js";
import type { Decimal } from "./decimal.js";
import { multiply, wholeSteps } from "./decimal.js";
import { checkName, Rejection, readDecimal } from "./input.js";
import type { Account, Currency, Instrument, Order } from "./state.js";
import { NO_INDICATION, SAFE_MAX } from "./state.js";

/** Who and what exists: currencies, instruments, accounts, each numbered from 0 in order of declaration. */
export class Directory {
  readonly currencies: Currency[] = [];
  readonly instruments: Instrument[] = [];
  readonly accounts: Account[] = [];

  account(name: string): Account {
    const account = this.accounts.find((known) => known.name === name);
    if (account === undefined) throw new Rejection("UNKNOWN_ACCOUNT");
    return account;
  }

  instrument(symbol: string): Instrument {
    const instrument = this.instruments.find((known) => known.symbol === symbol);
    if (instrument === undefined) throw new Rejection("UNKNOWN_INSTRUMENT");
    return instrument;
  }

  declare(command: CurrencyCommand | InstrumentCommand | AccountCommand): void {
    switch (command.cmd) {
      case "currency":
        return this.#addCurrency(command);
      case "instrument":
        return this.#addInstrument(command);
      case "account":
        return this.#addAccount(command);
    }
  }

  #addCurrency(command: CurrencyCommand): void {
    const { currency: name, scale = 6 } = command; // C6.
    checkName(name, 16);
    if (this.currencies.some((known) => known.name === name)) throw new Rejection("ALREADY_EXISTS"); // S19.
    if (scale < 0 || scale > 15) throw new Rejection("BAD_VALUE"); // N19.
    this.currencies.push({ id: this.currencies.length, name, scale });
  }

  #addAccount(command: AccountCommand): void {
    const { account: name, stp = "cancelNewest", stpGroup } = command; // SEMANTICS 6.
    checkName(name, 32);
    if (stpGroup !== undefined) checkName(stpGroup, 32);
    if (this.accounts.some((known) => known.name === name)) throw new Rejection("ALREADY_EXISTS"); // S19.
    this.accounts.push({ id: this.accounts.length, name, stp, stpGroup, live: new Map(), killed: false });
  }

  /** ARCHITECTURE 5: tick × lot must be whole quote atoms, the lot whole base atoms; limits on the tick and lot. */
  #addInstrument(command: InstrumentCommand): void {
    checkName(command.symbol, 16);
    checkName(command.base, 16);
    checkName(command.quote, 16);
    if (this.instruments.some((known) => known.symbol === command.symbol)) throw new Rejection("ALREADY_EXISTS"); // S19.
    const tickSize = readDecimal(command.tickSize);
    const lotSize = readDecimal(command.lotSize);
    if (command.base === command.quote) throw new Rejection("BAD_INSTRUMENT");
    if (tickSize.digits <= 0n || lotSize.digits <= 0n) throw new Rejection("BAD_INSTRUMENT");
    const scaleOf = (name: string) => this.currencies.find((known) => known.name === name)?.scale ?? 6; // C6.
    const atomsPerTickLot = wholeSteps(multiply(tickSize, lotSize), atom(scaleOf(command.quote)));
    const atomsPerLot = wholeSteps(lotSize, atom(scaleOf(command.base)));
    if (atomsPerTickLot === undefined || atomsPerTickLot > SAFE_MAX) throw new Rejection("BAD_INSTRUMENT");
    if (atomsPerLot === undefined || atomsPerLot > SAFE_MAX) throw new Rejection("BAD_INSTRUMENT");
    const limits = {
      minQty: limit(command.minQty, lotSize, 1n),
      maxQty: limit(command.maxQty, lotSize, SAFE_MAX),
      minPrice: limit(command.minPrice, tickSize, 1n),
      maxPrice: limit(command.maxPrice, tickSize, SAFE_MAX),
    };
    if (limits.minQty > limits.maxQty || limits.minPrice > limits.maxPrice) throw new Rejection("BAD_INSTRUMENT");
    const dials = {
      minNotional: amount(command.minNotional, scaleOf(command.quote)),
      bandBps: basisPoints(command.bandBps),
      marketProtectionBps: basisPoints(command.marketProtectionBps),
      auctionUs: Number(count(command.auctionUs, SAFE_MAX)),
    };
    const lastPrice = command.lastPrice === undefined ? undefined : limit(command.lastPrice, tickSize, 1n);
    if (lastPrice !== undefined && (lastPrice < limits.minPrice || lastPrice > limits.maxPrice)) throw new Rejection("BAD_INSTRUMENT");
    const base = this.#named(command.base);
    const quote = this.#named(command.quote);
    const id = this.instruments.length;
    this.instruments.push({
      id,
      symbol: command.symbol,
      base,
      quote,
      tickSize,
      lotSize,
      atomsPerTickLot,
      ...limits,
      ...dials,
      lastPrice,
      ...blank(command.state ?? "open"),
    });
  }

  /** C6: a currency that an instrument names first has scale 6. */
  #named(name: string): Currency {
    const known = this.currencies.find((currency) => currency.name === name);
    if (known !== undefined) return known;
    const currency = { id: this.currencies.length, name, scale: 6 };
    this.currencies.push(currency);
    return currency;
  }
}

/** What every instrument begins with. */
function blank(state: StateName) {
  return {
    bandReference: undefined,
    state,
    killed: false,
    reopenAt: 0,
    told: NO_INDICATION,
    entered: false,
    resting: { buy: [], sell: [] },
    dormant: new Set<Order>(),
    pending: new Set<Order>(),
    positions: new Map<Account, bigint>(),
  };
}

function atom(scale: number): Decimal {
  return { digits: 1n, scale };
}

/** A limit in units of its step; one that is off its step or below one unit makes no sense. */
function limit(input: DecimalInput | undefined, step: Decimal, otherwise: bigint): bigint {
  if (input === undefined) return otherwise;
  const units = wholeSteps(readDecimal(input), step);
  if (units === undefined || units < 1n || units > SAFE_MAX) throw new Rejection("BAD_INSTRUMENT");
  return units;
}

/** An amount in atoms; one that is negative or no whole number of them makes no sense. */
function amount(input: DecimalInput | undefined, scale: number): bigint {
  if (input === undefined) return 0n;
  const atoms = wholeSteps(readDecimal(input), atom(scale));
  if (atoms === undefined || atoms < 0n || atoms > SAFE_MAX) throw new Rejection("BAD_INSTRUMENT");
  return atoms;
}

function basisPoints(input: number | undefined): bigint {
  return count(input, 1_000_000n);
}

function count(input: number | undefined, most: bigint): bigint {
  if (input === undefined) return 0n;
  const value = BigInt(input);
  if (value < 0n || value > most) throw new Rejection("BAD_INSTRUMENT");
  return value;
}

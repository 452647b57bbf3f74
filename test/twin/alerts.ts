import type { AlertEvent, Event, LimitName } from "../../engine/edge/types.js";
import { limitOf } from "./limit-set.js";
import type { Measures } from "./measures.js";
import { dayNumber, dayOf, exposureIn, openOf, positionUse } from "./measures.js";
import { amountBounds, countBounds } from "./risk.js";
import type { Account, Currency, Instrument } from "./state.js";
import { larger, SIDES } from "./state.js";
import type { Tape } from "./tape.js";

const PERCENTS = [80, 100];

interface Watched {
  readonly limit: LimitName;
  readonly symbol: string | undefined;
  /** Tells it from the others of its account. */
  readonly key: string;
  /** The tightest of those that hold here. */
  readonly bound: bigint | undefined;
  readonly use: bigint;
}

/** N7: soft alerts at 80 and 100 percent of a limit, once for each crossing. */
export class Alerts {
  constructor(
    readonly measures: Measures,
    readonly tape: Tape,
  ) {}

  /** RISK.md: looks at the accounts that the command's orders and trades belong to, by id. */
  look(): void {
    const names = new Set(this.tape.events.flatMap(ownersOf));
    for (const account of this.measures.directory.accounts) {
      if (names.has(account.name)) for (const watched of this.#watchedOf(account)) this.#lookAt(account, watched);
    }
  }

  #lookAt(account: Account, { limit, symbol, key, bound, use }: Watched): void {
    const percent = bound === undefined ? 0 : percentOf(use, bound);
    const before = account.told.get(key) ?? 0;
    account.told.set(key, percent);
    const alert: AlertEvent = { event: "alert", seq: this.tape.seq, kind: "limit", account: account.name };
    if (symbol !== undefined) alert.symbol = symbol;
    for (const crossed of PERCENTS) if (before < crossed && percent >= crossed) this.tape.emit({ ...alert, limit, percent: crossed });
  }

  #watchedOf(account: Account): Watched[] {
    const { directory } = this.measures;
    const maxOpenOrders = limitOf(account.limits.maxOpenOrders);
    const ofAll = { limit: "maxOpenOrders", symbol: undefined, key: "maxOpenOrders" } as const;
    return [
      { ...ofAll, bound: maxOpenOrders === undefined ? undefined : BigInt(maxOpenOrders), use: BigInt(account.live.size) },
      ...directory.currencies.flatMap((currency) => this.#inCurrency(account, currency)),
      ...directory.instruments.flatMap((instrument) => this.#inInstrument(account, instrument)),
    ];
  }

  #inCurrency(account: Account, currency: Currency): Watched[] {
    const { measures } = this;
    const [instrument] = measures.quotedIn(currency);
    if (instrument === undefined) return [];
    const day = measures.day(account, currency, dayNumber(this.tape.clock));
    const [buys, sells] = SIDES.map((side) => measures.openNotional(account, currency, side)) as [bigint, bigint];
    const watch = (limit: (typeof IN_CURRENCY)[number], use: bigint): Watched => {
      const bound = amountBounds(account, instrument, limit).find(({ isOfAccount }) => isOfAccount)?.limit;
      return { limit, symbol: undefined, key: `${limit} ${currency.name}`, bound, use };
    };
    const uses = [larger(buys, sells), measures.exposure(account, currency), day.notional, -day.result];
    return IN_CURRENCY.map((limit, i) => watch(limit, uses[i] as bigint));
  }

  #inInstrument(account: Account, instrument: Instrument): Watched[] {
    const day = dayOf(account, instrument, dayNumber(this.tape.clock));
    const open = SIDES.map((side) => openOf(account, instrument, side).notional) as [bigint, bigint];
    const position = SIDES.map((side) => positionUse(account, instrument, side)) as [bigint, bigint];
    const orders = [...account.live.values()].filter((order) => order.instrument === instrument);
    const counts = countBounds(account, instrument).filter(({ isOfAccount }) => !isOfAccount);
    const { symbol } = instrument;
    const watch = (limit: (typeof IN_CURRENCY)[number] | "maxPosition", use: bigint): Watched => {
      // A position is one in an instrument, so the account's own limit is looked at here.
      const bounds = amountBounds(account, instrument, limit).filter(({ isOfAccount }) => limit === "maxPosition" || !isOfAccount);
      return { limit, symbol, key: `${limit} in ${symbol}`, bound: tightest(bounds), use };
    };
    return [
      { limit: "maxOpenOrders", symbol, key: `maxOpenOrders in ${symbol}`, bound: tightest(counts), use: BigInt(orders.length) },
      watch("maxOpenNotional", larger(...open)),
      watch("maxPosition", larger(...position)),
      watch("maxExposure", exposureIn(account, instrument)),
      watch("maxDailyNotional", day.notional),
      watch("maxDailyLoss", -day.result),
    ];
  }
}

/** Of a new day nothing is used, so its limits are crossed anew. */
export function forgetDay(accounts: readonly Account[]): void {
  for (const { told } of accounts) for (const key of [...told.keys()]) if (key.startsWith("maxDaily")) told.delete(key);
}

const IN_CURRENCY = ["maxOpenNotional", "maxExposure", "maxDailyNotional", "maxDailyLoss"] as const;

function tightest(bounds: readonly { limit: bigint }[]): bigint | undefined {
  return bounds.reduce<bigint | undefined>((least, { limit }) => (least === undefined || limit < least ? limit : least), undefined);
}

/** A limit of nought gives none. */
function percentOf(use: bigint, bound: bigint): number {
  if (bound === 0n) return 0;
  if (use >= bound) return 100;
  return 100n * use >= 80n * bound ? 80 : 0;
}

/** The accounts whose orders or trades the event is about. */
function ownersOf(event: Event): string[] {
  switch (event.event) {
    case "accepted":
    case "canceled":
    case "reduced":
    case "replaced":
    case "triggered":
      return [event.account];
    case "trade":
      return [event.maker.account, event.taker.account];
    default:
      return [];
  }
}

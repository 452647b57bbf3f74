import type { CodeName } from "../../engine/wire/codes.js";
import { atomOf } from "./amounts.js";
import { REMEMBERED_MAX } from "./breakers.js";
import type { Decimal } from "./decimal.js";
import { flooredSteps } from "./decimal.js";
import { Rejection } from "./input.js";
import type { AMOUNT_LIMITS, SymbolLimits } from "./limit-set.js";
import { limitOf } from "./limit-set.js";
import type { Claim, Measures } from "./measures.js";
import { dayNumber, dayOf, exposureIn, NOTHING, openOf, positionUse, weightOf } from "./measures.js";
import type { Account, Instrument, Order } from "./state.js";
import { bestPrice, larger, roomOf, SAFE_MAX, smaller } from "./state.js";
import type { Tape } from "./tape.js";

type AmountLimit = (typeof AMOUNT_LIMITS)[number];

/** A limit that an order must keep: in lots, atoms or orders; of the whole account (in a currency), or in the instrument. */
interface Bound {
  readonly limit: bigint;
  readonly isOfAccount: boolean;
}

/** SEMANTICS 8 in its order (RISK.md): each check by itself, each from scratch; the first failure is thrown. */
export class Risk {
  constructor(
    readonly measures: Measures,
    readonly tape: Tape,
  ) {}

  /** Step 4.1. */
  checkKill({ instrument, account }: Order): void {
    if (this.tape.globalKill || instrument.killed || account.killed) throw new Rejection("KILL_SWITCH");
  }

  /** Step 4.2: what only reduces passes a reducing-only account. */
  checkState({ account }: Order, isReducing: boolean): void {
    if (account.state === "suspended") throw new Rejection("ACCOUNT_SUSPENDED");
    if (account.state === "reduceOnly" && !isReducing) throw new Rejection("REDUCE_ONLY_ACCOUNT");
  }

  /** The open orders of its side and this one together are at most the position on the other side; a reduce-only order always does. */
  onlyReduces(claim: Claim): boolean {
    const { order } = claim;
    return order.reduceOnly || openOf(order.account, order.instrument, order.side, claim).lots <= roomOf(order);
  }

  /** Step 4.3. */
  checkSize(order: Order, lots: bigint | undefined, notional: bigint | undefined): void {
    if (lots !== undefined) this.#keep("MAX_ORDER_QTY", "maxOrderQty", order, lots, lots);
    if (notional !== undefined) this.#keep("MAX_ORDER_NOTIONAL", "maxOrderNotional", order, notional, notional);
  }

  /** Step 4.4, K1: both sides of the reference, inclusive, compared exactly: the middle may lie between two ticks. */
  checkReference(order: Order, price: bigint | undefined): void {
    const { account, instrument } = order;
    const doubled = doubledReference(instrument);
    if (doubled === undefined && account.limits.requireReference) throw new Rejection("NO_REFERENCE_PRICE");
    if (doubled === undefined || price === undefined || instrument.collarBps === 0n) return;
    const distance = 2n * price > doubled ? 2n * price - doubled : doubled - 2n * price;
    if (distance > (doubled * instrument.collarBps) / 10_000n) throw new Rejection("PRICE_COLLAR");
  }

  /** Step 4.5, first half: this one more. */
  checkOpenOrders({ account, instrument }: Order): void {
    const live = [...account.live.values()];
    const inInstrument = live.filter((order) => order.instrument === instrument).length;
    for (const { limit, isOfAccount } of countBounds(account, instrument)) {
      if (BigInt(isOfAccount ? live.length : inInstrument) + 1n > limit) throw new Rejection("MAX_OPEN_ORDERS");
    }
  }

  /**
   * Steps 4.5 (second half) to 4.8. `before` is the account without the order, or with the order as it was; of a replace only
   * what becomes more is checked.
   */
  checkUses(claim: Claim, before: Claim | undefined, isReplace: boolean): void {
    this.#checkOpenNotional(claim, before, isReplace);
    this.#checkPosition(claim, before, isReplace);
    this.#checkExposure(claim, before);
    this.#checkDaily(claim, before, isReplace ? "replace" : "new");
  }

  /** T6: a stop that fires leaves out open orders and open notional. */
  checkUsesOnFiring(claim: Claim, before: Claim): void {
    this.#checkPosition(claim, before, false);
    this.#checkExposure(claim, before);
    this.#checkDaily(claim, before, "fired");
  }

  #checkOpenNotional(claim: Claim, before: Claim | undefined, isReplace: boolean): void {
    const { account, instrument, side } = claim.order;
    const inInstrument = openOf(account, instrument, side, claim).notional;
    if (isReplace && inInstrument <= openOf(account, instrument, side, before).notional) return;
    const ofAccount = this.measures.openNotional(account, instrument.quote, side, claim);
    this.#keep("MAX_OPEN_NOTIONAL", "maxOpenNotional", claim.order, ofAccount, inInstrument);
  }

  #checkPosition(claim: Claim, before: Claim | undefined, isReplace: boolean): void {
    const { account, instrument, side } = claim.order;
    const use = positionUse(account, instrument, side, claim);
    if (isReplace && use <= positionUse(account, instrument, side, before)) return;
    this.#keep("POSITION_LIMIT", "maxPosition", claim.order, use, use);
  }

  /** Refused only when the order raises it. */
  #checkExposure(claim: Claim, before: Claim | undefined): void {
    const { account, instrument } = claim.order;
    const inInstrument = exposureIn(account, instrument, claim);
    if (inInstrument <= exposureIn(account, instrument, before)) return;
    this.#keep("EXPOSURE_LIMIT", "maxExposure", claim.order, this.measures.exposure(account, instrument.quote, claim), inInstrument);
  }

  /** K4: executed today, and all that the order then has: of a replace when that is more; of a leg (N12) what the larger leg has, till it fires. */
  #checkDaily(claim: Claim, before: Claim | undefined, what: "new" | "replace" | "fired"): void {
    const { order, weight = NOTHING, partner } = claim;
    const { account, instrument, side } = order;
    const added = openOf(account, instrument, side, claim).notional - openOf(account, instrument, side, before).notional;
    if (what === "replace" && added <= 0n) return;
    const other = what === "fired" || partner === undefined ? NOTHING : weightOf(partner);
    const counts = larger(weight.notional, other.notional);
    const today = dayNumber(this.tape.clock);
    const ofAccount = this.measures.day(account, instrument.quote, today).notional + counts;
    this.#keep("DAILY_NOTIONAL", "maxDailyNotional", order, ofAccount, dayOf(account, instrument, today).notional + counts);
  }

  /** Step 4.9, N13: blocks at the limit; what only reduces passes. */
  checkLoss(claim: Claim): void {
    const { account, instrument } = claim.order;
    if (this.onlyReduces(claim)) return;
    const today = dayNumber(this.tape.clock);
    const lossOfAccount = -this.measures.day(account, instrument.quote, today).result;
    const lossInInstrument = -dayOf(account, instrument, today).result;
    for (const { limit, isOfAccount } of amountBounds(account, instrument, "maxDailyLoss")) {
      if ((isOfAccount ? lossOfAccount : lossInInstrument) >= limit) throw new Rejection("LOSS_LIMIT");
    }
  }

  /** Step 4.10: accepted orders later than now − `windowUs`. */
  checkRate({ account }: Order, terms: string): void {
    const { windowUs } = account.limits;
    const [maxOrders, maxDuplicates] = [limitOf(account.limits.maxOrders), limitOf(account.limits.maxDuplicates)];
    const since = this.tape.clock - windowUs;
    if (maxOrders !== undefined && account.sent.filter((at) => at > since).length >= maxOrders) throw new Rejection("RATE_LIMIT");
    if (maxDuplicates === undefined) return;
    const recent = account.alike.filter(({ at }) => at > since);
    if (recent.length >= REMEMBERED_MAX) throw new Rejection("RATE_LIMIT");
    if (recent.filter((sent) => sent.terms === terms).length >= maxDuplicates) throw new Rejection("DUPLICATIVE_ORDER");
  }

  /** Step 4.11. */
  checkFunds(claim: Claim, before: Claim | undefined, isReplace: boolean): void {
    const { account, instrument, side } = claim.order;
    if (account.mode === "cash") this.#checkCash(claim, before, side === "buy" ? instrument.quote : instrument.base, isReplace);
    if (account.mode === "margin") this.#checkMargin(claim, before);
  }

  #checkCash(claim: Claim, before: Claim | undefined, currency: Instrument["quote"], isReplace: boolean): void {
    const { measures } = this;
    const { account } = claim.order;
    const held = measures.holds(account, currency, claim);
    if (isReplace && held <= measures.holds(account, currency, before)) return;
    if (held + measures.pending(account, currency) > measures.balance(account, currency)) throw new Rejection("INSUFFICIENT_FUNDS");
  }

  /** K8: an order that does not raise the need passes. */
  #checkMargin(claim: Claim, before: Claim | undefined): void {
    const { measures } = this;
    const { account, instrument } = claim.order;
    const needed = measures.initialMargin(account, instrument.quote, claim);
    if (needed <= measures.initialMargin(account, instrument.quote, before)) return;
    const available = measures.equity(account, instrument.quote) - measures.pending(account, instrument.quote);
    if (needed > available) throw new Rejection("INSUFFICIENT_MARGIN");
  }

  /** Step 4.12, N14: balances, positions and open notional stay within ±(2^53−1) whatever trades, and so do the sums by themselves. */
  checkSums(claim: Claim, before: Claim | undefined): void {
    const { measures } = this;
    const { account, instrument, side } = claim.order;
    const { base, quote, kind } = instrument;
    const comesIn = kind === "margin" || side === "sell" ? quote : base;
    const goesOut = kind === "margin" || side === "buy" ? quote : base;
    const most = (of: Claim | undefined) => measures.inflow(account, comesIn, of) + measures.stake(account, comesIn, of);
    const least = (of: Claim | undefined) => measures.outflow(account, goesOut, of) + measures.stake(account, goesOut, of);
    const position = (of: Claim | undefined) => positionUse(account, instrument, side, of);
    const open = (of: Claim | undefined) => measures.openNotional(account, quote, side, of);
    const isOver =
      (most(claim) > most(before) && larger(measures.balance(account, comesIn), 0n) + most(claim) > SAFE_MAX) ||
      (least(claim) > least(before) && smaller(measures.balance(account, goesOut), 0n) - least(claim) < -SAFE_MAX) ||
      (position(claim) > position(before) && position(claim) > SAFE_MAX) ||
      (open(claim) > open(before) && open(claim) > SAFE_MAX);
    if (isOver) throw new Rejection("NOTIONAL_OVERFLOW");
  }

  #keep(code: CodeName, name: AmountLimit, { account, instrument }: Order, ofAccount: bigint, inInstrument: bigint): void {
    for (const { limit, isOfAccount } of amountBounds(account, instrument, name)) {
      if ((isOfAccount ? ofAccount : inInstrument) > limit) throw new Rejection(code);
    }
  }
}

/** S20: account and symbol limits must all hold. */
export function symbolSets(account: Account, instrument: Instrument): SymbolLimits[] {
  const own = account.limitsIn.get(instrument);
  return own === undefined ? [instrument.limits] : [own, instrument.limits];
}

/** Rounded down to whole lots or atoms. */
export function amountBounds(account: Account, instrument: Instrument, name: AmountLimit): Bound[] {
  const step = name === "maxOrderQty" || name === "maxPosition" ? instrument.lotSize : atomOf(instrument.quote);
  return boundsOf(
    account.limits[name],
    symbolSets(account, instrument).map((limits) => limits[name]),
    (limit: Decimal) => flooredSteps(limit, step),
  );
}

export function countBounds(account: Account, instrument: Instrument): Bound[] {
  return boundsOf(
    account.limits.maxOpenOrders,
    symbolSets(account, instrument).map((limits) => limits.maxOpenOrders),
    BigInt,
  );
}

function boundsOf<L>(ofAccount: L | Unset, inInstrument: readonly (L | Unset)[], read: (limit: L) => bigint): Bound[] {
  const limits = [ofAccount, ...inInstrument].map((limit) => limitOf(limit) as L | undefined);
  return limits.flatMap((limit, i) => (limit === undefined ? [] : [{ limit: read(limit), isOfAccount: i === 0 }]));
}

type Unset = "unlimited" | undefined;

/** Twice the last trade, else the sum of best bid and best ask. */
function doubledReference(instrument: Instrument): bigint | undefined {
  if (instrument.lastPrice !== undefined) return 2n * instrument.lastPrice;
  const bid = bestPrice(instrument, "buy");
  const ask = bestPrice(instrument, "sell");
  return bid === undefined || ask === undefined ? undefined : bid + ask;
}

import { notionalOf } from "./amounts.js";
import { Rejection } from "./input.js";
import { feesOf } from "./ledger.js";
import type { Fill, Matching } from "./matching.js";
import { wouldCross } from "./matching.js";
import type { Claim, Weight } from "./measures.js";
import { NOTHING, plus, weightAt } from "./measures.js";
import type { Replacement } from "./replace.js";
import type { Risk } from "./risk.js";
import { trailingStopPrice } from "./risk-price.js";
import type { Instrument, Order } from "./state.js";
import { isStop, larger, levelTotal, limitOf, mayRest, roomOf, SAFE_MAX, smaller } from "./state.js";

/** SEMANTICS 2, step 4: what is checked of a new order, of a replace and of a stop that fires, and what each counts with. */
export class StepFour {
  constructor(
    readonly risk: Risk,
    readonly matching: Matching,
  ) {}

  /** `first`: the leg that waits for this one. `terms`: what makes it the same as another order. */
  checkNew(order: Order, first: Order | undefined, terms: string): void {
    const { risk } = this;
    risk.checkKill(order);
    const weight = this.#weightOfNew(order, first);
    const claim: Claim = { order, weight, partner: first };
    risk.checkState(order, risk.onlyReduces(claim));
    if (entersAtOnce(order) && order.reduceOnly && roomOf(order) === 0n) return; // N2.
    risk.checkSize(order, order.money === undefined ? weight.lots : undefined, weight.notional);
    risk.checkReference(order, order.price);
    checkTrail(order);
    risk.checkOpenOrders(order);
    risk.checkUses(claim, undefined, false);
    risk.checkLoss(claim);
    risk.checkRate(order, terms);
    risk.checkFunds(claim, undefined, false);
    risk.checkSums(claim, undefined);
  }

  /** R8, RISK.md: on the difference; rate and duplicates not at all. */
  checkReplace(order: Order, next: Replacement): void {
    const { risk } = this;
    const { instrument, partner } = order;
    risk.checkKill(order);
    const claim: Claim = { order, weight: this.#weightOfReplaced(order, next), partner };
    risk.checkState(order, next.leaves <= order.leaves || risk.onlyReduces(claim));
    if (next.total > order.total) risk.checkSize(order, next.total, undefined);
    const notional = notionalOf(instrument, next.riskPrice, next.total);
    if (notional > notionalOf(instrument, order.riskPrice ?? 0n, order.total)) risk.checkSize(order, undefined, notional);
    if (next.price !== order.price) risk.checkReference(order, next.price);
    risk.checkUses(claim, undefined, true);
    if (next.leaves > order.leaves) risk.checkLoss(claim);
    risk.checkFunds(claim, undefined, true);
    risk.checkSums(claim, undefined);
  }

  /** T6, before it is cut (N2). N11: not a stop of an account that is suspended or may only reduce, whatever it would do. */
  mayFire(stop: Order): boolean {
    return stop.account.state === "active" && passes(() => this.risk.checkKill(stop));
  }

  /** T6: a stop that has been cut, on its way into the book. */
  passesFiring(stop: Order): boolean {
    const { risk } = this;
    const { partner } = stop;
    const weight = stop.price === undefined ? this.#swept(stop, stop.leaves) : this.#priced(stop, stop.leaves, stop.price, {});
    const claim: Claim = { order: stop, weight, partner };
    const before: Claim = { order: stop, weight: undefined, partner };
    return passes(() => {
      risk.checkSize(stop, weight.lots, weight.notional);
      risk.checkUsesOnFiring(claim, before);
      risk.checkFunds(claim, before, false);
      risk.checkSums(claim, before);
      if (mayRest(stop)) checkLevel(stop, limitOf(stop), stop.leaves);
    });
  }

  /** What a new order counts with: what its room leaves of it. */
  #weightOfNew(order: Order, first: Order | undefined): Weight {
    // T5, N2: a stop is cut when it fires, a leg when the pair enters.
    const lots = entersAtOnce(order) ? whatRoomLeaves(order, order.leaves) : order.leaves;
    if (order.type === "market") return this.#swept(order, lots);
    // A trailing stop without a last trade has no price; it is refused for that.
    if (order.riskPrice === undefined) return { ...NOTHING, lots };
    const waits = isStop(order) || (order.names !== undefined && first === undefined);
    return waits ? weightAt(order.instrument, lots, order.riskPrice) : this.#priced(order, lots, order.riskPrice, {});
  }

  #weightOfReplaced(order: Order, next: Replacement): Weight {
    const { keptPriority, clOrdId: _clOrdId, ...terms } = next;
    if (keptPriority || order.place !== "resting") return weightAt(order.instrument, next.leaves, next.riskPrice);
    return this.#priced(order, whatRoomLeaves(order, next.leaves), next.riskPrice, terms);
  }

  /** K3, T4: a market order counts with the trades of its sweep, each fee rounded up by itself; but in lots with all that it asks for. */
  #swept(order: Order, lots: bigint): Weight {
    const swept = sweptBy(order.instrument, this.matching.rehearse(order));
    return order.money === undefined ? { ...swept, lots } : swept;
  }

  /** With a limit: at its price. A sell brings what it would trade at once for, and the rest at its price, when that is more. */
  #priced(order: Order, lots: bigint, price: bigint, terms: Partial<Order>): Weight {
    const { instrument, side } = order;
    const weight = weightAt(instrument, lots, price);
    if (side === "buy" || instrument.state !== "open" || !wouldCross(instrument, side, price)) return weight;
    const swept = sweptBy(instrument, this.matching.rehearse(order, terms));
    const whole = plus(swept, weightAt(instrument, lots - swept.lots, price));
    return instrument.kind === "margin"
      ? { ...weight, cost: larger(weight.cost, whole.cost) }
      : { ...weight, proceeds: larger(weight.proceeds, whole.proceeds) };
  }
}

function passes(check: () => void): boolean {
  try {
    check();
    return true;
  } catch (error) {
    if (error instanceof Rejection) return false;
    throw error;
  }
}

function entersAtOnce(order: Order): boolean {
  return !isStop(order) && order.names === undefined;
}

function sweptBy(instrument: Instrument, fills: readonly Fill[]): Weight {
  return fills.reduce((sum, { price, qty }) => {
    const notional = notionalOf(instrument, price, qty);
    const fee = feesOf(instrument, price, qty).taker;
    const paid = instrument.kind === "margin" ? larger(fee, 0n) : fee;
    return plus(sum, { lots: qty, notional, cost: notional + paid, proceeds: notional - smaller(fee, 0n) });
  }, NOTHING);
}

function checkTrail(order: Order): void {
  const { type, instrument } = order;
  if (type !== "trailingStop") return;
  if (instrument.lastPrice === undefined) throw new Rejection("NO_REFERENCE_PRICE"); // T2.
  if (trailingStopPrice(order, instrument.lastPrice) > SAFE_MAX) throw new Rejection("BAD_TRAIL");
}

/** N14: a level total that would leave 2^53−1 is refused in step 4. */
export function checkLevel({ instrument, side }: Order, price: bigint, added: bigint): void {
  if (levelTotal(instrument, side, price) + added > SAFE_MAX) throw new Rejection("NOTIONAL_OVERFLOW");
}

/** O12: the lots that are left of an order when it has been cut. */
export function whatRoomLeaves(order: Order, leaves: bigint): bigint {
  return order.reduceOnly ? smaller(leaves, roomOf(order)) : leaves;
}

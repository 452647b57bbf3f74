import { magnitude, notionalOf } from "./amounts.js";
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
import { isStop, larger, levelTotal, limitOf, mayRest, positionOf, roomOf, SAFE_MAX, smaller } from "./state.js";

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
    const weight = stop.price === undefined ? this.#swept(stop, stop.leaves) : this.#priced(stop, stop.leaves, stop.price, {}, partner);
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
    const weight = this.#ownWeightOfNew(order, first);
    // T7: a limit leg that has waited enters with it.
    if (first === undefined || first.type !== "limit" || first.price === undefined) return weight;
    return { ...weight, ...this.#raised(weight, first, first.leaves, first.price, {}, order) };
  }

  #ownWeightOfNew(order: Order, first: Order | undefined): Weight {
    // T5, N2: a stop is cut when it fires, a leg when the pair enters.
    const lots = entersAtOnce(order) ? whatRoomLeaves(order, order.leaves) : order.leaves;
    if (order.type === "market") return this.#swept(order, lots);
    // A trailing stop without a last trade has no price; it is refused for that.
    if (order.riskPrice === undefined) return { ...NOTHING, lots };
    return order.price === undefined
      ? weightAt(order.instrument, lots, order.riskPrice)
      : this.#priced(order, lots, order.price, {}, first);
  }

  #weightOfReplaced(order: Order, next: Replacement): Weight {
    const { keptPriority, clOrdId: _clOrdId, ...terms } = next;
    if (keptPriority || order.place !== "resting") return weightAt(order.instrument, next.leaves, next.riskPrice);
    return this.#priced(order, whatRoomLeaves(order, next.leaves), next.riskPrice, terms, order.partner);
  }

  /** K3, T4: a market order counts with the trades of its sweep, each fee rounded up by itself; but in lots with all that it asks for. */
  #swept(order: Order, lots: bigint): Weight {
    const swept = sweptBy(order.instrument, this.matching.rehearse(order));
    return order.money === undefined ? { ...swept, lots } : swept;
  }

  /** With a limit: at its price. A sell brings what it could trade for, and the rest at its price, when that is more. */
  #priced(order: Order, lots: bigint, price: bigint, terms: Partial<Order>, partner: Order | undefined): Weight {
    const weight = weightAt(order.instrument, lots, price);
    return { ...weight, ...this.#raised(weight, order, lots, price, terms, partner) };
  }

  /** What may come in of it when it trades at once: its trades, and the rest, or that of the other leg, whichever is more. */
  #raised(weight: Weight, order: Order, lots: bigint, price: bigint, terms: Partial<Order>, partner: Order | undefined): Partial<Weight> {
    const { instrument, side } = order;
    if (side === "buy" || !wouldCross(instrument, side, price)) return {};
    const plain = { total: lots, leaves: lots, tif: "ioc", minQty: undefined, reduceOnly: false } as const;
    const swept = sweptBy(instrument, this.matching.rehearse(order, { ...terms, ...plain }));
    return moreIncome(instrument, weight, plus(swept, restOf(instrument, lots - swept.lots, price, partner, swept.lots)));
  }

  /** RISK.md: an uncross above a sell's price brings more than the order has counted with; no sum may pass 2^53−1 by that. */
  mayPrint(order: Order, price: bigint, qty: bigint): boolean {
    const { instrument, partner } = order;
    const own = limitOf(order);
    if (order.side === "buy" || price <= own) return true;
    const printed = plus(weightAt(instrument, qty, price), restOf(instrument, order.leaves - qty, own, partner, qty));
    const weight = weightAt(instrument, order.leaves, own);
    const claim: Claim = { order, weight: { ...weight, ...moreIncome(instrument, weight, printed) }, partner };
    return passes(() => this.risk.checkSums(claim, undefined));
  }

  /** RISK.md: what a liquidation would trade, and what the position has cost, keep the balance within ±(2^53−1). */
  mayLiquidate(order: Order): boolean {
    const { account, instrument } = order;
    const { notional, cost } = this.#swept(order, order.leaves);
    const balance = magnitude(this.risk.measures.balance(account, instrument.quote));
    return balance + larger(notional, magnitude(positionOf(account, instrument).cost)) + cost - notional <= SAFE_MAX;
  }
}

/** What is left of a sell when so many lots of it have traded, and of the other leg of its pair, whichever is more. */
function restOf(instrument: Instrument, lots: bigint, price: bigint, partner: Order | undefined, traded: bigint): Weight {
  const own = weightAt(instrument, lots, price);
  if (partner?.riskPrice === undefined || partner.leaves <= traded) return own;
  const other = weightAt(instrument, partner.leaves - traded, partner.riskPrice);
  return { ...own, cost: larger(own.cost, other.cost), proceeds: larger(own.proceeds, other.proceeds) };
}

/** Of a margin instrument both ways are counted in what it costs. */
function moreIncome(instrument: Instrument, before: Weight, now: Weight): Partial<Weight> {
  return instrument.kind === "margin" ? { cost: larger(before.cost, now.cost) } : { proceeds: larger(before.proceeds, now.proceeds) };
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
    const paid = instrument.kind === "margin" ? magnitude(fee) : fee;
    return plus(sum, { lots: qty, notional, cost: notional + paid, proceeds: notional - fee });
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

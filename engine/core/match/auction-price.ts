import { type LevelTree, NIL } from "../../flat/level-tree.js";
import { MAX_SAFE } from "../../wire/numbers.js";

/** Places in the running search. A sum of levels may leave the safe integers, so each is kept as high × 2^26 + low. */
const enum Sum {
  DEMAND = 0,
  SUPPLY = 2,
  QUANTITY = 4,
  SURPLUS = 6,
  /** Of the candidate that is looked at. */
  HERE = 8,
  COUNT = 10,
}

const BASE = 2 ** 26;

/**
 * The price of an uncross (SEMANTICS 7; SETTLED A2, A3): of all ticks from the best ask to the best bid the one that trades most,
 * then leaves the least surplus, then by the side of the surplus, then nearest the reference, then the lower.
 *
 * What is bid falls with the price and what is offered rises, each in steps at the levels, so between two levels nothing changes:
 * the search visits levels and the gaps between them, not ticks. The best candidates lie side by side, because the surplus
 * falls from bid to ask: they are kept as one range with the side of the surplus at both its ends. Shard thread only.
 */
export class AuctionPrice {
  private readonly sums = new Float64Array(Sum.COUNT);
  private found = 0;
  private low = 0;
  private high = 0;
  private lowSign = 0;
  private highSign = 0;

  constructor(private readonly levels: LevelTree) {}

  /** Ticks; 0 when nothing crosses. */
  get price(): number {
    return this.found;
  }

  /** Lots that trade at that price, and at most 2^53−1. */
  get quantity(): number {
    return Math.min(MAX_SAFE, this.sums[Sum.QUANTITY] * BASE + this.sums[Sum.QUANTITY + 1]);
  }

  /** Whether the best bid is at or above the best ask. */
  isCrossed(instrument: number): boolean {
    const bid = this.levels.first(2 * instrument);
    const ask = this.levels.first(2 * instrument + 1);
    return bid !== NIL && ask !== NIL && -this.levels.keyOf(bid) >= this.levels.keyOf(ask);
  }

  /** Finds it; `reference` 0: there is none. */
  find(instrument: number, reference: number): void {
    this.sums.fill(0);
    this.found = 0;
    if (!this.isCrossed(instrument)) return;
    this.visit(this.levels.first(2 * instrument), this.levels.first(2 * instrument + 1));
    this.found = this.choose(reference);
  }

  /** Looks at every level's price and every gap, from the best ask up to the best bid. */
  private visit(bestBid: number, bestAsk: number): void {
    const { levels } = this;
    const top = -levels.keyOf(bestBid);
    let bid = this.lowestBid(bestBid, levels.keyOf(bestAsk));
    let ask = bestAsk;
    let price = levels.keyOf(bestAsk);
    while (price <= top) {
      if (ask !== NIL && levels.keyOf(ask) === price) {
        this.add(Sum.SUPPLY, levels.totalOf(ask), 1);
        ask = levels.next(ask);
      }
      this.consider(price, price);
      if (bid !== NIL && -levels.keyOf(bid) === price) {
        this.add(Sum.DEMAND, levels.totalOf(bid), -1);
        bid = levels.previous(bid);
      }
      const nextBid = bid === NIL ? Number.POSITIVE_INFINITY : -levels.keyOf(bid);
      const nextAsk = ask === NIL ? Number.POSITIVE_INFINITY : levels.keyOf(ask);
      const next = Math.min(nextBid, nextAsk);
      if (next - price > 1) this.consider(price + 1, Math.min(next - 1, top));
      price = next;
    }
  }

  /** The lowest bid that a candidate may meet; what is bid down to it is the demand at the best ask. */
  private lowestBid(bestBid: number, bestAskPrice: number): number {
    const { levels } = this;
    let lowest = bestBid;
    for (let bid = bestBid; bid !== NIL && -levels.keyOf(bid) >= bestAskPrice; bid = levels.next(bid)) {
      this.add(Sum.DEMAND, levels.totalOf(bid), 1);
      lowest = bid;
    }
    return lowest;
  }

  /** Adds a level's total, or takes it off. */
  private add(to: Sum, total: number, sign: number): void {
    const { sums } = this;
    const high = Math.floor(total / BASE);
    const low = sums[to + 1] + sign * (total - high * BASE);
    const carry = Math.floor(low / BASE);
    sums[to] += sign * high + carry;
    sums[to + 1] = low - carry * BASE;
  }

  /** Below nought, nought or above, as the first sum is less than, equal to or greater than the second. */
  private compare(one: Sum, other: Sum): number {
    const { sums } = this;
    return sums[one] - sums[other] || sums[one + 1] - sums[other + 1];
  }

  /** Ticks from `low` to `high` at which the same is bid and offered. */
  private consider(low: number, high: number): void {
    const { sums } = this;
    const sign = Math.sign(this.compare(Sum.DEMAND, Sum.SUPPLY));
    const less = sign > 0 ? Sum.SUPPLY : Sum.DEMAND;
    const onQuantity = this.compare(less, Sum.QUANTITY);
    if (low > high || sums[less] + sums[less + 1] === 0 || onQuantity < 0) return;
    this.takeSurplus(sign > 0 ? Sum.DEMAND : Sum.SUPPLY, less);
    const onSurplus = this.compare(Sum.HERE, Sum.SURPLUS);
    if (onQuantity === 0 && onSurplus > 0) return;
    if (onQuantity > 0 || onSurplus < 0) {
      this.copy(less, Sum.QUANTITY);
      this.copy(Sum.HERE, Sum.SURPLUS);
      this.low = low;
      this.lowSign = sign;
    }
    this.high = high;
    this.highSign = sign;
  }

  /** Writes what the greater sum is more than the lesser. */
  private takeSurplus(more: Sum, less: Sum): void {
    const { sums } = this;
    const low = sums[more + 1] - sums[less + 1];
    const borrow = low < 0 ? 1 : 0;
    sums[Sum.HERE] = sums[more] - sums[less] - borrow;
    sums[Sum.HERE + 1] = low + borrow * BASE;
  }

  private copy(from: Sum, to: Sum): void {
    this.sums[to] = this.sums[from];
    this.sums[to + 1] = this.sums[from + 1];
  }

  private choose(reference: number): number {
    if (this.lowSign > 0 && this.highSign > 0) return this.high;
    if (this.lowSign < 0 && this.highSign < 0) return this.low;
    return reference === 0 ? this.low : Math.min(this.high, Math.max(this.low, reference));
  }
}

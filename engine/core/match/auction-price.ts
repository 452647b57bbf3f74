import { type LevelTree, NIL } from "../../flat/level-tree.js";

/** Places in the running search. */
const PRICE = 0;
const QUANTITY = 1;
const SURPLUS = 2;
const LOW = 3;
const HIGH = 4;
const LOW_SIGN = 5;
const HIGH_SIGN = 6;

/**
 * The price of an uncross (SEMANTICS 7; SETTLED A2, A3): of all ticks from the best ask to the best bid the one that trades most,
 * then leaves the least surplus, then by the side of the surplus, then nearest the reference, then the lower.
 *
 * What is bid falls with the price and what is offered rises, each in steps at the levels, so between two levels nothing changes:
 * the search visits levels and the gaps between them, not ticks. The best candidates lie side by side, because the surplus
 * falls from bid to ask: they are kept as one range with the surplus at both its ends. Shard thread only.
 */
export class AuctionPrice {
  private readonly best = new Float64Array(7);

  constructor(private readonly levels: LevelTree) {}

  /** Ticks; 0 when nothing crosses. */
  get price(): number {
    return this.best[PRICE];
  }

  /** Lots that trade at that price. */
  get quantity(): number {
    return this.best[QUANTITY];
  }

  /** Finds it; `reference` 0: there is none. */
  find(instrument: number, reference: number): void {
    const { levels, best } = this;
    best.fill(0);
    const bid = levels.first(2 * instrument);
    const ask = levels.first(2 * instrument + 1);
    if (bid === NIL || ask === NIL || -levels.keyOf(bid) < levels.keyOf(ask)) return;
    this.visit(bid, ask);
    best[PRICE] = this.choose(reference);
  }

  /** Looks at every level's price and every gap, from the best ask up to the best bid. */
  private visit(bestBid: number, bestAsk: number): void {
    const { levels } = this;
    const top = -levels.keyOf(bestBid);
    let bid = bestBid;
    let demand = levels.totalOf(bid);
    // Down to the lowest bid that is a candidate: what is bid at the best ask.
    for (let next = levels.next(bid); next !== NIL && -levels.keyOf(next) >= levels.keyOf(bestAsk); next = levels.next(next)) {
      demand += levels.totalOf(next);
      bid = next;
    }
    let supply = 0;
    let ask = bestAsk;
    let price = levels.keyOf(bestAsk);
    while (price <= top) {
      const isAsk = ask !== NIL && levels.keyOf(ask) === price;
      if (isAsk) supply += levels.totalOf(ask);
      if (isAsk) ask = levels.next(ask);
      this.consider(price, price, demand, supply);
      if (bid !== NIL && -levels.keyOf(bid) === price) {
        demand -= levels.totalOf(bid);
        bid = levels.previous(bid);
      }
      const nextBid = bid === NIL ? Number.POSITIVE_INFINITY : -levels.keyOf(bid);
      const nextAsk = ask === NIL ? Number.POSITIVE_INFINITY : levels.keyOf(ask);
      const next = Math.min(nextBid, nextAsk);
      if (next - price > 1) this.consider(price + 1, Math.min(next - 1, top), demand, supply);
      price = next;
    }
  }

  /** Ticks from `low` to `high` at which the same is bid and offered. */
  private consider(low: number, high: number, demand: number, supply: number): void {
    const { best } = this;
    const quantity = Math.min(demand, supply);
    const surplus = Math.abs(demand - supply);
    if (low > high || quantity === 0 || quantity < best[QUANTITY]) return;
    const isBetter = quantity > best[QUANTITY] || surplus < best[SURPLUS];
    if (!isBetter && surplus > best[SURPLUS]) return;
    if (isBetter) {
      best[QUANTITY] = quantity;
      best[SURPLUS] = surplus;
      best[LOW] = low;
      best[LOW_SIGN] = Math.sign(demand - supply);
    }
    best[HIGH] = high;
    best[HIGH_SIGN] = Math.sign(demand - supply);
  }

  private choose(reference: number): number {
    const { best } = this;
    if (best[LOW_SIGN] > 0 && best[HIGH_SIGN] > 0) return best[HIGH];
    if (best[LOW_SIGN] < 0 && best[HIGH_SIGN] < 0) return best[LOW];
    return reference === 0 ? best[LOW] : Math.min(best[HIGH], Math.max(best[LOW], reference));
  }
}

/** The hash of PERFORMANCE.md's tables: FNV-1a over 32-bit words. */
export const FLOW_HASH_START = 2_166_136_261;
const FLOW_HASH_PRIME = 16_777_619;

/** One step of the hash. `value` counts modulo 2^32. Returns 0…2^32−1. */
export function flowHashStep(hash: number, value: number): number {
  return Math.imul(hash ^ value, FLOW_HASH_PRIME) >>> 0;
}

/** Collects what the trades of a flow come to. Allocates nothing after construction. */
export class TradeTally {
  trades = 0;
  tradedQty = 0;
  tradedNotional = 0;
  tradeHash = FLOW_HASH_START;

  /** One trade: the id of the resting order, the price in ticks, the quantity in lots. */
  add(restingId: number, price: number, qty: number): void {
    this.trades++;
    this.tradedQty += qty;
    this.tradedNotional += price * qty;
    this.tradeHash = flowHashStep(flowHashStep(flowHashStep(this.tradeHash, restingId), price), qty);
  }
}

/** Collects what a book comes to. Feed all bids, best first and oldest first in a price, then all asks. */
export class BookTally {
  bidNotional = 0;
  askNotional = 0;
  bids = 0;
  asks = 0;
  bookHash = FLOW_HASH_START;

  bid(id: number, price: number, openQty: number): void {
    this.bids++;
    this.bidNotional += price * openQty;
    this.#step(id, price, openQty);
  }

  ask(id: number, price: number, openQty: number): void {
    this.asks++;
    this.askNotional += price * openQty;
    this.#step(id, price, openQty);
  }

  #step(id: number, price: number, openQty: number): void {
    this.bookHash = flowHashStep(flowHashStep(flowHashStep(this.bookHash, id), price), openQty);
  }
}

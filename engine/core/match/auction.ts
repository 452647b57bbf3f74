import { type LevelTree, NIL } from "../../flat/level-tree.js";
import type { OrderBook } from "../book/order-book.js";
import { Slot, Trait } from "../book/order-pool.js";
import type { Emitter } from "../emitter.js";
import type { Markets } from "../markets.js";
import type { OrderTrials } from "../risk/order-trials.js";
import { AuctionPrice } from "./auction-price.js";
import type { CarefulFills } from "./careful-fills.js";
import type { OrderLists } from "./order-lists.js";
import { Cause } from "./order-types.js";

/**
 * The call auction of an instrument (SEMANTICS 7): what it would trade, told whenever that changes, and the uncross. Shard thread
 * only. Nothing is allocated.
 */
export class Auction {
  readonly price: AuctionPrice;
  private readonly levels: LevelTree;
  private readonly orders: Int32Array;
  private readonly doubles: Float64Array;

  constructor(
    private readonly book: OrderBook,
    private readonly emitter: Emitter,
    private readonly markets: Markets,
    private readonly careful: CarefulFills,
    private readonly lists: OrderLists,
    private readonly trials: OrderTrials,
  ) {
    this.levels = book.levels;
    this.price = new AuctionPrice(book.levels);
    this.orders = book.pool.words;
    this.doubles = book.pool.doubles;
  }

  /** Tells the indication of an instrument in an auction call when it is another than was told last, or `isFirst`. */
  tell(instrument: number, isFirst: boolean): void {
    const { markets, price } = this;
    price.find(instrument, markets.lastPrices[instrument]);
    const isSame = price.price === markets.toldPrices[instrument] && price.quantity === markets.toldQuantities[instrument];
    if (isSame && !isFirst) return;
    markets.toldPrices[instrument] = price.price;
    markets.toldQuantities[instrument] = price.quantity;
    this.emitter.indicated(instrument, price.price, price.quantity, false);
  }

  /**
   * Cuts reduce-only orders and trades at the one price what it can. Returns that price, or 0 when nothing trades. An order that is cut or
   * canceled on the way, or more than 2^53−1 lots, may leave the book crossed: then `isAgain` it is called for what is left.
   */
  uncross(instrument: number, isAgain: boolean): number {
    if (isAgain && !this.price.isCrossed(instrument)) return 0;
    this.cutReduceOnly(instrument);
    this.price.find(instrument, this.markets.lastPrices[instrument]);
    const price = this.price.price;
    if (price === 0) return 0;
    this.emitter.indicated(instrument, price, this.price.quantity, true);
    let left = this.price.quantity;
    while (left > 0) {
      const bid = this.head(2 * instrument, -price);
      const ask = this.head(2 * instrument + 1, price);
      if (bid === 0 || ask === 0) break;
      left -= this.trade(bid, ask, price, left);
    }
    return price;
  }

  /** The first order of a side that trades at this price, or 0. */
  private head(bookSide: number, limitKey: number): number {
    const level = this.levels.first(bookSide);
    return level === NIL || this.levels.keyOf(level) > limitKey ? 0 : this.levels.headOf(level);
  }

  /** Lots that the two have traded; 0 when one of them had to be cut (SETTLED N2) or canceled first: then its side is looked at again. */
  private trade(bid: number, ask: number, price: number, most: number): number {
    if (this.isCut(bid) || this.isCut(ask)) return 0;
    const { book, careful, emitter } = this;
    const isBidOlder = book.pool.orderIdOf(bid) < book.pool.orderIdOf(ask);
    const maker = isBidOlder ? bid : ask;
    const taker = isBidOlder ? ask : bid;
    const qty = Math.min(book.visibleOf(bid), book.visibleOf(ask), most);
    if (!this.trials.mayPrint(ask, qty, price)) {
      careful.cancel(ask, Cause.RISK_ON_TRIGGER, false);
      return 0;
    }
    careful.bookTrade(taker, maker, qty, price);
    const makerLeft = careful.takeFrom(maker, qty);
    const takerLeft = careful.takeFrom(taker, qty);
    emitter.trade(maker, taker, qty);
    emitter.tradeOfUncross(price, isBidOlder ? 0 : 1);
    careful.settle(maker, qty, makerLeft);
    careful.settle(taker, qty, takerLeft);
    return qty;
  }

  /** Whether a reduce-only order has more than its room, which it gives up here. */
  private isCut(slot: number): boolean {
    if ((this.orders[slot * Slot.WORDS + Slot.TRAITS] & Trait.REDUCE_ONLY) === 0) return false;
    const before = this.doubles[slot * Slot.DOUBLES + Slot.LEAVES];
    return !this.careful.cutToRoom(slot) || this.doubles[slot * Slot.DOUBLES + Slot.LEAVES] !== before;
  }

  /** Before an uncross every reduce-only order is cut to its room, buys in priority, then sells. */
  private cutReduceOnly(instrument: number): void {
    const { lists, book } = this;
    const count = lists.listResting(2 * instrument + 1, lists.listResting(2 * instrument, 0));
    for (let index = 0; index < count; index++) {
      const slot = lists.list[index];
      const isLive = book.pool.owners[slot] !== 0;
      if (isLive && (this.orders[slot * Slot.WORDS + Slot.TRAITS] & Trait.REDUCE_ONLY) !== 0) this.careful.cutToRoom(slot);
    }
  }
}

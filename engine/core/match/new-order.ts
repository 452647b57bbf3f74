import { NOT_FOUND } from "../../flat/pair-index.js";
import { CODES, OK } from "../../wire/codes.js";
import { NewOrder } from "../../wire/flyweights.js";
import { Reason } from "../../wire/generated/enums.js";
import { MAX_SAFE, NULL_INT64, NULL_UINT8 } from "../../wire/numbers.js";
import { keyOf, SELL } from "../book/order-book.js";
import { ACCOUNT, BOOK_SIDE, CL_ORD_ID, LEAVES, ORDER_ID, packTraits, SLOT_DOUBLES, SLOT_WORDS, TOTAL, TRAITS } from "../book/order-pool.js";
import type { Floor } from "./floor.js";
import { levelCode, notionalCode, priceCode, quantityCode } from "./order-checks.js";
import { FOK, GTC, IOC, KNOWN_FLAGS, LIMIT, MARKET, POST_ONLY, STP_DECREMENT } from "./order-types.js";

/** A new order, step by step as SEMANTICS 2 says; the first failure wins. Shard thread only. */
export class NewOrders {
  private lastId = 0;

  constructor(private readonly floor: Floor) {}

  /** Order ids count from 1 without gaps (SETTLED N17). */
  get lastOrderId(): number {
    return this.lastId;
  }

  set lastOrderId(id: number) {
    this.lastId = id;
  }

  place(words: Int32Array, at: number): void {
    const emitter = this.floor.emitter;
    emitter.answer(NewOrder.session(words, at), NewOrder.clientSeq(words, at));
    const code = this.check(words, at);
    if (code !== OK) {
      emitter.orderRejected(NewOrder.account(words, at), NewOrder.clOrdId(words, at), NULL_INT64, code, NewOrder.TEMPLATE_ID);
      return;
    }
    const isMarket = NewOrder.ordType(words, at) === MARKET;
    const price = isMarket ? 0 : NewOrder.price(words, at);
    const slot = this.admit(words, at);
    emitter.accepted(slot, price);
    const key = keyOf(NewOrder.side(words, at), price);
    this.execute(slot, key, isMarket ? Number.POSITIVE_INFINITY : -key, NewOrder.tif(words, at), isMarket);
  }

  private check(words: Int32Array, at: number): number {
    const code = this.checkIdentity(words, at);
    if (code !== OK) return code;
    const shape = this.checkShape(words, at);
    if (shape !== OK) return shape;
    return NewOrder.ordType(words, at) === MARKET ? OK : this.checkLimit(words, at);
  }

  /** Step 1. */
  private checkIdentity(words: Int32Array, at: number): number {
    const account = NewOrder.account(words, at);
    const clOrdId = NewOrder.clOrdId(words, at);
    if (account >= this.floor.accounts.count) return CODES.UNKNOWN_ACCOUNT;
    if (NewOrder.instrument(words, at) >= this.floor.instruments.count) return CODES.UNKNOWN_INSTRUMENT;
    if (clOrdId < 1) return CODES.BAD_CLORDID;
    if (clOrdId > MAX_SAFE) return CODES.BAD_CLORDID;
    return this.floor.book.findByClOrdId(account, clOrdId) === NOT_FOUND ? OK : CODES.DUPLICATE_CLORDID;
  }

  /** Step 3, up to the quantity. */
  private checkShape(words: Int32Array, at: number): number {
    if (NewOrder.side(words, at) > SELL) return CODES.BAD_SIDE;
    if (!isCompatible(words, at)) return CODES.BAD_FLAGS;
    const instruments = this.floor.instruments;
    const instrument = NewOrder.instrument(words, at);
    if (NewOrder.ordType(words, at) === LIMIT) {
      const code = priceCode(instruments, instrument, NewOrder.price(words, at));
      if (code !== OK) return code;
    }
    return quantityCode(instruments, instrument, NewOrder.qty(words, at));
  }

  /** The end of step 3, room to rest (4) and post-only (5). */
  private checkLimit(words: Int32Array, at: number): number {
    const book = this.floor.book;
    const instrument = NewOrder.instrument(words, at);
    const price = NewOrder.price(words, at);
    const qty = NewOrder.qty(words, at);
    const notional = notionalCode(this.floor.instruments, instrument, price, qty);
    if (notional !== OK || NewOrder.tif(words, at) !== GTC) return notional;
    const side = NewOrder.side(words, at);
    const key = keyOf(side, price);
    const bookSide = 2 * instrument + side;
    const room = book.pool.isFull ? CODES.BOOK_FULL : levelCode(book, bookSide, key, qty);
    if (room !== OK) return room;
    if ((NewOrder.flags(words, at) & POST_ONLY) === 0) return OK;
    return this.floor.matching.crosses(bookSide, -key) ? CODES.POST_ONLY_WOULD_CROSS : OK;
  }

  /** Gives an accepted order its slot and its id. */
  private admit(words: Int32Array, at: number): number {
    const pool = this.floor.book.pool;
    const slot = pool.take();
    const account = NewOrder.account(words, at);
    const qty = NewOrder.qty(words, at);
    const wantedMode = NewOrder.stp(words, at);
    const mode = wantedMode === NULL_UINT8 ? this.floor.accounts.selfTradeModes[account] : wantedMode;
    pool.doubles[slot * SLOT_DOUBLES + LEAVES] = qty;
    pool.doubles[slot * SLOT_DOUBLES + TOTAL] = qty;
    pool.doubles[slot * SLOT_DOUBLES + CL_ORD_ID] = NewOrder.clOrdId(words, at);
    pool.doubles[slot * SLOT_DOUBLES + ORDER_ID] = ++this.lastId;
    pool.words[slot * SLOT_WORDS + ACCOUNT] = account;
    pool.words[slot * SLOT_WORDS + BOOK_SIDE] = 2 * NewOrder.instrument(words, at) + NewOrder.side(words, at);
    pool.words[slot * SLOT_WORDS + TRAITS] = packTraits(
      NewOrder.ordType(words, at),
      NewOrder.tif(words, at),
      mode,
      NewOrder.flags(words, at),
    );
    return slot;
  }

  /** Steps 6 and 7: all-or-nothing, match, then rest or cancel the rest. */
  private execute(slot: number, key: number, limitKey: number, tif: number, isMarket: boolean): void {
    const { book, matching, emitter } = this.floor;
    const wanted = book.pool.doubles[slot * SLOT_DOUBLES + LEAVES];
    if (tif === FOK && !matching.canTrade(slot, limitKey, wanted)) {
      emitter.canceled(slot, Reason.fok, true);
      book.pool.give(slot);
      return;
    }
    if (!matching.run(slot, limitKey)) {
      book.pool.give(slot);
      return;
    }
    if (tif === GTC && !isMarket) {
      book.rest(slot, key);
      return;
    }
    emitter.canceled(slot, isMarket ? Reason.noLiquidity : Reason.ioc, true);
    book.pool.give(slot);
  }
}

/** Type, time in force and flags go together, and the keys that the type needs are there (SETTLED O2, O11, N4). */
function isCompatible(words: Int32Array, at: number): boolean {
  const ordType = NewOrder.ordType(words, at);
  const tif = NewOrder.tif(words, at);
  const flags = NewOrder.flags(words, at);
  const stp = NewOrder.stp(words, at);
  if (tif !== GTC && tif !== IOC && tif !== FOK) return false;
  if (flags & ~KNOWN_FLAGS) return false;
  if (stp > STP_DECREMENT && stp !== NULL_UINT8) return false;
  if (NewOrder.qty(words, at) === NULL_INT64) return false;
  if (ordType === LIMIT) {
    if (NewOrder.price(words, at) === NULL_INT64) return false;
    return (flags & POST_ONLY) === 0 || tif === GTC;
  }
  return ordType === MARKET && NewOrder.price(words, at) === NULL_INT64 && flags === 0;
}

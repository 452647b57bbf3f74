import { CODES } from "../../wire/codes.js";
import { Word as NewOrderWord } from "../../wire/generated/new-order.js";
import { writeInt64 } from "../../wire/numbers.js";
import { Care } from "../accounts.js";
import { keyOf } from "../book/order-book.js";
import { Dormancy, Extra } from "../book/order-extras.js";
import { flagsOf, packTraits, Slot, Trait } from "../book/order-pool.js";
import { trailingDistance, trailingStopPrice } from "../book/trailing-stops.js";
import { Pos } from "../positions.js";
import { type Floor, Now } from "./floor.js";
import { isClOrdId, levelCode, priceCode, quantityCode } from "./order-checks.js";
import { Ask, OrderRequest } from "./order-request.js";
import { isCompatible, isPairLeg, mayRest, shapeCode } from "./order-shape.js";
import { AccountMode, Check, Flag, Null, Side, State, Tif, Type } from "./order-types.js";

/** A stop waits for its price; the others enter at once. */
const isStop = (ordType: number): boolean => ordType >= Type.STOP;

/**
 * A new order that is more than a plain one, or enters an instrument that is: every step of SEMANTICS 2, the first failure wins.
 * NewOrders takes the short way where there is nothing to look at. Shard thread only. Nothing is allocated.
 */
export class FullOrders {
  private readonly request = new OrderRequest();
  private readonly idWords = new Int32Array(2);
  /** The pending leg that the running order completes a pair with, or 0. */
  private otherLeg = 0;

  /** `lastId`: the last order id as two words; the next one is its successor. */
  constructor(
    private readonly floor: Floor,
    private readonly lastId: Int32Array,
  ) {}

  /** `isFull`: the record is a NewOrderFull. */
  place(words: Int32Array, at: number, isFull: boolean): void {
    const { emitter, entry, book } = this.floor;
    const ask = this.request;
    ask.read(words, at, isFull);
    emitter.answer(ask.session);
    const code = this.check();
    if (code !== Check.OK) {
      emitter.orderRejected(words, at, NewOrderWord.clOrdId, 0, ask.account, code);
      this.floor.accountBreakers.rejected(ask.account, code);
      return;
    }
    const slot = this.admit();
    const hasExtras = (book.pool.words[slot * Slot.WORDS + Slot.TRAITS] & Trait.EXTRAS) !== 0;
    if (hasExtras || ask.has(Ask.MIN_QTY) || ask.has(Ask.MONEY)) emitter.acceptedFull(slot, words, at);
    else emitter.accepted(slot, words, at);
    this.countIn();
    this.enter(slot);
    entry.fireAll();
  }

  /** Its account's windows and alerts know of it. */
  private countIn(): void {
    const { preTrade, accounts, touched } = this.floor;
    const { account } = this.request;
    preTrade.accepted(account);
    if ((accounts.care[account] & Care.ALERTS) !== 0) touched.add(account);
  }

  private enter(slot: number): void {
    const { entry, book } = this.floor;
    const ask = this.request;
    if (ask.has(Ask.OCO)) {
      // The pair is known before its second leg reserves: it reserves what it has more.
      if (this.otherLeg !== 0) this.linkPair(slot, this.otherLeg);
      book.pend(slot);
      if (this.otherLeg !== 0) this.completePair(slot, this.otherLeg);
    } else if (isStop(ask.ordType)) entry.enterStop(slot);
    else if (ask.has(Ask.MONEY)) entry.enterByMoney(slot, ask.numbers[Ask.MONEY]);
    else entry.enter(slot, ask.has(Ask.MIN_QTY) ? ask.numbers[Ask.MIN_QTY] : 0);
  }

  private completePair(slot: number, other: number): void {
    const isStopNew = isStop(this.request.ordType);
    this.floor.entry.enterPair(isStopNew ? other : slot, isStopNew ? slot : other, slot);
  }

  private linkPair(slot: number, other: number): void {
    const { careful, book } = this.floor;
    const { doubles, words } = book.extras;
    words[slot * Extra.WORDS + Extra.PARTNER] = other;
    words[other * Extra.WORDS + Extra.PARTNER] = slot;
    doubles[slot * Extra.DOUBLES + Extra.NAMED] = 0;
    doubles[other * Extra.DOUBLES + Extra.NAMED] = 0;
    careful.refreshCare(slot);
    careful.refreshCare(other);
  }

  private check(): number {
    const ask = this.request;
    this.otherLeg = 0;
    const { markets } = this.floor;
    const identity = this.identityCode();
    if (identity !== Check.OK) return identity;
    const state = markets.states[ask.instrument];
    if (!isTaken(state, ask.ordType, ask.tif)) return CODES.STATE_NOT_ALLOWED;
    if (ask.side > Side.SELL) return CODES.BAD_SIDE;
    const isCash = this.floor.accounts.modes[ask.account] === AccountMode.CASH;
    if (!isCompatible(ask) || (isCash && (ask.flags & Flag.REDUCE_ONLY) !== 0)) return CODES.BAD_FLAGS;
    const onSizes = this.sizesCode();
    if (onSizes !== Check.OK) return onSizes;
    const onShape = shapeCode(ask, this.floor.instruments, this.floor.now);
    if (onShape !== Check.OK && onShape !== CODES.NOTIONAL_OVERFLOW) return onShape;
    const onPair = ask.has(Ask.OCO) ? this.pairCode() : Check.OK;
    if (onPair !== Check.OK) return onPair;
    return onShape === Check.OK ? this.riskCode(state) : onShape;
  }

  private identityCode(): number {
    const { accounts, instruments, book } = this.floor;
    const { account, instrument, clOrdIdLow, clOrdIdHigh } = this.request;
    if (account >= accounts.count) return CODES.UNKNOWN_ACCOUNT;
    if (instrument >= instruments.count) return CODES.UNKNOWN_INSTRUMENT;
    if (!isClOrdId(clOrdIdLow, clOrdIdHigh)) return CODES.BAD_CLORDID;
    if (book.findByClOrdId(account, clOrdIdLow, clOrdIdHigh) !== 0) return CODES.DUPLICATE_CLORDID;
    return isWrongMode(accounts.modes[account], instruments.isMargin[instrument]) ? CODES.WRONG_ACCOUNT_MODE : Check.OK;
  }

  private sizesCode(): number {
    const { instruments } = this.floor;
    const ask = this.request;
    if (ask.has(Ask.PRICE)) {
      const onPrice = priceCode(instruments, ask.instrument, ask.numbers[Ask.PRICE]);
      if (onPrice !== Check.OK) return onPrice;
    }
    return ask.has(Ask.QTY) ? quantityCode(instruments, ask.instrument, ask.numbers[Ask.QTY]) : Check.OK;
  }

  /** Whether the two make a pair: the first leg is looked at alone (SETTLED T8). */
  private pairCode(): number {
    const { book } = this.floor;
    const ask = this.request;
    const named = ask.numbers[Ask.OCO];
    const ids = this.idWords;
    writeInt64(ids, 0, named);
    this.otherLeg = 0;
    if (!isClOrdId(ids[0], ids[1]) || !isPairLeg(ask)) return CODES.BAD_OCO;
    if (ids[0] === ask.clOrdIdLow && ids[1] === ask.clOrdIdHigh) return CODES.BAD_OCO;
    const other = book.findByClOrdId(ask.account, ids[0], ids[1]);
    if (other === 0) return Check.OK;
    const base = other * Slot.WORDS;
    const traits = book.pool.words[base + Slot.TRAITS];
    const isPending = (traits & Trait.DORMANT) !== 0 && book.extras.words[other * Extra.WORDS + Extra.DORMANCY] === Dormancy.PENDING;
    writeInt64(ids, 0, isPending ? book.extras.doubles[other * Extra.DOUBLES + Extra.NAMED] : 0);
    if (ids[0] !== ask.clOrdIdLow || ids[1] !== ask.clOrdIdHigh) return CODES.BAD_OCO;
    if (book.pool.words[base + Slot.BOOK_SIDE] !== 2 * ask.instrument + ask.side) return CODES.BAD_OCO;
    if (isStop(traits & 0xff) === isStop(ask.ordType)) return CODES.BAD_OCO;
    this.otherLeg = other;
    return Check.OK;
  }

  /** Steps 4 and 5. */
  private riskCode(state: number): number {
    const { markets, accounts, book, positions, preTrade, matching } = this.floor;
    const ask = this.request;
    const isKilled = markets.isKilled(ask.instrument) || accounts.killed[ask.account] !== 0;
    if (isKilled) return CODES.KILL_SWITCH;
    const row = positions.rowOf(ask.account, ask.instrument);
    if (row === 0) return CODES.BOOK_FULL;
    const isReduceOnly = (ask.flags & Flag.REDUCE_ONLY) !== 0;
    const lots = this.countedLots();
    if ((accounts.care[ask.account] & Care.WINDOWS) !== 0) ask.liken(preTrade.likeness);
    const onState = preTrade.stateCode(ask.account, row, ask.side, this.lotsForState(lots), isReduceOnly);
    if (onState !== Check.OK) return onState;
    if (lots === 0) return Check.OK;
    const onRisk = this.trialCode(row, lots, isReduceOnly);
    if (onRisk !== Check.OK) return onRisk;
    const stays = mayRest(ask) || isStop(ask.ordType);
    if (stays && book.pool.isFull) return CODES.BOOK_FULL;
    if (!positions.hasRoom(row)) return CODES.BOOK_FULL;
    const onRoom = this.levelRoomCode();
    if (onRoom !== Check.OK || (ask.flags & Flag.POST_ONLY) === 0 || state !== State.OPEN) return onRoom;
    const bookSide = 2 * ask.instrument + ask.side;
    return matching.crosses(bookSide, keyOf(ask.side, ask.numbers[Ask.PRICE])) ? CODES.POST_ONLY_WOULD_CROSS : Check.OK;
  }

  /**
   * Lots that it counts with: a reduce-only order that enters now, with its room. 0: it may trade nothing, and is accepted and
   * canceled, whatever else there is (SETTLED N2). Infinity: it goes by money, and may trade what that pays for.
   */
  private countedLots(): number {
    const ask = this.request;
    const lots = ask.has(Ask.QTY) ? ask.numbers[Ask.QTY] : Number.POSITIVE_INFINITY;
    if ((ask.flags & Flag.REDUCE_ONLY) === 0 || isStop(ask.ordType) || ask.has(Ask.OCO)) return lots;
    return Math.min(lots, this.floor.positions.room(ask.account, 2 * ask.instrument + ask.side));
  }

  /** What an order adds to its side: by money what its sweep would trade. */
  private lotsForState(lots: number): number {
    const { accounts, trials, book } = this.floor;
    const ask = this.request;
    // Of a pair the larger leg counts (SETTLED N12).
    if (this.otherLeg !== 0) return Math.max(0, lots - book.pool.doubles[this.otherLeg * Slot.DOUBLES + Slot.LEAVES]);
    if (!ask.has(Ask.MONEY) || (accounts.care[ask.account] & Care.STATE) === 0) return lots;
    trials.mode = ask.selfTradeMode === Null.UINT8 ? accounts.selfTradeModes[ask.account] : ask.selfTradeMode;
    return trials.sweptLots(ask.account, 2 * ask.instrument + ask.side, lots, ask.numbers[Ask.MONEY]);
  }

  /** All checks of pre-trade risk behind kill switches and account states. */
  private trialCode(row: number, lots: number, isReduceOnly: boolean): number {
    const { accounts, trials } = this.floor;
    const ask = this.request;
    const { account, numbers } = ask;
    const bookSide = 2 * ask.instrument + ask.side;
    trials.mode = ask.selfTradeMode === Null.UINT8 ? accounts.selfTradeModes[account] : ask.selfTradeMode;
    if (ask.ordType === Type.MARKET) {
      const money = ask.has(Ask.MONEY) ? numbers[Ask.MONEY] : Number.POSITIVE_INFINITY;
      return trials.market(account, row, bookSide, lots, money, ask.tif, isReduceOnly);
    }
    if (ask.has(Ask.PRICE)) return trials.priced(account, row, bookSide, lots, numbers[Ask.PRICE], true, this.otherLeg, isReduceOnly);
    const onTrail = ask.ordType === Type.TRAILING_STOP ? this.trailCode(row, lots) : Check.OK;
    if (onTrail !== Check.OK) return onTrail;
    const reserve = trials.stopReserve(bookSide, this.stopPrice(bookSide));
    return trials.priced(account, row, bookSide, lots, reserve, false, this.otherLeg, isReduceOnly);
  }

  /** The stop price that a stop has on entry: a trailing one's follows from the last trade. */
  private stopPrice(bookSide: number): number {
    const ask = this.request;
    if (ask.ordType !== Type.TRAILING_STOP) return ask.numbers[Ask.STOP];
    return trailingStopPrice(bookSide, this.floor.markets.lastPrices[ask.instrument], this.trail());
  }

  /**
   * A trailing stop needs a price to follow, and a stop price that is a safe integer (SETTLED T2). Its size is asked before: at a price beyond that its
   * notional is above every limit.
   */
  private trailCode(row: number, lots: number): number {
    const { markets, positions } = this.floor;
    const { side, instrument } = this.request;
    const last = markets.lastPrices[instrument];
    const isBeyond = last !== 0 && side === Side.BUY && last + trailingDistance(last, this.trail()) > Number.MAX_SAFE_INTEGER;
    if (last !== 0 && !isBeyond) return Check.OK;
    if (lots > positions.doubles[row * Pos.DOUBLES + Pos.MAX_QTY]) return CODES.MAX_ORDER_QTY;
    if (last === 0) return CODES.NO_REFERENCE_PRICE;
    return positions.doubles[row * Pos.DOUBLES + Pos.MAX_NOTIONAL] === Number.POSITIVE_INFINITY
      ? CODES.BAD_TRAIL
      : CODES.MAX_ORDER_NOTIONAL;
  }

  /** Ticks, or negative basis points. */
  private trail(): number {
    const ask = this.request;
    if (ask.has(Ask.TRAIL)) return ask.numbers[Ask.TRAIL];
    return ask.has(Ask.TRAIL_BPS) ? -ask.numbers[Ask.TRAIL_BPS] : 0;
  }

  /** Whether the limit that enters now would find its level: the order itself, or the leg that waits for it. */
  private levelRoomCode(): number {
    const { book } = this.floor;
    const ask = this.request;
    if (ask.ordType === Type.LIMIT && mayRest(ask) && (!ask.has(Ask.OCO) || this.otherLeg !== 0)) {
      return this.roomFor(keyOf(ask.side, ask.numbers[Ask.PRICE]), ask.numbers[Ask.QTY], (ask.flags & Flag.REDUCE_ONLY) !== 0);
    }
    if (!ask.has(Ask.OCO) || this.otherLeg === 0) return Check.OK;
    const { doubles, words } = book.pool;
    const other = this.otherLeg;
    const isReduceOnly = (flagsOf(words[other * Slot.WORDS + Slot.TRAITS]) & Flag.REDUCE_ONLY) !== 0;
    return this.roomFor(doubles[other * Slot.DOUBLES + Slot.KEY], doubles[other * Slot.DOUBLES + Slot.LEAVES], isReduceOnly);
  }

  private roomFor(key: number, qty: number, isReduceOnly: boolean): number {
    const { book, positions } = this.floor;
    const { account, instrument, side } = this.request;
    const bookSide = 2 * instrument + side;
    const left = isReduceOnly ? Math.min(qty, positions.room(account, bookSide)) : qty;
    return left === 0 ? Check.OK : levelCode(book, bookSide, key, left);
  }

  /** Gives an accepted order its slot and its id; one with extras is live from here on. */
  private admit(): number {
    const { book, accounts, careful } = this.floor;
    const { pool } = book;
    const ask = this.request;
    const { lastId } = this;
    const slot = pool.take();
    const base = slot * Slot.WORDS;
    const mode = ask.selfTradeMode === Null.UINT8 ? accounts.selfTradeModes[ask.account] : ask.selfTradeMode;
    const qty = ask.has(Ask.QTY) ? ask.numbers[Ask.QTY] : 0;
    lastId[0] = (lastId[0] + 1) | 0;
    if (lastId[0] === 0) lastId[1]++;
    pool.doubles[slot * Slot.DOUBLES + Slot.LEAVES] = qty;
    pool.doubles[slot * Slot.DOUBLES + Slot.TOTAL] = qty;
    const key = ask.has(Ask.PRICE) ? keyOf(ask.side, ask.numbers[Ask.PRICE]) : Number.NEGATIVE_INFINITY;
    pool.doubles[slot * Slot.DOUBLES + Slot.KEY] = key;
    pool.words[base + Slot.CL_ORD_ID] = ask.clOrdIdLow;
    pool.words[base + Slot.CL_ORD_ID + 1] = ask.clOrdIdHigh;
    pool.words[base + Slot.ORDER_ID] = lastId[0];
    pool.words[base + Slot.ORDER_ID + 1] = lastId[1];
    pool.words[base + Slot.ACCOUNT] = ask.account;
    pool.words[base + Slot.BOOK_SIDE] = 2 * ask.instrument + ask.side;
    pool.words[base + Slot.TRAITS] = packTraits(ask.ordType, ask.tif, mode, ask.flags);
    const hasExtras = ask.has(Ask.DISPLAY) || isStop(ask.ordType) || ask.tif === Tif.GTD || ask.has(Ask.OCO);
    if (hasExtras) this.addExtras(slot);
    careful.refreshCare(slot);
    return slot;
  }

  private addExtras(slot: number): void {
    const { book, now, markets, trials } = this.floor;
    const ask = this.request;
    const { doubles } = book.extras;
    const at = slot * Extra.DOUBLES;
    book.extras.clear(slot);
    book.pool.words[slot * Slot.WORDS + Slot.TRAITS] |= Trait.EXTRAS;
    doubles[at + Extra.AGE] = now[Now.SEQ];
    if (ask.has(Ask.DISPLAY)) doubles[at + Extra.DISPLAY] = ask.numbers[Ask.DISPLAY];
    if (ask.has(Ask.STOP)) doubles[at + Extra.STOP] = ask.numbers[Ask.STOP];
    if (ask.has(Ask.OCO)) doubles[at + Extra.NAMED] = ask.numbers[Ask.OCO];
    doubles[at + Extra.TRAIL] = this.trail();
    if (ask.ordType === Type.TRAILING_STOP) book.triggers.startTrail(slot, ask.side, markets.lastPrices[ask.instrument]);
    if (isStop(ask.ordType)) trials.keepReserve(slot, this.stopPrice(2 * ask.instrument + ask.side));
    if (ask.has(Ask.EXPIRE)) {
      doubles[at + Extra.EXPIRE] = ask.numbers[Ask.EXPIRE];
      book.expiries.add(0, ask.numbers[Ask.EXPIRE], slot);
    }
    book.register(slot);
  }
}

/** A cash account trades spot instruments only, a margin account margin instruments only (SETTLED K7). */
export function isWrongMode(mode: number, isMargin: number): boolean {
  return mode !== AccountMode.UNCHECKED && (mode === AccountMode.MARGIN) !== (isMargin !== 0);
}

/** Whether an instrument's state takes such an order (SETTLED A1, N3). */
function isTaken(state: number, ordType: number, tif: number): boolean {
  if (state === State.OPEN) return true;
  if (state === State.HALTED || state === State.CLOSED) return false;
  return ordType !== Type.MARKET && tif !== Tif.IOC && tif !== Tif.FOK;
}

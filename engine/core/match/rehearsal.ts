import type { Accounts } from "../accounts.js";
import type { OrderBook } from "../book/order-book.js";
import { Extra } from "../book/order-extras.js";
import { Slot, Trait } from "../book/order-pool.js";
import type { Instruments } from "../instruments.js";
import { ppmOf } from "../ledger/exact.js";
import type { Positions } from "../positions.js";
import { Side, Stp } from "./order-types.js";

/** Places in what a sweep amounts to. */
export const enum Swept {
  LOTS = 0,
  /** Atoms of the quote currency, a double above 2^53−1 when it is more. */
  NOTIONAL = 1,
  /** The taker's fees, each trade's rounded up by itself. */
  FEES = 2,
  COUNT = 3,
}

/**
 * Plays a sweep through without touching anything, where it meets orders that are more than plain (SEMANTICS 2.6): tranche by
 * tranche, because an own order may stand between two of them; with reduce-only orders cut to their room as positions change;
 * and with the legs of a pair shrinking each other. What the orders would be is kept beside the book, and is good for one
 * rehearsal. Shard thread only. Nothing is allocated after construction.
 */
export class Rehearsal {
  private readonly orders: Int32Array;
  private readonly doubles: Float64Array;
  /** Of a slot, good when its round is the running one. */
  private readonly leaves: Float64Array;
  private readonly visible: Float64Array;
  private readonly rounds: Int32Array;
  /** Of an account, what it would have bought, good when its round is the running one. */
  private readonly bought: Float64Array;
  private readonly boughtRounds: Int32Array;
  /** The running level's orders, as a ring: an order that shows another tranche joins the end. */
  private readonly ring: Int32Array;
  private round = 0;
  private side = 0;
  private instrument = 0;
  /** What the last sweep that was played amounts to: see `Swept`. */
  readonly swept = new Float64Array(Swept.COUNT);
  /** Each trade counts by itself, as for fees. */
  private isExact = false;
  /** Atoms of a lot at the running level. */
  private readonly unit = new Float64Array(1);
  /** What an order by money has left, and lots that it may trade yet; Infinity for the others. */
  private readonly money = new Float64Array(1);

  constructor(
    private readonly book: OrderBook,
    private readonly accounts: Accounts,
    private readonly instruments: Instruments,
    private readonly positions: Positions,
  ) {
    const slots = book.pool.capacity + 2;
    this.orders = book.pool.words;
    this.doubles = book.pool.doubles;
    this.leaves = book.memory.float64(slots);
    this.visible = book.memory.float64(slots);
    this.rounds = book.memory.int32(slots);
    this.ring = book.memory.int32(slots);
    this.bought = book.memory.float64(accounts.capacity);
    this.boughtRounds = book.memory.int32(accounts.capacity);
  }

  /** Whether so much of `taker` would trade at once, no further than levels with this key. */
  canTrade(taker: number, wanted: number, limitKey: number): boolean {
    this.isExact = false;
    this.run(taker, wanted, limitKey, Number.POSITIVE_INFINITY);
    return this.swept[Swept.LOTS] >= wanted;
  }

  /**
   * Plays what `taker` has left against levels up to this key, for at most so much money (Infinity: it does not go by money), with each
   * trade's fee. What came of it is in `swept`.
   */
  play(taker: number, limitKey: number, money: number): void {
    this.isExact = true;
    this.run(taker, Number.POSITIVE_INFINITY, limitKey, money);
  }

  private run(taker: number, wanted: number, limitKey: number, money: number): void {
    const { levels } = this.book;
    const { swept } = this;
    const bookSide = this.orders[taker * Slot.WORDS + Slot.BOOK_SIDE];
    this.begin(bookSide);
    this.money[0] = money;
    let left = this.doubles[taker * Slot.DOUBLES + Slot.LEAVES];
    for (let level = levels.first(bookSide ^ 1); level !== 0 && levels.keyOf(level) <= limitKey; level = levels.next(level)) {
      this.unit[0] = Math.abs(levels.keyOf(level)) * this.instruments.atomsPerTickLot[this.instrument];
      if (money === Number.POSITIVE_INFINITY && this.isSimple(taker, level)) left -= this.tradeWhole(taker, level, left);
      else left = this.playLevel(taker, level, left, wanted);
      if (left <= 0 || swept[Swept.LOTS] >= wanted) return;
    }
  }

  /** Order by order and tranche by tranche. Returns the lots that are left, or 0 when the sweep ends here. */
  private playLevel(taker: number, level: number, most: number, wanted: number): number {
    let left = most;
    let end = this.fillRing(level);
    for (let next = 0; next !== end; next = this.after(next)) {
      const maker = this.ring[next];
      if (this.leavesOf(maker) === 0) continue;
      const lots = Math.min(left, Math.floor(this.money[0] / this.unit[0]));
      if (lots === 0) return 0;
      if (this.isOwn(taker, maker)) {
        const mode = (this.orders[taker * Slot.WORDS + Slot.TRAITS] >>> 16) & 0xff;
        if (mode === Stp.CANCEL_NEWEST || mode === Stp.CANCEL_BOTH) return 0;
        if (mode === Stp.CANCEL_OLDEST) this.kill(maker);
        else left = this.meetOwn(maker, left);
      } else if (this.cutToRoom(maker)) {
        const qty = Math.min(lots, this.visible[maker]);
        left -= qty;
        this.trade(taker, maker, qty);
        if (this.swept[Swept.LOTS] >= wanted) return left;
        if (this.leaves[maker] > 0 && this.visible[maker] === 0) end = this.rejoin(maker, end);
      }
      if (left === 0) return 0;
    }
    return left;
  }

  /** An own order under `decrement`. Of an order by money its notional goes off the money, and the own order is canceled (SETTLED N9). */
  private meetOwn(maker: number, left: number): number {
    if (this.money[0] === Number.POSITIVE_INFINITY) return left - this.decrement(maker, left);
    const notional = this.leavesOf(maker) * this.unit[0];
    this.kill(maker);
    if (notional >= this.money[0]) return 0;
    this.money[0] -= notional;
    return left;
  }

  /**
   * Whether nothing in a level depends on the order in which tranches come: no own order, none that is cut, no leg; and no iceberg when
   * fees count, because each of its trades has one.
   */
  private isSimple(taker: number, level: number): boolean {
    for (let slot = this.book.levels.headOf(level); slot !== 0; slot = this.orders[slot * Slot.WORDS + Slot.NEXT]) {
      const traits = this.orders[slot * Slot.WORDS + Slot.TRAITS];
      if (this.isExact && (traits & Trait.CARE) !== 0) return false;
      if ((traits & Trait.REDUCE_ONLY) !== 0 || this.partnerOf(slot) !== 0 || this.isOwn(taker, slot)) return false;
    }
    return true;
  }

  /** Trades a level's orders with all that they have left; returns the lots. The taker has some left, or it would be done. */
  private tradeWhole(taker: number, level: number, most: number): number {
    let left = most;
    for (let slot = this.book.levels.headOf(level); slot !== 0 && left > 0; slot = this.orders[slot * Slot.WORDS + Slot.NEXT]) {
      const qty = Math.min(left, this.leavesOf(slot));
      if (qty > 0) this.trade(taker, slot, qty);
      left -= qty;
    }
    return most - left;
  }

  private begin(bookSide: number): void {
    this.side = bookSide & 1;
    this.instrument = bookSide >>> 1;
    this.swept.fill(0);
    this.round = (this.round + 1) | 0;
    if (this.round !== 0) return;
    this.rounds.fill(0);
    this.boughtRounds.fill(0);
    this.round = 1;
  }

  /** Puts a level's orders into the ring and returns the end. */
  private fillRing(level: number): number {
    let end = 0;
    for (let slot = this.book.levels.headOf(level); slot !== 0; slot = this.orders[slot * Slot.WORDS + Slot.NEXT]) this.ring[end++] = slot;
    return end;
  }

  /** The ring has one place more than there may be orders, so it is never full. */
  private after(place: number): number {
    return place + 1 === this.ring.length ? 0 : place + 1;
  }

  /** The next tranche joins the end. */
  private rejoin(maker: number, end: number): number {
    const display = this.book.extras.doubles[maker * Extra.DOUBLES + Extra.DISPLAY];
    this.visible[maker] = Math.min(display, this.leaves[maker]);
    this.ring[end] = maker;
    return this.after(end);
  }

  private isOwn(taker: number, maker: number): boolean {
    const { groups } = this.accounts;
    const mode = (this.orders[taker * Slot.WORDS + Slot.TRAITS] >>> 16) & 0xff;
    const isSame = groups[this.orders[taker * Slot.WORDS + Slot.ACCOUNT]] === groups[this.orders[maker * Slot.WORDS + Slot.ACCOUNT]];
    return isSame && mode !== Stp.NONE;
  }

  /** What a slot would have left by now. */
  private leavesOf(slot: number): number {
    if (this.rounds[slot] === this.round) return this.leaves[slot];
    this.rounds[slot] = this.round;
    this.leaves[slot] = this.doubles[slot * Slot.DOUBLES + Slot.LEAVES];
    const isDormant = (this.orders[slot * Slot.WORDS + Slot.TRAITS] & Trait.DORMANT) !== 0;
    this.visible[slot] = isDormant ? this.leaves[slot] : this.book.visibleOf(slot);
    return this.leaves[slot];
  }

  private partnerOf(slot: number): number {
    const hasExtras = (this.orders[slot * Slot.WORDS + Slot.TRAITS] & Trait.EXTRAS) !== 0;
    return hasExtras ? this.book.extras.words[slot * Extra.WORDS + Extra.PARTNER] : 0;
  }

  private lower(slot: number, to: number): void {
    this.leavesOf(slot);
    this.leaves[slot] = to;
    this.visible[slot] = Math.min(this.visible[slot], to);
  }

  private kill(maker: number): void {
    this.lower(maker, 0);
    const partner = this.partnerOf(maker);
    if (partner !== 0) this.lower(partner, 0);
  }

  /** A leg that was killed with the other has nothing to follow any more. */
  private shrink(maker: number, to: number): void {
    this.lower(maker, to);
    const partner = this.partnerOf(maker);
    if (partner !== 0 && this.leavesOf(partner) > to) this.lower(partner, to);
  }

  /** An own order under `decrement`; returns what the taker loses. */
  private decrement(maker: number, left: number): number {
    const leaves = this.leavesOf(maker);
    if (leaves <= left) this.kill(maker);
    else this.shrink(maker, leaves - left);
    return Math.min(leaves, left);
  }

  private cutToRoom(maker: number): boolean {
    if ((this.orders[maker * Slot.WORDS + Slot.TRAITS] & Trait.REDUCE_ONLY) === 0) return true;
    const account = this.orders[maker * Slot.WORDS + Slot.ACCOUNT];
    const held = this.positions.of(account, this.instrument) + this.boughtOf(account);
    const room = Math.max(0, this.side === Side.SELL ? -held : held);
    if (room === 0) this.kill(maker);
    else if (room < this.leavesOf(maker)) this.shrink(maker, room);
    return room !== 0;
  }

  private trade(taker: number, maker: number, qty: number): void {
    const notional = qty * this.unit[0];
    this.swept[Swept.LOTS] += qty;
    this.swept[Swept.NOTIONAL] += notional;
    this.swept[Swept.FEES] += ppmOf(notional, this.instruments.takerFeePpm[this.instrument]);
    this.money[0] -= notional;
    const bought = this.side === Side.BUY ? qty : -qty;
    this.moveBought(this.orders[taker * Slot.WORDS + Slot.ACCOUNT], bought);
    this.moveBought(this.orders[maker * Slot.WORDS + Slot.ACCOUNT], -bought);
    this.leaves[maker] -= qty;
    this.visible[maker] -= qty;
    const partner = this.partnerOf(maker);
    if (partner === 0) return;
    const rest = this.leaves[maker] === 0 ? 0 : Math.max(0, this.leavesOf(partner) - qty);
    this.lower(partner, rest);
  }

  private boughtOf(account: number): number {
    return this.boughtRounds[account] === this.round ? this.bought[account] : 0;
  }

  private moveBought(account: number, lots: number): void {
    this.bought[account] = this.boughtOf(account) + lots;
    this.boughtRounds[account] = this.round;
  }
}

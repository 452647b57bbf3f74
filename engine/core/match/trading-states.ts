import { type LevelTree, NIL } from "../../flat/level-tree.js";
import { CODES } from "../../wire/codes.js";
import { SetKill, SetState } from "../../wire/flyweights.js";
import { Slot, tifOf } from "../book/order-pool.js";
import type { Floor } from "./floor.js";
import { ANYONE, type OrderLists } from "./order-lists.js";
import { Cause, Check, Scope, State, StateCause, Tif } from "./order-types.js";

/** Trading states and kill switches (SEMANTICS 7; SETTLED A, N10, S17): what moving into a state brings with it. Shard thread only. */
export class TradingStates {
  private readonly levels: LevelTree;
  private readonly orders: Int32Array;

  constructor(
    private readonly floor: Floor,
    private readonly lists: OrderLists,
  ) {
    this.levels = floor.book.levels;
    this.orders = floor.book.pool.words;
  }

  setState(words: Int32Array, at: number): void {
    const { emitter, instruments, markets } = this.floor;
    const instrument = SetState.instrument(words, at);
    const state = SetState.state(words, at);
    emitter.answer(SetState.session(words, at));
    let code: number = Check.OK;
    if (instrument >= instruments.count) code = CODES.UNKNOWN_INSTRUMENT;
    else if (state > State.CLOSED) code = CODES.BAD_VALUE;
    else if (markets.states[instrument] === state) code = CODES.STATE_UNCHANGED;
    if (code !== Check.OK) {
      emitter.commandRejected(code, SetState.TEMPLATE_ID);
      return;
    }
    this.move(instrument, state, StateCause.ADMIN);
    if (SetState.cancel(words, at) !== 0) this.cancelAll(instrument, instrument, ANYONE, Cause.HALT);
  }

  setKill(words: Int32Array, at: number): void {
    const { emitter, instruments, accounts } = this.floor;
    const scope = SetKill.scope(words, at);
    const account = SetKill.account(words, at);
    const instrument = SetKill.instrument(words, at);
    emitter.answer(SetKill.session(words, at));
    let code: number = Check.OK;
    if (scope > Scope.ACCOUNT) code = CODES.BAD_VALUE;
    else if (scope === Scope.INSTRUMENT && instrument >= instruments.count) code = CODES.UNKNOWN_INSTRUMENT;
    else if (scope === Scope.ACCOUNT && account >= accounts.count) code = CODES.UNKNOWN_ACCOUNT;
    if (code !== Check.OK) {
      emitter.commandRejected(code, SetKill.TEMPLATE_ID);
      return;
    }
    const on = SetKill.on(words, at) === 0 ? 0 : 1;
    this.switchKill(scope, account, instrument, on);
    emitter.commandDone(0, SetKill.TEMPLATE_ID);
    if (on === 0 || SetKill.cancel(words, at) === 0) return;
    const only = scope === Scope.ACCOUNT ? account : ANYONE;
    if (scope === Scope.INSTRUMENT) this.cancelAll(instrument, instrument, only, Cause.KILL_SWITCH);
    else this.cancelAll(0, instruments.count - 1, only, Cause.KILL_SWITCH);
  }

  /** Moves an instrument into another state and does what that brings: expiries at the close, the uncross at the opening. */
  move(instrument: number, state: number, cause: number): void {
    const { markets, emitter, breakers } = this.floor;
    markets.setState(instrument, state);
    if (state === State.AUCTION_CALL || state === State.OPEN) breakers.forget(instrument);
    emitter.stateChanged(instrument, state, cause);
    if (state === State.CLOSED) this.expireDay(instrument);
    else if (state === State.OPEN) this.open(instrument);
  }

  private switchKill(scope: number, account: number, instrument: number, on: number): void {
    const { markets, accounts, instruments } = this.floor;
    if (scope === Scope.GLOBAL) markets.setGlobalKill(on, instruments.count);
    else if (scope === Scope.INSTRUMENT) markets.setKill(instrument, on);
    else accounts.killed[account] = on;
  }

  /** The uncross; then stops are tested against the last trade before it, and its own price (SETTLED T3, A4). */
  private open(instrument: number): void {
    const { markets, auction, entry } = this.floor;
    entry.startPrints();
    entry.addPrint(markets.reference(instrument));
    for (let price = auction.uncross(instrument, false); price !== 0; price = auction.uncross(instrument, true)) entry.addPrint(price);
    entry.collectReached(instrument);
    entry.fireAll();
  }

  /**
   * Orders of the day go when the instrument closes: resting ones best first, then dormant ones by age (SETTLED A5). They are listed
   * first, because a pair takes its other leg along, wherever that stands.
   */
  private expireDay(instrument: number): void {
    const { lists } = this;
    let count = 0;
    for (let bookSide = 2 * instrument; bookSide <= 2 * instrument + 1; bookSide++) count = lists.listResting(bookSide, count);
    this.expire(count);
    count = lists.collect(ANYONE, 2 * instrument, 2 * instrument + 1);
    lists.sortByAge(count);
    this.expire(count);
  }

  private expire(count: number): void {
    const { careful, book } = this.floor;
    for (let index = 0; index < count; index++) {
      const slot = this.lists.list[index];
      const isLive = book.pool.owners[slot] !== 0;
      if (isLive && tifOf(this.orders[slot * Slot.WORDS + Slot.TRAITS]) === Tif.DAY) careful.cancel(slot, Cause.EXPIRED, false);
    }
  }

  /** Cancels the orders of the instruments, or those of one account: symbol, side, priority, then dormant by age (SETTLED N10). */
  cancelAll(first: number, last: number, account: number, cause: number): void {
    const { careful } = this.floor;
    const count = this.lists.collect(account, 2 * first, 2 * last + 1);
    this.lists.sortBySide(count);
    let index = 0;
    for (let bookSide = 2 * first; bookSide <= 2 * last + 1; bookSide++) {
      this.cancelSide(bookSide, account, cause);
      for (; index < count; index++) {
        const slot = this.lists.list[index];
        if (this.orders[slot * Slot.WORDS + Slot.BOOK_SIDE] !== bookSide) break;
        careful.cancelAlone(slot, cause, false);
      }
    }
  }

  private cancelSide(bookSide: number, account: number, cause: number): void {
    const { careful } = this.floor;
    let level = this.levels.first(bookSide);
    while (level !== NIL) {
      const nextLevel = this.levels.next(level);
      let slot = this.levels.headOf(level);
      while (slot !== 0) {
        const next = this.orders[slot * Slot.WORDS + Slot.NEXT];
        if (account === ANYONE || this.orders[slot * Slot.WORDS + Slot.ACCOUNT] === account) careful.cancelAlone(slot, cause, false);
        slot = next;
      }
      level = nextLevel;
    }
  }
}

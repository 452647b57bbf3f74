import type { StateReader, StateWriter } from "../step.js";
import { MAX_SAFE } from "../wire/numbers.js";
import { State } from "./match/order-types.js";

/** What makes an instrument more than a plain open one; 0 is the order path's fast way. */
export const enum Attention {
  NOT_OPEN = 1,
  KILLED = 2,
  BAND = 4,
  PROTECTION = 8,
  /** Stops wait in it. */
  STOPS = 16,
  AUCTION_CALL = 32,
  /** Limit prices must lie near a reference. */
  COLLAR = 64,
  /** Prints must not lie too far apart. */
  BREAKER = 128,
  /** Trades open and close positions. */
  MARGIN = 256,
  /** Every new order takes the long way. */
  ENTRY = 3,
  /** An order that trades at once does. */
  BOUND = 132,
  /** A market order does, because it could be held back. */
  HELD = 140,
  /** Trades are followed further. */
  FOLLOWED = 384,
}

/** Why an instrument may have an indication to tell. */
const enum Touch {
  CHANGED = 1,
  /** The call has begun, so it is told whatever it is. */
  BEGUN = 2,
  /** It is on the list. */
  LISTED = 4,
}

const SORTED_BY_HAND = 64;

/** How the instruments are now: trading state, last trade, timers, what an auction has told. Shard thread only. */
export class Markets {
  /** Bits of `Attention`. */
  readonly attention: Int32Array;
  readonly states: Uint8Array;
  readonly killed: Uint8Array;
  /** Ticks; 0 when there was none. */
  readonly lastPrices: Float64Array;
  /** At which positions are valued, ticks; 0: at the last trade. */
  readonly marks: Float64Array;
  /** When an interruption ends, µs since the epoch; 0: no timer. */
  readonly reopenTimes: Float64Array;
  /** The indication that was told last: ticks and lots, 0 for none. */
  readonly toldPrices: Float64Array;
  readonly toldQuantities: Float64Array;
  globalKill = 0;
  /** Instruments in an auction call. */
  auctionCalls = 0;
  /** Timers that run. */
  private timers = 0;
  /** What `firstDue` found last, good unless it is stale. */
  private due = -1;
  private isDueStale = false;
  /** The last trade before the command with this sequence: the middle of the band. */
  private readonly references: Float64Array;
  private readonly referenceSeqs: Float64Array;
  /** Bits of `Touch`. */
  private readonly touched: Uint8Array;
  /** Instruments that are touched, each once. */
  private readonly touchedList: Int32Array;
  private touchedCount = 0;

  /** `now`: sequence of the running command, and the clock in µs. */
  constructor(
    capacity: number,
    private readonly now: Float64Array,
  ) {
    this.attention = new Int32Array(capacity);
    this.states = new Uint8Array(capacity);
    this.killed = new Uint8Array(capacity);
    this.lastPrices = new Float64Array(capacity);
    this.marks = new Float64Array(capacity);
    this.reopenTimes = new Float64Array(capacity);
    this.toldPrices = new Float64Array(capacity);
    this.toldQuantities = new Float64Array(capacity);
    this.touched = new Uint8Array(capacity);
    this.touchedList = new Int32Array(capacity);
    this.references = new Float64Array(capacity);
    this.referenceSeqs = new Float64Array(capacity);
  }

  /** Starts an instrument; `lastPrice` 0: none. `fixed`: the bits that its declaration gives. */
  add(instrument: number, state: number, lastPrice: number, fixed: number): void {
    this.attention[instrument] = fixed;
    this.states[instrument] = State.OPEN;
    this.lastPrices[instrument] = lastPrice;
    if (this.globalKill !== 0) this.mark(instrument, Attention.KILLED, true);
    this.setState(instrument, state);
    // A declaration tells nothing.
    this.touched[instrument] &= Touch.LISTED;
  }

  /** Without what follows from it. Leaving an auction call forgets its timer and what it told. */
  setState(instrument: number, state: number): void {
    const before = this.states[instrument];
    this.states[instrument] = state;
    this.mark(instrument, Attention.NOT_OPEN, state !== State.OPEN);
    this.mark(instrument, Attention.AUCTION_CALL, state === State.AUCTION_CALL);
    this.auctionCalls += Number(state === State.AUCTION_CALL) - Number(before === State.AUCTION_CALL);
    if (this.reopenTimes[instrument] !== 0) this.stopTimer(instrument);
    this.toldPrices[instrument] = 0;
    this.toldQuantities[instrument] = 0;
    if (state === State.AUCTION_CALL) this.touchAs(instrument, Touch.BEGUN);
    else this.touched[instrument] &= Touch.LISTED;
  }

  /** The interruption ends so many µs from now; 0, or beyond the last time that there is: when an admin opens. */
  startTimer(instrument: number, durationUs: number): void {
    const at = this.now[1] + durationUs;
    if (durationUs > 0 && at <= MAX_SAFE) this.setTimer(instrument, at);
  }

  setTimer(instrument: number, at: number): void {
    if (at === 0) return;
    this.timers++;
    this.reopenTimes[instrument] = at;
    this.isDueStale = true;
  }

  /** The instrument whose timer ends first, of those at one time the one with the least id; −1 when none runs. */
  firstDue(): number {
    if (!this.isDueStale) return this.due;
    this.due = -1;
    for (let instrument = 0, left = this.timers; left > 0; instrument++) {
      const at = this.reopenTimes[instrument];
      if (at === 0) continue;
      left--;
      if (this.due < 0 || at < this.reopenTimes[this.due]) this.due = instrument;
    }
    this.isDueStale = false;
    return this.due;
  }

  private stopTimer(instrument: number): void {
    this.timers--;
    this.reopenTimes[instrument] = 0;
    this.isDueStale = true;
  }

  /** The last trade before the running command, 0 for none. It must be asked for before the command's first print. */
  reference(instrument: number): number {
    if (this.referenceSeqs[instrument] !== this.now[0]) {
      this.referenceSeqs[instrument] = this.now[0];
      this.references[instrument] = this.lastPrices[instrument];
    }
    return this.references[instrument];
  }

  /** The price at which positions are valued (SETTLED K9), ticks; 0 before anything was traded or marked. */
  markOf(instrument: number): number {
    return this.marks[instrument] === 0 ? this.lastPrices[instrument] : this.marks[instrument];
  }

  /** Whether a kill switch of the engine or of the instrument is on; an account's is in Accounts. */
  isKilled(instrument: number): boolean {
    return (this.attention[instrument] & Attention.KILLED) !== 0;
  }

  setKill(instrument: number, on: number): void {
    this.killed[instrument] = on;
    this.mark(instrument, Attention.KILLED, (on | this.globalKill) !== 0);
  }

  setGlobalKill(on: number, instruments: number): void {
    this.globalKill = on;
    for (let instrument = 0; instrument < instruments; instrument++) this.setKill(instrument, this.killed[instrument]);
  }

  mark(instrument: number, bit: number, on: boolean): void {
    if (on) this.attention[instrument] |= bit;
    else this.attention[instrument] &= ~bit;
  }

  /** The book of an instrument has changed: in an auction call the indication may have, too. */
  touch(instrument: number): void {
    if ((this.attention[instrument] & Attention.AUCTION_CALL) !== 0) this.touchAs(instrument, Touch.CHANGED);
  }

  /** Calls `tell` for every instrument whose book has changed in an auction call, by id, and forgets them. `hasBegun`: the call is new. */
  eachTouched(tell: (instrument: number, hasBegun: boolean) => void): void {
    const count = this.touchedCount;
    this.sortTouched(count);
    this.touchedCount = 0;
    for (let index = 0; index < count; index++) {
      const instrument = this.touchedList[index];
      const was = this.touched[instrument];
      this.touched[instrument] = 0;
      if ((was & (Touch.CHANGED | Touch.BEGUN)) !== 0) tell(instrument, (was & Touch.BEGUN) !== 0);
    }
  }

  /** Most commands touch one instrument, and those that touch many mostly in order. */
  private sortTouched(count: number): void {
    const list = this.touchedList;
    if (count > SORTED_BY_HAND) {
      list.subarray(0, count).sort();
      return;
    }
    for (let index = 1; index < count; index++) {
      const instrument = list[index];
      let to = index;
      for (; to > 0 && list[to - 1] > instrument; to--) list[to] = list[to - 1];
      list[to] = instrument;
    }
  }

  private touchAs(instrument: number, how: number): void {
    if ((this.touched[instrument] & Touch.LISTED) === 0) this.touchedList[this.touchedCount++] = instrument;
    this.touched[instrument] |= how | Touch.LISTED;
  }

  save(instrument: number, out: StateWriter): void {
    out.int64(this.lastPrices[instrument]);
    out.int64(this.marks[instrument]);
    out.int64(this.reopenTimes[instrument]);
    out.int64(this.toldPrices[instrument]);
    out.int64(this.toldQuantities[instrument]);
    out.uint8(this.states[instrument]);
    out.uint8(this.killed[instrument]);
  }

  /** `fixed`: the bits that the instrument's declaration gives. */
  load(instrument: number, input: StateReader, fixed: number): void {
    const lastPrice = input.int64();
    const mark = input.int64();
    const reopenTime = input.int64();
    const toldPrice = input.int64();
    const toldQuantity = input.int64();
    this.add(instrument, input.uint8(), lastPrice, fixed);
    this.marks[instrument] = mark;
    this.setKill(instrument, input.uint8());
    this.setTimer(instrument, reopenTime);
    this.toldPrices[instrument] = toldPrice;
    this.toldQuantities[instrument] = toldQuantity;
  }
}

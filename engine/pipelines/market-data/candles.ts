import type { StateReader, StateWriter } from "../../step.js";
import { Candle } from "../../wire/flyweights.js";
import { MAX_SAFE } from "../../wire/numbers.js";

/** One second, one minute, one hour. */
export const INTERVALS_US: readonly number[] = [1_000_000, 60_000_000, 3_600_000_000];
/** Closed candles of each interval that are kept for those who come later. */
export const CANDLES_KEPT = 60;

/** A candle; one without trades is none. */
const enum Bar {
  DOUBLES = 7,
  OPEN_TIME = 0,
  OPEN = 1,
  HIGH = 2,
  LOW = 3,
  CLOSE = 4,
  VOLUME = 5,
  TRADES = 6,
}

/**
 * Open, high, low, close and volume of every instrument by the second, the minute and the hour of the engine's time. A
 * candle begins with its first trade and ends when a record carries a time behind it; an interval without a trade has
 * none. One thread; nothing is allocated after construction.
 */
export class Candles {
  /** By instrument and interval: the candle that runs. */
  private readonly running: Float64Array;
  /** By instrument and interval: the closed ones, round and round, and how many there have been. */
  private readonly closed: Float64Array;
  private readonly closedCounts: Float64Array;

  constructor(instruments: number) {
    this.running = new Float64Array(instruments * INTERVALS_US.length * Bar.DOUBLES);
    this.closed = new Float64Array(instruments * INTERVALS_US.length * Bar.DOUBLES * CANDLES_KEPT);
    this.closedCounts = new Float64Array(instruments * INTERVALS_US.length);
  }

  /** A trade at a time that `close` has been told. */
  trade(instrument: number, price: number, qty: number, time: number): void {
    const bars = this.running;
    for (let interval = 0; interval < 3; interval++) {
      const at = (instrument * 3 + interval) * Bar.DOUBLES;
      if (bars[at + Bar.TRADES] === 0) {
        bars[at + Bar.OPEN_TIME] = time - (time % INTERVALS_US[interval]);
        bars[at + Bar.OPEN] = price;
        bars[at + Bar.HIGH] = price;
        bars[at + Bar.LOW] = price;
        bars[at + Bar.VOLUME] = 0;
      }
      if (price > bars[at + Bar.HIGH]) bars[at + Bar.HIGH] = price;
      if (price < bars[at + Bar.LOW]) bars[at + Bar.LOW] = price;
      bars[at + Bar.CLOSE] = price;
      bars[at + Bar.VOLUME] = Math.min(MAX_SAFE, bars[at + Bar.VOLUME] + qty);
      bars[at + Bar.TRADES] += 1;
    }
  }

  /** Closes a candle if its interval is over by now. Returns whether it was: it is then the last closed one. */
  close(instrument: number, interval: number, time: number): boolean {
    const bars = this.running;
    const index = instrument * 3 + interval;
    const at = index * Bar.DOUBLES;
    if (bars[at + Bar.TRADES] === 0 || time < bars[at + Bar.OPEN_TIME] + INTERVALS_US[interval]) return false;
    const to = (index * CANDLES_KEPT + (this.closedCounts[index] % CANDLES_KEPT)) * Bar.DOUBLES;
    for (let field = 0; field < Bar.DOUBLES; field++) this.closed[to + field] = bars[at + field];
    this.closedCounts[index] += 1;
    bars[at + Bar.TRADES] = 0;
    return true;
  }

  /** Closed candles that are kept. */
  kept(instrument: number, interval: number): number {
    return Math.min(CANDLES_KEPT, this.closedCounts[instrument * 3 + interval]);
  }

  /** Whether a candle runs. */
  isRunning(instrument: number, interval: number): boolean {
    return this.running[(instrument * 3 + interval) * Bar.DOUBLES + Bar.TRADES] > 0;
  }

  /** Writes a Candle: the running one with `age` 0, the last closed one with 1, and so on up to `kept`. */
  write(instrument: number, interval: number, age: number, seq: number, time: number, words: Int32Array, at: number): void {
    const index = instrument * 3 + interval;
    const bars = age === 0 ? this.running : this.closed;
    const from = age === 0 ? index * Bar.DOUBLES : this.closedAt(index, age);
    Candle.init(words, at, seq, time);
    Candle.setOpenTime(words, at, bars[from + Bar.OPEN_TIME]);
    Candle.setOpen(words, at, bars[from + Bar.OPEN]);
    Candle.setHigh(words, at, bars[from + Bar.HIGH]);
    Candle.setLow(words, at, bars[from + Bar.LOW]);
    Candle.setClose(words, at, bars[from + Bar.CLOSE]);
    Candle.setVolume(words, at, bars[from + Bar.VOLUME]);
    Candle.setTrades(words, at, bars[from + Bar.TRADES]);
    Candle.setInstrument(words, at, instrument);
    Candle.setIntervalMs(words, at, INTERVALS_US[interval] / 1000);
    Candle.setClosed(words, at, age === 0 ? 0 : 1);
  }

  save(instrument: number, out: StateWriter): void {
    for (let interval = 0; interval < 3; interval++) {
      const index = instrument * 3 + interval;
      saveBar(out, this.running, index * Bar.DOUBLES);
      out.uint32(this.kept(instrument, interval));
      for (let age = this.kept(instrument, interval); age > 0; age--) saveBar(out, this.closed, this.closedAt(index, age));
    }
  }

  load(instrument: number, input: StateReader): void {
    for (let interval = 0; interval < 3; interval++) {
      const index = instrument * 3 + interval;
      loadBar(input, this.running, index * Bar.DOUBLES);
      const kept = input.uint32();
      if (kept > CANDLES_KEPT) throw new RangeError(`at most ${CANDLES_KEPT} candles are kept, the saved state has ${kept}`);
      this.closedCounts[index] = kept;
      for (let nth = 0; nth < kept; nth++) loadBar(input, this.closed, (index * CANDLES_KEPT + nth) * Bar.DOUBLES);
    }
  }

  private closedAt(index: number, age: number): number {
    return (index * CANDLES_KEPT + ((this.closedCounts[index] - age) % CANDLES_KEPT)) * Bar.DOUBLES;
  }
}

/** What `save` writes of an instrument that nothing was traded in. */
export function saveNoCandles(out: StateWriter): void {
  for (let interval = 0; interval < 3; interval++) {
    out.int64(0);
    out.uint32(0);
  }
}

function saveBar(out: StateWriter, bars: Float64Array, at: number): void {
  out.int64(bars[at + Bar.TRADES]);
  if (bars[at + Bar.TRADES] === 0) return;
  for (let field = 0; field < Bar.TRADES; field++) out.int64(bars[at + field]);
}

function loadBar(input: StateReader, bars: Float64Array, at: number): void {
  bars[at + Bar.TRADES] = input.int64();
  if (bars[at + Bar.TRADES] === 0) return;
  for (let field = 0; field < Bar.TRADES; field++) bars[at + field] = input.int64();
}

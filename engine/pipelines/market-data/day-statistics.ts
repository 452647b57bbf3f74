import type { StateReader, StateWriter } from "../../step.js";
import { Statistics } from "../../wire/flyweights.js";
import { MAX_SAFE, NULL_INT64 } from "../../wire/numbers.js";

const DAY_US = 86_400_000_000;
/** The turnover is high × HALF + low: a sum of products does not stay within 2^53. */
const HALF = 2 ** 26;
/** Below this volume the average is exact. */
const EXACT_VOLUME = 2 ** 38;
const VWAP_PARTS = 10_000;

const enum Day {
  DOUBLES = 9,
  LAST = 0,
  OPEN_INTEREST = 1,
  /** From here on: of the day. */
  OPEN = 2,
  HIGH = 3,
  LOW = 4,
  VOLUME = 5,
  TRADES = 6,
  TURNOVER_HIGH = 7,
  TURNOVER_LOW = 8,
}

/**
 * What was traded of every instrument in the UTC day of the engine's time, and the last price and open interest of any day. One
 * thread; nothing is allocated after construction.
 */
export class DayStatistics {
  private readonly days: Float64Array;
  /** Since when trades are counted, and when the day ends, both in microseconds since the epoch. */
  private readonly times = Float64Array.of(0, DAY_US);

  constructor(instruments: number) {
    this.days = new Float64Array(Day.DOUBLES * instruments);
    for (let instrument = 0; instrument < instruments; instrument++) {
      this.days[Day.DOUBLES * instrument + Day.LAST] = NULL_INT64;
      this.days[Day.DOUBLES * instrument + Day.OPEN_INTEREST] = NULL_INT64;
    }
  }

  /** `openInterest`: lots behind the trade, or NULL_INT64. */
  trade(instrument: number, price: number, qty: number, openInterest: number): void {
    const days = this.days;
    const at = Day.DOUBLES * instrument;
    if (days[at + Day.TRADES] === 0) {
      days[at + Day.OPEN] = price;
      days[at + Day.HIGH] = price;
      days[at + Day.LOW] = price;
    }
    if (price > days[at + Day.HIGH]) days[at + Day.HIGH] = price;
    if (price < days[at + Day.LOW]) days[at + Day.LOW] = price;
    days[at + Day.LAST] = price;
    days[at + Day.OPEN_INTEREST] = openInterest;
    days[at + Day.VOLUME] = Math.min(MAX_SAFE, days[at + Day.VOLUME] + qty);
    days[at + Day.TRADES] += 1;
    const notional = price * qty;
    const high = Math.floor(notional / HALF);
    const low = days[at + Day.TURNOVER_LOW] + notional - high * HALF;
    days[at + Day.TURNOVER_HIGH] += low >= HALF ? high + 1 : high;
    days[at + Day.TURNOVER_LOW] = low >= HALF ? low - HALF : low;
  }

  /** Whether the day is over by now; then `beginDay` must follow, and `clear` of every instrument. */
  isOver(time: number): boolean {
    return time >= this.times[END];
  }

  beginDay(time: number): void {
    this.times[SINCE] = time - (time % DAY_US);
    this.times[END] = this.times[SINCE] + DAY_US;
  }

  /** Nothing was traded yet. Returns whether there was anything to forget. */
  clear(instrument: number): boolean {
    const at = Day.DOUBLES * instrument;
    const hadTraded = this.days[at + Day.TRADES] > 0;
    for (let field = Day.OPEN; field < Day.DOUBLES; field++) this.days[at + field] = 0;
    return hadTraded;
  }

  write(instrument: number, seq: number, time: number, words: Int32Array, at: number): void {
    const days = this.days;
    const from = Day.DOUBLES * instrument;
    const isEmpty = days[from + Day.TRADES] === 0;
    const turnover = days[from + Day.TURNOVER_HIGH] * HALF + days[from + Day.TURNOVER_LOW];
    Statistics.init(words, at, seq, time);
    Statistics.setSince(words, at, this.times[SINCE]);
    Statistics.setOpen(words, at, isEmpty ? NULL_INT64 : days[from + Day.OPEN]);
    Statistics.setHigh(words, at, isEmpty ? NULL_INT64 : days[from + Day.HIGH]);
    Statistics.setLow(words, at, isEmpty ? NULL_INT64 : days[from + Day.LOW]);
    Statistics.setLast(words, at, days[from + Day.LAST]);
    Statistics.setVwap(words, at, isEmpty ? NULL_INT64 : vwapOf(turnover, days[from + Day.VOLUME]));
    Statistics.setVolume(words, at, days[from + Day.VOLUME]);
    Statistics.setTurnover(words, at, turnover <= MAX_SAFE ? turnover : NULL_INT64);
    Statistics.setTrades(words, at, days[from + Day.TRADES]);
    Statistics.setOpenInterest(words, at, days[from + Day.OPEN_INTEREST]);
    Statistics.setInstrument(words, at, instrument);
  }

  /** Since when trades are counted, microseconds since the epoch. */
  get since(): number {
    return this.times[SINCE];
  }

  /** Takes over a time that `since` has said. */
  countFrom(since: number): void {
    this.times[SINCE] = since;
    this.times[END] = since - (since % DAY_US) + DAY_US;
  }

  save(instrument: number, out: StateWriter): void {
    const from = Day.DOUBLES * instrument;
    out.int64(this.days[from + Day.TRADES]);
    out.int64(this.days[from + Day.LAST]);
    out.int64(this.days[from + Day.OPEN_INTEREST]);
    if (this.days[from + Day.TRADES] === 0) return;
    for (let field = Day.OPEN; field < Day.DOUBLES; field++) out.int64(this.days[from + field]);
  }

  load(instrument: number, input: StateReader): void {
    const from = Day.DOUBLES * instrument;
    const trades = input.int64();
    this.days[from + Day.LAST] = input.int64();
    this.days[from + Day.OPEN_INTEREST] = input.int64();
    if (trades === 0) return;
    for (let field = Day.OPEN; field < Day.DOUBLES; field++) this.days[from + field] = input.int64();
  }
}

const SINCE = 0;
const END = 1;

/** What `save` writes of an instrument that nothing was traded in since the day began. `last`: ticks, `openInterest`: lots, or NULL_INT64. */
export function saveNoDay(out: StateWriter, last: number, openInterest: number): void {
  out.int64(0);
  out.int64(last);
  out.int64(openInterest);
}

/** In 1/10000 tick, rounded half up; NULL_INT64 when it is out of range. */
function vwapOf(turnover: number, volume: number): number {
  if (volume === MAX_SAFE) return NULL_INT64;
  if (turnover > MAX_SAFE || volume >= EXACT_VOLUME) return inRange(Math.floor((turnover / volume) * VWAP_PARTS + 0.5));
  const rest = turnover % volume;
  const whole = (turnover - rest) / volume;
  return inRange(whole * VWAP_PARTS + Math.floor((rest * 2 * VWAP_PARTS + volume) / (2 * volume)));
}

function inRange(value: number): number {
  return value <= MAX_SAFE ? value : NULL_INT64;
}

import type { Memory } from "../flat/memory.js";
import { NO_SLOT, SlotIndex } from "../flat/slot-index.js";
import type { StateReader, StateWriter } from "../step.js";
import { MAX_SAFE } from "../wire/numbers.js";

/** The layout of a position, 16 bytes: account, instrument (an id of two words for the index), then the lots. */
const enum Row {
  WORDS = 4,
  ACCOUNT = 0,
  INSTRUMENT = 2,
  INSTRUMENT_HIGH = 3,
  FREE = 1,
}

const FURTHEST = MAX_SAFE;
const HALF = 2 ** 27;

/**
 * What every account holds of every instrument: lots bought less lots sold, kept within ±(2^53−1) and left there beyond. A pair
 * has a row from its first trade on. Rows at nought are taken back when all are used, so what counts against the capacity are
 * positions that are open. Shard thread only. Nothing is allocated after construction.
 */
export class Positions {
  readonly lots: Float64Array;
  private readonly words: Int32Array;
  private readonly index: SlotIndex;
  private readonly rows: number;
  private fresh = 1;
  private free = 0;
  private open = 0;
  /** By instrument: a position has been at its limit, so what is bought and what is sold no longer add up. */
  private readonly wasClamped: Uint8Array;
  /** The two rows that were asked for last: an aggressor trades with others in a run. */
  private last = 0;
  private lastButOne = 0;

  /**
   * `capacity` positions may be open before new orders are refused; each of the `orders` that are live then may still open
   * one more.
   */
  constructor(
    readonly capacity: number,
    orders: number,
    instruments: number,
    memory: Memory,
  ) {
    this.wasClamped = new Uint8Array(instruments);
    const rows = capacity + orders + 1;
    this.rows = rows;
    this.lots = memory.float64(rows + 1);
    this.words = memory.int32(Row.WORDS * (rows + 1));
    const { words } = this;
    const keys = { stride: Row.WORDS, offset: Row.INSTRUMENT, ownerStride: Row.WORDS, ownerOffset: Row.ACCOUNT };
    this.index = new SlotIndex(rows, { words, owners: words, ...keys }, memory);
    // No account has this id, so row 0 is never taken for one.
    words[Row.ACCOUNT] = -1;
  }

  /** True when no pair may open another position: orders that could are refused. */
  get isFull(): boolean {
    return this.open >= this.capacity;
  }

  /** Lots; negative when the account is short. */
  of(account: number, instrument: number): number {
    return this.lots[this.find(account, instrument)];
  }

  /** How many lots an order of this side may trade before the position is flat. */
  room(account: number, bookSide: number): number {
    const held = this.of(account, bookSide >>> 1);
    return Math.max(0, (bookSide & 1) === 0 ? -held : held);
  }

  /** The row of an account and instrument, or 0. Good until the next `add`. */
  find(account: number, instrument: number): number {
    const words = this.words;
    const last = this.last * Row.WORDS;
    if (words[last + Row.ACCOUNT] === account && words[last + Row.INSTRUMENT] === instrument) return this.last;
    const other = this.lastButOne * Row.WORDS;
    const isOther = words[other + Row.ACCOUNT] === account && words[other + Row.INSTRUMENT] === instrument;
    const row = isOther ? this.lastButOne : this.index.get(account, instrument, 0);
    if (row === NO_SLOT) return row;
    this.lastButOne = this.last;
    this.last = row;
    return row;
  }

  /** Books a trade: lots bought, or negative lots sold. */
  add(account: number, instrument: number, lots: number): void {
    const found = this.find(account, instrument);
    const row = found === 0 ? this.take(account, instrument) : found;
    const before = this.lots[row];
    const after = Math.min(FURTHEST, Math.max(-FURTHEST, before + lots));
    this.lots[row] = after;
    if (after !== before + lots) this.wasClamped[instrument] = 1;
    if (before === 0) this.open++;
    if (after === 0) this.open--;
  }

  save(out: StateWriter): void {
    out.uint32(this.open);
    for (const row of this.openRows()) {
      out.uint32(this.words[row * Row.WORDS + Row.ACCOUNT]);
      out.uint32(this.words[row * Row.WORDS + Row.INSTRUMENT]);
      out.int64(this.lots[row]);
    }
  }

  /** `check` sees every row before it is taken over. Throws RangeError when there are too many. */
  load(input: StateReader, check: (account: number, instrument: number, lots: number) => void): void {
    const count = input.uint32();
    if (count >= this.rows) throw new RangeError(`capacities.positions is ${this.capacity}, the saved state has ${count}`);
    let last = -1;
    for (let index = 0; index < count; index++) {
      const account = input.uint32();
      const instrument = input.uint32();
      const lots = input.int64();
      check(account, instrument, lots);
      const place = account * 2 ** 21 + instrument;
      if (place <= last) throw new RangeError("this is no saved state: positions stand by account and instrument, each once");
      last = place;
      this.add(account, instrument, lots);
    }
    this.wasClamped.fill(0);
    for (const instrument of this.unbalanced()) this.wasClamped[instrument] = 1;
  }

  /** Instruments whose positions do not add up to nought. Sums may leave the safe integers, so halves are added. For checks only. */
  unbalanced(): number[] {
    const highs = new Float64Array(this.wasClamped.length);
    const lows = new Float64Array(this.wasClamped.length);
    for (const row of this.openRows()) {
      const { instrument } = this.pairOf(row);
      const high = Math.floor(this.lots[row] / HALF);
      highs[instrument] += high;
      lows[instrument] += this.lots[row] - high * HALF;
    }
    return [...highs.keys()].filter((instrument) => highs[instrument] * HALF + lows[instrument] !== 0);
  }

  /** Whether all positions of an instrument add up to nought: until one has been at its limit. */
  isBalanced(instrument: number): boolean {
    return this.wasClamped[instrument] === 0;
  }

  /** Every position that is not nought, by account and instrument. Allocates: for saving and checking only. */
  openRows(): number[] {
    const { words } = this;
    const rows: number[] = [];
    for (let row = 1; row < this.fresh; row++) if (this.lots[row] !== 0) rows.push(row);
    const keyOf = (row: number, offset: Row): number => words[row * Row.WORDS + offset];
    return rows.sort((a, b) => keyOf(a, Row.ACCOUNT) - keyOf(b, Row.ACCOUNT) || keyOf(a, Row.INSTRUMENT) - keyOf(b, Row.INSTRUMENT));
  }

  /** Whose position a row is. */
  pairOf(row: number): { account: number; instrument: number } {
    return { account: this.words[row * Row.WORDS + Row.ACCOUNT], instrument: this.words[row * Row.WORDS + Row.INSTRUMENT] };
  }

  private take(account: number, instrument: number): number {
    if (this.free === 0 && this.fresh > this.rows) this.takeBack();
    const row = this.free === 0 ? this.fresh++ : this.free;
    const at = row * Row.WORDS;
    if (row === this.free) this.free = this.words[at + Row.FREE];
    this.words[at + Row.ACCOUNT] = account;
    this.words[at + Row.INSTRUMENT] = instrument;
    this.words[at + Row.INSTRUMENT_HIGH] = 0;
    this.lots[row] = 0;
    this.index.add(row);
    this.lastButOne = this.last;
    this.last = row;
    return row;
  }

  /** Makes the rows at nought free. Orders are only admitted while every one of them could open another position. */
  private takeBack(): void {
    const { words, lots } = this;
    for (let row = 1; row < this.fresh; row++) {
      if (lots[row] !== 0 || words[row * Row.WORDS + Row.ACCOUNT] === -1) continue;
      this.index.remove(row);
      words[row * Row.WORDS + Row.ACCOUNT] = -1;
      words[row * Row.WORDS + Row.FREE] = this.free;
      this.free = row;
    }
    this.last = 0;
    this.lastButOne = 0;
  }
}

import type { Memory } from "../flat/memory.js";
import { NO_SLOT, SlotIndex } from "../flat/slot-index.js";
import type { Instruments } from "./instruments.js";
import { Bal, type Balances } from "./ledger/balances.js";

/**
 * A row of positions: what an account has traded of an instrument, and what its live orders there amount to. Lots, and atoms of the
 * quote currency. Doubles first, then words.
 */
export const enum Pos {
  DOUBLES = 20,
  /** Bought less sold. */
  LOTS = 0,
  /** What the position has cost, signed as the position is. */
  COST = 1,
  /** Profit or loss of all that was closed, of a margin instrument; fees apart. */
  REALISED = 2,
  /** Lots of live orders: buys; sells behind. */
  OPEN_LOTS = 3,
  /** Their notional: buys; sells behind. */
  OPEN_NOTIONAL = 5,
  /** Executed today, and realised today less fees: within ±(2^53−1). */
  DAY_NOTIONAL = 7,
  DAY_PNL = 8,
  /** The least of the three scopes' limits that hold for each order, Infinity for none. */
  MAX_QTY = 9,
  MAX_NOTIONAL = 10,
  MAX_POSITION = 11,
  /** Limits of the account in this instrument, and of everyone in it: the lesser. */
  MAX_ORDERS = 12,
  MAX_OPEN = 13,
  MAX_EXPOSURE = 14,
  MAX_DAY_NOTIONAL = 15,
  MAX_DAY_LOSS = 16,

  WORDS = 16,
  ACCOUNT = 0,
  FREE = 1,
  /** An id of two words for the index. */
  INSTRUMENT = 2,
  INSTRUMENT_HIGH = 3,
  /** Rows of balances. */
  BASE = 4,
  QUOTE = 5,
  /** Live orders. */
  ORDERS = 6,
  /** It has traded, and there is something to remember: it is saved. */
  USED = 7,
  /** The account's next row, by instrument. */
  NEXT = 8,
  /** The next row of the same margin instrument. */
  NEXT_IN_MARGIN = 9,
  /** Two bits a limit: which alert was given. Those of the limits of a day. */
  ALERTS = 10,
  DAY_ALERTS = 0b1111 << 8,
}

const RECENT_ROWS = 1024;
/** Where a row is remembered. A const, so that calls are resolved when compiled. */
const recentPlace = (account: number, instrument: number): number => (Math.imul(account, 31) + instrument) & (RECENT_ROWS - 1);

/**
 * The positions of all accounts, a row an account and instrument. A row is *live* when it has something to remember or the account has
 * live orders there; those count against the capacity. Others are made for looks and taken back when the room is used up. Shard
 * thread only. Nothing is allocated after construction.
 */
export class Positions {
  readonly doubles: Float64Array;
  readonly words: Int32Array;
  private readonly index: SlotIndex;
  private readonly rows: number;
  private fresh = 1;
  private free = 0;
  private live = 0;
  /** Rows that were asked for of late, by a mixture of account and instrument: traders come again and again. A row that is another's by now is seen to be. */
  private readonly recent = new Int32Array(RECENT_ROWS);
  /** By instrument, its first row of an account in a margin instrument. */
  private readonly firstInMargin: Int32Array;
  /** Fills in the limits of a new row, and of a new row of balances. */
  onNew: (row: number) => void = () => {};
  onNewBalance: (row: number) => void = () => {};

  /** `firstRows`: of each account, its first row, 0 for none. */
  constructor(
    readonly capacity: number,
    private readonly firstRows: Int32Array,
    private readonly instruments: Instruments,
    private readonly balances: Balances,
    memory: Memory,
  ) {
    this.rows = capacity + Math.max(64, capacity >> 2);
    this.doubles = memory.float64((this.rows + 1) * Pos.DOUBLES);
    this.words = memory.int32((this.rows + 1) * Pos.WORDS);
    this.firstInMargin = new Int32Array(instruments.capacity);
    const { words } = this;
    const keys = { stride: Pos.WORDS, offset: Pos.INSTRUMENT, ownerStride: Pos.WORDS, ownerOffset: Pos.ACCOUNT };
    this.index = new SlotIndex(this.rows, { words, owners: words, ...keys }, memory);
    // No account has this id, so row 0 is never taken for one.
    words[Pos.ACCOUNT] = -1;
    balances.onTakeBack = () => this.takeBack();
  }

  /** True when no pair of account and instrument may become live: orders that would are refused. */
  get isFull(): boolean {
    return this.live >= this.capacity;
  }

  get size(): number {
    return this.live;
  }

  /** Lots; negative when the account is short. */
  of(account: number, instrument: number): number {
    return this.doubles[this.find(account, instrument) * Pos.DOUBLES + Pos.LOTS];
  }

  /** How many lots an order of this side may trade before the position is flat. */
  room(account: number, bookSide: number): number {
    const held = this.of(account, bookSide >>> 1);
    return Math.max(0, (bookSide & 1) === 0 ? -held : held);
  }

  /** The row of an account and instrument, or 0. */
  find(account: number, instrument: number): number {
    const words = this.words;
    const row = this.recent[recentPlace(account, instrument)];
    const at = row * Pos.WORDS;
    if (words[at + Pos.ACCOUNT] === account && words[at + Pos.INSTRUMENT] === instrument) return row;
    return this.search(account, instrument);
  }

  private search(account: number, instrument: number): number {
    const row = this.index.get(account, instrument, 0);
    if (row !== NO_SLOT) this.recent[recentPlace(account, instrument)] = row;
    return row;
  }

  /** As `find`, but makes what is missing, its balances too; 0 when there is no room. */
  rowOf(account: number, instrument: number): number {
    const found = this.find(account, instrument);
    return found === 0 ? this.make(account, instrument) : found;
  }

  isLive(row: number): boolean {
    return (this.words[row * Pos.WORDS + Pos.USED] | this.words[row * Pos.WORDS + Pos.ORDERS]) !== 0;
  }

  /** Whether an order of this row's account could trade without more rows than the capacities allow. */
  hasRoom(row: number): boolean {
    if (this.isLive(row)) return true;
    const { balances, words } = this;
    const missing =
      Number(!balances.isLive(words[row * Pos.WORDS + Pos.BASE])) + Number(!balances.isLive(words[row * Pos.WORDS + Pos.QUOTE]));
    return !this.isFull && balances.size + missing <= balances.capacity;
  }

  /** It trades, so there is something to remember. */
  use(row: number): void {
    const at = row * Pos.WORDS + Pos.USED;
    if (this.words[at] !== 0) return;
    if (!this.isLive(row)) this.enliven(row, 1);
    this.words[at] = 1;
  }

  /** One more, or one less, live order. */
  countOrder(row: number, by: 1 | -1): void {
    const at = row * Pos.WORDS;
    const orders = this.words[at + Pos.ORDERS];
    if (this.words[at + Pos.USED] === 0 && (by === 1 ? orders === 0 : orders === 1)) this.enliven(row, by);
    this.words[at + Pos.ORDERS] = orders + by;
  }

  /** The account's first row by instrument, or 0; `next` gives the others. */
  first(account: number): number {
    return this.firstRows[account];
  }

  next(row: number): number {
    return this.words[row * Pos.WORDS + Pos.NEXT];
  }

  /** The first row of a margin instrument, or 0; `nextInMargin` gives the others. */
  firstOfMargin(instrument: number): number {
    return this.firstInMargin[instrument];
  }

  nextInMargin(row: number): number {
    return this.words[row * Pos.WORDS + Pos.NEXT_IN_MARGIN];
  }

  accountOf(row: number): number {
    return this.words[row * Pos.WORDS + Pos.ACCOUNT];
  }

  instrumentOf(row: number): number {
    return this.words[row * Pos.WORDS + Pos.INSTRUMENT];
  }

  /** One more than the highest row that was ever in use. */
  get rowEnd(): number {
    return this.fresh;
  }

  /** Whether a row is anybody's. */
  isTaken(row: number): boolean {
    return this.words[row * Pos.WORDS + Pos.ACCOUNT] !== -1;
  }

  /** A new day has begun: nothing of its limits is used. What is flat now has nothing to remember, unless it is of a margin instrument. */
  forgetDay(): void {
    for (let row = 1; row < this.fresh; row++) {
      if (!this.isTaken(row)) continue;
      const at = row * Pos.DOUBLES;
      this.doubles[at + Pos.DAY_NOTIONAL] = 0;
      this.doubles[at + Pos.DAY_PNL] = 0;
      const words = row * Pos.WORDS;
      this.words[words + Pos.ALERTS] &= ~Pos.DAY_ALERTS;
      const isKept = this.doubles[at + Pos.LOTS] !== 0 || this.isMargin(row);
      if (isKept || this.words[words + Pos.USED] === 0) continue;
      this.words[words + Pos.USED] = 0;
      if (this.words[words + Pos.ORDERS] === 0) this.enliven(row, -1);
    }
  }

  /** Every row that has something to remember, by account and instrument. Allocates: for saving and reports only. */
  keptRows(): number[] {
    const { words } = this;
    const rows: number[] = [];
    for (let row = 1; row < this.fresh; row++) {
      const at = row * Pos.WORDS;
      if (this.isTaken(row) && (words[at + Pos.USED] | words[at + Pos.ALERTS]) !== 0) rows.push(row);
    }
    return rows.sort((a, b) => this.accountOf(a) - this.accountOf(b) || this.instrumentOf(a) - this.instrumentOf(b));
  }

  private isMargin(row: number): boolean {
    return this.instruments.isMargin[this.instrumentOf(row)] !== 0;
  }

  private enliven(row: number, by: 1 | -1): void {
    this.live += by;
    this.balances.refer(this.words[row * Pos.WORDS + Pos.BASE], by);
    this.balances.refer(this.words[row * Pos.WORDS + Pos.QUOTE], by);
  }

  private make(account: number, instrument: number): number {
    const { balances, instruments } = this;
    const base = instruments.baseOf[instrument];
    const quote = instruments.quoteOf[instrument];
    let baseRow = balances.rowOf(account, base, this.onNewBalance);
    const quoteRow = balances.rowOf(account, quote, this.onNewBalance);
    // Making room for the second may have taken the first back.
    baseRow = balances.rowOf(account, base, this.onNewBalance);
    if (baseRow === 0 || quoteRow === 0 || balances.find(account, quote) !== quoteRow) return 0;
    const row = this.take(account, instrument);
    if (row === 0) return 0;
    this.words[row * Pos.WORDS + Pos.BASE] = baseRow;
    this.words[row * Pos.WORDS + Pos.QUOTE] = quoteRow;
    this.onNew(row);
    return row;
  }

  private take(account: number, instrument: number): number {
    if (this.free === 0 && this.fresh > this.rows) this.takeBack();
    if (this.free === 0 && this.fresh > this.rows) return 0;
    const row = this.free === 0 ? this.fresh++ : this.free;
    const at = row * Pos.WORDS;
    if (row === this.free) this.free = this.words[at + Pos.FREE];
    this.words.fill(0, at, at + Pos.WORDS);
    this.doubles.fill(0, row * Pos.DOUBLES, (row + 1) * Pos.DOUBLES);
    this.words[at + Pos.ACCOUNT] = account;
    this.words[at + Pos.INSTRUMENT] = instrument;
    this.index.add(row);
    this.link(row, account, instrument);
    this.recent[recentPlace(account, instrument)] = row;
    return row;
  }

  /** Puts a row into its account's list, by instrument, and into its margin instrument's. */
  private link(row: number, account: number, instrument: number): void {
    const { words, firstRows, firstInMargin } = this;
    let before = 0;
    let next = firstRows[account];
    while (next !== 0 && words[next * Pos.WORDS + Pos.INSTRUMENT] < instrument) {
      before = next;
      next = words[next * Pos.WORDS + Pos.NEXT];
    }
    words[row * Pos.WORDS + Pos.NEXT] = next;
    if (before === 0) firstRows[account] = row;
    else words[before * Pos.WORDS + Pos.NEXT] = row;
    if (this.instruments.isMargin[instrument] === 0) return;
    words[row * Pos.WORDS + Pos.NEXT_IN_MARGIN] = firstInMargin[instrument];
    firstInMargin[instrument] = row;
  }

  /** Makes the rows free that are not live: the lists are made anew of those that stay. */
  private takeBack(): void {
    const { words } = this;
    this.firstInMargin.fill(0);
    for (let row = 1; row < this.fresh; row++) if (this.isTaken(row)) this.firstRows[this.accountOf(row)] = 0;
    for (let row = 1; row < this.fresh; row++) {
      if (!this.isTaken(row)) continue;
      if (this.isLive(row)) {
        this.link(row, this.accountOf(row), this.instrumentOf(row));
        continue;
      }
      this.index.remove(row);
      words[row * Pos.WORDS + Pos.ACCOUNT] = -1;
      words[row * Pos.WORDS + Pos.FREE] = this.free;
      this.free = row;
    }
  }

  /** Rows of balances: goods, and money. */
  baseRow(row: number): number {
    return this.words[row * Pos.WORDS + Pos.BASE];
  }

  quoteRow(row: number): number {
    return this.words[row * Pos.WORDS + Pos.QUOTE];
  }

  /** Bytes of a row with its share of the index, for the sizes at start. */
  static readonly ROW_BYTES = Pos.DOUBLES * 8 + Pos.WORDS * 4 + 24 + Bal.WORDS;
}

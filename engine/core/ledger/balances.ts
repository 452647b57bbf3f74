import type { Memory } from "../../flat/memory.js";
import { NO_SLOT, SlotIndex } from "../../flat/slot-index.js";

/** A row of balances: what an account has of a currency, and what its live orders may do to it. Doubles, all in atoms. */
export const enum Bal {
  DOUBLES = 16,
  TOTAL = 0,
  /** Held for withdrawals and transfers that wait for review. */
  PENDING = 1,
  /** What live spot orders may take at worst: cost with fees, or goods. A cash account's holds. */
  OUT = 2,
  /** What live spot orders may bring: goods, or proceeds with rebates. */
  IN = 3,
  /** Σ|cost| of margin positions whose quote currency this is. */
  POSITION_STAKE = 4,
  /** Notional of live orders whose quote currency this is: buys; sells behind. */
  OPEN = 5,
  /** Executed today, and realised today less fees: within ±(2^53−1). */
  DAY_NOTIONAL = 7,
  DAY_PNL = 8,
  /** Limits of the account, Infinity for none. */
  MAX_OPEN = 9,
  MAX_EXPOSURE = 10,
  MAX_DAY_NOTIONAL = 11,
  MAX_DAY_LOSS = 12,
  /**
   * Notional with worst fee or best rebate of live margin orders whose quote currency this is. Apart from POSITION_STAKE, because within a trade
   * an order's notional is in both for a moment, and their sum is only bounded before and after it.
   */
  ORDER_STAKE = 13,

  /** Words. */
  WORDS = 8,
  ACCOUNT = 0,
  FREE = 1,
  /** An id of two words for the index. */
  CURRENCY = 2,
  /** A movement or a trade has changed it: it is shown and saved. */
  TOUCHED = 4,
  /** Live positions and orders' rows that refer to it. */
  REFERRERS = 5,
  /** The account's next row, by currency. */
  NEXT = 6,
  /** Two bits a limit: which alert was given. Those of the limits of a day. */
  ALERTS = 7,
  DAY_ALERTS = 0b1111 << 4,
}

/**
 * The balances of all accounts, a row an account and currency. A row is *live* when it was ever changed or something live refers to it;
 * those count against the capacity. Others are made for looks and taken back when the room is used up. Shard thread only. Nothing is
 * allocated after construction.
 */
export class Balances {
  readonly doubles: Float64Array;
  readonly words: Int32Array;
  private readonly index: SlotIndex;
  private readonly rows: number;
  private fresh = 1;
  private free = 0;
  private live = 0;
  private last = 0;
  /** Called before rows are taken back: whoever refers to them lets go of what counts for nothing. */
  onTakeBack: () => void = () => {};

  /** `firstRows`: of each account, its first row, 0 for none. */
  constructor(
    readonly capacity: number,
    private readonly firstRows: Int32Array,
    memory: Memory,
  ) {
    this.rows = capacity + Math.max(64, capacity >> 2);
    this.doubles = memory.float64((this.rows + 1) * Bal.DOUBLES);
    this.words = memory.int32((this.rows + 1) * Bal.WORDS);
    const { words } = this;
    const keys = { stride: Bal.WORDS, offset: Bal.CURRENCY, ownerStride: Bal.WORDS, ownerOffset: Bal.ACCOUNT };
    this.index = new SlotIndex(this.rows, { words, owners: words, ...keys }, memory);
    words[Bal.ACCOUNT] = -1;
  }

  /** Rows that count. */
  get size(): number {
    return this.live;
  }

  get isFull(): boolean {
    return this.live >= this.capacity;
  }

  /** One more than the highest row that was ever in use. */
  get rowEnd(): number {
    return this.fresh;
  }

  /** The row of an account and currency, or 0. */
  find(account: number, currency: number): number {
    const at = this.last * Bal.WORDS;
    if (this.words[at + Bal.ACCOUNT] === account && this.words[at + Bal.CURRENCY] === currency) return this.last;
    const row = this.index.get(account, currency, 0);
    if (row !== NO_SLOT) this.last = row;
    return row;
  }

  /** As `find`, but makes what is missing; 0 when there is no room. `onNew` fills in its limits. */
  rowOf(account: number, currency: number, onNew: (row: number) => void): number {
    const found = this.find(account, currency);
    if (found !== NO_SLOT) return found;
    const row = this.take(account, currency);
    if (row !== 0) onNew(row);
    return row;
  }

  isLive(row: number): boolean {
    const at = row * Bal.WORDS;
    return (this.words[at + Bal.TOUCHED] | this.words[at + Bal.REFERRERS]) !== 0;
  }

  /** A movement or a trade changes it. */
  touch(row: number): void {
    const at = row * Bal.WORDS + Bal.TOUCHED;
    if (this.words[at] !== 0) return;
    if (!this.isLive(row)) this.live++;
    this.words[at] = 1;
  }

  /** One more, or one less, refers to it. */
  refer(row: number, by: 1 | -1): void {
    const was = this.isLive(row);
    this.words[row * Bal.WORDS + Bal.REFERRERS] += by;
    this.live += Number(this.isLive(row)) - Number(was);
  }

  /** The account's first row by currency, or 0; `next` gives the others. */
  first(account: number): number {
    return this.firstRows[account];
  }

  next(row: number): number {
    return this.words[row * Bal.WORDS + Bal.NEXT];
  }

  currencyOf(row: number): number {
    return this.words[row * Bal.WORDS + Bal.CURRENCY];
  }

  accountOf(row: number): number {
    return this.words[row * Bal.WORDS + Bal.ACCOUNT];
  }

  /** Every row that has something to remember, by account and currency. Allocates: for saving and reports only. */
  keptRows(): number[] {
    const { words } = this;
    const rows: number[] = [];
    for (let row = 1; row < this.fresh; row++) {
      const at = row * Bal.WORDS;
      if (words[at + Bal.ACCOUNT] !== -1 && (words[at + Bal.TOUCHED] | words[at + Bal.ALERTS]) !== 0) rows.push(row);
    }
    return rows.sort((a, b) => this.accountOf(a) - this.accountOf(b) || this.currencyOf(a) - this.currencyOf(b));
  }

  /** A new day has begun: nothing of its limits is used. */
  forgetDay(): void {
    for (let row = 1; row < this.fresh; row++) {
      this.doubles[row * Bal.DOUBLES + Bal.DAY_NOTIONAL] = 0;
      this.doubles[row * Bal.DOUBLES + Bal.DAY_PNL] = 0;
      this.words[row * Bal.WORDS + Bal.ALERTS] &= ~Bal.DAY_ALERTS;
    }
  }

  private take(account: number, currency: number): number {
    if (this.free === 0 && this.fresh > this.rows) this.takeBack();
    if (this.free === 0 && this.fresh > this.rows) return 0;
    const row = this.free === 0 ? this.fresh++ : this.free;
    const at = row * Bal.WORDS;
    if (row === this.free) this.free = this.words[at + Bal.FREE];
    this.words.fill(0, at, at + Bal.WORDS);
    this.doubles.fill(0, row * Bal.DOUBLES, (row + 1) * Bal.DOUBLES);
    this.words[at + Bal.ACCOUNT] = account;
    this.words[at + Bal.CURRENCY] = currency;
    this.index.add(row);
    this.link(row, account, currency);
    this.last = row;
    return row;
  }

  /** Puts a row into its account's list, by currency. */
  private link(row: number, account: number, currency: number): void {
    const { words, firstRows } = this;
    let before = 0;
    let next = firstRows[account];
    while (next !== 0 && words[next * Bal.WORDS + Bal.CURRENCY] < currency) {
      before = next;
      next = words[next * Bal.WORDS + Bal.NEXT];
    }
    words[row * Bal.WORDS + Bal.NEXT] = next;
    if (before === 0) firstRows[account] = row;
    else words[before * Bal.WORDS + Bal.NEXT] = row;
  }

  private unlink(row: number): void {
    const { words, firstRows } = this;
    const account = words[row * Bal.WORDS + Bal.ACCOUNT];
    const next = words[row * Bal.WORDS + Bal.NEXT];
    let before = firstRows[account];
    if (before === row) {
      firstRows[account] = next;
      return;
    }
    while (words[before * Bal.WORDS + Bal.NEXT] !== row) before = words[before * Bal.WORDS + Bal.NEXT];
    words[before * Bal.WORDS + Bal.NEXT] = next;
  }

  /** Makes the rows free that nothing is in and nothing refers to. */
  private takeBack(): void {
    const { words } = this;
    this.onTakeBack();
    for (let row = 1; row < this.fresh; row++) {
      if (words[row * Bal.WORDS + Bal.ACCOUNT] === -1 || this.isLive(row)) continue;
      this.index.remove(row);
      this.unlink(row);
      words[row * Bal.WORDS + Bal.ACCOUNT] = -1;
      words[row * Bal.WORDS + Bal.FREE] = this.free;
      this.free = row;
    }
    this.last = 0;
  }
}

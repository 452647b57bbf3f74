import { NIL } from "../../flat/level-tree.js";
import { NO_SLOT } from "../../flat/slot-index.js";
import type { StateReader, StateWriter } from "../../step.js";
import { Interest, Table } from "../../table/index.js";
import { LevelUpdate } from "../../wire/flyweights.js";
import { Channel } from "../../wire/generated/enums.js";
import * as Header from "../../wire/header.js";
import { readInt64, writeInt64 } from "../../wire/numbers.js";
import type { RecordOutput } from "./record-output.js";
import type { BookCapacities, VisibleBooks } from "./visible-books.js";

/** The row of a level: lots in two words, and how many orders. */
const enum LevelRow {
  WORDS = 4,
  QTY = 0,
  ORDERS = 2,
}

/** Levels that are gone and remembered as such, beside those that are there. */
const GONE_MAX = 1 << 16;

/**
 * The levels of every book in a Table: what has changed since a version is what a command has changed, and what a slow
 * subscriber has missed. The group is the instrument; the key is the price of an ask and the negative price of a bid.
 * One thread.
 */
export class LevelChanges {
  readonly table: Table;
  /** By level of the books, as long as it lives: its slot in the table. */
  private readonly slots: Int32Array;
  private readonly interests: (Interest | undefined)[] = [];

  constructor(
    private readonly books: VisibleBooks,
    private readonly output: RecordOutput,
    { levels, instruments }: BookCapacities,
  ) {
    const keys = levels + Math.min(levels, GONE_MAX);
    // From 1, because since 0 leaves out what is gone, and a command may empty the first book there is.
    this.table = new Table({ keys, groups: instruments, rowWords: LevelRow.WORDS, firstVersion: 1 });
    this.slots = new Int32Array(levels + 1);
  }

  /** A level is new. */
  added(level: number, instrument: number): void {
    const slot = this.table.put(instrument, this.books.levelKey(level));
    this.slots[level] = slot;
    this.keep(level, slot);
  }

  /** The orders of a level are others, or have another quantity. */
  changed(level: number): void {
    const slot = this.slots[level];
    this.table.touch(slot);
    this.keep(level, slot);
  }

  /** A level is about to go. */
  removed(level: number): void {
    this.table.remove(this.slots[level]);
  }

  /** Tells the levels of an instrument that have changed since a version. */
  tell(instrument: number, since: number, seq: number, time: number): void {
    const { table, output } = this;
    const count = table.since(since, this.interestOf(instrument), table.found.length);
    for (let index = 0; index < count; index++) {
      const at = output.claim(LevelUpdate.RECORD_BYTES);
      const words = output.words;
      LevelUpdate.init(words, at, seq, time);
      if (index === count - 1) Header.setFlags(words, at, Header.FLAG_LAST_OF_BATCH);
      this.write(table.found[index], words, at);
      LevelUpdate.setEngineSeq(words, at, seq);
      LevelUpdate.setChannel(words, at, Channel.book);
      output.commit();
    }
  }

  /** Price, quantity, orders, side and instrument of the level in a slot into a LevelUpdate; of one that is gone, quantity 0. */
  write(slot: number, words: Int32Array, at: number): void {
    const { table } = this;
    const key = table.keyOf(slot);
    const isGone = table.isGone(slot);
    LevelUpdate.setPrice(words, at, Math.abs(key));
    LevelUpdate.setQty(words, at, isGone ? 0 : readInt64(table.rows, slot * LevelRow.WORDS + LevelRow.QTY));
    LevelUpdate.setOrders(words, at, isGone ? 0 : table.rows[slot * LevelRow.WORDS + LevelRow.ORDERS]);
    LevelUpdate.setInstrument(words, at, table.groupOf(slot));
    LevelUpdate.setSide(words, at, key < 0 ? 0 : 1);
  }

  /** After the books were loaded: they are all new. */
  addAll(instruments: number): void {
    const { books } = this;
    for (let bookSide = 0; bookSide < 2 * instruments; bookSide++) {
      for (let level = books.bestLevel(bookSide); level !== NIL; level = books.nextLevel(level)) this.added(level, bookSide >>> 1);
    }
  }

  /** Writes which levels have changed since a version: within a command it is not told yet. */
  save(instrument: number, since: number, out: StateWriter): void {
    const { table } = this;
    const count = table.since(since, this.interestOf(instrument), table.found.length);
    out.uint32(count);
    for (let index = 0; index < count; index++) out.int64(table.keyOf(table.found[index]));
  }

  /** Makes them changed. Those that are not there have gone. */
  load(instrument: number, input: StateReader): void {
    const { table } = this;
    const count = input.uint32();
    for (let index = 0; index < count; index++) {
      const key = input.int64();
      const slot = table.find(instrument, key);
      if (slot !== NO_SLOT) table.touch(slot);
      else table.remove(table.put(instrument, key));
    }
  }

  /** Visits every level and throws Error when the table has another state of it. Tests only. */
  assertConsistent(instruments: number): void {
    const { books, table } = this;
    table.assertConsistent();
    for (let instrument = 0; instrument < instruments; instrument++) {
      let levels = 0;
      for (let side = 0; side < 2; side++) {
        for (let level = books.bestLevel(2 * instrument + side); level !== NIL; level = books.nextLevel(level)) {
          const slot = table.find(instrument, books.levelKey(level));
          const row = slot * LevelRow.WORDS;
          const isSame = slot === this.slots[level] && table.rows[row + LevelRow.ORDERS] === books.levelOrders(level);
          if (slot === NO_SLOT || !isSame || readInt64(table.rows, row + LevelRow.QTY) !== books.levelQty(level))
            throw new Error(`level ${books.levelKey(level)} of instrument ${instrument} is not in the table as it is in the book`);
          levels++;
        }
      }
      if (levels !== table.size(instrument)) throw new Error(`the table has ${table.size(instrument)} levels, the book ${levels}`);
    }
  }

  private interestOf(instrument: number): Interest {
    const known = this.interests[instrument];
    if (known !== undefined) return known;
    const interest = Interest.ofGroup(instrument);
    this.interests[instrument] = interest;
    return interest;
  }

  private keep(level: number, slot: number): void {
    const rows = this.table.rows;
    writeInt64(rows, slot * LevelRow.WORDS + LevelRow.QTY, this.books.levelQty(level));
    rows[slot * LevelRow.WORDS + LevelRow.ORDERS] = this.books.levelOrders(level);
  }
}

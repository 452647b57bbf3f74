import { crc32cOfWords } from "./crc32c.js";
import { writeInt64 } from "./numbers.js";

/** Levels a side that the checksum of a book goes over. */
export const CHECKSUM_LEVELS = 10;
const LEVEL_WORDS = 4;

/**
 * The checksum of market data: CRC32C over the first levels of a book, at most CHECKSUM_LEVELS a side. What is summed up:
 *
 * | uint32 number of bids | uint32 number of asks | bids, best first | asks, best first |
 *
 * and of each level | int64 price in ticks | int64 quantity in lots |, all little-endian. Bids are given before asks.
 * One thread; nothing is allocated after construction.
 */
export class BookChecksum {
  private readonly words = new Int32Array(2 + 2 * CHECKSUM_LEVELS * LEVEL_WORDS);
  private used = 2;

  /** Begins a new sum. */
  start(): void {
    this.words[0] = 0;
    this.words[1] = 0;
    this.used = 2;
  }

  /** The next level of a side, 0 for bids and 1 for asks. Returns whether the side may have more. */
  add(side: number, price: number, qty: number): boolean {
    if (this.words[side] === CHECKSUM_LEVELS) return false;
    writeInt64(this.words, this.used, price);
    writeInt64(this.words, this.used + 2, qty);
    this.used += LEVEL_WORDS;
    this.words[side]++;
    return this.words[side] < CHECKSUM_LEVELS;
  }

  /** An unsigned 32-bit number. */
  value(): number {
    return crc32cOfWords(this.words, 0, this.used);
  }
}

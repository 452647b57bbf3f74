import * as Header from "../engine/wire/header.js";

/** What a window begins with; it doubles up to its limit as it fills. */
const FIRST_WORDS = 1 << 9;

/**
 * The newest kept records of a session, to be sent again: a queue of whole records in one array, of which the oldest go
 * when it is full. Gateway thread only.
 */
export class ReplayWindow {
  readonly #wordsMax: number;
  #words = new Int32Array(0);
  /** Word of the oldest record, of the end of the newest, and how many words lie between, the unused end of the array included. */
  #head = 0;
  #tail = 0;
  #usedWords = 0;
  /** Where the array was left for its start; only meaningful while the tail is in front of the head. */
  #wrapAt = 0;
  #firstSeq = 1;

  /** `bytesMax`: a power of two, at least 4096. */
  constructor(bytesMax: number) {
    this.#wordsMax = bytesMax >> 2;
  }

  /** What lies below was thrown away. */
  get firstSeq(): number {
    return this.#firstSeq;
  }

  /** Memory that it holds. */
  get capacityBytes(): number {
    return this.#words.length * 4;
  }

  /** Keeps a copy of the record. Its seq is above that of every record before. */
  add(words: Int32Array, at: number): void {
    const lengthWords = Header.length(words, at) >> 2;
    this.#makeRoom(lengthWords);
    const store = this.#words;
    const to = this.#tail;
    for (let i = 0; i < lengthWords; i++) store[to + i] = words[at + i];
    this.#tail = to + lengthWords;
    this.#usedWords += lengthWords;
  }

  /** Hands on the records from `fromSeq` to `toSeq`, oldest first. */
  each(fromSeq: number, toSeq: number, onRecord: (words: Int32Array, at: number) => void): void {
    const store = this.#words;
    let left = this.#usedWords;
    for (let at = this.#head; left > 0; ) {
      if (at === this.#wrapAt && this.#tail <= this.#head) {
        left -= store.length - at;
        at = 0;
        continue;
      }
      const lengthWords = Header.length(store, at) >> 2;
      const seq = Header.seq(store, at);
      if (seq > toSeq) return;
      if (seq >= fromSeq) onRecord(store, at);
      at += lengthWords;
      left -= lengthWords;
    }
  }

  /** Forgets everything, and gives its memory back. */
  clear(nextSeq: number): void {
    this.#words = new Int32Array(0);
    this.#empty();
    this.#firstSeq = nextSeq;
  }

  #empty(): void {
    this.#head = 0;
    this.#tail = 0;
    this.#usedWords = 0;
    this.#wrapAt = 0;
  }

  /** Makes `lengthWords` free at the tail, at the cost of the oldest records once the array is as large as it may be. */
  #makeRoom(lengthWords: number): void {
    while (!this.#fits(lengthWords)) {
      if (this.#words.length < this.#wordsMax) this.#grow(lengthWords);
      else this.#dropOldest();
    }
  }

  /** Moves the tail to the start of the array when there is room there and none at the end. */
  #fits(lengthWords: number): boolean {
    const { length } = this.#words;
    if (this.#usedWords > 0 && this.#tail <= this.#head) return this.#head - this.#tail >= lengthWords;
    if (length - this.#tail >= lengthWords) return true;
    if (this.#head < lengthWords || this.#usedWords === 0) return false;
    this.#wrapAt = this.#tail;
    this.#usedWords += length - this.#tail;
    this.#tail = 0;
    return true;
  }

  #grow(lengthWords: number): void {
    let length = Math.max(FIRST_WORDS, 2 * this.#words.length);
    while (length < this.#usedWords + lengthWords) length *= 2;
    const grown = new Int32Array(Math.min(length, this.#wordsMax));
    let end = 0;
    this.each(0, Number.POSITIVE_INFINITY, (words, at) => {
      const recordWords = Header.length(words, at) >> 2;
      grown.set(words.subarray(at, at + recordWords), end);
      end += recordWords;
    });
    this.#words = grown;
    this.#empty();
    this.#tail = end;
    this.#usedWords = end;
  }

  #dropOldest(): void {
    const store = this.#words;
    const lengthWords = Header.length(store, this.#head) >> 2;
    this.#firstSeq = Header.seq(store, this.#head) + 1;
    this.#head += lengthWords;
    this.#usedWords -= lengthWords;
    if (this.#head === this.#wrapAt && this.#tail <= this.#head && this.#usedWords > 0) {
      this.#usedWords -= store.length - this.#head;
      this.#head = 0;
      this.#wrapAt = 0;
    }
    if (this.#usedWords === 0) this.#empty();
  }
}

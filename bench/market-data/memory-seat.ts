import type { Taker } from "../../gateway/market-data/subscriber.js";

const WORDS = 1 << 14;

/** A session whose socket is memory: what was written is copied once when it is flushed, as a transport does, and is then gone. */
export class MemorySeat implements Taker {
  readonly words = new Int32Array(WORDS);
  readonly connection = { bufferedBytes: 0 };
  records = 0;
  bytes = 0;
  /** Gets what is flushed, if somebody wants to see it. */
  onFlush: ((words: Int32Array, usedWords: number) => void) | undefined;
  readonly #wire = new Int32Array(WORDS);
  #used = 0;

  claim(lengthBytes: number): number {
    if (this.#used + (lengthBytes >> 2) > WORDS) this.flush();
    const at = this.#used;
    this.#used += lengthBytes >> 2;
    this.records++;
    this.bytes += lengthBytes;
    return at;
  }

  takeServerSeq(): number {
    return 1;
  }

  flush(): void {
    if (this.#used === 0) return;
    this.#wire.set(this.words.subarray(0, this.#used));
    this.onFlush?.(this.#wire, this.#used);
    this.#used = 0;
  }
}

import type { ClientFormat } from "./client-format.js";
import type { SocketLike } from "./socket.js";

/** Half of the gateway's default frame limit. */
const BUFFER_BYTES = 1 << 15;
const RECORD_BYTES_MAX = 256;

/** What the client needs of a message to write it. */
export interface Flyweight {
  readonly RECORD_BYTES: number;
  init(words: Int32Array, at: number, seq: number, time: number): void;
}

/** Records written in one turn of the event loop leave in one message. */
export class SendBuffer {
  readonly words = new Int32Array(BUFFER_BYTES / 4);
  readonly #socket: SocketLike;
  readonly #format: ClientFormat;
  #usedWords = 0;
  lastSentMs = performance.now();

  constructor(socket: SocketLike, format: ClientFormat) {
    this.#socket = socket;
    this.#format = format;
  }

  /** Word index for a record. Fill it, then call `commit`; what throws before that leaves no trace. */
  claim(): number {
    if (this.#usedWords * 4 + RECORD_BYTES_MAX > BUFFER_BYTES) this.flush();
    return this.#usedWords;
  }

  commit(lengthBytes: number): void {
    if (this.#usedWords === 0) queueMicrotask(this.flush);
    this.#usedWords += lengthBytes >> 2;
  }

  readonly flush = (): void => {
    if (this.#usedWords === 0) return;
    this.#socket.send(this.#format.encode(this.words, this.#usedWords));
    this.#usedWords = 0;
    this.lastSentMs = performance.now();
  };
}

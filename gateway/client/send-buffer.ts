import type { SocketLike } from "./socket.js";

/** Half of the gateway's default frame limit. */
const BUFFER_BYTES = 1 << 15;
const RECORD_BYTES_MAX = 256;

/** Records written in one turn of the event loop leave in one message. */
export class SendBuffer {
  readonly words = new Int32Array(BUFFER_BYTES / 4);
  readonly #bytes = new Uint8Array(this.words.buffer);
  readonly #socket: SocketLike;
  #usedWords = 0;
  lastSentMs = performance.now();

  constructor(socket: SocketLike) {
    this.#socket = socket;
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
    // A copy, because a WebSocket may keep what it is given until the network takes it.
    this.#socket.send(this.#bytes.slice(0, this.#usedWords * 4));
    this.#usedWords = 0;
    this.lastSentMs = performance.now();
  };
}

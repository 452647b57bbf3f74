/** After so many bytes, at the latest, it is looked whether they leave. */
const LOOK_BYTES_MAX = 1 << 15;

/** What market data needs of a session. */
export interface Taker {
  /** Room for a record that leaves with the next flush. Returns its word index in `words`, which change with every claim. */
  claim(lengthBytes: number): number;
  readonly words: Int32Array;
  takeServerSeq(): number;
  /** Undefined when it has no socket. */
  readonly connection: { readonly bufferedBytes: number } | undefined;
}

/** A session that takes market data, and whether it takes it fast enough. Gateway thread only. */
export class Subscriber {
  #isLagging = false;
  #written = 0;
  readonly #lookBytes: number;

  constructor(
    readonly session: Taker,
    /** So many bytes may wait in this process for its socket; then it gets no changes until half of them are gone. */
    private readonly lagBytes: number,
  ) {
    this.#lookBytes = Math.min(LOOK_BYTES_MAX, lagBytes / 2);
  }

  /** Whether so many bytes more may be written to it; they count as written then. */
  takes(bytes: number): boolean {
    if (this.#isLagging) return false;
    this.#written += bytes;
    if (this.#written < this.#lookBytes) return true;
    this.#written = 0;
    this.#isLagging = this.#bufferedBytes > this.lagBytes;
    return !this.#isLagging;
  }

  /** Whether it can be helped up now. */
  isReady(): boolean {
    if (this.#isLagging && this.#bufferedBytes <= this.lagBytes / 2) this.#isLagging = false;
    return !this.#isLagging;
  }

  get #bufferedBytes(): number {
    return this.session.connection?.bufferedBytes ?? 0;
  }
}

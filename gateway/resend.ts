import { GapFill } from "../engine/wire/flyweights.js";
import * as Header from "../engine/wire/header.js";
import type { Outbox, OutboxPool } from "./outbox.js";
import type { Session } from "./session.js";
import type { Connection } from "./transport/transport.js";
import type { WireFormat } from "./wire-format.js";

/** Where records go that are not to be kept once more. */
export interface Direct {
  readonly connection: Connection;
  readonly format: WireFormat;
  readonly pool: OutboxPool;
  readonly timeUs: number;
}

/** Writes past a session's outbox, straight to a socket: what is sent again, and what goes in front of it. Gateway thread only. */
export class DirectWriter {
  readonly #to: Direct;
  readonly #outbox: Outbox;

  constructor(to: Direct) {
    this.#to = to;
    this.#outbox = to.pool.take();
  }

  get words(): Int32Array {
    return this.#outbox.words;
  }

  claim(lengthBytes: number): number {
    const at = this.#outbox.claim(lengthBytes);
    if (at >= 0) return at;
    this.#flush();
    return this.#outbox.claim(lengthBytes);
  }

  /**
   * Sends the counted records from `fromSeq` up to the one in front of `endSeq` again, those that are not kept as gaps.
   * All of them have left before, and `fromSeq` is at least `session.replayableSeq`.
   */
  resend(session: Session, fromSeq: number, endSeq: number): void {
    let next = fromSeq;
    session.eachKept(fromSeq, endSeq - 1, (words, from) => {
      const seq = Header.seq(words, from);
      if (seq > next) this.#fillGap(next, seq);
      const lengthBytes = Header.length(words, from);
      const at = this.claim(lengthBytes);
      for (let i = 0; i < lengthBytes >> 2; i++) this.words[at + i] = words[from + i];
      Header.setFlags(this.words, at, Header.flags(words, from) | Header.FLAG_POSSIBLE_RESEND);
      next = seq + 1;
    });
    if (next < endSeq) this.#fillGap(next, endSeq);
  }

  /** Sends what is left. The writer cannot be used after it. */
  end(): void {
    this.#flush();
    this.#to.pool.give(this.#outbox);
  }

  #fillGap(seq: number, nextSeq: number): void {
    const at = this.claim(GapFill.RECORD_BYTES);
    GapFill.init(this.words, at, seq, this.#to.timeUs);
    Header.setFlags(this.words, at, Header.FLAG_POSSIBLE_RESEND);
    GapFill.setNextSeq(this.words, at, nextSeq);
  }

  #flush(): void {
    const endWords = this.#outbox.readyWords;
    if (endWords > 0) this.#to.format.send(this.#to.connection, this.words, 0, endWords);
    this.#outbox.drop();
  }
}

import { BusinessReject, codeName, Header, NotApplied, OrderAccepted, OrderCanceled, OrderRejected } from "../../engine/wire/index.js";
import type { RecordSession } from "../net/record-session.js";
import { FLOW_RECORD_WORDS, type OrderFlow } from "./order-flow.js";

/** Requests of one session that may be unanswered; their planned times are kept in a ring of this many. More: the target does not keep up. */
const UNANSWERED_MAX = 1 << 17;
const FRAME_RECORDS_MAX = 64;

export interface LineCounts {
  readonly sent: number;
  readonly answered: number;
  /** Of what was answered: refusals, by reason. */
  readonly refused: ReadonlyMap<string, number>;
}

/**
 * One session under load. Every request has a time at which it was planned to leave; its latency counts from there, so whatever holds
 * the sender up is in the latency of all that should have left meanwhile.
 */
export class LoadLine {
  private readonly planned = new Float64Array(UNANSWERED_MAX);
  private readonly words = new Int32Array(FRAME_RECORDS_MAX * FLOW_RECORD_WORDS);
  private readonly bytes = new Uint8Array(this.words.buffer);
  private readonly seqFirst: number;
  private seqNext: number;
  private isRecordedFrom = Number.POSITIVE_INFINITY;
  private usedWords = 0;
  private answered = 0;
  private readonly refused = new Map<string, number>();

  /** `seqNext`: the first client seq that is free. `onLatency` gets milliseconds, and when the request had been planned. */
  constructor(
    private readonly session: RecordSession,
    private readonly flow: OrderFlow,
    seqNext: number,
    private readonly onLatency: (latencyMs: number) => void,
  ) {
    this.seqFirst = seqNext;
    this.seqNext = seqNext;
    session.onRecord = this.onRecord;
  }

  get counts(): LineCounts {
    return { sent: this.seqNext - this.seqFirst, answered: this.answered, refused: this.refused };
  }

  get unanswered(): number {
    return this.seqNext - this.seqFirst - this.answered;
  }

  /** Requests that are planned from now on count. */
  startRecording(): void {
    this.isRecordedFrom = this.seqNext;
  }

  /** Writes the next request; it leaves with `flush`. False, with nothing written, when too many are unanswered or the session is lost. */
  request(plannedMs: number): boolean {
    if (this.unanswered >= UNANSWERED_MAX || !this.session.isOpen) return false;
    if (this.usedWords + FLOW_RECORD_WORDS > this.words.length) this.flush();
    const seq = this.seqNext++;
    this.planned[seq & (UNANSWERED_MAX - 1)] = plannedMs;
    this.usedWords += this.flow.write(this.words, this.usedWords, seq, Date.now() * 1000);
    return true;
  }

  /** Sends what was written, in one message. */
  flush(): void {
    if (this.usedWords === 0) return;
    // A copy: the socket may hold on to it while the network is slow.
    this.session.send(this.bytes.slice(0, this.usedWords * 4));
    this.usedWords = 0;
  }

  private readonly onRecord = (words: Int32Array, at: number): void => {
    switch (Header.templateId(words, at)) {
      case OrderAccepted.TEMPLATE_ID:
        return this.answer(OrderAccepted.clientSeq(words, at));
      case OrderCanceled.TEMPLATE_ID:
        return this.answer(OrderCanceled.clientSeq(words, at));
      case OrderRejected.TEMPLATE_ID:
        return this.refuse(OrderRejected.clientSeq(words, at), codeName(OrderRejected.code(words, at)));
      case BusinessReject.TEMPLATE_ID:
        return this.refuse(BusinessReject.clientSeq(words, at), codeName(BusinessReject.code(words, at)));
      case NotApplied.TEMPLATE_ID:
        this.refused.set("NotApplied", (this.refused.get("NotApplied") ?? 0) + NotApplied.count(words, at));
    }
  };

  private refuse(seq: number, reason: string): void {
    if (seq < this.seqFirst) return;
    this.refused.set(reason, (this.refused.get(reason) ?? 0) + 1);
    this.answer(seq);
  }

  /** Reports about somebody else's doing carry 0. */
  private answer(seq: number): void {
    if (seq < this.seqFirst || seq >= this.seqNext) return;
    this.answered += 1;
    if (seq >= this.isRecordedFrom) this.onLatency(performance.now() - this.planned[seq & (UNANSWERED_MAX - 1)]);
  }
}

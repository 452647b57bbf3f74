import { RequestState } from "../engine/wire/generated/enums.js";
import { NULL_INT64 } from "../engine/wire/numbers.js";

const FIRST_ENTRIES = 64;
const FIELDS = 4;

const enum Field {
  SEQ = 0,
  ANSWER_SEQ = 1,
  CL_ORD_ID = 2,
  ORDER_ID = 3,
}

/** What is known of a request that was processed. */
export interface RequestEntry {
  readonly state: number;
  readonly answerSeq: number;
  readonly clOrdId: number;
  readonly orderId: number;
  readonly code: number;
  readonly templateId: number;
}

/**
 * What became of the newest requests of a session, by client seq, so that one that comes again can be answered and is
 * not applied again. Gateway thread only. Nothing is allocated per request once it has grown to its size.
 */
export class RequestLog {
  readonly #entriesMax: number;
  #numbers = new Float64Array(0);
  #codes = new Uint16Array(0);
  #templates = new Uint16Array(0);
  #states = new Uint8Array(0);
  /** Of what lies below, only what was begun is known. */
  #knownFromSeq = 1;

  /** `entriesMax`: a power of two, at least 64. */
  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
  }

  /** Memory that it holds. */
  get capacityBytes(): number {
    return this.#states.length * (8 * FIELDS + 5);
  }

  /** A request with the next seq above all before was taken. */
  begin(seq: number, templateId: number): void {
    while (this.#needsRoom(seq)) this.#grow();
    const index = seq & (this.#states.length - 1);
    const at = index * FIELDS;
    this.#numbers[at + Field.SEQ] = seq;
    this.#numbers[at + Field.ANSWER_SEQ] = 0;
    this.#numbers[at + Field.CL_ORD_ID] = NULL_INT64;
    this.#numbers[at + Field.ORDER_ID] = NULL_INT64;
    this.#codes[index] = 0;
    this.#templates[index] = templateId;
    this.#states[index] = RequestState.pending;
  }

  /** As `begin`, of a request of which only the answers are known; does nothing when it was begun. */
  beginAgain(seq: number): void {
    if (this.#find(seq) < 0) this.begin(seq, 0);
  }

  /** Its first answer has this server seq. Does nothing when it was answered before, or is forgotten. */
  answer(seq: number, answerSeq: number, clOrdId: number, orderId: number): void {
    const index = this.#find(seq);
    if (index < 0 || this.#states[index] !== RequestState.pending) return;
    this.#states[index] = RequestState.answered;
    this.#numbers[index * FIELDS + Field.ANSWER_SEQ] = answerSeq;
    this.#numbers[index * FIELDS + Field.CL_ORD_ID] = clOrdId;
    this.#numbers[index * FIELDS + Field.ORDER_ID] = orderId;
  }

  /** It changed nothing, and the record with this server seq says why. */
  refuse(seq: number, answerSeq: number, code: number): void {
    const index = this.#find(seq);
    if (index < 0 || this.#states[index] !== RequestState.pending) return;
    this.#states[index] = RequestState.refused;
    this.#codes[index] = code;
    this.#numbers[index * FIELDS + Field.ANSWER_SEQ] = answerSeq;
  }

  /** Of a seq that is not above `seqLast`, the newest that was processed. */
  entry(seq: number, seqLast: number): RequestEntry {
    const index = this.#find(seq);
    if (index < 0) {
      const isWithin = seqLast - seq < this.#entriesMax && seq >= this.#knownFromSeq;
      return { ...UNKNOWN, state: isWithin ? RequestState.notApplied : RequestState.forgotten };
    }
    const at = index * FIELDS;
    return {
      state: this.#states[index],
      answerSeq: this.#numbers[at + Field.ANSWER_SEQ],
      clOrdId: this.#numbers[at + Field.CL_ORD_ID],
      orderId: this.#numbers[at + Field.ORDER_ID],
      code: this.#codes[index],
      templateId: this.#templates[index],
    };
  }

  /** What lies below `fromSeq` was processed by somebody else, unless it is begun here afterwards. */
  forget(fromSeq: number): void {
    this.#knownFromSeq = fromSeq;
  }

  #find(seq: number): number {
    if (this.#states.length === 0) return -1;
    const index = seq & (this.#states.length - 1);
    return this.#numbers[index * FIELDS] === seq ? index : -1;
  }

  /** Whether a seq would take the place of one that could still be kept. */
  #needsRoom(seq: number): boolean {
    const { length } = this.#states;
    if (length === 0) return true;
    const held = this.#numbers[(seq & (length - 1)) * FIELDS];
    return length < this.#entriesMax && held !== 0 && seq - held < this.#entriesMax;
  }

  #grow(): void {
    const length = Math.min(this.#entriesMax, Math.max(FIRST_ENTRIES, 2 * this.#states.length));
    const [numbers, codes, templates, states] = [this.#numbers, this.#codes, this.#templates, this.#states];
    this.#numbers = new Float64Array(length * FIELDS);
    this.#codes = new Uint16Array(length);
    this.#templates = new Uint16Array(length);
    this.#states = new Uint8Array(length);
    for (let index = 0; index < states.length; index++) {
      const seq = numbers[index * FIELDS];
      if (seq === 0) continue;
      const to = seq & (length - 1);
      this.#numbers.set(numbers.subarray(index * FIELDS, (index + 1) * FIELDS), to * FIELDS);
      this.#codes[to] = codes[index];
      this.#templates[to] = templates[index];
      this.#states[to] = states[index];
    }
  }
}

const UNKNOWN: RequestEntry = { state: 0, answerSeq: 0, clOrdId: NULL_INT64, orderId: NULL_INT64, code: 0, templateId: 0 };

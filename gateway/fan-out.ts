import { CODES } from "../engine/wire/codes.js";
import { TopOfBook, TradePrint } from "../engine/wire/flyweights.js";
import { Channel } from "../engine/wire/generated/enums.js";
import * as Header from "../engine/wire/header.js";
import type { EnginePort } from "./engine-port.js";
import type { FaultCode } from "./frame-check.js";
import type { Session } from "./session.js";

/** One channel of one instrument. */
interface Topic {
  /** Of the newest record. Subscribers see every number from their first on, without gaps. */
  seq: number;
  readonly sessions: Session[];
}

/** Public market data to those who subscribed. Gateway thread only. */
export class FanOut {
  readonly #port: EnginePort;
  readonly #topics = new Map<number, Topic>();
  readonly #instruments = new Set<number>();

  constructor(port: EnginePort) {
    this.#port = port;
  }

  /** Returns 0 or UNKNOWN_INSTRUMENT. Subscribing twice changes nothing. */
  subscribe(session: Session, instrument: number, channel: number): FaultCode {
    if (!this.#isKnown(instrument)) return CODES.UNKNOWN_INSTRUMENT;
    const { sessions } = this.#topic(instrument, channel);
    if (!sessions.includes(session)) sessions.push(session);
    return 0;
  }

  /** Returns 0 or UNKNOWN_INSTRUMENT. */
  unsubscribe(session: Session, instrument: number, channel: number): FaultCode {
    if (!this.#isKnown(instrument)) return CODES.UNKNOWN_INSTRUMENT;
    remove(this.#topic(instrument, channel).sessions, session);
    return 0;
  }

  /** Writes the present top to a new subscriber, under the seq of the last change; trades have no state. */
  writeState(session: Session, instrument: number, channel: number): void {
    if (channel !== Channel.top) return;
    const at = session.claim(TopOfBook.RECORD_BYTES);
    this.#port.top(instrument, session.words, at);
    Header.setSeq(session.words, at, this.#topic(instrument, channel).seq);
  }

  /** Hands a TopOfBook or a TradePrint to its subscribers. */
  publish(words: Int32Array, at: number): void {
    const isTop = Header.templateId(words, at) === TopOfBook.TEMPLATE_ID;
    const instrument = isTop ? TopOfBook.instrument(words, at) : TradePrint.instrument(words, at);
    const topic = this.#topic(instrument, isTop ? Channel.top : Channel.trades);
    topic.seq += 1;
    const lengthWords = (isTop ? TopOfBook.RECORD_BYTES : TradePrint.RECORD_BYTES) >> 2;
    const sessions = topic.sessions;
    for (let i = 0; i < sessions.length; i++) {
      const session = sessions[i];
      const out = session.claim(lengthWords * 4);
      copyRecord(words, at, session.words, out, lengthWords);
      Header.setFlags(session.words, out, 0);
      Header.setSeq(session.words, out, topic.seq);
    }
  }

  /** The session is gone. */
  drop(session: Session): void {
    for (const topic of this.#topics.values()) remove(topic.sessions, session);
  }

  /** Instruments may be declared while the gateway runs. */
  #isKnown(instrument: number): boolean {
    if (!this.#instruments.has(instrument)) for (const { id } of this.#port.instruments) this.#instruments.add(id);
    return this.#instruments.has(instrument);
  }

  #topic(instrument: number, channel: number): Topic {
    const key = instrument * 256 + channel;
    const known = this.#topics.get(key);
    if (known !== undefined) return known;
    const topic: Topic = { seq: 0, sessions: [] };
    this.#topics.set(key, topic);
    return topic;
  }
}

/** Copies a record, length word included. */
export function copyRecord(from: Int32Array, fromAt: number, to: Int32Array, toAt: number, lengthWords: number): void {
  for (let i = 0; i < lengthWords; i++) to[toAt + i] = from[fromAt + i];
}

function remove(sessions: Session[], session: Session): void {
  const index = sessions.indexOf(session);
  if (index >= 0) sessions.splice(index, 1);
}

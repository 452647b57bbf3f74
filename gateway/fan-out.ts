import { CODES } from "../engine/wire/codes.js";
import { AuctionIndication, TopOfBook, TradePrint } from "../engine/wire/flyweights.js";
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
  /** By instrument: what its auction call indicated last. */
  readonly #indications = new Map<number, Int32Array>();

  constructor(port: EnginePort) {
    this.#port = port;
  }

  /** Returns 0, UNKNOWN_INSTRUMENT or UNKNOWN_CHANNEL. Subscribing twice changes nothing. */
  subscribe(session: Session, instrument: number, channel: number): FaultCode {
    if (channel > Channel.trades) return CODES.UNKNOWN_CHANNEL;
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

  /** Writes the present top to a new subscriber, and what an auction call indicates, under the seq of the last change; trades have no state. */
  writeState(session: Session, instrument: number, channel: number): void {
    if (channel !== Channel.top) return;
    const { seq } = this.#topic(instrument, channel);
    const at = session.claim(TopOfBook.RECORD_BYTES);
    this.#port.top(instrument, session.words, at);
    Header.setSeq(session.words, at, seq);
    const indication = this.#indications.get(instrument);
    if (indication !== undefined) write(session, indication, 0, AuctionIndication.RECORD_BYTES, seq);
  }

  /** Hands a TopOfBook, an AuctionIndication or a TradePrint to its subscribers. */
  publish(words: Int32Array, at: number): void {
    switch (Header.templateId(words, at)) {
      case TopOfBook.TEMPLATE_ID:
        return this.#hand(words, at, TopOfBook.RECORD_BYTES, this.#topic(TopOfBook.instrument(words, at), Channel.top));
      case TradePrint.TEMPLATE_ID:
        return this.#hand(words, at, TradePrint.RECORD_BYTES, this.#topic(TradePrint.instrument(words, at), Channel.trades));
      case AuctionIndication.TEMPLATE_ID:
        return this.#indicate(words, at, AuctionIndication.instrument(words, at));
    }
  }

  /** What was indicated before holds no longer. */
  stateChanged(instrument: number): void {
    this.#indications.delete(instrument);
  }

  /** The result of an uncross is told, and no state any more. */
  #indicate(words: Int32Array, at: number, instrument: number): void {
    if (AuctionIndication.final(words, at) === 0)
      this.#indications.set(instrument, words.slice(at, at + AuctionIndication.RECORD_BYTES / 4));
    this.#hand(words, at, AuctionIndication.RECORD_BYTES, this.#topic(instrument, Channel.top));
  }

  #hand(words: Int32Array, at: number, lengthBytes: number, topic: Topic): void {
    topic.seq += 1;
    const sessions = topic.sessions;
    for (let i = 0; i < sessions.length; i++) write(sessions[i], words, at, lengthBytes, topic.seq);
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

function write(session: Session, words: Int32Array, at: number, lengthBytes: number, seq: number): void {
  const out = session.claim(lengthBytes);
  copyRecord(words, at, session.words, out, lengthBytes >> 2);
  Header.setFlags(session.words, out, 0);
  Header.setSeq(session.words, out, seq);
}

/** Copies a record, length word included. */
export function copyRecord(from: Int32Array, fromAt: number, to: Int32Array, toAt: number, lengthWords: number): void {
  for (let i = 0; i < lengthWords; i++) to[toAt + i] = from[fromAt + i];
}

function remove(sessions: Session[], session: Session): void {
  const index = sessions.indexOf(session);
  if (index >= 0) sessions.splice(index, 1);
}

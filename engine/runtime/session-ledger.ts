import type { Companion, StateReader, StateWriter } from "../step.js";
import { Header, SessionMark, SetUpMark } from "../wire/flyweights.js";
import { senderOf } from "./answer-to.js";

/** What the engine still knows of its sessions after a restart. By structured clone. */
export interface LedgerSummary {
  /** Of the last command. */
  readonly lastSeq: number;
  /** The highest session id that was ever used; 0 without any. */
  readonly lastSession: number;
  /** Pairs of session id and the last client seq of it that was applied. */
  readonly clientSeqs: readonly (readonly [session: number, clientSeq: number])[];
  /** Pairs of a session's name and its id. */
  readonly names: readonly (readonly [name: string, session: number])[];
  /** Event records one behind the other, each with its length in its first word: those of the last commands. */
  readonly events: Int32Array;
  /** Digest of the declarations that were set up last; "" when none were. */
  readonly setUpDigest: string;
}

/** Events of so many commands are kept. */
const COMMANDS_KEPT = 16_384;
const EVENT_WORDS_MAX = 1 << 16;

/**
 * Which commands of each session were applied, and what the last commands have brought. It follows from commands and events alone.
 * A session is kept for good, or until its name goes on with another one: some 100 bytes each.
 */
export class SessionLedger implements Companion {
  readonly eventsWanted: number = COMMANDS_KEPT;
  private readonly clientSeqs = new Map<number, number>();
  private readonly names = new Map<string, number>();
  private events: Int32Array[] = [];
  private lastSeq = 0;
  private setUpDigest = "";
  private lastSession = 0;

  command(words: Int32Array, at: number): void {
    this.lastSeq = Header.seq(words, at);
    const sender = senderOf(Header.templateId(words, at));
    if (sender === undefined) return;
    const clientSeq = sender.clientSeq(words, at);
    const session = sender.session(words, at);
    if (session > this.lastSession) this.lastSession = session;
    if (clientSeq > (this.clientSeqs.get(session) ?? -1)) this.clientSeqs.set(session, clientSeq);
  }

  event(words: Int32Array, at: number): void {
    this.events.push(words.slice(at, at + (words[at] >> 2)));
    if (this.events.length > 8 * COMMANDS_KEPT) this.trim();
  }

  note(words: Int32Array, at: number): void {
    const templateId = Header.templateId(words, at);
    if (templateId === SetUpMark.TEMPLATE_ID) this.setUpDigest = SetUpMark.digest(words, at);
    if (templateId === SessionMark.TEMPLATE_ID) this.named(SessionMark.name(words, at), SessionMark.session(words, at));
  }

  /** A name that goes on with another session has no use for the older one. */
  private named(name: string, session: number): void {
    const older = this.names.get(name);
    if (older !== undefined && older !== session) this.clientSeqs.delete(older);
    this.names.set(name, session);
    if (session > this.lastSession) this.lastSession = session;
  }

  save(out: StateWriter): void {
    this.trim();
    out.int64(this.lastSeq);
    out.uint32(this.lastSession);
    out.text(this.setUpDigest);
    const sessions = [...this.clientSeqs].sort(([one], [other]) => one - other);
    out.uint32(sessions.length);
    for (const [session, clientSeq] of sessions) {
      out.uint32(session);
      out.int64(clientSeq);
    }
    const names = [...this.names].sort(([one], [other]) => (one < other ? -1 : 1));
    out.uint32(names.length);
    for (const [name, session] of names) {
      out.text(name);
      out.uint32(session);
    }
    out.uint32(this.events.length);
    for (const event of this.events) {
      for (let word = 0; word < event.length; word++) out.uint32(event[word] >>> 0);
    }
  }

  load(input: StateReader): void {
    this.lastSeq = input.int64();
    this.lastSession = input.uint32();
    this.setUpDigest = input.text();
    const sessions = input.uint32();
    for (let index = 0; index < sessions; index++) {
      const session = input.uint32();
      this.clientSeqs.set(session, input.int64());
    }
    const names = input.uint32();
    for (let index = 0; index < names; index++) {
      const name = input.text();
      this.names.set(name, input.uint32());
    }
    const events = input.uint32();
    for (let index = 0; index < events; index++) this.events.push(loadEvent(input));
  }

  summary(): LedgerSummary {
    this.trim();
    const all = new Int32Array(this.events.reduce((words, event) => words + event.length, 0));
    let at = 0;
    for (const event of this.events) {
      all.set(event, at);
      at += event.length;
    }
    const { lastSeq, lastSession, setUpDigest } = this;
    return { lastSeq, lastSession, clientSeqs: [...this.clientSeqs], names: [...this.names], events: all, setUpDigest };
  }

  /** Lets go of events that are older than is wanted. */
  private trim(): void {
    const oldest = this.lastSeq - COMMANDS_KEPT;
    const from = this.events.findIndex((event) => Header.seq(event, 0) > oldest);
    this.events = from < 0 ? [] : this.events.slice(from);
  }
}

function loadEvent(input: StateReader): Int32Array {
  const lengthBytes = input.uint32();
  const words = lengthBytes >> 2;
  if (lengthBytes % 8 !== 0 || words < Header.HEADER_BYTES >> 2 || words > EVENT_WORDS_MAX)
    throw new RangeError(`an event has a length of whole words, was ${lengthBytes}`);
  const event = new Int32Array(words);
  event[0] = lengthBytes;
  for (let word = 1; word < words; word++) event[word] = input.uint32() | 0;
  return event;
}

/** What a gateway needs to tell a client that comes back what has become of its commands. */
export class RecoveredSessions {
  /** Of the last command that was recovered. */
  readonly lastSeq: number;
  /**
   * The events of the last 16,384 commands, whole records in order, each with its length in its first word. They are as they came out of the
   * event ring, so whoever routes live events can route these.
   */
  readonly events: Int32Array;
  /** The highest session id that was ever used; 0 without any. */
  readonly lastSession: number;
  private readonly clientSeqs: ReadonlyMap<number, number>;
  private readonly names: ReadonlyMap<string, number>;

  constructor(readonly summary: LedgerSummary) {
    this.lastSeq = summary.lastSeq;
    this.events = summary.events;
    this.clientSeqs = new Map(summary.clientSeqs);
    this.names = new Map(summary.names);
    this.lastSession = summary.lastSession;
  }

  /** The session that belongs to a name; undefined when none does. */
  sessionOf(name: string): number | undefined {
    return this.names.get(name);
  }

  /** The last client seq of a session that was applied, 0 when none was. What is above it has not reached the engine. */
  clientSeqOf(session: number): number {
    return this.clientSeqs.get(session) ?? 0;
  }

  /** Every session that has ever sent a command. */
  sessions(): IterableIterator<number> {
    return this.clientSeqs.keys();
  }
}

import { WebSocket } from "ws";
import {
  CancelScope,
  codeName,
  Header,
  InstrumentDefinition,
  InstrumentListRequest,
  LogonAck,
  LogonReject,
  LogoutNotice,
  TEMPLATES,
} from "../../engine/wire/index.js";
import { CliError } from "../args/cli-error.js";
import { type Credentials, signedLogon } from "./signed-logon.js";

const SBE = "ringbook.sbe.v1";
const OPEN_MS_MAX = 5_000;

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** What is needed of an instrument to send orders for it. */
export interface InstrumentFacts {
  readonly id: number;
  readonly symbol: string;
  readonly tick: { readonly mantissa: number; readonly exponent: number };
  readonly minPrice: number;
  readonly maxPrice: number;
  readonly minQty: number;
}

type RecordListener = (words: Int32Array, at: number) => void;

/** A WebSocket that carries whole records, handled in place: the least that a client can do. Nothing is checked or repaired for its user. */
export class RecordSession {
  /** Gets every record as it comes. The words are only good within the call. */
  onRecord: RecordListener = () => {};
  readonly closed: Promise<Closed>;
  private readonly notices: string[] = [];

  private constructor(private readonly socket: WebSocket) {
    socket.binaryType = "arraybuffer";
    socket.on("message", (data: ArrayBuffer, isBinary) => {
      if (isBinary) this.take(new Int32Array(data));
    });
    socket.on("error", () => {}); // The close that follows is what counts.
    this.closed = new Promise((resolve) => {
      socket.once("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    });
  }

  /** Rejects with CliError when there is no WebSocket to be had. */
  static async open(url: URL): Promise<RecordSession> {
    const socket = new WebSocket(url, [SBE], { perMessageDeflate: false, handshakeTimeout: OPEN_MS_MAX });
    const session = new RecordSession(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", (error) => reject(new CliError(`cannot connect to ${url.href}: ${error.message}`)));
    });
    return session;
  }

  /** Opens a new session of the key. Rejects with CliError and the gateway's reason. */
  static async logOn(url: URL, credentials: Credentials): Promise<RecordSession> {
    const session = await RecordSession.open(url);
    const answer = session.firstOf([TEMPLATES.LogonAck, TEMPLATES.LogonReject], OPEN_MS_MAX);
    // Whatever ends this process, nothing of it stays in a book.
    session.send(signedLogon(credentials, { cancelScope: CancelScope.session }));
    const words = await answer;
    if (Header.templateId(words, 0) !== LogonAck.TEMPLATE_ID) {
      session.drop();
      throw new CliError(`the gateway refuses key ${credentials.id}: ${codeName(LogonReject.code(words, 0))}`);
    }
    return session;
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  /** Bytes that wait for the network. */
  get bufferedBytes(): number {
    return this.socket.bufferedAmount;
  }

  /** Why the gateway has ended the session, as far as it has said so. */
  get notice(): string | undefined {
    return this.notices[0];
  }

  send(bytes: Uint8Array): void {
    this.socket.send(bytes, { binary: true });
  }

  /** Goes without a word. */
  drop(): void {
    this.socket.terminate();
  }

  /** A copy of the next record of one of these templates. Rejects with CliError when none comes in time, or the socket closes first. */
  firstOf(templateIds: readonly number[], timeoutMs: number): Promise<Int32Array> {
    const before = this.onRecord;
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.onRecord = before;
      };
      const timer = setTimeout(() => {
        settle();
        reject(new CliError(`nothing of what was waited for came within ${timeoutMs} ms`));
      }, timeoutMs);
      this.onRecord = (words, at) => {
        before(words, at);
        if (!templateIds.includes(Header.templateId(words, at))) return;
        settle();
        resolve(words.slice(at, at + Header.length(words, at) / 4));
      };
      void this.closed.then(({ code, reason }) => {
        settle();
        reject(new CliError(`the gateway closed the socket with ${code} ${reason}`.trimEnd()));
      });
    });
  }

  /** The instruments of the engine, asked for with this client seq. Rejects with CliError when the answer does not come in time. */
  async instruments(clientSeq: number): Promise<InstrumentFacts[]> {
    const found: InstrumentFacts[] = [];
    const words = new Int32Array(InstrumentListRequest.RECORD_BYTES / 4);
    InstrumentListRequest.init(words, 0, clientSeq, Date.now() * 1000);
    const isLast = new Promise<void>((resolve) => {
      this.onRecord = (record, at) => {
        if (Header.templateId(record, at) !== InstrumentDefinition.TEMPLATE_ID) return;
        found.push(factsOf(record, at));
        if ((Header.flags(record, at) & Header.FLAG_LAST_OF_BATCH) !== 0) resolve();
      };
    });
    this.send(new Uint8Array(words.buffer));
    const late = setTimeout(() => this.drop(), OPEN_MS_MAX);
    const closed = await Promise.race([isLast, this.closed]);
    clearTimeout(late);
    this.onRecord = () => {};
    if (closed !== undefined) throw new CliError("the gateway does not tell its instruments");
    return found;
  }

  private take(words: Int32Array): void {
    for (let at = 0; at < words.length; at += Header.length(words, at) >> 2) {
      if (Header.templateId(words, at) === LogoutNotice.TEMPLATE_ID) this.notices.push(codeName(LogoutNotice.code(words, at)));
      this.onRecord(words, at);
    }
  }
}

/** Of an InstrumentDefinition. */
export function factsOf(words: Int32Array, at: number): InstrumentFacts {
  return {
    id: InstrumentDefinition.instrument(words, at),
    symbol: InstrumentDefinition.symbol(words, at),
    tick: { mantissa: InstrumentDefinition.tickMantissa(words, at), exponent: InstrumentDefinition.tickExponent(words, at) },
    minPrice: InstrumentDefinition.minPrice(words, at),
    maxPrice: InstrumentDefinition.maxPrice(words, at),
    minQty: InstrumentDefinition.minQty(words, at),
  };
}

import { CODES } from "../engine/wire/codes.js";
import { Cancel, CancelAllAfter, EndOrder, MassCancel, NewOrder, NewOrderFull, Reduce, Replace } from "../engine/wire/flyweights.js";
import { Reason } from "../engine/wire/generated/enums.js";
import { ENCODING, SCHEMA_ID, VERSION } from "../engine/wire/generated/frame-table.js";
import * as Header from "../engine/wire/header.js";
import { NULL_UINT8, NULL_UINT32 } from "../engine/wire/numbers.js";
import { type EnginePort, EVERY_SHARD } from "./engine-port.js";
import { type FaultCode, knownBlockBytes } from "./frame-check.js";
import type { Routes } from "./routes.js";
import type { Session } from "./session.js";

/** Copies checked order records into the ring of their shard. Gateway thread only. */
export class Ingress {
  readonly #port: EnginePort;
  readonly #routes: Routes;
  readonly #maxInFlight: number;
  #unpublished = 0;

  constructor(port: EnginePort, routes: Routes, maxInFlight: number) {
    this.#port = port;
    this.#routes = routes;
    this.#maxInFlight = maxInFlight;
  }

  /** Takes one record that passed `checkRecord`, for `publish` to hand on. Returns 0, or why it is not taken. */
  submit(session: Session, words: Int32Array, at: number): FaultCode {
    if (session.inFlight >= this.#maxInFlight) return CODES.TOO_MANY_IN_FLIGHT;
    const templateId = Header.templateId(words, at);
    const blockBytes = knownBlockBytes(templateId);
    const shard = this.#routes.shardOf(session, words, at);
    const claim = this.#port.tryClaim(Header.HEADER_BYTES + blockBytes, shard);
    if (claim < 0) return this.#port.refusal;
    const out = this.#port.words;
    // The first word is the ring's. The rest of the header is ours to state: this schema's block, no flags.
    out[claim + 1] = ENCODING;
    out[claim + 2] = blockBytes | (templateId << 16);
    out[claim + 3] = SCHEMA_ID | (VERSION << 16);
    const lengthWords = (Header.HEADER_BYTES + blockBytes) >> 2;
    for (let i = 4; i < lengthWords; i++) out[claim + i] = words[at + i];
    sign(out, claim, templateId, session, Header.seq(words, at));
    this.#port.commit();
    session.sent(shard, Header.seq(words, at));
    this.#routes.sent(session, words, at, shard);
    this.#unpublished += 1;
    return 0;
  }

  /** Cancels all orders of an account because nobody minds them any more. False: the ring is full, try again. */
  cancelAccount(account: number): boolean {
    const at = this.#port.tryClaim(MassCancel.RECORD_BYTES, EVERY_SHARD);
    if (at < 0) return false;
    const { words } = this.#port;
    MassCancel.initClaimed(words, at, 0, 0);
    MassCancel.setClientSeq(words, at, 0);
    MassCancel.setAccount(words, at, account);
    MassCancel.setSession(words, at, 0);
    MassCancel.setInstrument(words, at, NULL_UINT32);
    MassCancel.setSide(words, at, NULL_UINT8);
    MassCancel.setCause(words, at, Reason.disconnect);
    this.#port.commit();
    this.#unpublished += 1;
    return true;
  }

  /** Cancels one order for the same reason. It may be dead by then. False: the ring is full, try again. */
  cancelOrder(account: number, orderId: number): boolean {
    const at = this.#port.tryClaim(EndOrder.RECORD_BYTES, this.#port.shardOfOrder(orderId));
    if (at < 0) return false;
    const { words } = this.#port;
    EndOrder.initClaimed(words, at, 0, 0);
    EndOrder.setClientSeq(words, at, 0);
    EndOrder.setOrderId(words, at, orderId);
    EndOrder.setAccount(words, at, account);
    EndOrder.setSession(words, at, 0);
    EndOrder.setCause(words, at, Reason.disconnect);
    this.#port.commit();
    this.#unpublished += 1;
    return true;
  }

  /** Makes the submitted records visible to the shard. Returns how many they are. */
  publish(): number {
    const count = this.#unpublished;
    if (count > 0) this.#port.publish();
    this.#unpublished = 0;
    return count;
  }
}

/** Whatever the client wrote there: an order belongs to the account and the session that it came through. */
function sign(words: Int32Array, at: number, templateId: number, session: Session, clientSeq: number): void {
  const record = templateId === NewOrder.TEMPLATE_ID ? NewOrder : otherOrderRecord(templateId);
  record.setClientSeq(words, at, clientSeq);
  record.setAccount(words, at, session.account);
  record.setSession(words, at, session.id);
  if (templateId === MassCancel.TEMPLATE_ID) MassCancel.setCause(words, at, 0);
}

function otherOrderRecord(templateId: number): typeof Cancel | typeof Reduce | typeof Replace | typeof MassCancel | typeof NewOrderFull {
  if (templateId === Cancel.TEMPLATE_ID) return Cancel;
  if (templateId === Reduce.TEMPLATE_ID) return Reduce;
  if (templateId === Replace.TEMPLATE_ID) return Replace;
  if (templateId === MassCancel.TEMPLATE_ID) return MassCancel;
  if (templateId === NewOrderFull.TEMPLATE_ID) return NewOrderFull;
  throw new Error(`template ${templateId} is no order entry`);
}

/** Whether the template goes to the engine. */
export function isOrderEntry(templateId: number): boolean {
  return templateId >= NewOrder.TEMPLATE_ID && templateId <= NewOrderFull.TEMPLATE_ID;
}

/** Whether it only takes orders out of the book, and so has a larger budget and is taken to the last. */
export function isCancel(templateId: number): boolean {
  return (
    templateId === Cancel.TEMPLATE_ID ||
    templateId === MassCancel.TEMPLATE_ID ||
    templateId === Reduce.TEMPLATE_ID ||
    templateId === CancelAllAfter.TEMPLATE_ID
  );
}

import { Cancel, MassCancel, Reduce, Replace } from "../wire/flyweights.js";
import { Side } from "../wire/generated/enums.js";
import { NULL_UINT8, NULL_UINT32 } from "../wire/numbers.js";
import { type Catalog, type InstrumentInfo, UNKNOWN_ID } from "./catalog.js";
import { encodeNewOrder } from "./encode-new-order.js";
import { encodeSetUp } from "./encode-set-up.js";
import { integerOrNull, unitsOrNull } from "./field-values.js";
import type { CancelCommand, MassCancelCommand, OrderCommand, OrderRef, ReduceCommand, ReplaceCommand, SetUpCommand } from "./types.js";

/** Bytes that the longest command needs. */
export const COMMAND_BYTES_MAX = 256;

/** What encoding needs to know beside the command. */
export interface EncodeContext {
  readonly catalog: Catalog;
  /** The instrument of a live order, by whichever id is not null; undefined when there is none. */
  instrumentOfOrder(account: number, clOrdId: number, orderId: number): InstrumentInfo | undefined;
}

/**
 * Writes a checked command as a record at word `at`, with seq and time. Decimals that are off their step or out of range
 * are written as marks, so the core can reject them in its own order (SETTLED C9). Throws CommandError only for text
 * that is no decimal. Returns the record's length in bytes.
 */
export function encode(
  command: SetUpCommand | OrderCommand,
  context: EncodeContext,
  words: Int32Array,
  at: number,
  seq: number,
  time: number,
): number {
  switch (command.cmd) {
    case "new":
      return encodeNewOrder(command, context.catalog, words, at, seq, time);
    case "cancel":
      return encodeCancel(command, context.catalog, words, at, seq, time);
    case "reduce":
      return encodeReduce(command, context, words, at, seq, time);
    case "replace":
      return encodeReplace(command, context, words, at, seq, time);
    case "massCancel":
      return encodeMassCancel(command, context.catalog, words, at, seq, time);
    default:
      return encodeSetUp(command, context.catalog, words, at, seq, time);
  }
}

function encodeCancel(command: CancelCommand, catalog: Catalog, words: Int32Array, at: number, seq: number, time: number): number {
  Cancel.init(words, at, seq, time);
  Cancel.setClientSeq(words, at, 0);
  Cancel.setSession(words, at, 0);
  Cancel.setAccount(words, at, catalog.accountId(command.account) ?? UNKNOWN_ID);
  Cancel.setClOrdId(words, at, integerOrNull(command.clOrdId));
  Cancel.setOrderId(words, at, integerOrNull(command.orderId));
  return Cancel.RECORD_BYTES;
}

function encodeReduce(command: ReduceCommand, context: EncodeContext, words: Int32Array, at: number, seq: number, time: number): number {
  const info = instrumentOf(command, context);
  Reduce.init(words, at, seq, time);
  Reduce.setClientSeq(words, at, 0);
  Reduce.setSession(words, at, 0);
  Reduce.setAccount(words, at, context.catalog.accountId(command.account) ?? UNKNOWN_ID);
  Reduce.setClOrdId(words, at, integerOrNull(command.clOrdId));
  Reduce.setOrderId(words, at, integerOrNull(command.orderId));
  Reduce.setBy(words, at, unitsOrNull(command.by, info?.lot, "by"));
  return Reduce.RECORD_BYTES;
}

function encodeReplace(command: ReplaceCommand, context: EncodeContext, words: Int32Array, at: number, seq: number, time: number): number {
  const info = instrumentOf(command, context);
  Replace.init(words, at, seq, time);
  Replace.setClientSeq(words, at, 0);
  Replace.setSession(words, at, 0);
  Replace.setAccount(words, at, context.catalog.accountId(command.account) ?? UNKNOWN_ID);
  Replace.setClOrdId(words, at, integerOrNull(command.clOrdId));
  Replace.setOrderId(words, at, integerOrNull(command.orderId));
  Replace.setNewClOrdId(words, at, integerOrNull(command.newClOrdId));
  Replace.setPrice(words, at, unitsOrNull(command.price, info?.tick, "price"));
  Replace.setQty(words, at, unitsOrNull(command.qty, info?.lot, "qty"));
  Replace.setStopPrice(words, at, unitsOrNull(command.stopPrice, info?.tick, "stopPrice"));
  Replace.setDisplayQty(words, at, unitsOrNull(command.displayQty, info?.lot, "displayQty"));
  return Replace.RECORD_BYTES;
}

function encodeMassCancel(command: MassCancelCommand, catalog: Catalog, words: Int32Array, at: number, seq: number, time: number): number {
  MassCancel.init(words, at, seq, time);
  MassCancel.setClientSeq(words, at, 0);
  MassCancel.setSession(words, at, 0);
  MassCancel.setAccount(words, at, catalog.accountId(command.account) ?? UNKNOWN_ID);
  const instrument = command.symbol === undefined ? NULL_UINT32 : (catalog.instrument(command.symbol)?.id ?? UNKNOWN_ID);
  MassCancel.setInstrument(words, at, instrument);
  MassCancel.setSide(words, at, command.side === undefined ? NULL_UINT8 : Side[command.side]);
  return MassCancel.RECORD_BYTES;
}

function instrumentOf(ref: OrderRef, context: EncodeContext): InstrumentInfo | undefined {
  const account = context.catalog.accountId(ref.account);
  if (account === undefined) return undefined;
  return context.instrumentOfOrder(account, integerOrNull(ref.clOrdId), integerOrNull(ref.orderId));
}

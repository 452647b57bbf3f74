import {
  Cancel,
  DefineAccount,
  DefineCurrency,
  DefineInstrument,
  MassCancel,
  NewOrder,
  Reduce,
  Replace,
  SetTime,
} from "../wire/flyweights.js";
import { AccountMode, OrderFlags, OrdType, SelfTradeMode, Side, TimeInForce } from "../wire/generated/enums.js";
import { BEYOND, NULL_INT64, NULL_UINT8, NULL_UINT32, OFF_STEP } from "../wire/numbers.js";
import { type Catalog, type InstrumentInfo, UNKNOWN_ID } from "./catalog.js";
import { integerOf } from "./command-shape.js";
import { type DecimalSource, type Step10, toStep, toUnits } from "./decimal.js";
import type {
  AccountCommand,
  CancelCommand,
  CurrencyCommand,
  InstrumentCommand,
  MassCancelCommand,
  NewCommand,
  OrderCommand,
  OrderRef,
  ReduceCommand,
  ReplaceCommand,
  SetUpCommand,
  TimeCommand,
} from "./types.js";

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
      return encodeNew(command, context.catalog, words, at, seq, time);
    case "cancel":
      return encodeCancel(command, context.catalog, words, at, seq, time);
    case "reduce":
      return encodeReduce(command, context, words, at, seq, time);
    case "replace":
      return encodeReplace(command, context, words, at, seq, time);
    case "massCancel":
      return encodeMassCancel(command, context.catalog, words, at, seq, time);
    case "currency":
      return encodeCurrency(command, words, at, seq, time);
    case "instrument":
      return encodeInstrument(command, words, at, seq, time);
    case "account":
      return encodeAccount(command, words, at, seq, time);
    case "time":
      return encodeTime(command, words, at, seq, time);
  }
}

function encodeNew(command: NewCommand, catalog: Catalog, words: Int32Array, at: number, seq: number, time: number): number {
  const info = catalog.instrument(command.symbol);
  NewOrder.init(words, at, seq, time);
  NewOrder.setClientSeq(words, at, 0);
  NewOrder.setSession(words, at, 0);
  NewOrder.setAccount(words, at, catalog.accountId(command.account) ?? UNKNOWN_ID);
  NewOrder.setClOrdId(words, at, integerOf(command.clOrdId) ?? BEYOND);
  NewOrder.setInstrument(words, at, info?.id ?? UNKNOWN_ID);
  NewOrder.setSide(words, at, Side[command.side]);
  NewOrder.setOrdType(words, at, OrdType[command.type ?? "limit"]);
  NewOrder.setTif(words, at, TimeInForce[command.tif ?? "gtc"]);
  NewOrder.setPrice(words, at, unitsOrNull(command.price, info?.tick, "price"));
  NewOrder.setQty(words, at, unitsOrNull(command.qty, info?.lot, "qty"));
  NewOrder.setFlags(words, at, command.postOnly === true ? OrderFlags.postOnly : 0);
  NewOrder.setStp(words, at, command.stp === undefined ? NULL_UINT8 : SelfTradeMode[command.stp]);
  return NewOrder.RECORD_BYTES;
}

function encodeCancel(command: CancelCommand, catalog: Catalog, words: Int32Array, at: number, seq: number, time: number): number {
  Cancel.init(words, at, seq, time);
  Cancel.setClientSeq(words, at, 0);
  Cancel.setSession(words, at, 0);
  Cancel.setAccount(words, at, catalog.accountId(command.account) ?? UNKNOWN_ID);
  Cancel.setClOrdId(words, at, idOrNull(command.clOrdId));
  Cancel.setOrderId(words, at, idOrNull(command.orderId));
  return Cancel.RECORD_BYTES;
}

function encodeReduce(command: ReduceCommand, context: EncodeContext, words: Int32Array, at: number, seq: number, time: number): number {
  const info = instrumentOf(command, context);
  Reduce.init(words, at, seq, time);
  Reduce.setClientSeq(words, at, 0);
  Reduce.setSession(words, at, 0);
  Reduce.setAccount(words, at, context.catalog.accountId(command.account) ?? UNKNOWN_ID);
  Reduce.setClOrdId(words, at, idOrNull(command.clOrdId));
  Reduce.setOrderId(words, at, idOrNull(command.orderId));
  Reduce.setBy(words, at, unitsOrNull(command.by, info?.lot, "by"));
  return Reduce.RECORD_BYTES;
}

function encodeReplace(command: ReplaceCommand, context: EncodeContext, words: Int32Array, at: number, seq: number, time: number): number {
  const info = instrumentOf(command, context);
  Replace.init(words, at, seq, time);
  Replace.setClientSeq(words, at, 0);
  Replace.setSession(words, at, 0);
  Replace.setAccount(words, at, context.catalog.accountId(command.account) ?? UNKNOWN_ID);
  Replace.setClOrdId(words, at, idOrNull(command.clOrdId));
  Replace.setOrderId(words, at, idOrNull(command.orderId));
  Replace.setNewClOrdId(words, at, idOrNull(command.newClOrdId));
  Replace.setPrice(words, at, unitsOrNull(command.price, info?.tick, "price"));
  Replace.setQty(words, at, unitsOrNull(command.qty, info?.lot, "qty"));
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

function encodeCurrency(command: CurrencyCommand, words: Int32Array, at: number, seq: number, time: number): number {
  DefineCurrency.init(words, at, seq, time);
  DefineCurrency.setClientSeq(words, at, 0);
  DefineCurrency.setSession(words, at, 0);
  DefineCurrency.setName(words, at, fitting(command.currency, 16));
  const scale = command.scale === undefined ? 6 : integerOf(command.scale);
  DefineCurrency.setScale(words, at, scale === undefined || Math.abs(scale) > 127 ? -1 : scale);
  return DefineCurrency.RECORD_BYTES;
}

function encodeInstrument(command: InstrumentCommand, words: Int32Array, at: number, seq: number, time: number): number {
  const tick = toStep(command.tickSize, "tickSize");
  const lot = toStep(command.lotSize, "lotSize");
  DefineInstrument.init(words, at, seq, time);
  DefineInstrument.setClientSeq(words, at, 0);
  DefineInstrument.setSession(words, at, 0);
  DefineInstrument.setTickMantissa(words, at, tick.mantissa);
  DefineInstrument.setTickExponent(words, at, tick.exponent);
  DefineInstrument.setLotMantissa(words, at, lot.mantissa);
  DefineInstrument.setLotExponent(words, at, lot.exponent);
  DefineInstrument.setMinQty(words, at, unitsOrNull(command.minQty, lot, "minQty"));
  DefineInstrument.setMaxQty(words, at, unitsOrNull(command.maxQty, lot, "maxQty"));
  DefineInstrument.setMinPrice(words, at, unitsOrNull(command.minPrice, tick, "minPrice"));
  DefineInstrument.setMaxPrice(words, at, unitsOrNull(command.maxPrice, tick, "maxPrice"));
  DefineInstrument.setSymbol(words, at, fitting(command.symbol, 16));
  DefineInstrument.setBase(words, at, fitting(command.base, 16));
  DefineInstrument.setQuote(words, at, fitting(command.quote, 16));
  return DefineInstrument.RECORD_BYTES;
}

function encodeAccount(command: AccountCommand, words: Int32Array, at: number, seq: number, time: number): number {
  DefineAccount.init(words, at, seq, time);
  DefineAccount.setClientSeq(words, at, 0);
  DefineAccount.setSession(words, at, 0);
  DefineAccount.setMode(words, at, AccountMode[command.mode]);
  DefineAccount.setStp(words, at, command.stp === undefined ? NULL_UINT8 : SelfTradeMode[command.stp]);
  const isGroupGood = command.stpGroup === undefined || fitting(command.stpGroup, 32) !== "";
  DefineAccount.setName(words, at, isGroupGood ? fitting(command.account, 32) : "");
  DefineAccount.setStpGroup(words, at, command.stpGroup === undefined ? "" : fitting(command.stpGroup, 32));
  return DefineAccount.RECORD_BYTES;
}

function encodeTime(command: TimeCommand, words: Int32Array, at: number, seq: number, time: number): number {
  SetTime.init(words, at, seq, time);
  SetTime.setClientSeq(words, at, 0);
  SetTime.setSession(words, at, 0);
  SetTime.setAt(words, at, integerOf(command.at) ?? BEYOND);
  return SetTime.RECORD_BYTES;
}

function instrumentOf(ref: OrderRef, context: EncodeContext): InstrumentInfo | undefined {
  const account = context.catalog.accountId(ref.account);
  if (account === undefined) return undefined;
  return context.instrumentOfOrder(account, idOrNull(ref.clOrdId), idOrNull(ref.orderId));
}

/** Without an instrument the core rejects the command before it looks at the number, but it must be a decimal all the same. */
function unitsOrNull(value: DecimalSource | undefined, step: Step10 | undefined, key: string): number {
  if (value === undefined) return NULL_INT64;
  const units = toUnits(value, step ?? { mantissa: 1, exponent: 0 }, key);
  return step === undefined ? OFF_STEP : units;
}

function idOrNull(id: number | string | undefined): number {
  return id === undefined ? NULL_INT64 : (integerOf(id) ?? BEYOND);
}

/** A name that is too long or has other characters than ASCII 33 to 126 is written empty: the core rejects it as BAD_NAME. */
function fitting(name: string, lengthMax: number): string {
  return name.length <= lengthMax && /^[!-~]+$/.test(name) ? name : "";
}

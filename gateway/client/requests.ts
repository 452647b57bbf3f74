import type { InstrumentInfo } from "../../engine/edge/catalog.js";
import { CommandError } from "../../engine/edge/command-error.js";
import { type Step10, toUnits } from "../../engine/edge/decimal.js";
import type { IdInput, OrdTypeName, SideName, StpName, TifName } from "../../engine/edge/types.js";
import { Cancel, MassCancel, NewOrder, Reduce, Replace } from "../../engine/wire/flyweights.js";
import { OrderFlags, OrdType, SelfTradeMode, Side, TimeInForce } from "../../engine/wire/generated/enums.js";
import { BEYOND, MAX_SAFE, NULL_INT64, NULL_UINT8, NULL_UINT32, OFF_STEP } from "../../engine/wire/numbers.js";
import { ClientError, type ClientErrorCode } from "./client-error.js";

/** A decimal as text (`-?digits(.digits)?`), or a number of at most 15 significant digits. */
export type DecimalValue = string | number;

export interface NewOrderRequest {
  /** 1 to 2^53−1, unique among the account's live orders. */
  readonly clOrdId: IdInput;
  readonly symbol: string;
  readonly side: SideName;
  /** Default "limit". */
  readonly type?: OrdTypeName;
  /** Only for, and needed for, limit orders. */
  readonly price?: DecimalValue;
  readonly qty: DecimalValue;
  /** Default "gtc". */
  readonly tif?: TifName;
  readonly postOnly?: boolean;
  /** Default: the account's. */
  readonly stp?: StpName;
}

/** Names a live order of the account: exactly one of the two. */
export interface OrderName {
  readonly clOrdId?: IdInput;
  readonly orderId?: IdInput;
}

export type CancelRequest = OrderName;

export interface ReduceRequest extends OrderName {
  /** The order's symbol, which says what a lot is. */
  readonly symbol: string;
  readonly by: DecimalValue;
}

export interface ReplaceRequest extends OrderName {
  /** The order's symbol, which says what a tick and a lot are. */
  readonly symbol: string;
  readonly newClOrdId?: IdInput;
  readonly price?: DecimalValue;
  /** The new total, executed quantity included. */
  readonly qty?: DecimalValue;
}

export interface MassCancelRequest {
  /** Default: every instrument. */
  readonly symbol?: string;
  /** Default: both. */
  readonly side?: SideName;
}

export function writeNewOrder(request: NewOrderRequest, info: InstrumentInfo, words: Int32Array, at: number): void {
  NewOrder.setClientSeq(words, at, 0);
  NewOrder.setClOrdId(words, at, idOf(request.clOrdId, "clOrdId"));
  NewOrder.setPrice(words, at, request.price === undefined ? NULL_INT64 : ticks(request.price, info.tick));
  NewOrder.setQty(words, at, lots(request.qty, info.lot, "qty"));
  NewOrder.setAccount(words, at, 0);
  NewOrder.setSession(words, at, 0);
  NewOrder.setInstrument(words, at, info.id);
  NewOrder.setFlags(words, at, isSet(request.postOnly, "postOnly") ? OrderFlags.postOnly : 0);
  NewOrder.setSide(words, at, wordOf(Side, request.side, "side"));
  NewOrder.setOrdType(words, at, wordOf(OrdType, request.type ?? "limit", "type"));
  NewOrder.setTif(words, at, wordOf(TimeInForce, request.tif ?? "gtc", "tif"));
  NewOrder.setStp(words, at, request.stp === undefined ? NULL_UINT8 : wordOf(SelfTradeMode, request.stp, "stp"));
}

export function writeCancel(request: CancelRequest, words: Int32Array, at: number): void {
  assertNamesOne(request);
  Cancel.setClientSeq(words, at, 0);
  Cancel.setClOrdId(words, at, idOrNull(request.clOrdId, "clOrdId"));
  Cancel.setOrderId(words, at, idOrNull(request.orderId, "orderId"));
  Cancel.setAccount(words, at, 0);
  Cancel.setSession(words, at, 0);
}

export function writeReduce(request: ReduceRequest, info: InstrumentInfo, words: Int32Array, at: number): void {
  assertNamesOne(request);
  Reduce.setClientSeq(words, at, 0);
  Reduce.setClOrdId(words, at, idOrNull(request.clOrdId, "clOrdId"));
  Reduce.setOrderId(words, at, idOrNull(request.orderId, "orderId"));
  Reduce.setBy(words, at, lots(request.by, info.lot, "by"));
  Reduce.setAccount(words, at, 0);
  Reduce.setSession(words, at, 0);
}

export function writeReplace(request: ReplaceRequest, info: InstrumentInfo, words: Int32Array, at: number): void {
  assertNamesOne(request);
  Replace.setClientSeq(words, at, 0);
  Replace.setClOrdId(words, at, idOrNull(request.clOrdId, "clOrdId"));
  Replace.setOrderId(words, at, idOrNull(request.orderId, "orderId"));
  Replace.setNewClOrdId(words, at, idOrNull(request.newClOrdId, "newClOrdId"));
  Replace.setPrice(words, at, request.price === undefined ? NULL_INT64 : ticks(request.price, info.tick));
  Replace.setQty(words, at, request.qty === undefined ? NULL_INT64 : lots(request.qty, info.lot, "qty"));
  Replace.setAccount(words, at, 0);
  Replace.setSession(words, at, 0);
}

export function writeMassCancel(request: MassCancelRequest, info: InstrumentInfo | undefined, words: Int32Array, at: number): void {
  MassCancel.setClientSeq(words, at, 0);
  MassCancel.setAccount(words, at, 0);
  MassCancel.setSession(words, at, 0);
  MassCancel.setInstrument(words, at, info?.id ?? NULL_UINT32);
  MassCancel.setSide(words, at, request.side === undefined ? NULL_UINT8 : wordOf(Side, request.side, "side"));
}

/** The number that the wire has for a word. An unknown one would be written as 0, which is a word of its own: a wrong side would buy. */
export function wordOf(table: Readonly<Record<string, number>>, word: string, name: string): number {
  if (Object.hasOwn(table, word)) return table[word];
  throw new ClientError("BAD_ARGUMENT", `${name} must be one of ${Object.keys(table).join(", ")}, was ${String(word)}`);
}

function isSet(value: boolean | undefined, name: string): boolean {
  if (value === undefined || typeof value === "boolean") return value === true;
  throw new ClientError("BAD_ARGUMENT", `${name} must be true or false, was ${String(value)}`);
}

function assertNamesOne({ clOrdId, orderId }: OrderName): void {
  if ((clOrdId === undefined) !== (orderId === undefined)) return;
  throw new ClientError("BAD_ARGUMENT", `exactly one of clOrdId and orderId must be given, ${clOrdId === undefined ? "none" : "both"} was`);
}

function ticks(price: DecimalValue, tick: Step10): number {
  return units(price, tick, "price", "PRICE_OFF_TICK", "PRICE_OUT_OF_RANGE");
}

function lots(qty: DecimalValue, lot: Step10, name: string): number {
  return units(qty, lot, name, "QTY_OFF_LOT", "QTY_OUT_OF_RANGE");
}

/** What has no whole number of units cannot be said on the wire, so it is refused here with the code that the engine has for it. */
function units(value: DecimalValue, step: Step10, name: string, offStep: ClientErrorCode, beyond: ClientErrorCode): number {
  const count = unitsOrBadArgument(value, step, name);
  if (count === OFF_STEP) throw new ClientError(offStep, `${name} must be a multiple of ${step.mantissa}e${step.exponent}, was ${value}`);
  if (count === BEYOND) throw new ClientError(beyond, `${name} must be within 2^53-1 units, was ${value}`);
  return count;
}

function unitsOrBadArgument(value: DecimalValue, step: Step10, name: string): number {
  try {
    return toUnits(value, step, name);
  } catch (error) {
    if (error instanceof CommandError) throw new ClientError("BAD_ARGUMENT", error.message, { cause: error });
    throw error;
  }
}

function idOrNull(id: IdInput | undefined, name: string): number {
  return id === undefined ? NULL_INT64 : idOf(id, name);
}

function idOf(id: IdInput, name: string): number {
  const value = typeof id === "string" && /^[0-9]{1,16}$/.test(id) ? Number(id) : id;
  if (typeof value === "number" && Number.isInteger(value) && Math.abs(value) <= MAX_SAFE) return value;
  throw new ClientError("BAD_ARGUMENT", `${name} must be an integer within 2^53-1, was ${id}`);
}

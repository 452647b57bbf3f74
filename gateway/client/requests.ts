import type { InstrumentInfo } from "../../engine/edge/catalog.js";
import { CommandError } from "../../engine/edge/command-error.js";
import { type Step10, toUnits } from "../../engine/edge/decimal.js";
import type { IdInput, OrdTypeName, SideName, StpName, TifName } from "../../engine/edge/types.js";
import { Cancel, MassCancel, NewOrder, NewOrderFull, Reduce, Replace } from "../../engine/wire/flyweights.js";
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
  /** Only for, and needed for, limit and stopLimit. */
  readonly price?: DecimalValue;
  /** Needed, unless there is `quoteQty`. */
  readonly qty?: DecimalValue;
  /** Default "gtc". */
  readonly tif?: TifName;
  /** Only for, and needed for, gtd: microseconds since the epoch. */
  readonly expireTime?: number;
  /** Only for, and needed for, stop and stopLimit. */
  readonly stopPrice?: DecimalValue;
  /** Distance of a trailing stop: a price, or basis points of the last trade; exactly one of the two. */
  readonly trail?: DecimalValue;
  readonly trailBps?: number;
  /** Makes it an iceberg: what others see at a time. */
  readonly displayQty?: DecimalValue;
  /** With ioc: so much at once, or nothing. */
  readonly minQty?: DecimalValue;
  /** Of a market order, instead of `qty`: what it spends or earns at most. */
  readonly quoteQty?: DecimalValue;
  readonly postOnly?: boolean;
  /** It may only shrink the account's position. */
  readonly reduceOnly?: boolean;
  /** Default: the account's. */
  readonly stp?: StpName;
  /** `clOrdId` of the other leg of an OCO pair: a limit order and a stop that name each other. */
  readonly oco?: IdInput;
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
  /** Of a stop that was not triggered yet. */
  readonly stopPrice?: DecimalValue;
  readonly displayQty?: DecimalValue;
}

export interface MassCancelRequest {
  /** Default: every instrument. */
  readonly symbol?: string;
  /** Default: both. */
  readonly side?: SideName;
}

/** Whether NewOrder has no field for something that is given, so that it takes a NewOrderFull. */
export function needsFullRecord(request: NewOrderRequest): boolean {
  const { type = "limit", tif } = request;
  if ((type !== "limit" && type !== "market") || tif === "gtd") return true;
  return EXTRA_KEYS.some((key) => request[key] !== undefined);
}

const EXTRA_KEYS = ["expireTime", "stopPrice", "trail", "trailBps", "displayQty", "minQty", "quoteQty", "oco"] as const;

export function writeNewOrder(request: NewOrderRequest, info: InstrumentInfo, words: Int32Array, at: number): void {
  NewOrder.setClientSeq(words, at, 0);
  NewOrder.setClOrdId(words, at, idOf(request.clOrdId, "clOrdId"));
  NewOrder.setPrice(words, at, ticksOrNull(request.price, info.tick, "price"));
  NewOrder.setQty(words, at, lotsOrNull(request.qty, info.lot, "qty"));
  NewOrder.setAccount(words, at, 0);
  NewOrder.setSession(words, at, 0);
  NewOrder.setInstrument(words, at, info.id);
  NewOrder.setFlags(words, at, flagsOf(request));
  NewOrder.setSide(words, at, wordOf(Side, request.side, "side"));
  NewOrder.setOrdType(words, at, wordOf(OrdType, request.type ?? "limit", "type"));
  NewOrder.setTif(words, at, wordOf(TimeInForce, request.tif ?? "gtc", "tif"));
  NewOrder.setStp(words, at, request.stp === undefined ? NULL_UINT8 : wordOf(SelfTradeMode, request.stp, "stp"));
}

export function writeNewOrderFull(request: NewOrderRequest, info: InstrumentInfo, words: Int32Array, at: number): void {
  const { tick, lot, atom } = info;
  NewOrderFull.setClientSeq(words, at, 0);
  NewOrderFull.setClOrdId(words, at, idOf(request.clOrdId, "clOrdId"));
  NewOrderFull.setPrice(words, at, ticksOrNull(request.price, tick, "price"));
  NewOrderFull.setQty(words, at, lotsOrNull(request.qty, lot, "qty"));
  NewOrderFull.setStopPrice(words, at, unitsOrNull(request.stopPrice, tick, "stopPrice", "STOP_PRICE_OFF_TICK", "PRICE_OUT_OF_RANGE"));
  NewOrderFull.setTrail(words, at, unitsOrNull(request.trail, tick, "trail", "BAD_TRAIL", "BAD_TRAIL"));
  NewOrderFull.setTrailBps(words, at, integerOrNull(request.trailBps, "trailBps"));
  NewOrderFull.setDisplayQty(words, at, unitsOrNull(request.displayQty, lot, "displayQty", "BAD_DISPLAY_QTY", "BAD_DISPLAY_QTY"));
  NewOrderFull.setMinQty(words, at, unitsOrNull(request.minQty, lot, "minQty", "BAD_MIN_QTY", "BAD_MIN_QTY"));
  NewOrderFull.setQuoteQty(words, at, lotsOrNull(request.quoteQty, atom, "quoteQty"));
  NewOrderFull.setExpireTime(words, at, integerOrNull(request.expireTime, "expireTime"));
  NewOrderFull.setOco(words, at, idOrNull(request.oco, "oco"));
  NewOrderFull.setAccount(words, at, 0);
  NewOrderFull.setSession(words, at, 0);
  NewOrderFull.setInstrument(words, at, info.id);
  NewOrderFull.setFlags(words, at, flagsOf(request));
  NewOrderFull.setSide(words, at, wordOf(Side, request.side, "side"));
  NewOrderFull.setOrdType(words, at, wordOf(OrdType, request.type ?? "limit", "type"));
  NewOrderFull.setTif(words, at, wordOf(TimeInForce, request.tif ?? "gtc", "tif"));
  NewOrderFull.setStp(words, at, request.stp === undefined ? NULL_UINT8 : wordOf(SelfTradeMode, request.stp, "stp"));
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
  Reduce.setBy(words, at, units(request.by, info.lot, "by", "QTY_OFF_LOT", "QTY_OUT_OF_RANGE"));
  Reduce.setAccount(words, at, 0);
  Reduce.setSession(words, at, 0);
}

export function writeReplace(request: ReplaceRequest, info: InstrumentInfo, words: Int32Array, at: number): void {
  assertNamesOne(request);
  Replace.setClientSeq(words, at, 0);
  Replace.setClOrdId(words, at, idOrNull(request.clOrdId, "clOrdId"));
  Replace.setOrderId(words, at, idOrNull(request.orderId, "orderId"));
  Replace.setNewClOrdId(words, at, idOrNull(request.newClOrdId, "newClOrdId"));
  Replace.setPrice(words, at, ticksOrNull(request.price, info.tick, "price"));
  Replace.setQty(words, at, lotsOrNull(request.qty, info.lot, "qty"));
  Replace.setStopPrice(words, at, unitsOrNull(request.stopPrice, info.tick, "stopPrice", "STOP_PRICE_OFF_TICK", "PRICE_OUT_OF_RANGE"));
  Replace.setDisplayQty(words, at, unitsOrNull(request.displayQty, info.lot, "displayQty", "BAD_DISPLAY_QTY", "BAD_DISPLAY_QTY"));
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

function flagsOf({ postOnly, reduceOnly }: NewOrderRequest): number {
  return (isSet(postOnly, "postOnly") ? OrderFlags.postOnly : 0) | (isSet(reduceOnly, "reduceOnly") ? OrderFlags.reduceOnly : 0);
}

function ticksOrNull(price: DecimalValue | undefined, tick: Step10, name: string): number {
  return unitsOrNull(price, tick, name, "PRICE_OFF_TICK", "PRICE_OUT_OF_RANGE");
}

function lotsOrNull(qty: DecimalValue | undefined, lot: Step10, name: string): number {
  return unitsOrNull(qty, lot, name, "QTY_OFF_LOT", "QTY_OUT_OF_RANGE");
}

function unitsOrNull(
  value: DecimalValue | undefined,
  step: Step10,
  name: string,
  offStep: ClientErrorCode,
  beyond: ClientErrorCode,
): number {
  return value === undefined ? NULL_INT64 : units(value, step, name, offStep, beyond);
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

function integerOrNull(value: number | undefined, name: string): number {
  if (value === undefined) return NULL_INT64;
  if (Number.isSafeInteger(value)) return value;
  throw new ClientError("BAD_ARGUMENT", `${name} must be an integer within 2^53-1, was ${value}`);
}

function idOrNull(id: IdInput | undefined, name: string): number {
  return id === undefined ? NULL_INT64 : idOf(id, name);
}

function idOf(id: IdInput, name: string): number {
  const value = typeof id === "string" && /^[0-9]{1,16}$/.test(id) ? Number(id) : id;
  if (typeof value === "number" && Number.isInteger(value) && Math.abs(value) <= MAX_SAFE) return value;
  throw new ClientError("BAD_ARGUMENT", `${name} must be an integer within 2^53-1, was ${id}`);
}

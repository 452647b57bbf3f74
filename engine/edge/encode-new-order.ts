import { NewOrder, NewOrderFull } from "../wire/flyweights.js";
import { OrderFlags, OrdType, SelfTradeMode, Side, TimeInForce } from "../wire/generated/enums.js";
import { NULL_UINT8 } from "../wire/numbers.js";
import { type Catalog, UNKNOWN_ID } from "./catalog.js";
import { integerOrBeyond, integerOrNull, unitsOrNull } from "./field-values.js";
import type { NewCommand } from "./types.js";

/** Writes a checked `new`, as the short record when that holds all of it; see `encode`. */
export function encodeNewOrder(command: NewCommand, catalog: Catalog, words: Int32Array, at: number, seq: number, time: number): number {
  return isPlain(command) ? encodePlain(command, catalog, words, at, seq, time) : encodeFull(command, catalog, words, at, seq, time);
}

/** Whether NewOrder has a field for all that is given: most orders, so they travel in half the bytes. */
function isPlain(command: NewCommand): boolean {
  const { type = "limit" } = command;
  return (
    (type === "limit" || type === "market") &&
    command.tif !== "gtd" &&
    command.expireTime === undefined &&
    command.stopPrice === undefined &&
    command.trail === undefined &&
    command.trailBps === undefined &&
    command.displayQty === undefined &&
    command.minQty === undefined &&
    command.quoteQty === undefined &&
    command.oco === undefined
  );
}

function encodePlain(command: NewCommand, catalog: Catalog, words: Int32Array, at: number, seq: number, time: number): number {
  const info = catalog.instrument(command.symbol);
  NewOrder.init(words, at, seq, time);
  NewOrder.setClientSeq(words, at, 0);
  NewOrder.setSession(words, at, 0);
  NewOrder.setAccount(words, at, catalog.accountId(command.account) ?? UNKNOWN_ID);
  NewOrder.setClOrdId(words, at, integerOrBeyond(command.clOrdId));
  NewOrder.setInstrument(words, at, info?.id ?? UNKNOWN_ID);
  NewOrder.setSide(words, at, Side[command.side]);
  NewOrder.setOrdType(words, at, OrdType[command.type ?? "limit"]);
  NewOrder.setTif(words, at, TimeInForce[command.tif ?? "gtc"]);
  NewOrder.setPrice(words, at, unitsOrNull(command.price, info?.tick, "price"));
  NewOrder.setQty(words, at, unitsOrNull(command.qty, info?.lot, "qty"));
  NewOrder.setFlags(words, at, flagsOf(command));
  NewOrder.setStp(words, at, command.stp === undefined ? NULL_UINT8 : SelfTradeMode[command.stp]);
  return NewOrder.RECORD_BYTES;
}

function encodeFull(command: NewCommand, catalog: Catalog, words: Int32Array, at: number, seq: number, time: number): number {
  const info = catalog.instrument(command.symbol);
  NewOrderFull.init(words, at, seq, time);
  NewOrderFull.setClientSeq(words, at, 0);
  NewOrderFull.setSession(words, at, 0);
  NewOrderFull.setAccount(words, at, catalog.accountId(command.account) ?? UNKNOWN_ID);
  NewOrderFull.setClOrdId(words, at, integerOrBeyond(command.clOrdId));
  NewOrderFull.setInstrument(words, at, info?.id ?? UNKNOWN_ID);
  NewOrderFull.setSide(words, at, Side[command.side]);
  NewOrderFull.setOrdType(words, at, OrdType[command.type ?? "limit"]);
  NewOrderFull.setTif(words, at, TimeInForce[command.tif ?? "gtc"]);
  NewOrderFull.setPrice(words, at, unitsOrNull(command.price, info?.tick, "price"));
  NewOrderFull.setQty(words, at, unitsOrNull(command.qty, info?.lot, "qty"));
  NewOrderFull.setStopPrice(words, at, unitsOrNull(command.stopPrice, info?.tick, "stopPrice"));
  NewOrderFull.setTrail(words, at, unitsOrNull(command.trail, info?.tick, "trail"));
  NewOrderFull.setTrailBps(words, at, integerOrNull(command.trailBps));
  NewOrderFull.setDisplayQty(words, at, unitsOrNull(command.displayQty, info?.lot, "displayQty"));
  NewOrderFull.setMinQty(words, at, unitsOrNull(command.minQty, info?.lot, "minQty"));
  NewOrderFull.setQuoteQty(words, at, unitsOrNull(command.quoteQty, info?.atom, "quoteQty"));
  NewOrderFull.setExpireTime(words, at, integerOrNull(command.expireTime));
  NewOrderFull.setOco(words, at, integerOrNull(command.oco));
  NewOrderFull.setFlags(words, at, flagsOf(command));
  NewOrderFull.setStp(words, at, command.stp === undefined ? NULL_UINT8 : SelfTradeMode[command.stp]);
  return NewOrderFull.RECORD_BYTES;
}

function flagsOf(command: NewCommand): number {
  return (command.postOnly === true ? OrderFlags.postOnly : 0) | (command.reduceOnly === true ? OrderFlags.reduceOnly : 0);
}

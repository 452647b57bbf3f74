import { OrderAccepted, OrderAcceptedFull } from "../wire/flyweights.js";
import { ORD_TYPE_NAMES, OrderFlags, OrdType, SIDE_NAMES, TIME_IN_FORCE_NAMES } from "../wire/generated/enums.js";
import * as Header from "../wire/header.js";
import { NULL_INT64 } from "../wire/numbers.js";
import type { Catalog } from "./catalog.js";
import { integerOf } from "./command-shape.js";
import { fromUnits } from "./decimal.js";
import type { AcceptedEvent, Command, NewCommand } from "./types.js";

/** The answer to an order that NewOrder holds; see `decode`. */
export function decodeAccepted(words: Int32Array, at: number, catalog: Catalog, command: Command | undefined): AcceptedEvent {
  const info = catalog.knownInstrument(OrderAccepted.instrument(words, at));
  const price = OrderAccepted.price(words, at);
  const event: AcceptedEvent = {
    event: "accepted",
    seq: Header.seq(words, at),
    account: catalog.knownAccount(OrderAccepted.account(words, at)),
    clOrdId: OrderAccepted.clOrdId(words, at),
    orderId: String(OrderAccepted.orderId(words, at)),
    symbol: info.symbol,
    side: SIDE_NAMES[OrderAccepted.side(words, at)],
    type: ORD_TYPE_NAMES[OrderAccepted.ordType(words, at)],
    tif: TIME_IN_FORCE_NAMES[OrderAccepted.tif(words, at)],
    ...(price === NULL_INT64 ? {} : { price: fromUnits(price, info.tick) }),
    qty: fromUnits(OrderAccepted.qty(words, at), info.lot),
  };
  echoFlags(event, OrderAccepted.flags(words, at), commandOf(event, command));
  return event;
}

/** The answer to an order that needs NewOrderFull; see `decode`. */
export function decodeAcceptedFull(words: Int32Array, at: number, catalog: Catalog, command: Command | undefined): AcceptedEvent {
  const info = catalog.knownInstrument(OrderAcceptedFull.instrument(words, at));
  const price = OrderAcceptedFull.price(words, at);
  const qty = OrderAcceptedFull.qty(words, at);
  const event: AcceptedEvent = {
    event: "accepted",
    seq: Header.seq(words, at),
    account: catalog.knownAccount(OrderAcceptedFull.account(words, at)),
    clOrdId: OrderAcceptedFull.clOrdId(words, at),
    orderId: String(OrderAcceptedFull.orderId(words, at)),
    symbol: info.symbol,
    side: SIDE_NAMES[OrderAcceptedFull.side(words, at)],
    type: ORD_TYPE_NAMES[OrderAcceptedFull.ordType(words, at)],
    tif: TIME_IN_FORCE_NAMES[OrderAcceptedFull.tif(words, at)],
    ...(price === NULL_INT64 ? {} : { price: fromUnits(price, info.tick) }),
    ...(qty === NULL_INT64 ? {} : { qty: fromUnits(qty, info.lot) }),
  };
  const given = commandOf(event, command);
  echoExtras(event, words, at, catalog, given);
  echoFlags(event, OrderAcceptedFull.flags(words, at), given);
  const oco = OrderAcceptedFull.oco(words, at);
  if (oco !== NULL_INT64 && isGiven(given, "oco")) event.oco = oco;
  return event;
}

/** In the order of SCRIPT.md's keys (SETTLED S5). */
function echoExtras(event: AcceptedEvent, words: Int32Array, at: number, catalog: Catalog, given: NewCommand | undefined): void {
  const { tick, lot, atom } = catalog.knownInstrument(OrderAcceptedFull.instrument(words, at));
  const expireTime = OrderAcceptedFull.expireTime(words, at);
  const stopPrice = OrderAcceptedFull.stopPrice(words, at);
  const trail = OrderAcceptedFull.trail(words, at);
  const trailBps = OrderAcceptedFull.trailBps(words, at);
  const displayQty = OrderAcceptedFull.displayQty(words, at);
  const minQty = OrderAcceptedFull.minQty(words, at);
  const quoteQty = OrderAcceptedFull.quoteQty(words, at);
  // Nobody can give the stop price of a trailing stop: it has one all the same.
  const isTrailing = OrderAcceptedFull.ordType(words, at) === OrdType.trailingStop;
  if (expireTime !== NULL_INT64 && isGiven(given, "expireTime")) event.expireTime = expireTime;
  if (stopPrice !== NULL_INT64 && !isTrailing && isGiven(given, "stopPrice")) event.stopPrice = fromUnits(stopPrice, tick);
  if (trail !== NULL_INT64 && isGiven(given, "trail")) event.trail = fromUnits(trail, tick);
  if (trailBps !== NULL_INT64 && isGiven(given, "trailBps")) event.trailBps = trailBps;
  if (displayQty !== NULL_INT64 && isGiven(given, "displayQty")) event.displayQty = fromUnits(displayQty, lot);
  if (minQty !== NULL_INT64 && isGiven(given, "minQty")) event.minQty = fromUnits(minQty, lot);
  if (quoteQty !== NULL_INT64 && isGiven(given, "quoteQty")) event.quoteQty = fromUnits(quoteQty, atom);
}

/** As they were given (SETTLED N18); from the record alone, those that are on. */
function echoFlags(event: AcceptedEvent, flags: number, given: NewCommand | undefined): void {
  if (given === undefined) {
    if (flags & OrderFlags.postOnly) event.postOnly = true;
    if (flags & OrderFlags.reduceOnly) event.reduceOnly = true;
    return;
  }
  if (given.postOnly !== undefined) event.postOnly = given.postOnly;
  if (given.reduceOnly !== undefined) event.reduceOnly = given.reduceOnly;
  if (given.stp !== undefined) event.stp = given.stp;
}

/** From the record alone, whatever it has counts as given. */
function isGiven(given: NewCommand | undefined, key: keyof NewCommand): boolean {
  return given === undefined || given[key] !== undefined;
}

/** The command that this event answers, if it is at hand. */
function commandOf(event: AcceptedEvent, command: Command | undefined): NewCommand | undefined {
  if (command?.cmd !== "new" || command.account !== event.account) return undefined;
  return integerOf(command.clOrdId) === event.clOrdId ? command : undefined;
}

import { atomOfScale, type Catalog, type InstrumentInfo } from "../../engine/edge/catalog.js";
import { fromUnits, type Step10 } from "../../engine/edge/decimal.js";
import { type CodeName, codeName } from "../../engine/wire/codes.js";
import {
  BusinessReject,
  InstrumentDefinition,
  InstrumentState,
  MassCancelReport,
  OrderAccepted,
  OrderAcceptedFull,
  OrderCanceled,
  OrderFilled,
  OrderReduced,
  OrderRejected,
  OrderReplaced,
  OrderStatus,
  OrderTriggered,
} from "../../engine/wire/flyweights.js";
import {
  LIQUIDITY_NAMES,
  ORD_TYPE_NAMES,
  ORDER_STATE_NAMES,
  OrderFlags,
  QtyType,
  REASON_NAMES,
  SELF_TRADE_MODE_NAMES,
  SIDE_NAMES,
  STATE_REASON_NAMES,
  TIME_IN_FORCE_NAMES,
  TRADING_STATE_NAMES,
} from "../../engine/wire/generated/enums.js";
import { templateName } from "../../engine/wire/generated/templates.js";
import * as Header from "../../engine/wire/header.js";
import { NULL_INT64 } from "../../engine/wire/numbers.js";
import type {
  AcceptedReport,
  CanceledReport,
  FilledReport,
  OrderReport,
  OrderStatusReport,
  ReducedReport,
  RejectedReport,
  ReplacedReport,
  Stamped,
  StateReport,
  TriggeredReport,
} from "./reports.js";

const UNIT: Step10 = { mantissa: 1, exponent: 0 };

/** Reads a report on orders; undefined for any other record. Quantities of an instrument that is not in the catalog are in ticks and lots. */
export function readReport(words: Int32Array, at: number, catalog: Catalog): OrderReport | undefined {
  switch (Header.templateId(words, at)) {
    case OrderAccepted.TEMPLATE_ID:
      return readAccepted(words, at, catalog);
    case OrderAcceptedFull.TEMPLATE_ID:
      return readAcceptedFull(words, at, catalog);
    case OrderTriggered.TEMPLATE_ID:
      return readTriggered(words, at, catalog);
    case OrderFilled.TEMPLATE_ID:
      return readFilled(words, at, catalog);
    case OrderCanceled.TEMPLATE_ID:
      return readCanceled(words, at, catalog);
    case OrderReduced.TEMPLATE_ID:
      return readReduced(words, at, catalog);
    case OrderReplaced.TEMPLATE_ID:
      return readReplaced(words, at, catalog);
    case MassCancelReport.TEMPLATE_ID:
      return { event: "massCanceled", ...stampOf(words, at), count: MassCancelReport.count(words, at) };
    case OrderRejected.TEMPLATE_ID:
      return readRejected(words, at);
    case BusinessReject.TEMPLATE_ID:
      return {
        event: "rejected",
        ...stampOf(words, at),
        ...codeOf(BusinessReject.code(words, at)),
        request: templateName(BusinessReject.refTemplateId(words, at)) ?? "",
      };
    default:
      return undefined;
  }
}

/** The client seq that a report answers; 0 when it answers none. Fills never say, they follow what does. */
export function answeredSeq(words: Int32Array, at: number): number {
  switch (Header.templateId(words, at)) {
    case OrderAccepted.TEMPLATE_ID:
      return OrderAccepted.clientSeq(words, at);
    case OrderAcceptedFull.TEMPLATE_ID:
      return OrderAcceptedFull.clientSeq(words, at);
    case OrderTriggered.TEMPLATE_ID:
      return OrderTriggered.clientSeq(words, at);
    case OrderRejected.TEMPLATE_ID:
      return OrderRejected.clientSeq(words, at);
    case OrderCanceled.TEMPLATE_ID:
      return OrderCanceled.clientSeq(words, at);
    case OrderReduced.TEMPLATE_ID:
      return OrderReduced.clientSeq(words, at);
    case OrderReplaced.TEMPLATE_ID:
      return OrderReplaced.clientSeq(words, at);
    case MassCancelReport.TEMPLATE_ID:
      return MassCancelReport.clientSeq(words, at);
    case BusinessReject.TEMPLATE_ID:
      return BusinessReject.clientSeq(words, at);
    default:
      return 0;
  }
}

function readAccepted(words: Int32Array, at: number, catalog: Catalog): AcceptedReport {
  const info = catalog.instrumentById(OrderAccepted.instrument(words, at));
  return {
    event: "accepted",
    ...stampOf(words, at),
    clOrdId: OrderAccepted.clOrdId(words, at),
    orderId: String(OrderAccepted.orderId(words, at)),
    symbol: symbolOf(info),
    side: SIDE_NAMES[OrderAccepted.side(words, at)],
    type: ORD_TYPE_NAMES[OrderAccepted.ordType(words, at)],
    tif: TIME_IN_FORCE_NAMES[OrderAccepted.tif(words, at)],
    ...given("price", OrderAccepted.price(words, at), info?.tick),
    qty: qtyOf(OrderAccepted.qty(words, at), info),
    postOnly: (OrderAccepted.flags(words, at) & OrderFlags.postOnly) !== 0,
    reduceOnly: (OrderAccepted.flags(words, at) & OrderFlags.reduceOnly) !== 0,
    stp: SELF_TRADE_MODE_NAMES[OrderAccepted.stp(words, at)],
  };
}

function readAcceptedFull(words: Int32Array, at: number, catalog: Catalog): AcceptedReport {
  const info = catalog.instrumentById(OrderAcceptedFull.instrument(words, at));
  return {
    event: "accepted",
    ...stampOf(words, at),
    clOrdId: OrderAcceptedFull.clOrdId(words, at),
    orderId: String(OrderAcceptedFull.orderId(words, at)),
    symbol: symbolOf(info),
    side: SIDE_NAMES[OrderAcceptedFull.side(words, at)],
    type: ORD_TYPE_NAMES[OrderAcceptedFull.ordType(words, at)],
    tif: TIME_IN_FORCE_NAMES[OrderAcceptedFull.tif(words, at)],
    ...given("price", OrderAcceptedFull.price(words, at), info?.tick),
    ...given("qty", OrderAcceptedFull.qty(words, at), info?.lot),
    ...givenInteger("expireTime", OrderAcceptedFull.expireTime(words, at)),
    ...given("stopPrice", OrderAcceptedFull.stopPrice(words, at), info?.tick),
    ...given("trail", OrderAcceptedFull.trail(words, at), info?.tick),
    ...givenInteger("trailBps", OrderAcceptedFull.trailBps(words, at)),
    ...given("displayQty", OrderAcceptedFull.displayQty(words, at), info?.lot),
    ...given("minQty", OrderAcceptedFull.minQty(words, at), info?.lot),
    ...given("quoteQty", OrderAcceptedFull.quoteQty(words, at), info?.atom),
    postOnly: (OrderAcceptedFull.flags(words, at) & OrderFlags.postOnly) !== 0,
    reduceOnly: (OrderAcceptedFull.flags(words, at) & OrderFlags.reduceOnly) !== 0,
    stp: SELF_TRADE_MODE_NAMES[OrderAcceptedFull.stp(words, at)],
    ...givenInteger("oco", OrderAcceptedFull.oco(words, at)),
  };
}

function readTriggered(words: Int32Array, at: number, catalog: Catalog): TriggeredReport {
  const info = catalog.instrumentById(OrderTriggered.instrument(words, at));
  return {
    event: "triggered",
    ...stampOf(words, at),
    clOrdId: OrderTriggered.clOrdId(words, at),
    orderId: String(OrderTriggered.orderId(words, at)),
    symbol: symbolOf(info),
    side: SIDE_NAMES[OrderTriggered.side(words, at)],
    lastPrice: priceOf(OrderTriggered.lastPrice(words, at), info),
  };
}

/** Reads an InstrumentState record. */
export function readState(words: Int32Array, at: number, catalog: Catalog): StateReport {
  return {
    event: "state",
    ...stampOf(words, at),
    symbol: symbolOf(catalog.instrumentById(InstrumentState.instrument(words, at))),
    state: TRADING_STATE_NAMES[InstrumentState.state(words, at)],
    reason: STATE_REASON_NAMES[InstrumentState.reason(words, at)],
  };
}

function readFilled(words: Int32Array, at: number, catalog: Catalog): FilledReport {
  const info = catalog.instrumentById(OrderFilled.instrument(words, at));
  return {
    event: "filled",
    ...stampOf(words, at),
    clOrdId: OrderFilled.clOrdId(words, at),
    orderId: String(OrderFilled.orderId(words, at)),
    symbol: symbolOf(info),
    side: SIDE_NAMES[OrderFilled.side(words, at)],
    tradeId: OrderFilled.tradeId(words, at),
    price: priceOf(OrderFilled.price(words, at), info),
    qty: qtyOf(OrderFilled.qty(words, at), info),
    cumQty: qtyOf(OrderFilled.cumQty(words, at), info),
    ...given("leavesQty", OrderFilled.leavesQty(words, at), info?.lot),
    feeAtoms: OrderFilled.fee(words, at),
    ...(OrderFilled.fee(words, at) === 0 ? {} : given("fee", OrderFilled.fee(words, at), info?.atom)),
    liquidity: LIQUIDITY_NAMES[OrderFilled.liquidity(words, at)],
  };
}

function readCanceled(words: Int32Array, at: number, catalog: Catalog): CanceledReport {
  const info = catalog.instrumentById(OrderCanceled.instrument(words, at));
  const qty = OrderCanceled.qty(words, at);
  const isMoney = OrderCanceled.qtyType(words, at) === QtyType.quoteAtoms;
  return {
    event: "canceled",
    ...stampOf(words, at),
    clOrdId: OrderCanceled.clOrdId(words, at),
    orderId: String(OrderCanceled.orderId(words, at)),
    symbol: symbolOf(info),
    side: SIDE_NAMES[OrderCanceled.side(words, at)],
    ...(isMoney ? given("quoteQty", qty, info?.atom) : given("qty", qty, info?.lot)),
    cumQty: qtyOf(OrderCanceled.cumQty(words, at), info),
    reason: REASON_NAMES[OrderCanceled.reason(words, at)],
  };
}

function readReduced(words: Int32Array, at: number, catalog: Catalog): ReducedReport {
  const info = catalog.instrumentById(OrderReduced.instrument(words, at));
  return {
    event: "reduced",
    ...stampOf(words, at),
    clOrdId: OrderReduced.clOrdId(words, at),
    orderId: String(OrderReduced.orderId(words, at)),
    symbol: symbolOf(info),
    side: SIDE_NAMES[OrderReduced.side(words, at)],
    by: qtyOf(OrderReduced.by(words, at), info),
    ...given("leavesQty", OrderReduced.leavesQty(words, at), info?.lot),
    cumQty: qtyOf(OrderReduced.cumQty(words, at), info),
    reason: REASON_NAMES[OrderReduced.reason(words, at)],
  };
}

function readReplaced(words: Int32Array, at: number, catalog: Catalog): ReplacedReport {
  const info = catalog.instrumentById(OrderReplaced.instrument(words, at));
  return {
    event: "replaced",
    ...stampOf(words, at),
    clOrdId: OrderReplaced.clOrdId(words, at),
    orderId: String(OrderReplaced.orderId(words, at)),
    symbol: symbolOf(info),
    side: SIDE_NAMES[OrderReplaced.side(words, at)],
    origClOrdId: OrderReplaced.origClOrdId(words, at),
    ...given("price", OrderReplaced.price(words, at), info?.tick),
    ...given("stopPrice", OrderReplaced.stopPrice(words, at), info?.tick),
    ...given("displayQty", OrderReplaced.displayQty(words, at), info?.lot),
    qty: qtyOf(OrderReplaced.qty(words, at), info),
    cumQty: qtyOf(OrderReplaced.qty(words, at) - OrderReplaced.leavesQty(words, at), info),
    leavesQty: qtyOf(OrderReplaced.leavesQty(words, at), info),
    keptPriority: OrderReplaced.keptPriority(words, at) === 1,
  };
}

function readRejected(words: Int32Array, at: number): RejectedReport {
  const clOrdId = OrderRejected.clOrdId(words, at);
  const orderId = OrderRejected.orderId(words, at);
  return {
    event: "rejected",
    ...stampOf(words, at),
    ...codeOf(OrderRejected.code(words, at)),
    request: templateName(OrderRejected.refTemplateId(words, at)) ?? "",
    ...(clOrdId === NULL_INT64 ? {} : { clOrdId }),
    ...(orderId === NULL_INT64 ? {} : { orderId: String(orderId) }),
  };
}

/** A live order of an answer to MassStatusRequest. */
export function readStatus(words: Int32Array, at: number, catalog: Catalog): OrderStatusReport {
  const info = catalog.instrumentById(OrderStatus.instrument(words, at));
  return {
    ...stampOf(words, at),
    clOrdId: OrderStatus.clOrdId(words, at),
    orderId: String(OrderStatus.orderId(words, at)),
    symbol: symbolOf(info),
    side: SIDE_NAMES[OrderStatus.side(words, at)],
    type: ORD_TYPE_NAMES[OrderStatus.ordType(words, at)],
    tif: TIME_IN_FORCE_NAMES[OrderStatus.tif(words, at)],
    state: ORDER_STATE_NAMES[OrderStatus.state(words, at)],
    ...given("price", OrderStatus.price(words, at), info?.tick),
    qty: qtyOf(OrderStatus.qty(words, at), info),
    cumQty: qtyOf(OrderStatus.cumQty(words, at), info),
    leavesQty: qtyOf(OrderStatus.leavesQty(words, at), info),
    ...given("stopPrice", OrderStatus.stopPrice(words, at), info?.tick),
    ...given("displayQty", OrderStatus.displayQty(words, at), info?.lot),
    ...givenInteger("expireTime", OrderStatus.expireTime(words, at)),
  };
}

/** An instrument's definition. */
export function readDefinition(words: Int32Array, at: number): InstrumentInfo {
  return {
    id: InstrumentDefinition.instrument(words, at),
    symbol: InstrumentDefinition.symbol(words, at),
    base: InstrumentDefinition.base(words, at),
    quote: InstrumentDefinition.quote(words, at),
    tick: { mantissa: InstrumentDefinition.tickMantissa(words, at), exponent: InstrumentDefinition.tickExponent(words, at) },
    lot: { mantissa: InstrumentDefinition.lotMantissa(words, at), exponent: InstrumentDefinition.lotExponent(words, at) },
    atom: atomOfScale(InstrumentDefinition.quoteScale(words, at)),
    minQty: InstrumentDefinition.minQty(words, at),
    maxQty: InstrumentDefinition.maxQty(words, at),
    minPrice: InstrumentDefinition.minPrice(words, at),
    maxPrice: InstrumentDefinition.maxPrice(words, at),
  };
}

/** The field as a decimal, or nothing at all when it is null. */
function given<K extends string>(key: K, units: number, step: Step10 | undefined): { readonly [key in K]?: string } {
  return units === NULL_INT64 ? {} : ({ [key]: fromUnits(units, step ?? UNIT) } as { readonly [key in K]: string });
}

function givenInteger<K extends string>(key: K, value: number): { readonly [key in K]?: number } {
  return value === NULL_INT64 ? {} : ({ [key]: value } as { readonly [key in K]: number });
}

function stampOf(words: Int32Array, at: number): Stamped {
  const isResend = (Header.flags(words, at) & Header.FLAG_POSSIBLE_RESEND) !== 0;
  return { seq: Header.seq(words, at), timeUs: Header.time(words, at), ...(isResend ? { isResend } : {}) };
}

/** A newer gateway may have codes that this client does not know. */
function codeOf(code: number): { code: number; reason: CodeName | "UNKNOWN_CODE" } {
  try {
    return { code, reason: codeName(code) };
  } catch {
    return { code, reason: "UNKNOWN_CODE" };
  }
}

function symbolOf(info: InstrumentInfo | undefined): string {
  return info?.symbol ?? "";
}

function priceOf(ticks: number, info: InstrumentInfo | undefined): string {
  return fromUnits(ticks, info?.tick ?? UNIT);
}

function qtyOf(lots: number, info: InstrumentInfo | undefined): string {
  return fromUnits(lots, info?.lot ?? UNIT);
}

import type { Catalog, InstrumentInfo } from "../../engine/edge/catalog.js";
import { fromUnits, type Step10 } from "../../engine/edge/decimal.js";
import type { OrdTypeName, ReasonName, SideName, StpName, TifName } from "../../engine/edge/types.js";
import { type CodeName, codeName } from "../../engine/wire/codes.js";
import {
  BusinessReject,
  MassCancelReport,
  OrderAccepted,
  OrderCanceled,
  OrderFilled,
  OrderReduced,
  OrderRejected,
  OrderReplaced,
} from "../../engine/wire/flyweights.js";
import {
  LIQUIDITY_NAMES,
  ORD_TYPE_NAMES,
  OrderFlags,
  REASON_NAMES,
  SELF_TRADE_MODE_NAMES,
  SIDE_NAMES,
  TIME_IN_FORCE_NAMES,
} from "../../engine/wire/generated/enums.js";
import { templateName } from "../../engine/wire/generated/templates.js";
import * as Header from "../../engine/wire/header.js";
import { NULL_INT64 } from "../../engine/wire/numbers.js";

/** What all reports have: the session's gap-free number, and the engine's stamp in microseconds since the epoch. */
interface Stamped {
  readonly seq: number;
  readonly timeUs: number;
}

/** One order of this account. */
interface OfOrder extends Stamped {
  readonly clOrdId: number;
  readonly orderId: string;
  readonly symbol: string;
  readonly side: SideName;
}

export interface AcceptedReport extends OfOrder {
  readonly event: "accepted";
  readonly type: OrdTypeName;
  readonly tif: TifName;
  readonly price?: string;
  readonly qty: string;
  readonly postOnly: boolean;
  readonly stp: StpName;
}

export interface FilledReport extends OfOrder {
  readonly event: "filled";
  readonly tradeId: number;
  readonly price: string;
  readonly qty: string;
  readonly cumQty: string;
  readonly leavesQty: string;
  /** Atoms of the quote currency; a rebate is negative. */
  readonly feeAtoms: number;
  readonly liquidity: "maker" | "taker";
}

export interface CanceledReport extends OfOrder {
  readonly event: "canceled";
  readonly qty: string;
  readonly cumQty: string;
  readonly reason: ReasonName;
}

export interface ReducedReport extends OfOrder {
  readonly event: "reduced";
  readonly by: string;
  readonly leavesQty: string;
  readonly cumQty: string;
  readonly reason: ReasonName;
}

export interface ReplacedReport extends OfOrder {
  readonly event: "replaced";
  readonly origClOrdId: number;
  readonly price: string;
  /** The new total. */
  readonly qty: string;
  readonly cumQty: string;
  /** Before it matches. */
  readonly leavesQty: string;
  readonly keptPriority: boolean;
}

export interface MassCanceledReport extends Stamped {
  readonly event: "massCanceled";
  readonly count: number;
}

export interface RejectedReport extends Stamped {
  readonly event: "rejected";
  /** A number of docs/CODES.md. */
  readonly code: number;
  readonly reason: CodeName | "UNKNOWN_CODE";
  /** Name of the message that was refused. */
  readonly request: string;
  readonly clOrdId?: number;
  readonly orderId?: string;
}

export type Report = AcceptedReport | FilledReport | CanceledReport | ReducedReport | ReplacedReport | MassCanceledReport | RejectedReport;

const UNIT: Step10 = { mantissa: 1, exponent: 0 };

/** Reads a report record; undefined for any other. Quantities of an instrument that is not in the catalog are in ticks and lots. */
export function readReport(words: Int32Array, at: number, catalog: Catalog): Report | undefined {
  switch (Header.templateId(words, at)) {
    case OrderAccepted.TEMPLATE_ID:
      return readAccepted(words, at, catalog);
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
  const price = OrderAccepted.price(words, at);
  return {
    event: "accepted",
    ...stampOf(words, at),
    clOrdId: OrderAccepted.clOrdId(words, at),
    orderId: String(OrderAccepted.orderId(words, at)),
    symbol: symbolOf(info),
    side: SIDE_NAMES[OrderAccepted.side(words, at)],
    type: ORD_TYPE_NAMES[OrderAccepted.ordType(words, at)],
    tif: TIME_IN_FORCE_NAMES[OrderAccepted.tif(words, at)],
    ...(price === NULL_INT64 ? {} : { price: priceOf(price, info) }),
    qty: qtyOf(OrderAccepted.qty(words, at), info),
    postOnly: (OrderAccepted.flags(words, at) & OrderFlags.postOnly) !== 0,
    stp: SELF_TRADE_MODE_NAMES[OrderAccepted.stp(words, at)],
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
    leavesQty: qtyOf(OrderFilled.leavesQty(words, at), info),
    feeAtoms: OrderFilled.fee(words, at),
    liquidity: LIQUIDITY_NAMES[OrderFilled.liquidity(words, at)],
  };
}

function readCanceled(words: Int32Array, at: number, catalog: Catalog): CanceledReport {
  const info = catalog.instrumentById(OrderCanceled.instrument(words, at));
  return {
    event: "canceled",
    ...stampOf(words, at),
    clOrdId: OrderCanceled.clOrdId(words, at),
    orderId: String(OrderCanceled.orderId(words, at)),
    symbol: symbolOf(info),
    side: SIDE_NAMES[OrderCanceled.side(words, at)],
    qty: qtyOf(OrderCanceled.qty(words, at), info),
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
    leavesQty: qtyOf(OrderReduced.leavesQty(words, at), info),
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
    price: priceOf(OrderReplaced.price(words, at), info),
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

function stampOf(words: Int32Array, at: number): Stamped {
  return { seq: Header.seq(words, at), timeUs: Header.time(words, at) };
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

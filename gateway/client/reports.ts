import type { OrdTypeName, ReasonName, SideName, StateName, StateReasonName, StpName, TifName } from "../../engine/edge/types.js";
import type { CodeName } from "../../engine/wire/codes.js";

/** What all reports have: the session's gap-free number, and the engine's stamp in microseconds since the epoch. */
export interface Stamped {
  readonly seq: number;
  readonly timeUs: number;
  /** It was sent again after a loss; it may have been there before. */
  readonly isResend?: true;
}

/** One order of this account. */
export interface OfOrder extends Stamped {
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
  /** Not of an order by `quoteQty`. */
  readonly qty?: string;
  /** Microseconds since the epoch. */
  readonly expireTime?: number;
  /** Of a trailing stop: where it stands at first. */
  readonly stopPrice?: string;
  readonly trail?: string;
  readonly trailBps?: number;
  readonly displayQty?: string;
  readonly minQty?: string;
  readonly quoteQty?: string;
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  /** As it is in force. */
  readonly stp: StpName;
  /** `clOrdId` of the other leg of its pair. */
  readonly oco?: number;
}

/** A stop was reached and enters the book. Nobody's answer, even when it follows its own `accepted`. */
export interface TriggeredReport extends OfOrder {
  readonly event: "triggered";
  /** The last trade at that moment. */
  readonly lastPrice: string;
}

export interface FilledReport extends OfOrder {
  readonly event: "filled";
  readonly tradeId: number;
  readonly price: string;
  readonly qty: string;
  readonly cumQty: string;
  /** What is hidden included. Not of an order by `quoteQty`. */
  readonly leavesQty?: string;
  /** Atoms of the quote currency; a rebate is negative. */
  readonly feeAtoms: number;
  /** The same in the quote currency, when it is not nought. */
  readonly fee?: string;
  readonly liquidity: "maker" | "taker";
}

export interface CanceledReport extends OfOrder {
  readonly event: "canceled";
  readonly qty?: string;
  /** In place of `qty`: what an order by `quoteQty` has not spent. */
  readonly quoteQty?: string;
  readonly cumQty: string;
  readonly reason: ReasonName;
}

export interface ReducedReport extends OfOrder {
  readonly event: "reduced";
  readonly by: string;
  /** Not of an order by `quoteQty`. */
  readonly leavesQty?: string;
  readonly cumQty: string;
  readonly reason: ReasonName;
}

export interface ReplacedReport extends OfOrder {
  readonly event: "replaced";
  readonly origClOrdId: number;
  /** Not of an order without a limit. */
  readonly price?: string;
  /** Of a stop, and of an iceberg: as it is now. */
  readonly stopPrice?: string;
  readonly displayQty?: string;
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

/** An instrument trades otherwise from now on; every session is told. */
export interface StateReport extends Stamped {
  readonly event: "state";
  readonly symbol: string;
  readonly state: StateName;
  readonly reason: StateReasonName;
}

/**
 * The connection itself, of a client that comes back: `lost`; then `resumed`, with everything that was missed behind it, or `reset`: what was
 * missed is not known any more, so ask `openOrders()`. Without a number of the session's.
 */
export interface ConnectionReport {
  readonly event: "connection";
  readonly state: "lost" | "resumed" | "reset";
  /** Orders that the gateway has canceled because the connection was lost. */
  readonly canceledOrders: number;
}

/** A live order, as an answer to `openOrders()`. */
export interface OrderStatusReport extends OfOrder {
  readonly type: OrdTypeName;
  readonly tif: TifName;
  readonly state: "resting" | "dormant" | "pending";
  readonly price?: string;
  readonly qty: string;
  readonly cumQty: string;
  readonly leavesQty: string;
  readonly stopPrice?: string;
  readonly displayQty?: string;
  readonly expireTime?: number;
}

/** What the account has in a currency, as an answer to `balances()`. */
export interface AccountBalance {
  readonly currency: string;
  /** Of margin accounts the cash balance, without what is unrealised. */
  readonly total: string;
  /** By open orders and what waits for review; of margin accounts the initial margin. */
  readonly held: string;
  /** Of margin accounts the equity less what is held. */
  readonly free: string;
}

/** A position in a margin instrument, as an answer to `positions()`; money in its quote currency. */
export interface AccountPosition {
  readonly symbol: string;
  /** Negative when short. */
  readonly qty: string;
  /** Signed. */
  readonly cost: string;
  readonly realised: string;
  /** At the mark. */
  readonly unrealised: string;
}

/** What can answer a request, or follow from it for the account. */
export type OrderReport =
  | AcceptedReport
  | FilledReport
  | CanceledReport
  | ReducedReport
  | ReplacedReport
  | TriggeredReport
  | MassCanceledReport
  | RejectedReport;

export type Report = OrderReport | StateReport | ConnectionReport;

/**
 * Commands and events as objects: the shapes of SCRIPT.md. Decimals are strings (or, in commands, numbers of at most 15
 * significant digits); keys of events stand in the order in which they are printed.
 */

/** A decimal: `-?digits(.digits)?`, or a number that is read by its shortest decimal form. */
export type DecimalInput = string | number;
/** A client order id: an integer 1…2^53−1, or its digits. */
export type IdInput = number | string;

export type SideName = "buy" | "sell";
export type OrdTypeName = "limit" | "market";
export type TifName = "gtc" | "ioc" | "fok";
export type StpName = "none" | "cancelNewest" | "cancelOldest" | "cancelBoth" | "decrement";
export type ReasonName = "user" | "ioc" | "fok" | "noLiquidity" | "selfTrade" | "massCancel" | "replacedBelowFilled";

export interface CurrencyCommand {
  cmd: "currency";
  currency: string;
  /** Decimal places of its atom, 0 to 15; 6 when it is not given. */
  scale?: number;
}
export interface InstrumentCommand {
  cmd: "instrument";
  symbol: string;
  base: string;
  quote: string;
  tickSize: DecimalInput;
  lotSize: DecimalInput;
  minQty?: DecimalInput;
  maxQty?: DecimalInput;
  minPrice?: DecimalInput;
  maxPrice?: DecimalInput;
}
export interface AccountCommand {
  cmd: "account";
  account: string;
  mode: "unchecked";
  stpGroup?: string;
  stp?: StpName;
}
export interface NewCommand {
  cmd: "new";
  account: string;
  clOrdId: IdInput;
  symbol: string;
  side: SideName;
  type?: OrdTypeName;
  tif?: TifName;
  price?: DecimalInput;
  qty?: DecimalInput;
  postOnly?: boolean;
  stp?: StpName;
}
/** Names one order of the account: exactly one of the two. */
export interface OrderRef {
  account: string;
  clOrdId?: IdInput;
  orderId?: IdInput;
}
export interface CancelCommand extends OrderRef {
  cmd: "cancel";
}
export interface ReduceCommand extends OrderRef {
  cmd: "reduce";
  by: DecimalInput;
}
export interface ReplaceCommand extends OrderRef {
  cmd: "replace";
  newClOrdId?: IdInput;
  price?: DecimalInput;
  qty?: DecimalInput;
}
export interface MassCancelCommand {
  cmd: "massCancel";
  account: string;
  symbol?: string;
  side?: SideName;
}
export interface TimeCommand {
  cmd: "time";
  /** Microseconds since the Unix epoch. */
  at: number;
}
export interface BookQuery {
  cmd: "book";
  symbol: string;
  depth?: number;
}
export interface OrdersQuery {
  cmd: "orders";
  account: string;
}
export interface HashQuery {
  cmd: "hash";
}
export type Query = BookQuery | OrdersQuery | HashQuery;
export type OrderCommand = NewCommand | CancelCommand | ReduceCommand | ReplaceCommand | MassCancelCommand;
export type SetUpCommand = CurrencyCommand | InstrumentCommand | AccountCommand | TimeCommand;
export type Command = SetUpCommand | OrderCommand | Query;

export interface AcceptedEvent {
  event: "accepted";
  seq: number;
  account: string;
  clOrdId: number;
  orderId: string;
  symbol: string;
  side: SideName;
  type: OrdTypeName;
  tif: TifName;
  price?: string;
  qty: string;
  postOnly?: boolean;
  stp?: StpName;
}
export interface TradeParty {
  account: string;
  clOrdId: number;
  leavesQty: string;
  fee?: string;
}
export interface TradeEvent {
  event: "trade";
  seq: number;
  tradeId: number;
  symbol: string;
  price: string;
  qty: string;
  aggressor: SideName;
  maker: TradeParty;
  taker: TradeParty;
}
export interface CanceledEvent {
  event: "canceled";
  seq: number;
  account: string;
  clOrdId: number;
  symbol: string;
  qty: string;
  reason: ReasonName;
}
export interface ReplacedEvent {
  event: "replaced";
  seq: number;
  account: string;
  clOrdId: number;
  origClOrdId: number;
  symbol: string;
  price: string;
  qty: string;
  leavesQty: string;
  keptPriority: boolean;
}
export interface ReducedEvent {
  event: "reduced";
  seq: number;
  account: string;
  clOrdId: number;
  symbol: string;
  by: string;
  leavesQty: string;
  reason: ReasonName;
}
export interface RejectedEvent {
  event: "rejected";
  seq: number;
  cmd: string;
  account?: string;
  clOrdId?: number;
  code: number;
  reason: string;
  text: string;
}
export interface MassCanceledEvent {
  event: "massCanceled";
  seq: number;
  account: string;
  count: number;
}
export interface OkEvent {
  event: "ok";
  seq: number;
  cmd: string;
}
/** Price, visible quantity, number of orders. */
export type BookRow = [price: string, qty: string, orders: number];
export interface BookEvent {
  event: "book";
  symbol: string;
  bids: BookRow[];
  asks: BookRow[];
}
export interface LiveOrder {
  clOrdId: number;
  symbol: string;
  side: SideName;
  type: OrdTypeName;
  price: string;
  leavesQty: string;
  status: "resting";
}
export interface OrdersEvent {
  event: "orders";
  account: string;
  orders: LiveOrder[];
}
export interface HashEvent {
  event: "hash";
  seq: number;
  hash: string;
}
/** What the engine says about an order, for clients and logs alike. */
export type OrderEvent = AcceptedEvent | TradeEvent | CanceledEvent | ReplacedEvent | ReducedEvent | RejectedEvent | MassCanceledEvent;
export type Event = OrderEvent | OkEvent | BookEvent | OrdersEvent | HashEvent;

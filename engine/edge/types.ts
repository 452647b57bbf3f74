/**
 * Commands and events as objects: the shapes of SCRIPT.md. Decimals are strings (or, in commands, numbers of at most 15
 * significant digits); keys of events stand in the order in which they are printed.
 */

/** A decimal: `-?digits(.digits)?`, or a number that is read by its shortest decimal form. */
export type DecimalInput = string | number;
/** A client order id: an integer 1…2^53−1, or its digits. */
export type IdInput = number | string;

export type SideName = "buy" | "sell";
export type OrdTypeName = "limit" | "market" | "stop" | "stopLimit" | "trailingStop";
export type TifName = "gtc" | "day" | "gtd" | "ioc" | "fok";
export type StpName = "none" | "cancelNewest" | "cancelOldest" | "cancelBoth" | "decrement";
export type ReasonName =
  | "user"
  | "ioc"
  | "fok"
  | "noLiquidity"
  | "selfTrade"
  | "massCancel"
  | "replacedBelowFilled"
  | "minQty"
  | "expired"
  | "killSwitch"
  | "oco"
  | "reduceOnly"
  | "riskOnTrigger"
  | "halt"
  | "disconnect"
  | "liquidation";
/** Trading states of an instrument. */
export type StateName = "preOpen" | "auctionCall" | "open" | "halted" | "closed";
/** Why an instrument came into its state. */
export type StateReasonName = "admin" | "volatility" | "timer";
export type KillScopeName = "global" | "instrument" | "account";

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
  /** Smallest price × quantity, in the quote currency. */
  minNotional?: DecimalInput;
  /** How far prints may leave the last trade, in basis points; 0, the default: no band. */
  bandBps?: number;
  /** How far a market order may leave the best opposite price, in basis points; 0, the default: no limit. */
  marketProtectionBps?: number;
  /** Microseconds that a volatility interruption lasts; 0, the default: until an admin opens. */
  auctionUs?: number;
  /** The first trading state; `open` when it is not given. */
  state?: StateName;
  /** Counts as a last trade. */
  lastPrice?: DecimalInput;
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
  /** Microseconds since the Unix epoch. */
  expireTime?: number;
  stopPrice?: DecimalInput;
  /** The distance of a trailing stop as a price. */
  trail?: DecimalInput;
  /** The distance of a trailing stop in basis points of the last trade. */
  trailBps?: number;
  displayQty?: DecimalInput;
  minQty?: DecimalInput;
  /** What a market order may spend or earn at most, instead of `qty`. */
  quoteQty?: DecimalInput;
  postOnly?: boolean;
  reduceOnly?: boolean;
  stp?: StpName;
  /** `clOrdId` of the other leg of an OCO pair. */
  oco?: IdInput;
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
  /** The new total, what has executed included. */
  qty?: DecimalInput;
  stopPrice?: DecimalInput;
  displayQty?: DecimalInput;
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
export interface StateCommand {
  cmd: "state";
  symbol: string;
  state: StateName;
  /** Cancels every order of the instrument, after what the new state brings. */
  cancel?: boolean;
}
export interface KillCommand {
  cmd: "kill";
  scope: KillScopeName;
  /** Of scope `instrument`, and of no other. */
  symbol?: string;
  /** Of scope `account`, and of no other. */
  account?: string;
  on: boolean;
  /** When it is turned on: cancels every order in the scope. */
  cancel?: boolean;
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
/** What an operator does: declarations, the clock, trading states and kill switches. */
export type SetUpCommand = CurrencyCommand | InstrumentCommand | AccountCommand | TimeCommand | StateCommand | KillCommand;
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
  /** Not of an order by `quoteQty`. */
  qty?: string;
  expireTime?: number;
  stopPrice?: string;
  trail?: string;
  trailBps?: number;
  displayQty?: string;
  minQty?: string;
  quoteQty?: string;
  postOnly?: boolean;
  reduceOnly?: boolean;
  stp?: StpName;
  oco?: number;
}
export interface TradeParty {
  account: string;
  clOrdId: number;
  /** Not of a taker by `quoteQty`. */
  leavesQty?: string;
  fee?: string;
}
export interface TradeEvent {
  event: "trade";
  seq: number;
  tradeId: number;
  symbol: string;
  price: string;
  qty: string;
  /** Not in an uncross. */
  aggressor?: SideName;
  maker: TradeParty;
  taker: TradeParty;
}
export interface CanceledEvent {
  event: "canceled";
  seq: number;
  account: string;
  clOrdId: number;
  symbol: string;
  qty?: string;
  /** In place of `qty`: the unspent rest of an order by `quoteQty`. */
  quoteQty?: string;
  reason: ReasonName;
}
export interface ReplacedEvent {
  event: "replaced";
  seq: number;
  account: string;
  clOrdId: number;
  origClOrdId: number;
  symbol: string;
  /** Not of an order without a limit. */
  price?: string;
  qty: string;
  leavesQty: string;
  keptPriority: boolean;
  /** When it was given, and always of a trailing stop: as it is now. */
  stopPrice?: string;
  /** When it was given. */
  displayQty?: string;
}
export interface ReducedEvent {
  event: "reduced";
  seq: number;
  account: string;
  clOrdId: number;
  symbol: string;
  by: string;
  /** Not of an order by `quoteQty`. */
  leavesQty?: string;
  reason: ReasonName;
}
export interface TriggeredEvent {
  event: "triggered";
  seq: number;
  account: string;
  clOrdId: number;
  symbol: string;
  /** The last trade at that moment. */
  lastPrice: string;
}
export interface StateEvent {
  event: "state";
  seq: number;
  symbol: string;
  state: StateName;
  reason: StateReasonName;
}
export interface AuctionEvent {
  event: "auction";
  seq: number;
  symbol: string;
  /** Not when nothing crosses. */
  price?: string;
  qty: string;
  /** The result of the uncross, directly before its trades. */
  final?: true;
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
/** `dormant`: a stop that was not reached yet. `pending`: the first leg of an OCO pair, before the second is in. */
export type OrderStatusName = "resting" | "dormant" | "pending";
export interface LiveOrder {
  clOrdId: number;
  symbol: string;
  side: SideName;
  type: OrdTypeName;
  /** Not of an order without a limit. */
  price?: string;
  /** Of a stop, fired or not: as it is now. */
  stopPrice?: string;
  /** What is hidden included. */
  leavesQty: string;
  status: OrderStatusName;
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
export type OrderEvent =
  | AcceptedEvent
  | TradeEvent
  | CanceledEvent
  | ReplacedEvent
  | ReducedEvent
  | TriggeredEvent
  | RejectedEvent
  | MassCanceledEvent;
/** What the engine says about an instrument. */
export type InstrumentEvent = StateEvent | AuctionEvent;
export type Event = OrderEvent | InstrumentEvent | OkEvent | BookEvent | OrdersEvent | HashEvent;

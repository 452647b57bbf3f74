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
/** `unchecked`: no funds are needed and nothing is limited unless set. */
export type AccountModeName = "unchecked" | "cash" | "margin";
export type InstrumentKindName = "spot" | "margin";
export type KycName = "unverified" | "verified";
export type RiskLevelName = "low" | "high";
export type AccountStateName = "active" | "suspended" | "reduceOnly";
/** Limits that are amounts or quantities, and limits that are counts. */
export type AmountLimitName =
  | "maxOrderQty"
  | "maxOrderNotional"
  | "maxOpenNotional"
  | "maxPosition"
  | "maxExposure"
  | "maxDailyNotional"
  | "maxDailyLoss";
export type CountLimitName = "maxOpenOrders" | "maxOrders" | "maxDuplicates" | "maxRiskRejects";
export type LimitName = AmountLimitName | CountLimitName;

/** Limits as SETTLED S15 names them. A limit is an amount, a quantity or a count (an integer, or its digits), or "unlimited". */
export interface LimitValues extends Partial<Record<AmountLimitName, DecimalInput>>, Partial<Record<CountLimitName, IdInput>> {
  /** Microseconds in which orders, duplicates and risk rejects are counted; 1,000,000 when it is not given. */
  windowUs?: number;
  /** Orders are refused while there is no reference price. */
  requireReference?: boolean;
}

export interface CurrencyCommand {
  cmd: "currency";
  currency: string;
  /** Decimal places of its atom, 0 to 15; 6 when it is not given. */
  scale?: number;
  /** A larger movement waits for review; without it none does. */
  amlThreshold?: DecimalInput;
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
  /** Parts per million of the notional, between −1,000,000 and 1,000,000; a rebate is negative; 0 when it is not given. */
  makerFeePpm?: number;
  takerFeePpm?: number;
  /** `spot`, the default: a trade exchanges base for quote. `margin`: it opens and closes positions. */
  kind?: InstrumentKindName;
  /** A lot of a margin instrument counts so many times; 1 when it is not given. */
  multiplier?: DecimalInput;
  /** Of a margin instrument, 0 to 1,000,000; 1,000,000 when it is not given. */
  initialMarginPpm?: number;
  /** Of a margin instrument, 0 to its initial margin; 0 when it is not given. */
  maintenanceMarginPpm?: number;
  /** How far a limit price may lie from the reference, in basis points; 0, the default: anywhere. */
  collarBps?: number;
  /** A print that would lie further from another within `breakerWindowUs` interrupts trading; 0, the default: none does. */
  breakerBps?: number;
  /** Microseconds. */
  breakerWindowUs?: number;
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
  mode: AccountModeName;
  stpGroup?: string;
  stp?: StpName;
  /** Without it cash and margin accounts may do nothing, and unchecked ones everything. */
  limits?: "unlimited" | LimitValues;
  /** `unverified`, the default, may not withdraw or transfer. */
  kyc?: KycName;
  /** `low` is the default. */
  riskLevel?: RiskLevelName;
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
/** A movement of funds; `ref` is its idempotency key. */
interface Movement {
  account: string;
  currency: string;
  amount: DecimalInput;
  ref: string;
}
export interface DepositCommand extends Movement {
  cmd: "deposit";
}
export interface WithdrawCommand extends Movement {
  cmd: "withdraw";
}
export interface TransferCommand {
  cmd: "transfer";
  account: string;
  to: string;
  currency: string;
  amount: DecimalInput;
  ref: string;
}
/** Releases or refuses a movement that waits for review. */
export interface ReviewCommand {
  cmd: "review";
  ref: string;
  release: boolean;
}
export interface KycCommand {
  cmd: "kyc";
  account: string;
  kyc: KycName;
}
export interface AccountStateCommand {
  cmd: "accountState";
  account: string;
  state: AccountStateName;
}
/** Values positions at this price, until the next mark. */
export interface MarkCommand {
  cmd: "mark";
  symbol: string;
  price: DecimalInput;
}
/** Sets the limits that are given, of an account, of an instrument, or of an account in an instrument: at least one of the two. */
export interface LimitsCommand extends LimitValues {
  cmd: "limits";
  account?: string;
  symbol?: string;
}
export interface BalancesQuery {
  cmd: "balances";
  account: string;
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
export type Query = BookQuery | OrdersQuery | BalancesQuery | HashQuery;
export type OrderCommand = NewCommand | CancelCommand | ReduceCommand | ReplaceCommand | MassCancelCommand;
export type MovementCommand = DepositCommand | WithdrawCommand | TransferCommand;
/** What an operator does: declarations, the clock, trading states and kill switches, funds and risk. */
export type SetUpCommand =
  | CurrencyCommand
  | InstrumentCommand
  | AccountCommand
  | TimeCommand
  | StateCommand
  | KillCommand
  | MovementCommand
  | ReviewCommand
  | KycCommand
  | AccountStateCommand
  | MarkCommand
  | LimitsCommand;
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
  /** In the quote currency, when it is not nought; a rebate is negative. */
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
  /** Of a movement: its risk score in parts per million. */
  riskPpm?: number;
}
/** A movement above its currency's threshold waits for `review`. */
export interface PendingReviewEvent {
  event: "pendingReview";
  seq: number;
  cmd: MovementCommand["cmd"];
  account: string;
  /** Of a transfer. */
  to?: string;
  currency: string;
  amount: string;
  ref: string;
}
/** A circuit breaker has tripped, or a limit is used to 80 or 100 percent. */
export interface AlertEvent {
  event: "alert";
  seq: number;
  kind: "circuitBreaker" | "limit";
  account?: string;
  symbol?: string;
  /** Of kind `limit`. */
  limit?: LimitName;
  percent?: number;
}
/** The engine closes a position of an account below its maintenance margin; the trades follow. */
export interface LiquidationEvent {
  event: "liquidation";
  seq: number;
  account: string;
  symbol: string;
  side: SideName;
  qty: string;
}
export interface BalanceRow {
  currency: string;
  total: string;
  held: string;
  free: string;
}
/** A position in a margin instrument; qty and cost are signed. */
export interface PositionRow {
  symbol: string;
  qty: string;
  cost: string;
  realised: string;
  unrealised: string;
}
export interface BalancesEvent {
  event: "balances";
  account: string;
  balances: BalanceRow[];
  positions: PositionRow[];
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
/** What the engine says about funds and risk. */
export type RiskEvent = PendingReviewEvent | AlertEvent | LiquidationEvent;
/** What an engine tells everybody who listens, whoever has sent the command. */
export type StreamEvent = OrderEvent | InstrumentEvent | RiskEvent;
export type Event = OrderEvent | InstrumentEvent | RiskEvent | OkEvent | BookEvent | OrdersEvent | BalancesEvent | HashEvent;

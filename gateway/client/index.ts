/** The public door of the client. Runs under Node and in browsers: nothing here imports from `node:`. */
export type { InstrumentInfo } from "../../engine/edge/catalog.js";
export type { ReconnectOptions } from "./back-off.js";
export { BookBuilder, type BookChannel, type BookStatus, type BookStep } from "./book-builder.js";
export type { BookLevel, BookOrder, BookSide } from "./book-side.js";
export { Client } from "./client.js";
export { ClientError, type ClientErrorCode } from "./client-error.js";
export type { ClientLimits, CloseInfo, RequestOptions } from "./client-types.js";
export { type ConnectOptions, connect } from "./connect.js";
export { type BookOptions, type BookUpdate, LocalBook, type OrderRow } from "./local-book.js";
export type {
  CandleItem,
  ChannelItem,
  ChannelName,
  Indication,
  MarketStateItem,
  Print,
  StatisticsItem,
  Top,
} from "./market-data.js";
export { OrderTracker, type TrackedOrder, type TrackedState } from "./order-tracker.js";
export type { Outcome, OutcomeStatus } from "./pending.js";
export type {
  AcceptedReport,
  AccountBalance,
  AccountPosition,
  CanceledReport,
  ConnectionReport,
  FilledReport,
  MassCanceledReport,
  OrderReport,
  OrderStatusReport,
  ReducedReport,
  RejectedReport,
  ReplacedReport,
  Report,
  StateReport,
  TriggeredReport,
} from "./reports.js";
export type {
  CancelRequest,
  DecimalValue,
  MassCancelRequest,
  NewOrderRequest,
  OrderName,
  ReduceRequest,
  ReplaceRequest,
} from "./requests.js";
export type { CancelOnDisconnect, Credentials } from "./sign.js";
export type { SocketClass, SocketLike } from "./socket.js";

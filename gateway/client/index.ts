/** The public door of the client. Runs under Node and in browsers: nothing here imports from `node:`. */
export type { InstrumentInfo } from "../../engine/edge/catalog.js";
export { Client, type ClientLimits, type CloseInfo, type RequestOptions } from "./client.js";
export { ClientError, type ClientErrorCode } from "./client-error.js";
export { type ConnectOptions, connect } from "./connect.js";
export type { ChannelItem, ChannelName, Indication, Print, Top } from "./market-data.js";
export type { Outcome, OutcomeStatus } from "./pending.js";
export type {
  AcceptedReport,
  CanceledReport,
  FilledReport,
  MassCanceledReport,
  OrderReport,
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
export type { SocketClass, SocketLike } from "./socket.js";

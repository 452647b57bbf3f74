/** The public door of the gateway. */

export type { InstrumentInfo } from "../engine/edge/catalog.js";
export { CLOSE, type CloseCode } from "./close-codes.js";
export { MSGPACK_SUBPROTOCOL } from "./codec/msgpack-codec.js";
export type { EnginePort, PortHost } from "./engine-port.js";
export { Gateway, type GatewayStats, SUBPROTOCOL } from "./gateway.js";
export { GatewayError, type GatewayErrorCode } from "./gateway-error.js";
export { GatewayThread, type GatewayThreadOptions, type RemotePortHost } from "./gateway-thread.js";
export type { DuplicateLogon, GatewayKey, Permission } from "./keys.js";
export { DEFAULT_LIMITS, type GatewayLimits, type GatewayOptions } from "./options.js";
export { DEFAULT_RATES, type ThrottleRates } from "./throttle.js";
export type { TokenAlgorithm, TokenOptions } from "./token.js";
export type { Rate } from "./token-bucket.js";
export type { TransportChoice } from "./transport/choose-transport.js";
export type {
  Connection,
  Listener,
  ListenOptions,
  SendResult,
  Transport,
  TransportHandlers,
  UpgradeRequest,
} from "./transport/transport.js";

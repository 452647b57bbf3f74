/** The public door of the gateway. */

export type { InstrumentInfo } from "../engine/edge/catalog.js";
export { CLOSE, type CloseCode } from "./close-codes.js";
export type { EnginePort, PortHost } from "./engine-port.js";
export { Gateway, SUBPROTOCOL } from "./gateway.js";
export { GatewayError, type GatewayErrorCode } from "./gateway-error.js";
export { DEFAULT_LIMITS, type GatewayKey, type GatewayLimits, type GatewayOptions, type Permission } from "./options.js";
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

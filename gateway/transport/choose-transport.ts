import type { Logger } from "pino";
import { GatewayError } from "../gateway-error.js";
import { lookUpUws } from "./load-uws.js";
import type { Transport } from "./transport.js";
import { uwsTransport } from "./uws-transport.js";
import { wsTransport } from "./ws-transport.js";

export type TransportChoice = "auto" | "uws" | "ws";

/**
 * `auto` takes uWebSockets.js when its native binary runs here and `ws` otherwise, and logs which one it is.
 * Throws GatewayError TRANSPORT_MISSING when `uws` is asked for by name and cannot be had.
 */
export function chooseTransport(choice: TransportChoice | Transport, logger: Logger): Transport {
  if (typeof choice !== "string") return announce(choice, "given", logger);
  if (choice === "ws") return announce(wsTransport, "asked for", logger);
  const found = lookUpUws((text) => logger.debug(text));
  if ("module" in found) return announce(uwsTransport(found.module), choice === "uws" ? "asked for" : "native binary found", logger);
  if (choice === "uws") throw new GatewayError("TRANSPORT_MISSING", found.missing);
  return announce(wsTransport, found.missing, logger);
}

function announce(transport: Transport, reason: string, logger: Logger): Transport {
  logger.info({ transport: transport.name, reason }, "gateway transport");
  return transport;
}

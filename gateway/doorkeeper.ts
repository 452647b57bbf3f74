import type { Logger } from "pino";
import type { Throttle } from "./throttle.js";
import { type TokenCheck, type TokenIdentity, tokenOf } from "./token.js";
import type { UpgradeRequest } from "./transport/transport.js";

const UNAUTHORIZED = 401;
const FORBIDDEN = 403;
const TOO_MANY_REQUESTS = 429;
const SERVICE_UNAVAILABLE = 503;

export interface DoorParts {
  readonly throttle: Throttle;
  readonly tokens: TokenCheck | undefined;
  readonly origins: ReadonlySet<string> | undefined;
  readonly maxConnections: number;
  readonly logger: Logger;
  /** Sockets that are open. */
  connectionCount(): number;
  isRefusing(): boolean;
}

/** Decides who gets a WebSocket. What is refused here has cost no session, and is told by an HTTP status. Gateway thread only. */
export class Doorkeeper {
  readonly #parts: DoorParts;
  readonly #identities = new WeakMap<UpgradeRequest, TokenIdentity>();
  /** Upgrades whose tokens are being checked. */
  #pending = 0;

  constructor(parts: DoorParts) {
    this.#parts = parts;
  }

  /** Returns an HTTP status to refuse with, or undefined; later, when there is a token to be checked. */
  judge(request: UpgradeRequest): number | undefined | Promise<number | undefined> {
    const { origins, throttle, tokens } = this.#parts;
    if (!this.#hasRoom()) return SERVICE_UNAVAILABLE;
    if (!throttle.admit(request.remoteAddress, performance.now())) return TOO_MANY_REQUESTS;
    // Only browsers send an origin, and only they can be made to connect by a page of somebody else's.
    if (origins !== undefined && request.origin !== "" && !origins.has(request.origin)) return FORBIDDEN;
    const token = tokenOf(request);
    if (token === undefined) return undefined;
    return tokens === undefined ? UNAUTHORIZED : this.#judgeToken(request, token, tokens);
  }

  /** Whom a token has proved the asker to be. */
  identityOf(request: UpgradeRequest): TokenIdentity | undefined {
    return this.#identities.get(request);
  }

  #hasRoom(): boolean {
    const { maxConnections } = this.#parts;
    return !this.#parts.isRefusing() && this.#parts.connectionCount() + this.#pending < maxConnections;
  }

  async #judgeToken(request: UpgradeRequest, token: string, tokens: TokenCheck): Promise<number | undefined> {
    this.#pending += 1;
    const found = await tokens.judge(token);
    this.#pending -= 1;
    if (typeof found === "string") {
      this.#parts.logger.warn({ why: found, address: request.remoteAddress }, "token refused");
      return UNAUTHORIZED;
    }
    this.#identities.set(request, found);
    return this.#hasRoom() ? undefined : SERVICE_UNAVAILABLE;
  }
}

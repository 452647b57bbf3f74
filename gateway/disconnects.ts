import { CancelScope } from "../engine/wire/generated/enums.js";
import type { DeadMan } from "./dead-man.js";
import type { Ingress } from "./ingress.js";
import type { OrderMirrors } from "./order-mirrors.js";
import type { Session } from "./session.js";
import type { SessionTable } from "./session-table.js";

export interface DisconnectParts {
  readonly sessions: SessionTable;
  readonly ingress: Ingress;
  readonly orders: OrderMirrors;
  readonly deadMan: DeadMan;
  readonly sessionLifeMs: number;
  /** Drops what is kept of a session. */
  forget(session: Session): void;
}

/** What becomes of the orders of those who are not there: cancel on disconnect, and dead man's switches. Gateway thread only. */
export class Disconnects {
  readonly #parts: DisconnectParts;

  constructor(parts: DisconnectParts) {
    this.#parts = parts;
  }

  /** Does what is due. What a full ring keeps from being done is tried again the next time. */
  turn(nowMs: number): void {
    const { sessions, deadMan, ingress, sessionLifeMs } = this.#parts;
    for (const session of sessions.withoutSocket()) {
      if (session.cancelAtMs <= nowMs) this.cancel(session);
      else if (session.cancelAtMs === Number.POSITIVE_INFINITY && nowMs - session.detachedMs >= sessionLifeMs) this.#parts.forget(session);
    }
    deadMan.fireDue(nowMs, (account) => ingress.cancelAccount(account));
  }

  /** Cancels what the session has asked for when it loses its socket. False: not all of it could be sent, or not yet. */
  cancel(session: Session): boolean {
    const isDone = session.cancelScope === CancelScope.session ? this.#cancelOwn(session) : this.#cancelAccount(session);
    if (isDone) session.cancelAtMs = Number.POSITIVE_INFINITY;
    return isDone;
  }

  #cancelAccount(session: Session): boolean {
    return session.cancelScope === CancelScope.none || this.#parts.ingress.cancelAccount(session.account);
  }

  /** Orders that are still on their way must be known first. */
  #cancelOwn(session: Session): boolean {
    if (session.inFlight > 0) return false;
    for (const order of this.#parts.orders.ofAccount(session.account)) {
      if (order.session === session.id && !this.#parts.ingress.cancelOrder(session.account, order.orderId)) return false;
    }
    return true;
  }
}

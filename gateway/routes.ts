import { Cancel, MassCancel, NewOrder, NewOrderFull, Reduce, Replace } from "../engine/wire/flyweights.js";
import * as Header from "../engine/wire/header.js";
import { NULL_INT64, NULL_UINT32 } from "../engine/wire/numbers.js";
import { type EnginePort, EVERY_SHARD } from "./engine-port.js";
import type { OrderMirrors } from "./order-mirrors.js";
import type { Session } from "./session.js";

/** Any shard: what it does not know, none does. */
const ANY_SHARD = 0;

/** Finds the shard that an order record is for. Gateway thread only. */
export class Routes {
  readonly #port: Pick<EnginePort, "shards" | "shardOf" | "shardOfOrder">;
  readonly #orders: OrderMirrors;

  constructor(port: Pick<EnginePort, "shards" | "shardOf" | "shardOfOrder">, orders: OrderMirrors) {
    this.#port = port;
    this.#orders = orders;
  }

  /** A shard, or EVERY_SHARD: of a record that passed `checkRecord`. */
  shardOf(session: Session, words: Int32Array, at: number): number {
    if (this.#port.shards === 1) return ANY_SHARD;
    switch (Header.templateId(words, at)) {
      case NewOrder.TEMPLATE_ID:
        return this.#port.shardOf(NewOrder.instrument(words, at));
      case NewOrderFull.TEMPLATE_ID:
        return this.#port.shardOf(NewOrderFull.instrument(words, at));
      case MassCancel.TEMPLATE_ID:
        return this.#shardOfScope(MassCancel.instrument(words, at));
      case Reduce.TEMPLATE_ID:
        return this.#shardOfOrder(session, Reduce.clOrdId(words, at), Reduce.orderId(words, at));
      case Replace.TEMPLATE_ID:
        return this.#shardOfOrder(session, Replace.clOrdId(words, at), Replace.orderId(words, at));
      default:
        return this.#shardOfOrder(session, Cancel.clOrdId(words, at), Cancel.orderId(words, at));
    }
  }

  /** The record is on its way to that shard: what follows may name its order before anybody has heard of it. */
  sent(session: Session, words: Int32Array, at: number, shard: number): void {
    if (this.#port.shards === 1) return;
    const templateId = Header.templateId(words, at);
    if (templateId === NewOrder.TEMPLATE_ID) session.traffic.isComing(NewOrder.clOrdId(words, at), shard);
    else if (templateId === NewOrderFull.TEMPLATE_ID) session.traffic.isComing(NewOrderFull.clOrdId(words, at), shard);
    else if (templateId === Replace.TEMPLATE_ID && Replace.newClOrdId(words, at) !== NULL_INT64)
      session.traffic.isComing(Replace.newClOrdId(words, at), shard);
  }

  #shardOfScope(instrument: number): number {
    return instrument === NULL_UINT32 ? EVERY_SHARD : this.#port.shardOf(instrument);
  }

  #shardOfOrder(session: Session, clOrdId: number, orderId: number): number {
    if (orderId !== NULL_INT64) return this.#port.shardOfOrder(orderId);
    const coming = session.traffic.shardOfComing(clOrdId);
    if (coming !== undefined) return coming;
    const order = this.#orders.byClOrdId(session.account, clOrdId);
    return order === undefined ? ANY_SHARD : this.#port.shardOf(order.instrument);
  }
}

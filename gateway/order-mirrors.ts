import { OrderStatus } from "../engine/wire/flyweights.js";
import type { EnginePort } from "./engine-port.js";
import { type LiveOrder, OrderMirror } from "./order-mirror.js";

/** The live orders of all shards: a client id is unique in one only. Gateway thread only. */
export class OrderMirrors {
  readonly #port: Pick<EnginePort, "shards" | "shardOfOrder">;
  readonly #mirrors: readonly OrderMirror[];

  constructor(port: Pick<EnginePort, "shards" | "shardOfOrder">) {
    this.#port = port;
    this.#mirrors = Array.from({ length: port.shards }, () => new OrderMirror());
  }

  get size(): number {
    return this.#mirrors.reduce((size, mirror) => size + mirror.size, 0);
  }

  /** Takes over orders that live already, as OrderStatus records one behind the other. */
  seed(words: Int32Array): void {
    const lengthWords = OrderStatus.RECORD_BYTES >> 2;
    for (let at = 0; at < words.length; at += lengthWords) {
      const shard = this.#port.shardOfOrder(OrderStatus.orderId(words, at));
      this.#mirrors[shard].seed(words.subarray(at, at + lengthWords));
    }
  }

  byOrderId(account: number, orderId: number): LiveOrder | undefined {
    return this.#mirrors[this.#port.shardOfOrder(orderId)].byOrderId(account, orderId);
  }

  /** Of several shards that have such an order, the first one's. */
  byClOrdId(account: number, clOrdId: number): LiveOrder | undefined {
    for (const mirror of this.#mirrors) {
      const order = mirror.byClOrdId(account, clOrdId);
      if (order !== undefined) return order;
    }
    return undefined;
  }

  /** Shard by shard; in each the oldest first, apart from those that were renamed, which come last. */
  *ofAccount(account: number): Iterable<LiveOrder> {
    for (const mirror of this.#mirrors) yield* mirror.ofAccount(account);
  }

  /** Any event of a shard. */
  follow(words: Int32Array, at: number, shard: number): void {
    this.#mirrors[shard].follow(words, at);
  }
}

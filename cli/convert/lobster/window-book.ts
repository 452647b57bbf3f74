import type { LobsterLevel, LobsterSide } from "./lobster-day.js";

/** An order that rests in the window. */
export interface WindowOrder {
  readonly id: number;
  size: number;
}

/** Orders of one side by price, in priority: what the engine's book has to hold while a day is derived. */
export class WindowBook {
  private readonly bids = new Map<number, WindowOrder[]>();
  private readonly asks = new Map<number, WindowOrder[]>();

  add(side: LobsterSide, price: number, order: WindowOrder): void {
    const queue = this.queueAt(side, price);
    if (queue === undefined) this.levels(side).set(price, [order]);
    else queue.push(order);
  }

  find(side: LobsterSide, price: number, id: number): WindowOrder | undefined {
    return this.queueAt(side, price)?.find((order) => order.id === id);
  }

  /** Takes quantity off an order; at nothing left it goes, and its level with it when it was the last. */
  take(side: LobsterSide, price: number, order: WindowOrder, size: number): void {
    order.size -= size;
    if (order.size > 0) return;
    const queue = this.queueAt(side, price) as WindowOrder[];
    queue.splice(queue.indexOf(order), 1);
    if (queue.length === 0) this.levels(side).delete(price);
  }

  /** True when an execution at this price would meet this order first. */
  isFirst(side: LobsterSide, price: number, order: WindowOrder): boolean {
    return this.queueAt(side, price)?.[0] === order && this.bestPrice(side) === price;
  }

  removeLevel(side: LobsterSide, price: number): WindowOrder[] {
    const queue = this.queueAt(side, price) ?? [];
    this.levels(side).delete(price);
    return queue;
  }

  has(side: LobsterSide, price: number): boolean {
    return this.levels(side).has(price);
  }

  /** Prices that rest here but not among these levels. */
  pricesBeyond(side: LobsterSide, levels: readonly LobsterLevel[]): number[] {
    const wanted = new Set(levels.map(([price]) => price));
    return [...this.levels(side).keys()].filter((price) => !wanted.has(price));
  }

  total(side: LobsterSide, price: number): number {
    return (this.queueAt(side, price) ?? []).reduce((sum, order) => sum + order.size, 0);
  }

  private bestPrice(side: LobsterSide): number {
    const prices = [...this.levels(side).keys()];
    return side === 1 ? Math.max(...prices) : Math.min(...prices);
  }

  private queueAt(side: LobsterSide, price: number): WindowOrder[] | undefined {
    return this.levels(side).get(price);
  }

  private levels(side: LobsterSide): Map<number, WindowOrder[]> {
    return side === 1 ? this.bids : this.asks;
  }
}

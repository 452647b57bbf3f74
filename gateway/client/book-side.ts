/** One order of a level, as the channel `orders` tells it. */
export interface BookOrder {
  readonly orderId: number;
  /** Lots that are seen. */
  qty: number;
}

/** One price level, in ticks and lots. */
export interface BookLevel {
  readonly price: number;
  qty: number;
  orders: number;
  /** In their order; empty unless the channel is `orders`. */
  readonly queue: BookOrder[];
}

/** The levels of one side, best first. */
export class BookSide {
  readonly levels: BookLevel[] = [];
  readonly #sign: number;

  /** 0: bids, the highest price first; 1: asks. */
  constructor(side: number) {
    this.#sign = side === 0 ? -1 : 1;
  }

  clear(): void {
    this.levels.length = 0;
  }

  /** Sets a level; quantity 0 takes it out. */
  set(price: number, qty: number, orders: number): void {
    const index = this.#indexOf(price);
    const level = this.levels[index];
    const isThere = level?.price === price;
    if (qty === 0) {
      if (isThere) this.levels.splice(index, 1);
    } else if (level !== undefined && isThere) {
      level.qty = qty;
      level.orders = orders;
    } else this.levels.splice(index, 0, { price, qty, orders, queue: [] });
  }

  /** Puts an order at the end of its level. False: it is there already. */
  add(price: number, orderId: number, qty: number): boolean {
    const index = this.#indexOf(price);
    const level = this.levels[index];
    if (level?.price !== price) {
      this.levels.splice(index, 0, { price, qty, orders: 1, queue: [{ orderId, qty }] });
      return true;
    }
    if (level.queue.some((order) => order.orderId === orderId)) return false;
    level.queue.push({ orderId, qty });
    level.qty += qty;
    level.orders++;
    return true;
  }

  /** Another quantity of an order; 0 takes it out. False: it is not there. */
  change(price: number, orderId: number, qty: number): boolean {
    const index = this.#indexOf(price);
    const level = this.levels[index];
    if (level?.price !== price) return false;
    const place = level.queue.findIndex((order) => order.orderId === orderId);
    const order = level.queue[place];
    if (order === undefined) return false;
    level.qty += qty - order.qty;
    order.qty = qty;
    if (qty > 0) return true;
    level.queue.splice(place, 1);
    level.orders--;
    if (level.orders === 0) this.levels.splice(index, 1);
    return true;
  }

  /** Where a price is, or would be. */
  #indexOf(price: number): number {
    const { levels } = this;
    let low = 0;
    let high = levels.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#sign * levels[middle].price < this.#sign * price) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

import type { Flow, FlowResult } from "./flow.js";
import { OP_ADD, OP_CANCEL, OP_IOC, OP_MARKET, OP_REDUCE, OP_REPLACE } from "./flow.js";

/** What a flow needs of a book. Sides are 0 buy and 1 sell, prices ticks, quantities lots. No call is ever refused. */
export interface FlowBook {
  add(id: number, side: number, price: number, qty: number): void;
  cancel(id: number): void;
  /** Matches up to the price and drops the rest. */
  immediate(id: number, side: number, price: number, qty: number): void;
  market(id: number, side: number, qty: number): void;
  /** New price and open quantity, always at the tail of its price; the side is the order's own. */
  replace(id: number, side: number, price: number, qty: number): void;
  /** Takes quantity off; the place in the queue stays. */
  reduce(id: number, by: number): void;
  /** What trades and book come to so far. */
  result(): FlowResult;
}

/** Applies the commands `from` to `to` − 1 of a flow. */
export function playFlow(flow: Flow, book: FlowBook, from = 0, to = flow.ops.length): void {
  const { ops, sides, ids, prices, quantities } = flow;
  for (let i = from; i < to; i++) {
    const id = ids[i] as number;
    const side = sides[i] as number;
    const price = prices[i] as number;
    const qty = quantities[i] as number;
    const op = ops[i];
    if (op === OP_ADD) book.add(id, side, price, qty);
    else if (op === OP_CANCEL) book.cancel(id);
    else if (op === OP_IOC) book.immediate(id, side, price, qty);
    else if (op === OP_MARKET) book.market(id, side, qty);
    else if (op === OP_REPLACE) book.replace(id, side, price, qty);
    else if (op === OP_REDUCE) book.reduce(id, qty);
    else throw new RangeError(`unknown op ${op} at command ${i}`);
  }
}

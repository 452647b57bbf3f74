import { HiddenOrders } from "./hidden-orders.js";
import {
  type LobsterMessage,
  type LobsterRow,
  type LobsterSide,
  MESSAGE_DELETE,
  MESSAGE_EXECUTION,
  MESSAGE_HIDDEN,
  MESSAGE_NEW,
  MESSAGE_REDUCE,
} from "./lobster-day.js";
import { WindowBook } from "./window-book.js";

/**
 * What a book has to do to follow the exchange's own book of the 10 best levels: `S` an order rests because its level
 * came into view, `A` a new limit order, `R` a reduction, `D` a deletion, `X` an execution of exactly this order, `Y` an
 * execution that broke priority, so that only a reduction can follow it, `P` an order goes because its level went out of
 * view, `H` a hidden execution, which changes no book.
 */
export type LobsterOpName = "S" | "A" | "R" | "D" | "X" | "Y" | "P" | "H";

export interface DerivedOp {
  /** From 1. After the last operation of a row the book equals that row of the orderbook file. */
  readonly row: number;
  readonly op: LobsterOpName;
  readonly id: number;
  /** Of the resting order, executions too. */
  readonly side: LobsterSide;
  /** USD × 10,000. */
  readonly price: number;
  readonly size: number;
  readonly timeNs: number;
}

/** Ids of orders that no message ever names start here. */
const NAMELESS_ID_MIN = 1_000_000_001;

/**
 * Turns a day of LOBSTER messages, with the book after each of them, into operations. Throws RangeError with the row that
 * the two files do not explain.
 */
export class LobsterDay {
  private readonly book = new WindowBook();
  private readonly hidden: HiddenOrders;
  private nextNamelessId = NAMELESS_ID_MIN;
  private ops: DerivedOp[] = [];

  constructor(
    private readonly messages: readonly LobsterMessage[],
    private readonly rowAt: (row: number) => LobsterRow,
  ) {
    this.hidden = new HiddenOrders(messages, rowAt);
  }

  get rowCount(): number {
    return this.messages.length;
  }

  /** The operations of one row. Rows must be asked for in order, from 1. */
  opsOf(row: number): DerivedOp[] {
    this.ops = [];
    const message = this.messages[row - 1] as LobsterMessage;
    const levels = this.rowAt(row);
    if (row > 1) this.follow(row, message);
    for (const side of [1, -1] as const) this.show(row, side, levels);
    for (const side of [1, -1] as const) this.hide(row, side, levels);
    this.check(row, levels);
    return this.ops;
  }

  /** What the message itself says. The first row's is in the first book already. */
  private follow(row: number, message: LobsterMessage): void {
    const { type, id, side, price, size } = message;
    if (type === MESSAGE_HIDDEN) {
      this.emit(row, "H", id, side, price, size);
      return;
    }
    if (type === MESSAGE_NEW) {
      this.book.add(side, price, { id, size });
      this.emit(row, "A", id, side, price, size);
      return;
    }
    if (type !== MESSAGE_REDUCE && type !== MESSAGE_DELETE && type !== MESSAGE_EXECUTION) return;
    const order = this.book.find(side, price, id);
    if (order === undefined || order.size < size) throw new RangeError(`row ${row}: order ${id} has not ${size} at ${price}`);
    const op = type === MESSAGE_REDUCE ? "R" : type === MESSAGE_DELETE ? "D" : this.book.isFirst(side, price, order) ? "X" : "Y";
    this.book.take(side, price, order, op === "D" ? order.size : size);
    this.emit(row, op, id, side, price, size);
  }

  /** Levels that came into view get the orders that can be told, and one without a name for the rest. */
  private show(row: number, side: LobsterSide, levels: LobsterRow): void {
    for (const [price, total] of side === 1 ? levels.bids : levels.asks) {
      if (this.book.has(side, price)) continue;
      let rest = total;
      for (const { id, size } of this.hidden.at(side, price, row)) {
        if (size > rest) continue;
        rest -= size;
        this.rest(row, side, price, id, size);
      }
      if (rest > 0) this.rest(row, side, price, this.nextNamelessId++, rest);
    }
  }

  private rest(row: number, side: LobsterSide, price: number, id: number, size: number): void {
    this.book.add(side, price, { id, size });
    this.emit(row, "S", id, side, price, size);
  }

  private hide(row: number, side: LobsterSide, levels: LobsterRow): void {
    for (const price of this.book.pricesBeyond(side, side === 1 ? levels.bids : levels.asks)) {
      for (const order of this.book.removeLevel(side, price)) this.emit(row, "P", order.id, side, price, order.size);
    }
  }

  private check(row: number, levels: LobsterRow): void {
    for (const side of [1, -1] as const) {
      for (const [price, size] of side === 1 ? levels.bids : levels.asks) {
        const found = this.book.total(side, price);
        if (found !== size) throw new RangeError(`row ${row}: the book file has ${size} at ${price}, the messages lead to ${found}`);
      }
    }
  }

  private emit(row: number, op: LobsterOpName, id: number, side: LobsterSide, price: number, size: number): void {
    const { timeNs } = this.messages[row - 1] as LobsterMessage;
    this.ops.push({ row, op, id, side, price, size, timeNs });
  }
}

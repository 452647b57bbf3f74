import { Header, OrderRejected, Trade } from "../../engine/wire/flyweights.js";
import type { LobsterBook, LobsterOp } from "./lobster.js";
import { OneAccountCore } from "./one-account-core.js";

const ORDERS_MAX = 2 ** 12;
/** Client ids of the aggressors that stand for executions; NASDAQ's own ids lie far below. */
const FIRST_TAKER_ID = 2 ** 40;

/** A real NASDAQ day through `Core`: every execution must fill the order that it filled there. */
export class CoreLobster {
  readonly door = new OneAccountCore(ORDERS_MAX);
  executions = 0;
  private takerId = FIRST_TAKER_ID;
  private readonly fills: { id: number; price: number; qty: number }[] = [];

  /** Applies one operation. Throws Error when the core does not do what the exchange did. */
  apply(operation: LobsterOp): void {
    const { op, id, side, price, size } = operation;
    const own = side === "buy" ? 0 : 1;
    this.fills.length = 0;
    if (op === "S" || op === "A") this.door.limit(id, own, price, size, false, this.onEvent);
    else if (op === "R" || op === "Y") this.door.reduce(id, size, this.onEvent);
    else if (op === "D" || op === "P") this.door.cancel(id, this.onEvent);
    else if (op === "X") this.execute(operation, 1 - own);
    if (op !== "X" && this.fills.length > 0) throw new Error(`row ${operation.row}: ${op} of ${id} traded`);
  }

  /** Throws Error when the whole book is not exactly this row. */
  compare(row: number, expected: LobsterBook): void {
    const book = this.door.core.book("FLOW");
    const found = JSON.stringify([book.asks, book.bids].map((rows) => rows.map(([price, size]) => [Number(price), Number(size)])));
    const wanted = JSON.stringify([expected.asks, expected.bids]);
    if (found !== wanted) throw new Error(`row ${row}: the book is ${found}, at NASDAQ it was ${wanted}`);
  }

  private execute(operation: LobsterOp, takerSide: number): void {
    const { row, id, price, size } = operation;
    this.door.limit(this.takerId++, takerSide, price, size, true, this.onEvent);
    const [fill] = this.fills;
    const isAsThere = this.fills.length === 1 && fill?.id === id && fill.price === price && fill.qty === size;
    if (!isAsThere) throw new Error(`row ${row}: execution of ${size} on ${id} at ${price} gave ${JSON.stringify(this.fills)}`);
    this.executions++;
  }

  private readonly onEvent = (words: Int32Array, at: number): void => {
    const template = Header.templateId(words, at);
    if (template === OrderRejected.TEMPLATE_ID) throw new Error(`the core refused with code ${OrderRejected.code(words, at)}`);
    if (template !== Trade.TEMPLATE_ID) return;
    this.fills.push({ id: Trade.makerClOrdId(words, at), price: Trade.price(words, at), qty: Trade.qty(words, at) });
  };
}

/** Plays a day and compares the book after every row. Returns how much of it there was. */
export function playLobster(operations: readonly LobsterOp[], rows: readonly LobsterBook[]): { rows: number; executions: number } {
  const lobster = new CoreLobster();
  for (const [i, operation] of operations.entries()) {
    lobster.apply(operation);
    if (operations[i + 1]?.row === operation.row) continue;
    const expected = rows[operation.row - 1];
    if (expected === undefined) throw new Error(`row ${operation.row} is not in the orderbook file`);
    lobster.compare(operation.row, expected);
  }
  lobster.door.core.assertConsistent();
  return { rows: rows.length, executions: lobster.executions };
}

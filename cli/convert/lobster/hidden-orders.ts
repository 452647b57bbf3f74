import { type LobsterMessage, type LobsterRow, type LobsterSide, MESSAGE_HIDDEN, MESSAGE_NEW } from "./lobster-day.js";

/** An order as far as the messages let it be known. */
export interface KnownOrder {
  readonly id: number;
  /** What it has left. */
  readonly size: number;
}

interface OrderHistory {
  /** Row of its type 1 message; 0 when it was entered out of sight. */
  readonly bornRow: number;
  readonly bornSize: number;
  /** Rows and sizes of what took quantity off it, in order. */
  readonly rows: number[];
  readonly sizes: number[];
}

/**
 * Who rests in a level that comes into view. The exchange's file says only how much is there, but later messages name the
 * orders: whoever is executed or deleted later without having been entered in view since was resting already. It may have
 * been entered out of view after all; but order ids ascend, so an id above the one of the next new order is not there yet.
 */
export class HiddenOrders {
  private readonly byLevel = new Map<string, number[]>();
  private readonly histories = new Map<number, OrderHistory>();
  /** By row: the highest id that an order may have that rests after it; 0 before the first new order. */
  private readonly idMax: Float64Array;

  /** `rowAt` gives the book after row 1…n. */
  constructor(
    messages: readonly LobsterMessage[],
    private readonly rowAt: (row: number) => LobsterRow,
  ) {
    messages.forEach((message, index) => {
      if (message.type !== MESSAGE_HIDDEN && message.id > 0) this.learn(message, index + 1);
    });
    for (const ids of this.byLevel.values()) ids.sort((a, b) => a - b);
    this.idMax = idLimits(messages);
  }

  /** The orders that can be told by name at a level that comes into view after a row, ascending by id. */
  at(side: LobsterSide, price: number, row: number): KnownOrder[] {
    const known: KnownOrder[] = [];
    for (const id of this.byLevel.get(levelKey(side, price)) ?? []) {
      const history = this.histories.get(id) as OrderHistory;
      const next = history.rows.findIndex((later) => later > row);
      if (history.bornRow > row || next === -1) continue;
      const isOldEnough = id <= (this.idMax[row] as number) || this.staysInView(side, price, row, history.rows[next] as number);
      if (isOldEnough) known.push({ id, size: sizeAfter(history, next) });
    }
    return known;
  }

  private learn(message: LobsterMessage, row: number): void {
    let history = this.histories.get(message.id);
    if (history === undefined) {
      const isBorn = message.type === MESSAGE_NEW;
      history = { bornRow: isBorn ? row : 0, bornSize: isBorn ? message.size : 0, rows: [], sizes: [] };
      this.histories.set(message.id, history);
      const key = levelKey(message.side, message.price);
      const ids = this.byLevel.get(key);
      if (ids === undefined) this.byLevel.set(key, [message.id]);
      else ids.push(message.id);
    }
    if (message.type === MESSAGE_NEW) return;
    history.rows.push(row);
    history.sizes.push(message.size);
  }

  /** A level that is in view all the way to the order's next message can not have got it out of sight. */
  private staysInView(side: LobsterSide, price: number, row: number, nextRow: number): boolean {
    for (let at = row; at < nextRow; at++) {
      const { bids, asks } = this.rowAt(at);
      if (!(side === 1 ? bids : asks).some((level) => level[0] === price)) return false;
    }
    return true;
  }
}

/** With its birth in view: what was not taken off since. Else: what will be taken off, for nobody tells more. */
function sizeAfter(history: OrderHistory, next: number): number {
  const sum = (sizes: number[]) => sizes.reduce((total, size) => total + size, 0);
  return history.bornRow > 0 ? history.bornSize - sum(history.sizes.slice(0, next)) : sum(history.sizes.slice(next));
}

function idLimits(messages: readonly LobsterMessage[]): Float64Array {
  const limits = new Float64Array(messages.length + 1);
  let highest = 0;
  for (let row = 1; row <= messages.length; row++) {
    const message = messages[row - 1] as LobsterMessage;
    if (message.type === MESSAGE_NEW) highest = Math.max(highest, message.id);
    limits[row] = highest;
  }
  let nextNew = 0;
  for (let row = messages.length; row >= 1; row--) {
    const message = messages[row - 1] as LobsterMessage;
    const limit = limits[row] as number;
    if (limit > 0) limits[row] = Math.max(limit, nextNew);
    if (message.type === MESSAGE_NEW) nextNew = message.id;
  }
  return limits;
}

function levelKey(side: LobsterSide, price: number): string {
  return `${side}@${price}`;
}

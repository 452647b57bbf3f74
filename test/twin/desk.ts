import type { ReasonName } from "../../engine/edge/types.js";
import { canceled, reduced, trade } from "./events.js";
import { bookTrade } from "./ledger.js";
import type { Order } from "./state.js";
import { rest, roomOf, smaller, takeOut } from "./state.js";
import type { Tape } from "./tape.js";

/** C22: a cancel for one of these takes no other leg with it. */
const WITHOUT_CONSEQUENCE: readonly ReasonName[] = ["massCancel", "killSwitch", "halt", "oco", "liquidation"];

/** What can happen to an order wherever it is, told and with its consequence for the other leg of an OCO pair (C22). */
export class Desk {
  constructor(readonly tape: Tape) {}

  cancel(order: Order, reason: ReasonName): void {
    this.tape.emit(canceled(this.tape.seq, order, reason));
    const partner = this.#bury(order);
    if (partner !== undefined && !WITHOUT_CONSEQUENCE.includes(reason)) this.cancel(partner, "oco");
  }

  /** Takes lots off an order that keeps its place; its total falls with it; O10: what is hidden goes first. */
  reduce(order: Order, by: bigint, reason: ReasonName): void {
    order.total -= by;
    order.leaves -= by;
    order.tranche = smaller(order.tranche, order.leaves);
    this.tape.emit(reduced(this.tape.seq, order, by, reason));
    const { partner } = order;
    if (partner === undefined || reason === "oco") return;
    // R10: the other leg is reduced too when it would be larger.
    if (partner.leaves > order.leaves) this.reduce(partner, partner.leaves - order.leaves, "oco");
  }

  /** C4, C5: cuts a reduce-only order to its room. False when nothing was left of it, and it is gone. */
  cutToRoom(order: Order): boolean {
    if (!order.reduceOnly) return true;
    const room = roomOf(order);
    if (room === 0n) this.cancel(order, "reduceOnly");
    else if (order.money === undefined && order.leaves > room) this.reduce(order, order.leaves - room, "reduceOnly");
    return room > 0n;
  }

  /** One print. The maker's consequences come first (P1). */
  trade(maker: Order, taker: Order, price: bigint, qty: bigint, isUncross: boolean): void {
    const { instrument } = maker;
    for (const order of [maker, taker]) take(order, price, qty);
    const fees = bookTrade(this.tape, maker, taker, price, qty);
    instrument.lastPrice = price;
    if (instrument.breakerBps > 0n) instrument.prints.push({ at: this.tape.clock, price });
    this.tape.tradeCount++;
    this.tape.emit(trade({ seq: this.tape.seq, tradeId: this.tape.tradeCount, price, qty, maker, taker, fees, isUncross }));
    for (const order of [maker, taker]) this.#afterFill(order, qty);
  }

  #afterFill(order: Order, qty: bigint): void {
    if (isDone(order)) {
      const partner = this.#bury(order);
      if (partner !== undefined) this.cancel(partner, "oco");
      return;
    }
    if (order.place === "resting" && order.displayQty !== undefined && order.tranche === 0n) {
      // C7: the next tranche joins the tail of its level, at once.
      takeOut(order);
      rest(order);
    }
    const { partner } = order;
    if (partner === undefined) return;
    if (qty >= partner.leaves) this.cancel(partner, "oco");
    else this.reduce(partner, qty, "oco");
  }

  /** Ends an order. Returns the other leg of its pair, which is a plain order from now on. */
  #bury(order: Order): Order | undefined {
    takeOut(order);
    order.place = "dead";
    order.account.live.delete(order.clOrdId);
    const { partner } = order;
    if (partner !== undefined) partner.partner = undefined;
    order.partner = undefined;
    return partner;
  }
}

function take(order: Order, price: bigint, qty: bigint): void {
  if (order.money !== undefined) {
    order.money -= qty * price * order.instrument.atomsPerTickLot;
    return;
  }
  order.leaves -= qty;
  // An aggressor trades with its whole quantity and has no tranche yet.
  if (order.place === "resting" && order.displayQty !== undefined) order.tranche -= qty;
}

function isDone(order: Order): boolean {
  return (order.money ?? order.leaves) === 0n;
}

import { NOT_FOUND } from "../../flat/pair-index.js";
import { CODES } from "../../wire/codes.js";
import { Cancel, Reduce } from "../../wire/flyweights.js";
import { Reason } from "../../wire/generated/enums.js";
import { MAX_SAFE, NULL_INT64, OFF_STEP } from "../../wire/numbers.js";
import { LEAVES, SLOT_DOUBLES, TOTAL } from "../book/order-pool.js";
import type { Floor } from "./floor.js";

/** Cancel and reduce (SEMANTICS 4). Shard thread only. */
export class CancelReduce {
  constructor(private readonly floor: Floor) {}

  cancel(words: Int32Array, at: number): void {
    const emitter = this.floor.emitter;
    const account = Cancel.account(words, at);
    const clOrdId = Cancel.clOrdId(words, at);
    const orderId = Cancel.orderId(words, at);
    emitter.answer(Cancel.session(words, at), Cancel.clientSeq(words, at));
    const slot = findOrder(this.floor, account, clOrdId, orderId);
    if (slot === NOT_FOUND) {
      emitter.orderRejected(account, clOrdId, orderId, missCode(this.floor, account, clOrdId), Cancel.TEMPLATE_ID);
      return;
    }
    emitter.canceled(slot, Reason.user, true);
    this.floor.book.remove(slot);
  }

  /** Keeps the place in the queue; by as much as is left, or more, it cancels. */
  reduce(words: Int32Array, at: number): void {
    const { emitter, book } = this.floor;
    const account = Reduce.account(words, at);
    const clOrdId = Reduce.clOrdId(words, at);
    const orderId = Reduce.orderId(words, at);
    const by = Reduce.by(words, at);
    emitter.answer(Reduce.session(words, at), Reduce.clientSeq(words, at));
    const slot = findOrder(this.floor, account, clOrdId, orderId);
    if (slot === NOT_FOUND) {
      emitter.orderRejected(account, clOrdId, orderId, missCode(this.floor, account, clOrdId), Reduce.TEMPLATE_ID);
      return;
    }
    if (by <= 0) {
      const code = by === OFF_STEP ? CODES.QTY_OFF_LOT : CODES.QTY_OUT_OF_RANGE;
      emitter.orderRejected(account, clOrdId, orderId, code, Reduce.TEMPLATE_ID);
      return;
    }
    if (by >= book.pool.doubles[slot * SLOT_DOUBLES + LEAVES]) {
      emitter.canceled(slot, Reason.user, true);
      book.remove(slot);
      return;
    }
    book.shrink(slot, by);
    book.pool.doubles[slot * SLOT_DOUBLES + TOTAL] -= by;
    emitter.reduced(slot, by, Reason.user, true);
  }
}

/** The account's live order by whichever id is given, or NOT_FOUND. */
export function findOrder(floor: Floor, account: number, clOrdId: number, orderId: number): number {
  if (account >= floor.accounts.count) return NOT_FOUND;
  return clOrdId === NULL_INT64 ? floor.book.findByOrderId(account, orderId) : floor.book.findByClOrdId(account, clOrdId);
}

/** Why an order was not found. A client id that no order can have is BAD_CLORDID in every command (SETTLED S1). */
export function missCode(floor: Floor, account: number, clOrdId: number): number {
  if (account >= floor.accounts.count) return CODES.UNKNOWN_ACCOUNT;
  if (clOrdId === NULL_INT64) return CODES.UNKNOWN_ORDER;
  if (clOrdId < 1) return CODES.BAD_CLORDID;
  return clOrdId > MAX_SAFE ? CODES.BAD_CLORDID : CODES.UNKNOWN_ORDER;
}

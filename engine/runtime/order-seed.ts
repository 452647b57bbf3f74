import { Dormancy, Extra } from "../core/book/order-extras.js";
import { flagsOf, ordTypeOf, Slot, Trait, tifOf } from "../core/book/order-pool.js";
import type { TradingCore } from "../core/core.js";
import { OrderStatus } from "../wire/flyweights.js";
import { OrderState, OrdType } from "../wire/generated/enums.js";
import { NULL_INT64 } from "../wire/numbers.js";

/** Every live order as an OrderStatus record, oldest first, one behind the other. Shard thread, between two commands. */
export function orderSeed(core: TradingCore): Int32Array {
  const { pool } = core.book;
  const slots: number[] = [];
  for (let slot = 1; slot < pool.slotEnd; slot++) if (pool.owners[slot] !== 0) slots.push(slot);
  slots.sort((one, other) => pool.orderIdOf(one) - pool.orderIdOf(other));
  const words = new Int32Array((slots.length * OrderStatus.RECORD_BYTES) >> 2);
  let at = 0;
  for (const slot of slots) {
    writeOrder(core, slot, words, at);
    at += OrderStatus.RECORD_BYTES >> 2;
  }
  return words;
}

function writeOrder(core: TradingCore, slot: number, words: Int32Array, at: number): void {
  const { pool } = core.book;
  const traits = pool.words[slot * Slot.WORDS + Slot.TRAITS];
  const ordType = ordTypeOf(traits);
  const qty = pool.doubles[slot * Slot.DOUBLES + Slot.TOTAL];
  const leavesQty = pool.doubles[slot * Slot.DOUBLES + Slot.LEAVES];
  OrderStatus.init(words, at, core.lastSeq, core.time);
  OrderStatus.setClientSeq(words, at, 0);
  OrderStatus.setClOrdId(words, at, pool.clOrdIdOf(slot));
  OrderStatus.setOrderId(words, at, pool.orderIdOf(slot));
  OrderStatus.setPrice(words, at, ordType === OrdType.limit || ordType === OrdType.stopLimit ? core.book.priceOf(slot) : NULL_INT64);
  OrderStatus.setQty(words, at, qty);
  OrderStatus.setCumQty(words, at, qty - leavesQty);
  OrderStatus.setLeavesQty(words, at, leavesQty);
  OrderStatus.setAccount(words, at, pool.words[slot * Slot.WORDS + Slot.ACCOUNT]);
  OrderStatus.setInstrument(words, at, pool.words[slot * Slot.WORDS + Slot.BOOK_SIDE] >>> 1);
  OrderStatus.setFlags(words, at, flagsOf(traits));
  OrderStatus.setSide(words, at, pool.words[slot * Slot.WORDS + Slot.BOOK_SIDE] & 1);
  OrderStatus.setOrdType(words, at, ordType);
  OrderStatus.setTif(words, at, tifOf(traits));
  writeExtras(core, slot, (traits & Trait.EXTRAS) !== 0, words, at);
}

function writeExtras(core: TradingCore, slot: number, hasExtras: boolean, words: Int32Array, at: number): void {
  const { pool, extras, triggers } = core.book;
  const ordType = OrderStatus.ordType(words, at);
  const isDormant = (pool.words[slot * Slot.WORDS + Slot.TRAITS] & Trait.DORMANT) !== 0;
  const extra = slot * Extra.DOUBLES;
  const isStop = ordType === OrdType.stop || ordType === OrdType.stopLimit || ordType === OrdType.trailingStop;
  if (hasExtras && isStop) triggers.sync(slot);
  OrderStatus.setStopPrice(words, at, hasExtras && isStop ? extras.doubles[extra + Extra.STOP] : NULL_INT64);
  OrderStatus.setDisplayQty(words, at, (hasExtras && extras.doubles[extra + Extra.DISPLAY]) || NULL_INT64);
  OrderStatus.setExpireTime(words, at, (hasExtras && extras.doubles[extra + Extra.EXPIRE]) || NULL_INT64);
  const isPending = isDormant && extras.words[slot * Extra.WORDS + Extra.DORMANCY] === Dormancy.PENDING;
  OrderStatus.setState(words, at, isPending ? OrderState.pending : isDormant ? OrderState.dormant : OrderState.resting);
}

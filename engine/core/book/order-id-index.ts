import type { Memory } from "../../flat/memory.js";
import { SlotIndex } from "../../flat/slot-index.js";
import { type OrderPool, Slot } from "./order-pool.js";

/**
 * Finds a live order by its order id. Ids are given out one after the other, so the younger orders lie in a window that
 * is written in sequence: a slot number at id modulo its size. The few that live longer than the window is wide move
 * into a hash index. So an order that comes and goes costs two stores here and no search. Shard thread only.
 */
export class OrderIdIndex {
  private readonly recent: Int32Array;
  private readonly mask: number;
  private readonly old: SlotIndex;
  private readonly words: Int32Array;

  constructor(pool: OrderPool, memory: Memory) {
    const size = 2 ** Math.ceil(Math.log2(2 * pool.capacity + 2));
    this.recent = memory.int32(size);
    this.mask = size - 1;
    this.old = new SlotIndex(pool.capacity + 1, pool.slotKeys(Slot.ORDER_ID), memory);
    this.words = pool.words;
  }

  /** The slot of an account's order by the two words of its id, or 0. */
  get(account: number, low: number, high: number): number {
    const slot = this.recent[low & this.mask];
    const at = slot * Slot.WORDS;
    const words = this.words;
    if (slot === 0 || words[at + Slot.ORDER_ID] !== low || words[at + Slot.ORDER_ID + 1] !== high) return this.old.get(account, low, high);
    return words[at + Slot.ACCOUNT] === account ? slot : 0;
  }

  /** Adds a slot whose id is written. */
  add(slot: number): void {
    const index = this.words[slot * Slot.WORDS + Slot.ORDER_ID] & this.mask;
    const before = this.recent[index];
    if (before !== 0) this.old.add(before);
    this.recent[index] = slot;
  }

  /** Takes out a slot that is in the index. */
  remove(slot: number): void {
    const index = this.words[slot * Slot.WORDS + Slot.ORDER_ID] & this.mask;
    if (this.recent[index] === slot) this.recent[index] = 0;
    else this.old.remove(slot);
  }
}

import { Core } from "../../../engine/edge/index.js";
import { Cancel, Header, NewOrder, NULL_INT64, NULL_UINT8, OrderRejected, OrdType, TimeInForce } from "../../../engine/wire/index.js";
import type { FlashRecord } from "./flash-records.js";

export const FLASH_SYMBOL = "FLOW";
export const FLASH_ACCOUNT = "flow";

/**
 * The benchmark's book, kept in a core that is fed record by record, so as to know which orders rest: one instrument with
 * ticks and lots of 1, one account without self-trade prevention, because every order may meet every other. One thread.
 */
export class FlashBook {
  private readonly core = new Core({
    instruments: [{ symbol: FLASH_SYMBOL, base: FLASH_SYMBOL, quote: "USD", tickSize: "1", lotSize: "1" }],
    accounts: [{ name: FLASH_ACCOUNT, mode: "unchecked", stp: "none" }],
  });
  private readonly words = new Int32Array(NewOrder.RECORD_BYTES / 4);
  private isRejected = false;

  /** Throws RangeError when the engine refuses the order. */
  enter({ seq, id, side, isImmediate, price, qty }: FlashRecord): void {
    const words = this.words;
    NewOrder.init(words, 0, this.core.lastSeq + 1, 0);
    NewOrder.setClientSeq(words, 0, 0);
    NewOrder.setSession(words, 0, 0);
    NewOrder.setAccount(words, 0, 0);
    NewOrder.setInstrument(words, 0, 0);
    NewOrder.setClOrdId(words, 0, id);
    NewOrder.setSide(words, 0, side);
    NewOrder.setOrdType(words, 0, OrdType.limit);
    NewOrder.setTif(words, 0, isImmediate ? TimeInForce.ioc : TimeInForce.gtc);
    NewOrder.setPrice(words, 0, price);
    NewOrder.setQty(words, 0, qty);
    NewOrder.setFlags(words, 0, 0);
    NewOrder.setStp(words, 0, NULL_UINT8);
    if (!this.isAccepted()) throw new RangeError(`message ${seq}: the engine refuses order ${id}`);
  }

  /** False when no such order rests. */
  cancel(id: number): boolean {
    const words = this.words;
    Cancel.init(words, 0, this.core.lastSeq + 1, 0);
    Cancel.setClientSeq(words, 0, 0);
    Cancel.setSession(words, 0, 0);
    Cancel.setAccount(words, 0, 0);
    Cancel.setClOrdId(words, 0, id);
    Cancel.setOrderId(words, 0, NULL_INT64);
    return this.isAccepted();
  }

  private isAccepted(): boolean {
    this.isRejected = false;
    this.core.applyRecord(this.words, 0, this.onEvent);
    return !this.isRejected;
  }

  private readonly onEvent = (words: Int32Array, at: number): void => {
    if (Header.templateId(words, at) === OrderRejected.TEMPLATE_ID) this.isRejected = true;
  };
}

import { OrderAdded, OrderChanged, OrderRemoved } from "../../wire/flyweights.js";
import type { RecordOutput } from "./record-output.js";
import type { VisibleBooks } from "./visible-books.js";

/**
 * Tells every single order: what happens to the books, in the order in which it happens. An order goes by its orderId,
 * which its owner knows from his reports, and nothing says whose it is. One thread.
 */
export class OrderRecords {
  constructor(
    private readonly books: VisibleBooks,
    private readonly output: RecordOutput,
  ) {}

  /** The order in a slot has joined its level. */
  added(slot: number, seq: number, time: number): void {
    const { books, output } = this;
    const at = output.claim(OrderAdded.RECORD_BYTES);
    const words = output.words;
    OrderAdded.init(words, at, seq, time);
    OrderAdded.setEngineSeq(words, at, seq);
    OrderAdded.setOrderId(words, at, books.orderIdOf(slot));
    OrderAdded.setPrice(words, at, books.priceOf(slot));
    OrderAdded.setQty(words, at, books.visibleOf(slot));
    OrderAdded.setInstrument(words, at, books.bookSideOf(slot) >>> 1);
    OrderAdded.setSide(words, at, books.bookSideOf(slot) & 1);
    output.commit();
  }

  /** The order in a slot shows another quantity. */
  changed(slot: number, byTrade: number, seq: number, time: number): void {
    const { books, output } = this;
    const at = output.claim(OrderChanged.RECORD_BYTES);
    const words = output.words;
    OrderChanged.init(words, at, seq, time);
    OrderChanged.setEngineSeq(words, at, seq);
    OrderChanged.setOrderId(words, at, books.orderIdOf(slot));
    OrderChanged.setPrice(words, at, books.priceOf(slot));
    OrderChanged.setQty(words, at, books.visibleOf(slot));
    OrderChanged.setInstrument(words, at, books.bookSideOf(slot) >>> 1);
    OrderChanged.setSide(words, at, books.bookSideOf(slot) & 1);
    OrderChanged.setTraded(words, at, byTrade);
    output.commit();
  }

  /** The order in a slot is about to go. */
  removed(slot: number, byTrade: number, seq: number, time: number): void {
    const { books, output } = this;
    const at = output.claim(OrderRemoved.RECORD_BYTES);
    const words = output.words;
    OrderRemoved.init(words, at, seq, time);
    OrderRemoved.setEngineSeq(words, at, seq);
    OrderRemoved.setOrderId(words, at, books.orderIdOf(slot));
    OrderRemoved.setPrice(words, at, books.priceOf(slot));
    OrderRemoved.setInstrument(words, at, books.bookSideOf(slot) >>> 1);
    OrderRemoved.setSide(words, at, books.bookSideOf(slot) & 1);
    OrderRemoved.setTraded(words, at, byTrade);
    output.commit();
  }
}

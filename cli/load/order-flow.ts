import { Cancel, NewOrder, NULL_INT64, NULL_UINT8, OrdType, Side, TimeInForce } from "../../engine/wire/index.js";
import type { InstrumentFacts } from "../net/record-session.js";

/** Prices that the orders stand at. */
const PRICES = 64;

/** Longest record of the flow. */
export const FLOW_RECORD_WORDS = Math.max(NewOrder.RECORD_BYTES, Cancel.RECORD_BYTES) / 4;

/**
 * What one session sends: a buy order of the smallest quantity at a low price, and next its cancel. Nothing piles up, and nothing trades
 * unless somebody sells there.
 */
export class OrderFlow {
  private clOrdId: number;
  private isOrderNext = true;

  /** `clOrdIdFirst`: ids count up from it. `priceTicks`: the lowest price; more lie above it. */
  constructor(
    private readonly instrument: InstrumentFacts,
    private readonly priceTicks: number,
    clOrdIdFirst: number,
  ) {
    this.clOrdId = clOrdIdFirst - 1;
  }

  /** Writes the next request. Returns its length in words. */
  write(words: Int32Array, at: number, seq: number, timeUs: number): number {
    const isOrder = this.isOrderNext;
    this.isOrderNext = !isOrder;
    if (isOrder) this.writeOrder(words, at, seq, timeUs);
    else this.writeCancel(words, at, seq, timeUs);
    return (isOrder ? NewOrder.RECORD_BYTES : Cancel.RECORD_BYTES) / 4;
  }

  private writeOrder(words: Int32Array, at: number, seq: number, timeUs: number): void {
    const { id, minQty, maxPrice } = this.instrument;
    this.clOrdId += 1;
    NewOrder.init(words, at, seq, timeUs);
    NewOrder.setClientSeq(words, at, 0);
    NewOrder.setClOrdId(words, at, this.clOrdId);
    NewOrder.setPrice(words, at, Math.min(maxPrice, this.priceTicks + (this.clOrdId % PRICES)));
    NewOrder.setQty(words, at, minQty);
    NewOrder.setAccount(words, at, 0);
    NewOrder.setSession(words, at, 0);
    NewOrder.setInstrument(words, at, id);
    NewOrder.setFlags(words, at, 0);
    NewOrder.setSide(words, at, Side.buy);
    NewOrder.setOrdType(words, at, OrdType.limit);
    NewOrder.setTif(words, at, TimeInForce.gtc);
    NewOrder.setStp(words, at, NULL_UINT8);
  }

  private writeCancel(words: Int32Array, at: number, seq: number, timeUs: number): void {
    Cancel.init(words, at, seq, timeUs);
    Cancel.setClientSeq(words, at, 0);
    Cancel.setClOrdId(words, at, this.clOrdId);
    Cancel.setOrderId(words, at, NULL_INT64);
    Cancel.setAccount(words, at, 0);
    Cancel.setSession(words, at, 0);
  }
}

import { Header, OrderAccepted, OrderCanceled, OrderRejected, Trade } from "../../engine/wire/flyweights.js";
import { FLASH_CANCEL, FLASH_MODIFY, type FlashFlow, FlashReports } from "../flows/flash.js";

/** Makes the benchmark's report lines from nothing but the events and the messages that they answer. */
export class ReportMaker {
  private readonly reports = new FlashReports();
  /** The message that was answered last; trades follow the answer to their aggressor. */
  private message = 0;
  /** Price of each order as it last rested: a cancel's message still names the price from before its modifies. */
  private readonly restingPrices = new Map<number, number>();

  constructor(private readonly flow: FlashFlow) {}

  digest(): string {
    return this.reports.digest();
  }

  onEvent(words: Int32Array, at: number): void {
    switch (Header.templateId(words, at)) {
      case OrderAccepted.TEMPLATE_ID:
        return this.accepted(OrderAccepted.clientSeq(words, at) - 1);
      case Trade.TEMPLATE_ID:
        return this.reports.trade(
          this.flow.seqs[this.message],
          Trade.price(words, at),
          Trade.qty(words, at),
          Trade.makerClOrdId(words, at) - 1,
          Trade.takerClOrdId(words, at) - 1,
        );
      case OrderCanceled.TEMPLATE_ID:
        return this.canceled(OrderCanceled.clientSeq(words, at) - 1, OrderCanceled.clOrdId(words, at) - 1);
      case OrderRejected.TEMPLATE_ID:
        return this.rejected(OrderRejected.clientSeq(words, at) - 1, OrderRejected.clOrdId(words, at) - 1);
      default: // The answers to the set-up.
    }
  }

  private accepted(message: number): void {
    const { flow, reports } = this;
    const [seq, side, id, price, qty] = [flow.seqs, flow.sides, flow.ids, flow.prices, flow.quantities].map((column) => column[message]);
    this.message = message;
    this.restingPrices.set(id, price);
    if (flow.types[message] === FLASH_MODIFY) reports.modifyAck(seq, side, id, price, qty);
    else reports.orderAck(seq, side, id, price, qty);
  }

  /** The cancel inside a modify is no report of its own; the rest of an immediate order is, also behind a modify. */
  private canceled(message: number, id: number): void {
    const { flow } = this;
    const isPartOfModify = flow.types[message] === FLASH_MODIFY && this.message !== message;
    if (!isPartOfModify) this.reports.cancelAck(flow.seqs[message], flow.sides[message], id, this.restingPrices.get(id) ?? Number.NaN);
  }

  private rejected(message: number, id: number): void {
    const { flow, reports } = this;
    if (flow.types[message] === FLASH_CANCEL) reports.cancelReject(flow.seqs[message], id);
    else reports.modifyReject(flow.seqs[message], id);
  }
}

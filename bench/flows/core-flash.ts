import { Header, OrderAccepted, OrderCanceled, OrderRejected, Trade } from "../../engine/wire/flyweights.js";
import { FLASH_CANCEL, FLASH_MODIFY, FLASH_NEW, type FlashFlow, type FlashReports } from "./flash.js";
import { OneAccountCore } from "./one-account-core.js";

const ORDERS_MAX = 2 ** 17;

/**
 * The public benchmark through `Core`. A modify is a cancel and, when that was not refused, a new order. Every report is
 * made from the core's own events.
 */
export class CoreFlash {
  readonly door = new OneAccountCore(ORDERS_MAX);
  /** The message whose events are being read. */
  private seq = 0;
  private type = FLASH_NEW;
  private side = 0;
  private id = 0;
  private price = 0;
  private quantity = 0;
  private wasRefused = false;
  /** Price of each order as it last rested: a cancel's message still names the price from before its modifies. */
  private readonly restingPrices = new Map<number, number>();

  constructor(private readonly reports: FlashReports) {}

  /** Applies messages `from` to `to` − 1. */
  play(flow: FlashFlow, from = 0, to = flow.count): void {
    for (let i = from; i < to; i++) {
      this.type = flow.types[i] as number;
      this.side = flow.sides[i] as number;
      this.seq = flow.seqs[i] as number;
      this.id = flow.ids[i] as number;
      this.price = flow.prices[i] as number;
      this.quantity = flow.quantities[i] as number;
      this.wasRefused = false;
      // The benchmark may count ids from 0, client ids count from 1.
      if (this.type !== FLASH_NEW) this.door.cancel(this.id + 1, this.onCancelEvent);
      if (this.type === FLASH_CANCEL || this.wasRefused) continue;
      this.door.limit(this.id + 1, this.side, this.price, this.quantity, flow.iocs[i] === 1, this.onOrderEvent);
    }
  }

  private readonly onCancelEvent = (words: Int32Array, at: number): void => {
    const { reports, seq, id, type } = this;
    if (Header.templateId(words, at) === OrderRejected.TEMPLATE_ID) {
      this.wasRefused = true;
      if (type === FLASH_MODIFY) reports.modifyReject(seq, id);
      else reports.cancelReject(seq, id);
    } else if (type === FLASH_CANCEL) {
      reports.cancelAck(seq, this.side, id, this.restingPrices.get(id) ?? Number.NaN);
    }
  };

  private readonly onOrderEvent = (words: Int32Array, at: number): void => {
    const { reports, seq, side, id, price } = this;
    switch (Header.templateId(words, at)) {
      case OrderAccepted.TEMPLATE_ID:
        this.restingPrices.set(id, price);
        if (this.type === FLASH_MODIFY) reports.modifyAck(seq, side, id, price, this.quantity);
        else reports.orderAck(seq, side, id, price, this.quantity);
        return;
      case Trade.TEMPLATE_ID:
        reports.trade(seq, Trade.price(words, at), Trade.qty(words, at), Trade.makerClOrdId(words, at) - 1, id);
        return;
      case OrderCanceled.TEMPLATE_ID:
        reports.cancelAck(seq, side, id, price);
        return;
      default:
        throw new Error(`message ${seq} gave an event of template ${Header.templateId(words, at)}`);
    }
  };
}

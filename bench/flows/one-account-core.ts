import { Core } from "../../engine/edge/core.js";
import type { RecordHandler } from "../../engine/ring/index.js";
import { Cancel, NewOrder, Reduce } from "../../engine/wire/flyweights.js";
import { OrdType, TimeInForce } from "../../engine/wire/generated/enums.js";
import { NULL_INT64, NULL_UINT8 } from "../../engine/wire/numbers.js";

export const FLOW_ACCOUNT = "flow";
const RECORD_WORDS = 64;

/**
 * A `Core` with one instrument of tick 1 and lot 1 and one account that trades with itself, and its record door: what the
 * benchmark flows need, which know no owners. Client ids are the flow's ids.
 */
export class OneAccountCore {
  readonly core: Core;
  private readonly words = new Int32Array(RECORD_WORDS);

  /** Room for so many live orders, and half as many price levels. */
  constructor(orders: number) {
    this.core = new Core({ capacities: { orders, levels: orders / 2, accounts: 4, instruments: 4, currencies: 4 } });
    const must = (event: { event: string }): void => {
      if (event.event !== "ok") throw new Error(`set-up gave ${JSON.stringify(event)}`);
    };
    this.core.apply({ cmd: "currency", currency: "ATOM", scale: 0 }, must);
    this.core.apply({ cmd: "currency", currency: "UNIT", scale: 0 }, must);
    this.core.apply({ cmd: "instrument", symbol: "FLOW", base: "UNIT", quote: "ATOM", tickSize: "1", lotSize: "1" }, must);
    this.core.apply({ cmd: "account", account: FLOW_ACCOUNT, mode: "unchecked", stp: "none" }, must);
  }

  /** A limit order; `isIoc` drops what does not match at once. */
  limit(id: number, side: number, price: number, qty: number, isIoc: boolean, onEvent: RecordHandler): void {
    this.newOrder(id, side, OrdType.limit, isIoc ? TimeInForce.ioc : TimeInForce.gtc, price, qty, onEvent);
  }

  market(id: number, side: number, qty: number, onEvent: RecordHandler): void {
    this.newOrder(id, side, OrdType.market, TimeInForce.gtc, NULL_INT64, qty, onEvent);
  }

  cancel(id: number, onEvent: RecordHandler): void {
    const { words } = this;
    Cancel.init(words, 0, this.core.lastSeq + 1, 0);
    Cancel.setClientSeq(words, 0, 0);
    Cancel.setSession(words, 0, 0);
    Cancel.setAccount(words, 0, 0);
    Cancel.setClOrdId(words, 0, id);
    Cancel.setOrderId(words, 0, NULL_INT64);
    this.core.applyRecord(words, 0, onEvent);
  }

  reduce(id: number, by: number, onEvent: RecordHandler): void {
    const { words } = this;
    Reduce.init(words, 0, this.core.lastSeq + 1, 0);
    Reduce.setClientSeq(words, 0, 0);
    Reduce.setSession(words, 0, 0);
    Reduce.setAccount(words, 0, 0);
    Reduce.setClOrdId(words, 0, id);
    Reduce.setOrderId(words, 0, NULL_INT64);
    Reduce.setBy(words, 0, by);
    this.core.applyRecord(words, 0, onEvent);
  }

  private newOrder(id: number, side: number, ordType: number, tif: number, price: number, qty: number, onEvent: RecordHandler): void {
    const { words } = this;
    NewOrder.init(words, 0, this.core.lastSeq + 1, 0);
    NewOrder.setClientSeq(words, 0, 0);
    NewOrder.setSession(words, 0, 0);
    NewOrder.setAccount(words, 0, 0);
    NewOrder.setInstrument(words, 0, 0);
    NewOrder.setClOrdId(words, 0, id);
    NewOrder.setSide(words, 0, side);
    NewOrder.setOrdType(words, 0, ordType);
    NewOrder.setTif(words, 0, tif);
    NewOrder.setPrice(words, 0, price);
    NewOrder.setQty(words, 0, qty);
    NewOrder.setFlags(words, 0, 0);
    NewOrder.setStp(words, 0, NULL_UINT8);
    this.core.applyRecord(words, 0, onEvent);
  }
}

import { Core } from "../../engine/edge/core.js";
import type { RecordHandler } from "../../engine/ring/index.js";
import { OrdType, TimeInForce } from "../../engine/wire/generated/enums.js";
import { NULL_INT64 } from "../../engine/wire/numbers.js";
import { type FlowOrder, writeCancel, writeNewOrder, writeReduce } from "./flow-records.js";

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
    this.newOrder({ id, side, ordType: OrdType.limit, tif: isIoc ? TimeInForce.ioc : TimeInForce.gtc, price, qty }, onEvent);
  }

  market(id: number, side: number, qty: number, onEvent: RecordHandler): void {
    this.newOrder({ id, side, ordType: OrdType.market, tif: TimeInForce.gtc, price: NULL_INT64, qty }, onEvent);
  }

  cancel(id: number, onEvent: RecordHandler): void {
    writeCancel(this.words, 0, this.core.lastSeq + 1, id);
    this.core.applyRecord(this.words, 0, onEvent);
  }

  reduce(id: number, by: number, onEvent: RecordHandler): void {
    writeReduce(this.words, 0, this.core.lastSeq + 1, id, by);
    this.core.applyRecord(this.words, 0, onEvent);
  }

  private newOrder(order: FlowOrder, onEvent: RecordHandler): void {
    writeNewOrder(this.words, 0, this.core.lastSeq + 1, order);
    this.core.applyRecord(this.words, 0, onEvent);
  }
}

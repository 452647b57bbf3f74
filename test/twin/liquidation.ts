import type { Directory } from "./directory.js";
import { liquidation } from "./events.js";
import type { Flow } from "./flow.js";
import type { Measures } from "./measures.js";
import type { Account, Currency, Instrument, Order } from "./state.js";
import { inMassCancelOrder, positionOf, SIDES } from "./state.js";

/** K10: after each command, margin accounts that have fallen below their maintenance margin are closed. One pass. */
export class Liquidation {
  constructor(
    readonly directory: Directory,
    readonly measures: Measures,
    readonly flow: Flow,
  ) {}

  run(): void {
    for (const account of this.directory.accounts) {
      if (account.mode !== "margin") continue;
      for (const currency of this.directory.currencies) {
        const { measures } = this;
        if (measures.equity(account, currency) < measures.maintenanceMargin(account, currency)) this.#close(account, currency);
      }
    }
  }

  /** N20: the orders first, in mass-cancel order, then the positions by symbol id. */
  #close(account: Account, currency: Currency): void {
    const { desk } = this.flow.matching;
    const instruments = this.measures.quotedIn(currency).filter(({ kind }) => kind === "margin");
    const orders = instruments.flatMap((instrument) => SIDES.flatMap((side) => inMassCancelOrder(instrument, side)));
    for (const order of orders) if (order.account === account) desk.cancel(order, "liquidation");
    for (const instrument of instruments) {
      const { lots } = positionOf(account, instrument);
      if (lots === 0n || instrument.state !== "open") continue;
      const order = closingOrder(account, instrument, lots);
      desk.tape.emit(liquidation(desk.tape.seq, order));
      this.flow.runLiquidation(order);
    }
  }
}

/** N17, N20: it takes no order id, has no `accepted` and prevents no self-trade. */
function closingOrder(account: Account, instrument: Instrument, position: bigint): Order {
  const total = position < 0n ? -position : position;
  return {
    ...{ orderId: 0, clOrdId: 0, account, instrument, side: position < 0n ? "buy" : "sell", type: "market", tif: "ioc", stp: "none" },
    ...{ postOnly: false, reduceOnly: false, minQty: undefined, trail: undefined, trailBps: undefined, expireTime: undefined },
    ...{ names: undefined, place: "entering", price: undefined, stopPrice: undefined, watermark: undefined, total, leaves: total },
    ...{ displayQty: undefined, tranche: 0n, riskPrice: undefined, money: undefined, age: 0, partner: undefined },
  };
}

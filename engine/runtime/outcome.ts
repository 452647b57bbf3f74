import type { InstrumentInfo } from "../edge/catalog.js";
import { fromUnits } from "../edge/decimal.js";
import type { OkEvent, OrderCommand, OrderEvent, SetUpCommand } from "../edge/types.js";
import { codeName } from "../wire/codes.js";
import {
  CommandRejected,
  Header,
  MassCancelReport,
  OrderAccepted,
  OrderCanceled,
  OrderReduced,
  OrderRejected,
  OrderReplaced,
  Trade,
} from "../wire/flyweights.js";

/** What became of the order that a command was about, at the end of the command. `done`: it was about no single order. */
export type OutcomeStatus = "accepted" | "filled" | "canceled" | "replaced" | "reduced" | "done" | "rejected";

/** The answer to one command. What the engine refuses is an outcome too: it never throws for that. */
export interface Outcome {
  /** The command's sequence in its shard. */
  readonly seq: number;
  readonly status: OutcomeStatus;
  /** Of the order that the command was about. */
  readonly orderId?: string;
  /** Executed so far, and open; decimals. */
  readonly cumQty?: string;
  readonly leavesQty?: string;
  /** How many orders a mass cancel canceled. */
  readonly count?: number;
  /** Why it was rejected: number and name. */
  readonly code?: number;
  readonly reason?: string;
  /** Every event of the command, in order, those about other accounts' orders included. */
  readonly events: readonly (OrderEvent | OkEvent)[];
}

/** Follows the events of one command to its outcome. One use. */
export class OutcomeBuilder {
  readonly events: (OrderEvent | OkEvent)[] = [];
  private status: OutcomeStatus = "done";
  private orderId = 0;
  private instrument = -1;
  private cum = 0;
  private leaves = 0;
  private count = -1;
  private code = 0;

  constructor(readonly command: SetUpCommand | OrderCommand) {}

  /** Takes the next event record of the command. */
  add(words: Int32Array, at: number): void {
    switch (Header.templateId(words, at)) {
      case OrderAccepted.TEMPLATE_ID:
        return this.about(
          OrderAccepted.orderId(words, at),
          OrderAccepted.instrument(words, at),
          "accepted",
          0,
          OrderAccepted.qty(words, at),
        );
      case OrderReplaced.TEMPLATE_ID:
        return this.replaced(words, at);
      case OrderReduced.TEMPLATE_ID:
        return this.reduced(words, at);
      case OrderCanceled.TEMPLATE_ID:
        return this.canceled(words, at);
      case Trade.TEMPLATE_ID:
        return this.traded(words, at);
      case OrderRejected.TEMPLATE_ID:
        return this.rejected(OrderRejected.code(words, at));
      case CommandRejected.TEMPLATE_ID:
        return this.rejected(CommandRejected.code(words, at));
      case MassCancelReport.TEMPLATE_ID:
        this.status = "done";
        this.count = MassCancelReport.count(words, at);
    }
  }

  /** `infoOf` knows the instruments. */
  build(seq: number, infoOf: (instrument: number) => InstrumentInfo | undefined): Outcome {
    const info = this.instrument < 0 ? undefined : infoOf(this.instrument);
    const isOrder = info !== undefined && this.command.cmd !== "massCancel";
    return {
      seq,
      status: this.status,
      ...(isOrder
        ? { orderId: String(this.orderId), cumQty: fromUnits(this.cum, info.lot), leavesQty: fromUnits(this.leaves, info.lot) }
        : {}),
      ...(this.count < 0 ? {} : { count: this.count }),
      ...(this.code === 0 ? {} : { code: this.code, reason: codeName(this.code) }),
      events: this.events,
    };
  }

  private about(orderId: number, instrument: number, status: OutcomeStatus, cum: number, leaves: number): void {
    this.orderId = orderId;
    this.instrument = instrument;
    this.status = status;
    this.cum = cum;
    this.leaves = leaves;
  }

  private replaced(words: Int32Array, at: number): void {
    const leaves = OrderReplaced.leavesQty(words, at);
    const cum = OrderReplaced.qty(words, at) - leaves;
    this.about(OrderReplaced.orderId(words, at), OrderReplaced.instrument(words, at), "replaced", cum, leaves);
  }

  /** Self-trade prevention reduces other orders, and within a new order's command this one: it stays `accepted`. */
  private reduced(words: Int32Array, at: number): void {
    const orderId = OrderReduced.orderId(words, at);
    if (this.orderId !== 0 && orderId !== this.orderId) return;
    const status = this.orderId === 0 ? "reduced" : this.status;
    this.about(orderId, OrderReduced.instrument(words, at), status, OrderReduced.cumQty(words, at), OrderReduced.leavesQty(words, at));
  }

  private canceled(words: Int32Array, at: number): void {
    const orderId = OrderCanceled.orderId(words, at);
    if (this.orderId !== 0 && orderId !== this.orderId) return;
    this.about(orderId, OrderCanceled.instrument(words, at), "canceled", OrderCanceled.cumQty(words, at), 0);
  }

  private traded(words: Int32Array, at: number): void {
    if (Trade.takerOrderId(words, at) !== this.orderId) return;
    this.cum = Trade.takerCumQty(words, at);
    this.leaves = Trade.takerLeavesQty(words, at);
    if (this.leaves === 0) this.status = "filled";
  }

  private rejected(code: number): void {
    this.status = "rejected";
    this.code = code;
  }
}

import type { InstrumentInfo } from "../edge/catalog.js";
import { fromUnits } from "../edge/decimal.js";
import type { CoreEvent } from "../edge/decode.js";
import type { OrderCommand, SetUpCommand } from "../edge/types.js";
import { codeName } from "../wire/codes.js";
import {
  CommandDone,
  CommandRejected,
  Header,
  MassCancelReport,
  OrderAccepted,
  OrderAcceptedFull,
  OrderCanceled,
  OrderReduced,
  OrderRejected,
  OrderReplaced,
  PendingReview,
  Trade,
} from "../wire/flyweights.js";
import { NULL_INT64, NULL_UINT32 } from "../wire/numbers.js";

/**
 * What became of the order that a command was about, at the end of the command. `done`: it was about no single order.
 * `pendingReview`: a movement of funds that waits for an operator. `accepted` is an order that lives, in the book or waiting to be triggered or for the other leg of its pair.
 */
export type OutcomeStatus = "accepted" | "filled" | "canceled" | "replaced" | "reduced" | "done" | "pendingReview" | "rejected";

/** The answer to one command. What the engine refuses is an outcome too: it never throws for that. */
export interface Outcome {
  /** The command's sequence in its shard. */
  readonly seq: number;
  readonly status: OutcomeStatus;
  /** Of the order that the command was about. */
  readonly orderId?: string;
  /** Executed so far, and open, what is hidden included; decimals. */
  readonly cumQty?: string;
  readonly leavesQty?: string;
  /** How many orders a mass cancel canceled. */
  readonly count?: number;
  /** Risk score of a movement of funds in parts per million, 0 to 1,000,000. */
  readonly riskPpm?: number;
  /** Why it was rejected: number and name. */
  readonly code?: number;
  readonly reason?: string;
  /** Every event of the command, in order, those about other accounts' orders included. */
  readonly events: readonly CoreEvent[];
}

/** Follows the events of one command to its outcome. One use. */
export class OutcomeBuilder {
  readonly events: CoreEvent[] = [];
  private status: OutcomeStatus = "done";
  private orderId = 0;
  private instrument = -1;
  private cum = 0;
  private leaves = 0;
  private count = -1;
  private riskPpm = NULL_UINT32;
  private code = 0;
  private readonly isAboutOrder: boolean;

  constructor(readonly command: SetUpCommand | OrderCommand) {
    const { cmd } = command;
    this.isAboutOrder = cmd === "new" || cmd === "cancel" || cmd === "reduce" || cmd === "replace";
  }

  /** Takes the next event record of the command. */
  add(words: Int32Array, at: number): void {
    // A refused command has no further events of its own: what follows is what the engine does by itself.
    if (this.code !== 0) return;
    switch (Header.templateId(words, at)) {
      case OrderRejected.TEMPLATE_ID:
        return this.rejected(OrderRejected.code(words, at));
      case CommandRejected.TEMPLATE_ID:
        return this.rejected(CommandRejected.code(words, at));
      case MassCancelReport.TEMPLATE_ID:
        this.count = MassCancelReport.count(words, at);
        break;
      case CommandDone.TEMPLATE_ID:
        this.riskPpm = CommandDone.riskPpm(words, at);
        break;
      case PendingReview.TEMPLATE_ID:
        this.status = "pendingReview";
    }
    if (this.isAboutOrder) this.addOfOrder(words, at);
  }

  private addOfOrder(words: Int32Array, at: number): void {
    switch (Header.templateId(words, at)) {
      case OrderAccepted.TEMPLATE_ID:
        return this.about(
          OrderAccepted.orderId(words, at),
          OrderAccepted.instrument(words, at),
          "accepted",
          0,
          OrderAccepted.qty(words, at),
        );
      case OrderAcceptedFull.TEMPLATE_ID:
        return this.acceptedFull(words, at);
      case OrderReplaced.TEMPLATE_ID:
        return this.replaced(words, at);
      case OrderReduced.TEMPLATE_ID:
        return this.reduced(words, at);
      case OrderCanceled.TEMPLATE_ID:
        return this.canceled(words, at);
      case Trade.TEMPLATE_ID:
        return this.traded(words, at);
    }
  }

  /** `infoOf` knows the instruments. */
  build(seq: number, infoOf: (instrument: number) => InstrumentInfo | undefined): Outcome {
    const info = this.instrument < 0 ? undefined : infoOf(this.instrument);
    return {
      seq,
      status: this.status,
      ...(info !== undefined
        ? { orderId: String(this.orderId), cumQty: fromUnits(this.cum, info.lot), leavesQty: fromUnits(this.leaves, info.lot) }
        : {}),
      ...(this.count < 0 ? {} : { count: this.count }),
      ...(this.riskPpm === NULL_UINT32 ? {} : { riskPpm: this.riskPpm }),
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

  /** An order by quoteQty has no quantity: it has nothing open once its command is done. */
  private acceptedFull(words: Int32Array, at: number): void {
    const qty = OrderAcceptedFull.qty(words, at);
    const leaves = qty === NULL_INT64 ? 0 : qty;
    this.about(OrderAcceptedFull.orderId(words, at), OrderAcceptedFull.instrument(words, at), "accepted", 0, leaves);
  }

  private replaced(words: Int32Array, at: number): void {
    const leaves = OrderReplaced.leavesQty(words, at);
    const cum = OrderReplaced.qty(words, at) - leaves;
    this.about(OrderReplaced.orderId(words, at), OrderReplaced.instrument(words, at), "replaced", cum, leaves);
  }

  /** Others are reduced too, and within another request about it this one, which stays what it is. */
  private reduced(words: Int32Array, at: number): void {
    const orderId = OrderReduced.orderId(words, at);
    if (this.orderId !== 0 && orderId !== this.orderId) return;
    const status = this.orderId === 0 ? "reduced" : this.status;
    const leaves = OrderReduced.leavesQty(words, at);
    this.about(orderId, OrderReduced.instrument(words, at), status, OrderReduced.cumQty(words, at), leaves === NULL_INT64 ? 0 : leaves);
  }

  private canceled(words: Int32Array, at: number): void {
    const orderId = OrderCanceled.orderId(words, at);
    if (this.orderId !== 0 && orderId !== this.orderId) return;
    this.about(orderId, OrderCanceled.instrument(words, at), "canceled", OrderCanceled.cumQty(words, at), 0);
  }

  /** The order may be the maker: of a stop that its own prints have triggered. */
  private traded(words: Int32Array, at: number): void {
    if (Trade.takerOrderId(words, at) === this.orderId) this.filled(Trade.takerCumQty(words, at), Trade.takerLeavesQty(words, at));
    else if (Trade.makerOrderId(words, at) === this.orderId) this.filled(Trade.makerCumQty(words, at), Trade.makerLeavesQty(words, at));
  }

  /** An order by quoteQty has spent its money when nothing of it is canceled. */
  private filled(cum: number, leaves: number): void {
    this.cum = cum;
    this.leaves = leaves === NULL_INT64 ? 0 : leaves;
    if (this.leaves === 0) this.status = "filled";
  }

  private rejected(code: number): void {
    this.status = "rejected";
    this.code = code;
  }
}

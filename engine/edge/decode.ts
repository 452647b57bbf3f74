import { CODE_MEANINGS } from "../wire/code-meanings.js";
import { codeName } from "../wire/codes.js";
import {
  CommandDone,
  CommandRejected,
  MassCancelReport,
  OrderAccepted,
  OrderCanceled,
  OrderReduced,
  OrderRejected,
  OrderReplaced,
  Trade,
} from "../wire/flyweights.js";
import { ORD_TYPE_NAMES, OrderFlags, REASON_NAMES, SIDE_NAMES, TIME_IN_FORCE_NAMES } from "../wire/generated/enums.js";
import { TEMPLATES } from "../wire/generated/templates.js";
import * as Header from "../wire/header.js";
import { NULL_INT64 } from "../wire/numbers.js";
import type { Catalog, InstrumentInfo } from "./catalog.js";
import { integerOf } from "./command-shape.js";
import { fromUnits } from "./decimal.js";
import type {
  AcceptedEvent,
  CanceledEvent,
  Command,
  NewCommand,
  OkEvent,
  OrderEvent,
  ReducedEvent,
  RejectedEvent,
  ReplacedEvent,
  TradeEvent,
} from "./types.js";

/** The name that SCRIPT.md gives to the command with this template. */
const COMMAND_NAMES = new Map<number, Command["cmd"]>([
  [TEMPLATES.NewOrder, "new"],
  [TEMPLATES.Cancel, "cancel"],
  [TEMPLATES.Reduce, "reduce"],
  [TEMPLATES.Replace, "replace"],
  [TEMPLATES.MassCancel, "massCancel"],
  [TEMPLATES.DefineCurrency, "currency"],
  [TEMPLATES.DefineInstrument, "instrument"],
  [TEMPLATES.DefineAccount, "account"],
  [TEMPLATES.SetTime, "time"],
]);

/**
 * The object form of an event record. `command`, when the event answers one that is at hand, gives back names and flags
 * as they were given (SETTLED N18). Throws Error on a record that is no event.
 */
export function decode(words: Int32Array, at: number, catalog: Catalog, command?: Command): OrderEvent | OkEvent {
  switch (Header.templateId(words, at)) {
    case OrderAccepted.TEMPLATE_ID:
      return accepted(words, at, catalog, command);
    case Trade.TEMPLATE_ID:
      return trade(words, at, catalog);
    case OrderCanceled.TEMPLATE_ID:
      return canceled(words, at, catalog);
    case OrderReplaced.TEMPLATE_ID:
      return replaced(words, at, catalog);
    case OrderReduced.TEMPLATE_ID:
      return reduced(words, at, catalog);
    case OrderRejected.TEMPLATE_ID:
      return orderRejected(words, at, catalog, command);
    case MassCancelReport.TEMPLATE_ID:
      return {
        event: "massCanceled",
        seq: Header.seq(words, at),
        account: accountName(catalog, MassCancelReport.account(words, at)),
        count: MassCancelReport.count(words, at),
      };
    case CommandDone.TEMPLATE_ID:
      return { event: "ok", seq: Header.seq(words, at), cmd: commandName(CommandDone.refTemplateId(words, at)) };
    case CommandRejected.TEMPLATE_ID:
      return setUpRejected(words, at, command);
    default:
      throw new Error(`template ${Header.templateId(words, at)} is no event of the core`);
  }
}

function accepted(words: Int32Array, at: number, catalog: Catalog, command: Command | undefined): AcceptedEvent {
  const info = instrument(catalog, OrderAccepted.instrument(words, at));
  const price = OrderAccepted.price(words, at);
  const event: AcceptedEvent = {
    event: "accepted",
    seq: Header.seq(words, at),
    account: accountName(catalog, OrderAccepted.account(words, at)),
    clOrdId: OrderAccepted.clOrdId(words, at),
    orderId: String(OrderAccepted.orderId(words, at)),
    symbol: info.symbol,
    side: SIDE_NAMES[OrderAccepted.side(words, at)],
    type: ORD_TYPE_NAMES[OrderAccepted.ordType(words, at)],
    tif: TIME_IN_FORCE_NAMES[OrderAccepted.tif(words, at)],
    ...(price === NULL_INT64 ? {} : { price: fromUnits(price, info.tick) }),
    qty: fromUnits(OrderAccepted.qty(words, at), info.lot),
  };
  if (command?.cmd === "new") echoFlags(event, command);
  else if (OrderAccepted.flags(words, at) & OrderFlags.postOnly) event.postOnly = true;
  return event;
}

function echoFlags(event: AcceptedEvent, command: NewCommand): void {
  if (command.postOnly !== undefined) event.postOnly = command.postOnly;
  if (command.stp !== undefined) event.stp = command.stp;
}

function trade(words: Int32Array, at: number, catalog: Catalog): TradeEvent {
  const info = instrument(catalog, Trade.instrument(words, at));
  return {
    event: "trade",
    seq: Header.seq(words, at),
    tradeId: Trade.tradeId(words, at),
    symbol: info.symbol,
    price: fromUnits(Trade.price(words, at), info.tick),
    qty: fromUnits(Trade.qty(words, at), info.lot),
    aggressor: SIDE_NAMES[Trade.aggressor(words, at)],
    maker: {
      account: accountName(catalog, Trade.makerAccount(words, at)),
      clOrdId: Trade.makerClOrdId(words, at),
      leavesQty: fromUnits(Trade.makerLeavesQty(words, at), info.lot),
    },
    taker: {
      account: accountName(catalog, Trade.takerAccount(words, at)),
      clOrdId: Trade.takerClOrdId(words, at),
      leavesQty: fromUnits(Trade.takerLeavesQty(words, at), info.lot),
    },
  };
}

function canceled(words: Int32Array, at: number, catalog: Catalog): CanceledEvent {
  const info = instrument(catalog, OrderCanceled.instrument(words, at));
  return {
    event: "canceled",
    seq: Header.seq(words, at),
    account: accountName(catalog, OrderCanceled.account(words, at)),
    clOrdId: OrderCanceled.clOrdId(words, at),
    symbol: info.symbol,
    qty: fromUnits(OrderCanceled.qty(words, at), info.lot),
    reason: REASON_NAMES[OrderCanceled.reason(words, at)],
  };
}

function replaced(words: Int32Array, at: number, catalog: Catalog): ReplacedEvent {
  const info = instrument(catalog, OrderReplaced.instrument(words, at));
  return {
    event: "replaced",
    seq: Header.seq(words, at),
    account: accountName(catalog, OrderReplaced.account(words, at)),
    clOrdId: OrderReplaced.clOrdId(words, at),
    origClOrdId: OrderReplaced.origClOrdId(words, at),
    symbol: info.symbol,
    price: fromUnits(OrderReplaced.price(words, at), info.tick),
    qty: fromUnits(OrderReplaced.qty(words, at), info.lot),
    leavesQty: fromUnits(OrderReplaced.leavesQty(words, at), info.lot),
    keptPriority: OrderReplaced.keptPriority(words, at) === 1,
  };
}

function reduced(words: Int32Array, at: number, catalog: Catalog): ReducedEvent {
  const info = instrument(catalog, OrderReduced.instrument(words, at));
  return {
    event: "reduced",
    seq: Header.seq(words, at),
    account: accountName(catalog, OrderReduced.account(words, at)),
    clOrdId: OrderReduced.clOrdId(words, at),
    symbol: info.symbol,
    by: fromUnits(OrderReduced.by(words, at), info.lot),
    leavesQty: fromUnits(OrderReduced.leavesQty(words, at), info.lot),
    reason: REASON_NAMES[OrderReduced.reason(words, at)],
  };
}

function orderRejected(words: Int32Array, at: number, catalog: Catalog, command: Command | undefined): RejectedEvent {
  const given = command as { account?: string; clOrdId?: number | string } | undefined;
  const account = given?.account ?? catalog.accountName(OrderRejected.account(words, at));
  const recorded = OrderRejected.clOrdId(words, at);
  const clOrdId = Number.isSafeInteger(recorded) ? recorded : given?.clOrdId === undefined ? undefined : integerOf(given.clOrdId);
  return {
    event: "rejected",
    seq: Header.seq(words, at),
    cmd: commandName(OrderRejected.refTemplateId(words, at)),
    ...(account === undefined ? {} : { account }),
    ...(clOrdId === undefined ? {} : { clOrdId }),
    ...codeAndText(OrderRejected.code(words, at)),
  };
}

function setUpRejected(words: Int32Array, at: number, command: Command | undefined): RejectedEvent {
  return {
    event: "rejected",
    seq: Header.seq(words, at),
    cmd: commandName(CommandRejected.refTemplateId(words, at)),
    ...(command?.cmd === "account" ? { account: command.account } : {}),
    ...codeAndText(CommandRejected.code(words, at)),
  };
}

function codeAndText(code: number): { code: number; reason: string; text: string } {
  const reason = codeName(code);
  return { code, reason, text: CODE_MEANINGS[reason] };
}

function commandName(templateId: number): Command["cmd"] {
  const name = COMMAND_NAMES.get(templateId);
  if (name === undefined) throw new Error(`template ${templateId} is no command`);
  return name;
}

function instrument(catalog: Catalog, id: number): InstrumentInfo {
  const info = catalog.instrumentById(id);
  if (info === undefined) throw new Error(`instrument ${id} is not in the catalog`);
  return info;
}

function accountName(catalog: Catalog, id: number): string {
  const name = catalog.accountName(id);
  if (name === undefined) throw new Error(`account ${id} is not in the catalog`);
  return name;
}

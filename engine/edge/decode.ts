import { CODE_MEANINGS } from "../wire/code-meanings.js";
import { codeName } from "../wire/codes.js";
import {
  Alert,
  AuctionIndication,
  CommandDone,
  CommandRejected,
  InstrumentState,
  Liquidation,
  MassCancelReport,
  OrderAccepted,
  OrderAcceptedFull,
  OrderCanceled,
  OrderReduced,
  OrderRejected,
  OrderReplaced,
  OrderShown,
  OrderTriggered,
  PendingReview,
  Trade,
} from "../wire/flyweights.js";
import { QtyType, REASON_NAMES, SIDE_NAMES, STATE_REASON_NAMES, TRADING_STATE_NAMES } from "../wire/generated/enums.js";
import { TEMPLATES } from "../wire/generated/templates.js";
import * as Header from "../wire/header.js";
import { NULL_INT64, NULL_UINT8, NULL_UINT32 } from "../wire/numbers.js";
import type { Catalog, InstrumentInfo } from "./catalog.js";
import { integerOf } from "./command-shape.js";
import { fromUnits } from "./decimal.js";
import { decodeAccepted, decodeAcceptedFull } from "./decode-accepted.js";
import { decodeAlert, decodeLiquidation, decodePendingReview } from "./decode-risk.js";
import type {
  AuctionEvent,
  CanceledEvent,
  Command,
  OkEvent,
  ReducedEvent,
  RejectedEvent,
  ReplaceCommand,
  ReplacedEvent,
  StateEvent,
  StreamEvent,
  TradeEvent,
  TriggeredEvent,
} from "./types.js";

/** The name that SCRIPT.md gives to the command with this template. */
const COMMAND_NAMES = new Map<number, Command["cmd"]>([
  [TEMPLATES.NewOrder, "new"],
  [TEMPLATES.NewOrderFull, "new"],
  [TEMPLATES.Cancel, "cancel"],
  [TEMPLATES.Reduce, "reduce"],
  [TEMPLATES.Replace, "replace"],
  [TEMPLATES.MassCancel, "massCancel"],
  [TEMPLATES.DefineCurrency, "currency"],
  [TEMPLATES.DefineInstrument, "instrument"],
  [TEMPLATES.DefineAccount, "account"],
  [TEMPLATES.SetTime, "time"],
  [TEMPLATES.SetState, "state"],
  [TEMPLATES.SetKill, "kill"],
  [TEMPLATES.Deposit, "deposit"],
  [TEMPLATES.Withdraw, "withdraw"],
  [TEMPLATES.Transfer, "transfer"],
  [TEMPLATES.Review, "review"],
  [TEMPLATES.SetKyc, "kyc"],
  [TEMPLATES.SetAccountState, "accountState"],
  [TEMPLATES.SetMark, "mark"],
  [TEMPLATES.SetLimits, "limits"],
]);

/** What a record of the core says as an object. */
export type CoreEvent = StreamEvent | OkEvent;

/**
 * The object form of an event record; undefined for one that only the books of market data need. `command`, when it is
 * the one that is answered, says which keys and flags were given (SETTLED S5, N18); without it, those that the record
 * has are shown. Throws Error on a record that is no event.
 */
export function decode(words: Int32Array, at: number, catalog: Catalog, command?: Command): CoreEvent | undefined {
  switch (Header.templateId(words, at)) {
    case OrderAccepted.TEMPLATE_ID:
      return decodeAccepted(words, at, catalog, command);
    case OrderAcceptedFull.TEMPLATE_ID:
      return decodeAcceptedFull(words, at, catalog, command);
    case Trade.TEMPLATE_ID:
      return trade(words, at, catalog);
    case OrderCanceled.TEMPLATE_ID:
      return canceled(words, at, catalog);
    case OrderReplaced.TEMPLATE_ID:
      return replaced(words, at, catalog, command);
    case OrderReduced.TEMPLATE_ID:
      return reduced(words, at, catalog);
    case OrderTriggered.TEMPLATE_ID:
      return triggered(words, at, catalog);
    case OrderRejected.TEMPLATE_ID:
      return orderRejected(words, at, catalog, command);
    case MassCancelReport.TEMPLATE_ID:
      return {
        event: "massCanceled",
        seq: Header.seq(words, at),
        account: catalog.knownAccount(MassCancelReport.account(words, at)),
        count: MassCancelReport.count(words, at),
      };
    case InstrumentState.TEMPLATE_ID:
      return state(words, at, catalog);
    case AuctionIndication.TEMPLATE_ID:
      return auction(words, at, catalog);
    case OrderShown.TEMPLATE_ID:
      return undefined;
    case CommandDone.TEMPLATE_ID:
      return ok(words, at);
    case CommandRejected.TEMPLATE_ID:
      return setUpRejected(words, at, command);
    case PendingReview.TEMPLATE_ID:
      return decodePendingReview(words, at, catalog);
    case Alert.TEMPLATE_ID:
      return decodeAlert(words, at, catalog);
    case Liquidation.TEMPLATE_ID:
      return decodeLiquidation(words, at, catalog);
    default:
      throw new Error(`template ${Header.templateId(words, at)} is no event of the core`);
  }
}

function ok(words: Int32Array, at: number): OkEvent {
  const riskPpm = CommandDone.riskPpm(words, at);
  return {
    event: "ok",
    seq: Header.seq(words, at),
    cmd: commandName(CommandDone.refTemplateId(words, at)),
    ...(riskPpm === NULL_UINT32 ? {} : { riskPpm }),
  };
}

function trade(words: Int32Array, at: number, catalog: Catalog): TradeEvent {
  const info = catalog.knownInstrument(Trade.instrument(words, at));
  const aggressor = Trade.aggressor(words, at);
  const takerLeaves = Trade.takerLeavesQty(words, at);
  return {
    event: "trade",
    seq: Header.seq(words, at),
    tradeId: Trade.tradeId(words, at),
    symbol: info.symbol,
    price: fromUnits(Trade.price(words, at), info.tick),
    qty: fromUnits(Trade.qty(words, at), info.lot),
    ...(aggressor === NULL_UINT8 ? {} : { aggressor: SIDE_NAMES[aggressor] }),
    maker: {
      account: catalog.knownAccount(Trade.makerAccount(words, at)),
      clOrdId: Trade.makerClOrdId(words, at),
      leavesQty: fromUnits(Trade.makerLeavesQty(words, at), info.lot),
      ...feeOf(Trade.makerFee(words, at), info),
    },
    taker: {
      account: catalog.knownAccount(Trade.takerAccount(words, at)),
      clOrdId: Trade.takerClOrdId(words, at),
      ...(takerLeaves === NULL_INT64 ? {} : { leavesQty: fromUnits(takerLeaves, info.lot) }),
      ...feeOf(Trade.takerFee(words, at), info),
    },
  };
}

/** Atoms of the quote currency; none is not shown. */
function feeOf(fee: number, info: InstrumentInfo): { fee?: string } {
  return fee === 0 ? {} : { fee: fromUnits(fee, info.atom) };
}

function canceled(words: Int32Array, at: number, catalog: Catalog): CanceledEvent {
  const info = catalog.knownInstrument(OrderCanceled.instrument(words, at));
  const qty = OrderCanceled.qty(words, at);
  const isMoney = OrderCanceled.qtyType(words, at) === QtyType.quoteAtoms;
  return {
    event: "canceled",
    seq: Header.seq(words, at),
    account: catalog.knownAccount(OrderCanceled.account(words, at)),
    clOrdId: OrderCanceled.clOrdId(words, at),
    symbol: info.symbol,
    ...(isMoney ? { quoteQty: fromUnits(qty, info.atom) } : { qty: fromUnits(qty, info.lot) }),
    reason: REASON_NAMES[OrderCanceled.reason(words, at)],
  };
}

function replaced(words: Int32Array, at: number, catalog: Catalog, command: Command | undefined): ReplacedEvent {
  const info = catalog.knownInstrument(OrderReplaced.instrument(words, at));
  const given = command?.cmd === "replace" ? command : undefined;
  const price = OrderReplaced.price(words, at);
  const stopPrice = OrderReplaced.stopPrice(words, at);
  const displayQty = OrderReplaced.displayQty(words, at);
  const isTrailing = OrderReplaced.isTrailing(words, at) === 1;
  return {
    event: "replaced",
    seq: Header.seq(words, at),
    account: catalog.knownAccount(OrderReplaced.account(words, at)),
    clOrdId: OrderReplaced.clOrdId(words, at),
    origClOrdId: OrderReplaced.origClOrdId(words, at),
    symbol: info.symbol,
    ...(price === NULL_INT64 ? {} : { price: fromUnits(price, info.tick) }),
    qty: fromUnits(OrderReplaced.qty(words, at), info.lot),
    leavesQty: fromUnits(OrderReplaced.leavesQty(words, at), info.lot),
    keptPriority: OrderReplaced.keptPriority(words, at) === 1,
    ...(stopPrice !== NULL_INT64 && (isTrailing || isGiven(given, "stopPrice")) ? { stopPrice: fromUnits(stopPrice, info.tick) } : {}),
    ...(displayQty !== NULL_INT64 && isGiven(given, "displayQty") ? { displayQty: fromUnits(displayQty, info.lot) } : {}),
  };
}

/** From the record alone, whatever it has counts as given. */
function isGiven(given: ReplaceCommand | undefined, key: keyof ReplaceCommand): boolean {
  return given === undefined || given[key] !== undefined;
}

function reduced(words: Int32Array, at: number, catalog: Catalog): ReducedEvent {
  const info = catalog.knownInstrument(OrderReduced.instrument(words, at));
  const leaves = OrderReduced.leavesQty(words, at);
  return {
    event: "reduced",
    seq: Header.seq(words, at),
    account: catalog.knownAccount(OrderReduced.account(words, at)),
    clOrdId: OrderReduced.clOrdId(words, at),
    symbol: info.symbol,
    by: fromUnits(OrderReduced.by(words, at), info.lot),
    ...(leaves === NULL_INT64 ? {} : { leavesQty: fromUnits(leaves, info.lot) }),
    reason: REASON_NAMES[OrderReduced.reason(words, at)],
  };
}

function triggered(words: Int32Array, at: number, catalog: Catalog): TriggeredEvent {
  const info = catalog.knownInstrument(OrderTriggered.instrument(words, at));
  return {
    event: "triggered",
    seq: Header.seq(words, at),
    account: catalog.knownAccount(OrderTriggered.account(words, at)),
    clOrdId: OrderTriggered.clOrdId(words, at),
    symbol: info.symbol,
    lastPrice: fromUnits(OrderTriggered.lastPrice(words, at), info.tick),
  };
}

function state(words: Int32Array, at: number, catalog: Catalog): StateEvent {
  return {
    event: "state",
    seq: Header.seq(words, at),
    symbol: catalog.knownInstrument(InstrumentState.instrument(words, at)).symbol,
    state: TRADING_STATE_NAMES[InstrumentState.state(words, at)],
    reason: STATE_REASON_NAMES[InstrumentState.reason(words, at)],
  };
}

function auction(words: Int32Array, at: number, catalog: Catalog): AuctionEvent {
  const info = catalog.knownInstrument(AuctionIndication.instrument(words, at));
  const price = AuctionIndication.price(words, at);
  return {
    event: "auction",
    seq: Header.seq(words, at),
    symbol: info.symbol,
    ...(price === NULL_INT64 ? {} : { price: fromUnits(price, info.tick) }),
    qty: fromUnits(AuctionIndication.qty(words, at), info.lot),
    ...(AuctionIndication.final(words, at) === 1 ? { final: true } : {}),
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
  const { account } = (command ?? {}) as { account?: string };
  return {
    event: "rejected",
    seq: Header.seq(words, at),
    cmd: commandName(CommandRejected.refTemplateId(words, at)),
    ...(account === undefined ? {} : { account }),
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

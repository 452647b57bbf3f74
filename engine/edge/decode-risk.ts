import { Alert, Liquidation, PendingReview } from "../wire/flyweights.js";
import { ALERT_KIND_NAMES, AlertKind, LIMIT_NAME_NAMES, SIDE_NAMES } from "../wire/generated/enums.js";
import { TEMPLATES } from "../wire/generated/templates.js";
import * as Header from "../wire/header.js";
import { NULL_UINT32 } from "../wire/numbers.js";
import type { Catalog } from "./catalog.js";
import { fromUnits } from "./decimal.js";
import type { AlertEvent, LiquidationEvent, MovementCommand, PendingReviewEvent } from "./types.js";

const MOVEMENT_NAMES = new Map<number, MovementCommand["cmd"]>([
  [TEMPLATES.Deposit, "deposit"],
  [TEMPLATES.Withdraw, "withdraw"],
  [TEMPLATES.Transfer, "transfer"],
]);

/** Names what has tripped, or which limit is used how far; see `decode`. */
export function decodeAlert(words: Int32Array, at: number, catalog: Catalog): AlertEvent {
  const account = Alert.account(words, at);
  const instrument = Alert.instrument(words, at);
  const kind = Alert.kind(words, at);
  return {
    event: "alert",
    seq: Header.seq(words, at),
    kind: ALERT_KIND_NAMES[kind],
    ...(account === NULL_UINT32 ? {} : { account: catalog.knownAccount(account) }),
    ...(instrument === NULL_UINT32 ? {} : { symbol: catalog.knownInstrument(instrument).symbol }),
    ...(kind === AlertKind.limit ? { limit: LIMIT_NAME_NAMES[Alert.limit(words, at)], percent: Alert.percent(words, at) } : {}),
  };
}

/** See `decode`. */
export function decodePendingReview(words: Int32Array, at: number, catalog: Catalog): PendingReviewEvent {
  const currency = catalog.knownCurrency(PendingReview.currency(words, at));
  const templateId = PendingReview.refTemplateId(words, at);
  const cmd = MOVEMENT_NAMES.get(templateId);
  if (cmd === undefined) throw new Error(`template ${templateId} is no movement`);
  const to = PendingReview.to(words, at);
  return {
    event: "pendingReview",
    seq: Header.seq(words, at),
    cmd,
    account: catalog.knownAccount(PendingReview.account(words, at)),
    ...(to === NULL_UINT32 ? {} : { to: catalog.knownAccount(to) }),
    currency: currency.name,
    amount: fromUnits(PendingReview.amount(words, at), currency.atom),
    ref: PendingReview.ref(words, at),
  };
}

/** See `decode`. */
export function decodeLiquidation(words: Int32Array, at: number, catalog: Catalog): LiquidationEvent {
  const info = catalog.knownInstrument(Liquidation.instrument(words, at));
  return {
    event: "liquidation",
    seq: Header.seq(words, at),
    account: catalog.knownAccount(Liquidation.account(words, at)),
    symbol: info.symbol,
    side: SIDE_NAMES[Liquidation.side(words, at)],
    qty: fromUnits(Liquidation.qty(words, at), info.lot),
  };
}

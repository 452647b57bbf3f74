import { FrameTable, TEMPLATES, type TemplateName } from "../engine/wire/index.js";

/** Not counted: session records and market data, which carries a seq of its own. */
const UNCOUNTED = 0;
/** Carries the next number of the session's gap-free sequence. In a resend a GapFill stands for it. */
const COUNTED = 1;
/** Counted, and kept to be sent again: what happened, in contrast to answers that may be asked for anew. */
const KEPT = 2;

const KEPT_TEMPLATES: readonly TemplateName[] = [
  "BusinessReject",
  "NotApplied",
  "OrderAccepted",
  "OrderAcceptedFull",
  "OrderRejected",
  "OrderFilled",
  "OrderCanceled",
  "OrderReplaced",
  "OrderReduced",
  "OrderTriggered",
  "MassCancelReport",
  "InstrumentState",
];

const COUNTED_TEMPLATES: readonly TemplateName[] = [
  "RequestStatus",
  "OrderStatus",
  "CancelAllAfterAck",
  "RequestDone",
  "InstrumentDefinition",
  "Position",
  "Balance",
  "SubscribeAck",
];

const kinds = new Uint8Array(FrameTable.TEMPLATE_ID_MAX + 1).fill(UNCOUNTED);
for (const name of COUNTED_TEMPLATES) kinds[TEMPLATES[name]] = COUNTED;
for (const name of KEPT_TEMPLATES) kinds[TEMPLATES[name]] = KEPT;

/** Whether records of the template are numbered by the session. */
export function isCounted(templateId: number): boolean {
  return kinds[templateId] !== UNCOUNTED;
}

/** Whether they are kept for a resend. */
export function isKept(templateId: number): boolean {
  return kinds[templateId] === KEPT;
}

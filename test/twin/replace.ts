import type { ReplaceCommand } from "../../engine/edge/types.js";
import type { Decimal } from "./decimal.js";
import { wholeSteps } from "./decimal.js";
import { Rejection, readDecimal, readId } from "./input.js";
import { checkNotional, checkPrice, checkQty, tranchesAreTooMany, UNITS } from "./limits.js";
import { wouldCross } from "./matching.js";
import { checkPart, freshId } from "./new-order.js";
import { riskPriceOf } from "./risk-price.js";
import type { Order } from "./state.js";
import { executed, mayRest } from "./state.js";
import type { StepFour } from "./step-four.js";
import { checkLevel, whatRoomLeaves } from "./step-four.js";

/** What a replace that has passed makes of an order. */
export interface Replacement {
  readonly clOrdId: number;
  readonly price: bigint | undefined;
  readonly stopPrice: bigint | undefined;
  readonly displayQty: bigint | undefined;
  readonly total: bigint;
  readonly leaves: bigint;
  readonly riskPrice: bigint;
  readonly keptPriority: boolean;
}

/**
 * R8: id, state, shape, kill and risk, what would not fit, post-only; nothing moves before all have passed. `belowFilled`: only the rest
 * is canceled (R2).
 */
export function checkedReplace(command: ReplaceCommand, order: Order, stepFour: StepFour): Replacement | "belowFilled" {
  const wanted = command.qty === undefined ? undefined : readDecimal(command.qty);
  const changesTotal = wanted !== undefined && wholeSteps(wanted, order.instrument.lotSize) !== order.total;
  // R7, N6: before R2. It stays a rule while the pair is one.
  if (changesTotal && isLeg(order)) throw new Rejection("BAD_OCO");
  if (wanted !== undefined && isBelowFilled(wanted, order)) return "belowFilled";
  const clOrdId = command.newClOrdId === undefined ? order.clOrdId : newId(order, readId(command.newClOrdId));
  const { state } = order.instrument;
  if (state === "halted" || state === "closed") throw new Rejection("STATE_NOT_ALLOWED");
  const asked = shapeOf(command, order, changesTotal ? wanted : undefined);
  const leaves = asked.total - executed(order);
  const keptPriority =
    asked.price === order.price &&
    asked.stopPrice === order.stopPrice &&
    asked.displayQty === order.displayQty &&
    asked.total <= order.total;
  // RISK.md: what a trailing stop counts with stays.
  const riskPrice = order.type === "trailingStop" ? order.riskPrice : riskPriceOf({ ...order, ...asked });
  const replacement = { clOrdId, ...asked, leaves, riskPrice: riskPrice as bigint, keptPriority };
  stepFour.checkReplace(order, replacement);
  if (order.place === "resting") checkPlace(order, replacement);
  return replacement;
}

export function isLeg(order: Order): boolean {
  return order.place === "pending" || order.partner !== undefined;
}

/** R3: what does not change is not tested again; a reduced order may have fallen below the instrument's minQty. */
function shapeOf(command: ReplaceCommand, order: Order, wanted: Decimal | undefined) {
  const { instrument, type } = order;
  checkFlags(command, order);
  const price = command.price === undefined ? order.price : checkPrice(readDecimal(command.price), instrument, UNITS.price);
  const total = wanted === undefined ? order.total : checkQty(wanted, instrument);
  const displayQty =
    command.displayQty === undefined ? order.displayQty : checkPart(command.displayQty, total, instrument, "BAD_DISPLAY_QTY");
  if (displayQty !== undefined && (command.displayQty !== undefined || total > order.total) && tranchesAreTooMany(total, displayQty)) {
    throw new Rejection("BAD_DISPLAY_QTY"); // C2.
  }
  const stopPrice =
    command.stopPrice === undefined ? order.stopPrice : checkPrice(readDecimal(command.stopPrice), instrument, UNITS.stopPrice);
  const changes = price !== order.price || total !== order.total;
  if (price !== undefined && changes && price * total * instrument.atomsPerTickLot < instrument.minNotional) {
    throw new Rejection("MIN_NOTIONAL"); // O5.
  }
  const worst = price ?? (type === "stop" ? stopPrice : undefined);
  if (worst !== undefined) checkNotional(worst, total, instrument);
  return { price, total, displayQty, stopPrice };
}

/** R6, O2: the keys that the order does not take. */
function checkFlags(command: ReplaceCommand, order: Order): void {
  const { type, place } = order;
  const hasOwnStop = (type === "stop" || type === "stopLimit") && place !== "resting";
  const hasLimit = type === "limit" || type === "stopLimit";
  if (command.stopPrice !== undefined && !hasOwnStop) throw new Rejection("BAD_FLAGS");
  if (command.price !== undefined && !hasLimit) throw new Rejection("BAD_FLAGS");
  if (command.displayQty !== undefined && !mayRest(order)) throw new Rejection("BAD_FLAGS");
}

/** Room at its level, and post-only where its price moves. */
function checkPlace(order: Order, { price, leaves, keptPriority }: Replacement): void {
  const { instrument, side } = order;
  const moves = price !== order.price;
  const comes = keptPriority ? leaves : whatRoomLeaves(order, leaves);
  checkLevel(order, price as bigint, moves ? comes : comes - order.leaves);
  if (order.postOnly && moves && instrument.state === "open" && wouldCross(instrument, side, price as bigint)) {
    throw new Rejection("POST_ONLY_WOULD_CROSS");
  }
}

/** An order may keep its own id; any other live one of the account is a duplicate (SEMANTICS 1). */
function newId(order: Order, clOrdId: number | undefined): number {
  return clOrdId === order.clOrdId ? clOrdId : freshId(order.account, clOrdId);
}

/** R2: the new total alone decides (N6). R1: but it must be a total, one lot at least. */
function isBelowFilled(wanted: Decimal, order: Order): boolean {
  const lots = wholeSteps(wanted, order.instrument.lotSize);
  return lots !== undefined && lots >= 1n && lots <= executed(order);
}

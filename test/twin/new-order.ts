import type { DecimalInput, NewCommand, OrdTypeName, TifName } from "../../engine/edge/types.js";
import type { CodeName } from "../../engine/wire/codes.js";
import { wholeSteps } from "./decimal.js";
import { Rejection, readDecimal, readId, unitsOf } from "./input.js";
import { checkNotional, checkPrice, checkQty, tranchesAreTooMany, UNITS } from "./limits.js";
import { wouldCross } from "./matching.js";
import { riskPriceOf } from "./risk-price.js";
import type { Account, Instrument, Order } from "./state.js";
import { isStop, mayRest, roomOf, SAFE_MAX } from "./state.js";
import type { StepFour } from "./step-four.js";
import { checkLevel, whatRoomLeaves } from "./step-four.js";
import type { Tape } from "./tape.js";

/** What a `new` command asks for, in units. */
type Shape = Omit<Order, "orderId" | "clOrdId" | "leaves" | "age" | "partner" | "place" | "watermark" | "tranche" | "riskPrice">;

/** Steps 1 to 5 (SEMANTICS 2), for an order whose account and instrument are known. The first failure wins; nothing is changed. */
export function checkedNew(
  command: NewCommand,
  account: Account,
  instrument: Instrument,
  tape: Tape,
  stepFour: StepFour,
): { order: Order; first: Order | undefined; terms: string } {
  const clOrdId = freshId(account, readId(command.clOrdId)); // Step 1.
  checkMode(account, instrument); // N1: its last check.
  const type = command.type ?? "limit"; // C11.
  const tif = command.tif ?? "gtc";
  checkState(instrument, type, tif); // Step 2.
  checkFlags(command, type, tif, account); // Step 3.
  const shape = shapeOf(command, type, tif, account, instrument, tape.clock);
  const riskPrice = riskPriceOf(shape);
  const order: Order = { ...shape, ...NEWBORN, riskPrice, orderId: tape.orderCount + 1, clOrdId, leaves: shape.total, age: tape.seq };
  checkMinNotional(order);
  const first = firstLeg(command, order);
  checkOverflow(order);
  const terms = termsOf(order);
  stepFour.checkNew(order, first, terms);
  checkRoomAtLevel(order, first, command.oco !== undefined);
  // N2: reduce-only with no room: the kill switch is checked, the rest not.
  if (
    order.postOnly &&
    !(order.reduceOnly && roomOf(order) === 0n) &&
    instrument.state === "open" &&
    wouldCross(instrument, order.side, order.price as bigint)
  ) {
    throw new Rejection("POST_ONLY_WOULD_CROSS"); // Step 5: O6.
  }
  return { order, first, terms };
}

/** K7. */
function checkMode({ mode }: Account, { kind }: Instrument): void {
  if (mode === (kind === "margin" ? "cash" : "margin")) throw new Rejection("WRONG_ACCOUNT_MODE");
}

/** RISK.md: what makes two orders duplicates. */
function termsOf({ instrument, side, type, tif, price, stopPrice, trail, trailBps, total, money }: Order): string {
  return [instrument.symbol, side, type, tif, price, stopPrice, trail, trailBps, total, money].join(" ");
}

const NEWBORN = { place: "entering", watermark: undefined, tranche: 0n, partner: undefined } as const;

/** Step 1, last: S1's BAD_CLORDID, then the duplicate. */
export function freshId(account: Account, clOrdId: number | undefined): number {
  if (clOrdId === undefined) throw new Rejection("BAD_CLORDID");
  if (account.live.has(clOrdId)) throw new Rejection("DUPLICATE_CLORDID");
  return clOrdId;
}

/** SEMANTICS 7, A1, N3. */
function checkState({ state }: Instrument, type: OrdTypeName, tif: TifName): void {
  if (state === "halted" || state === "closed") throw new Rejection("STATE_NOT_ALLOWED");
  if (state !== "open" && (type === "market" || tif === "ioc" || tif === "fok")) throw new Rejection("STATE_NOT_ALLOWED");
}

/** O2, O9, O11, N4, T5: which keys a type needs and which it does not take. */
function checkFlags(command: NewCommand, type: OrdTypeName, tif: TifName, { mode }: Account): void {
  const isLimit = type === "limit";
  const staysInBook = mayRest({ type, tif });
  const rules: boolean[] = [
    given(command.price) === (isLimit || type === "stopLimit"),
    given(command.stopPrice) === (type === "stop" || type === "stopLimit"),
    Number(given(command.trail)) + Number(given(command.trailBps)) === (type === "trailingStop" ? 1 : 0),
    given(command.qty) !== given(command.quoteQty),
    !given(command.quoteQty) || (type === "market" && (tif === "gtc" || tif === "ioc")),
    type !== "market" || (tif !== "day" && tif !== "gtd"),
    !given(command.displayQty) || staysInBook,
    !given(command.minQty) || (isLimit && tif === "ioc"),
    given(command.expireTime) === (tif === "gtd"),
    command.postOnly !== true || (isLimit && staysInBook),
    command.reduceOnly !== true || mode !== "cash", // O12.
  ];
  if (rules.includes(false)) throw new Rejection("BAD_FLAGS");
}

/** Step 3 in the order of its sentence (O3). */
function shapeOf(command: NewCommand, type: OrdTypeName, tif: TifName, account: Account, instrument: Instrument, now: number): Shape {
  const price = command.price === undefined ? undefined : checkPrice(readDecimal(command.price), instrument, UNITS.price);
  const qty = command.qty === undefined ? undefined : checkQty(readDecimal(command.qty), instrument);
  const money = command.quoteQty === undefined ? undefined : checkMoney(command.quoteQty, instrument);
  const total = qty ?? 0n;
  const displayQty = command.displayQty === undefined ? undefined : checkPart(command.displayQty, total, instrument, "BAD_DISPLAY_QTY");
  if (displayQty !== undefined && tranchesAreTooMany(total, displayQty)) throw new Rejection("BAD_DISPLAY_QTY"); // C2.
  const minQty = command.minQty === undefined ? undefined : checkPart(command.minQty, total, instrument, "BAD_MIN_QTY");
  const stopPrice = command.stopPrice === undefined ? undefined : checkPrice(readDecimal(command.stopPrice), instrument, UNITS.stopPrice);
  const trail = command.trail === undefined ? undefined : checkTrail(command.trail, instrument);
  const trailBps = command.trailBps === undefined ? undefined : checkTrailBps(command.trailBps);
  const expireTime = command.expireTime;
  if (expireTime !== undefined && (!Number.isSafeInteger(expireTime) || expireTime <= now)) throw new Rejection("EXPIRE_TIME_PAST");
  const names = command.oco === undefined ? undefined : readId(command.oco);
  const { postOnly = false, reduceOnly = false, stp = account.stp, side } = command;
  const flags = { side, type, tif, postOnly, reduceOnly, stp };
  return { account, instrument, ...flags, price, total, money, displayQty, minQty, stopPrice, trail, trailBps, expireTime, names };
}

/** O5. */
function checkMinNotional(order: Order): void {
  const { price, total, instrument } = order;
  if (price !== undefined && price * total * instrument.atomsPerTickLot < instrument.minNotional) throw new Rejection("MIN_NOTIONAL");
}

/** O3: overflow last. */
function checkOverflow(order: Order): void {
  const worst = order.price ?? order.stopPrice;
  if (worst !== undefined) checkNotional(worst, order.total, order.instrument);
}

/** T8, C20. Returns the leg that waits for this one; undefined for a plain order, and for a leg that is the first. */
function firstLeg(command: NewCommand, order: Order): Order | undefined {
  if (command.oco === undefined) return undefined;
  const { names } = order;
  if (names === undefined || names === order.clOrdId || !canBeLeg(order)) throw new Rejection("BAD_OCO");
  const other = order.account.live.get(names);
  if (other === undefined) return undefined;
  const isPair =
    other.place === "pending" &&
    other.names === order.clOrdId &&
    other.instrument === order.instrument &&
    other.side === order.side &&
    isStop(other) !== isStop(order);
  if (!isPair) throw new Rejection("BAD_OCO");
  return other;
}

function canBeLeg(order: Order): boolean {
  return isStop(order) || (order.type === "limit" && mayRest(order) && !order.postOnly);
}

/** The first leg of a pair is not asked for its level: the limit leg is when the pair enters. */
function checkRoomAtLevel(order: Order, first: Order | undefined, isLeg: boolean): void {
  if (isLeg && first === undefined) return;
  const limit = [order, first].find((leg) => leg?.type === "limit" && mayRest(leg));
  if (limit !== undefined) checkLevel(limit, limit.price as bigint, whatRoomLeaves(limit, limit.leaves));
}

/** Whole quote atoms, one at least (O9: size limits do not apply). */
function checkMoney(input: DecimalInput, instrument: Instrument): bigint {
  const atoms = unitsOf(readDecimal(input), { digits: 1n, scale: instrument.quote.scale }, UNITS.qty);
  if (atoms < 1n) throw new Rejection("QTY_OUT_OF_RANGE");
  return atoms;
}

/** A part of the quantity: a lot at least, and the whole at most. */
export function checkPart(input: DecimalInput, total: bigint, instrument: Instrument, code: CodeName): bigint {
  const lots = wholeSteps(readDecimal(input), instrument.lotSize);
  if (lots === undefined || lots < 1n || lots > total) throw new Rejection(code);
  return lots;
}

/** C7 of SETTLED: a multiple of the tick, > 0. */
function checkTrail(input: DecimalInput, instrument: Instrument): bigint {
  const ticks = wholeSteps(readDecimal(input), instrument.tickSize);
  if (ticks === undefined || ticks < 1n || ticks > SAFE_MAX) throw new Rejection("BAD_TRAIL");
  return ticks;
}

/** N5. */
function checkTrailBps(input: number): bigint {
  if (input < 1 || input > 9999) throw new Rejection("BAD_TRAIL");
  return BigInt(input);
}

function given(value: unknown): boolean {
  return value !== undefined;
}

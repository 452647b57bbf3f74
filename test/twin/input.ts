import type { Command, DecimalInput, IdInput, Query } from "../../engine/edge/types.js";
import type { Code, CodeName } from "../../engine/wire/codes.js";
import { CODES } from "../../engine/wire/codes.js";
import type { Decimal } from "./decimal.js";
import { parseDecimal, wholeSteps } from "./decimal.js";
import { checkLimitWords } from "./limit-set.js";
import { SAFE_MAX } from "./state.js";

/** What SCRIPT calls `error` (S1): no seq, no event. */
export class TwinError extends Error {}

/** What SCRIPT calls `rejected`. Thrown before anything has changed. */
export class Rejection extends Error {
  readonly code: Code;

  constructor(readonly reason: CodeName) {
    super(reason);
    this.code = CODES[reason];
  }
}

/** S2: decimal text, or a number read by its shortest decimal form, of at most 15 significant digits. Else an error. */
export function readDecimal(input: DecimalInput): Decimal {
  const text = typeof input === "number" ? plainDigits(input) : input;
  const value = parseDecimal(text);
  if (value === undefined) throw new TwinError(`no decimal: ${text}`);
  return value;
}

/** N23: exponents are allowed in numbers, not in strings. */
function plainDigits(value: number): string {
  const [mantissa = "", exponent = "0"] = String(value).split("e");
  const shift = Number(exponent);
  const decimal = parseDecimal(mantissa);
  if (decimal === undefined) throw new TwinError(`no decimal: ${value}`);
  if (mantissa.replace(/[-.]/g, "").replace(/^0+/, "").replace(/0+$/, "").length > 15) throw new TwinError(`too many digits: ${value}`);
  const scale = decimal.scale - shift;
  const digits = scale < 0 ? decimal.digits * 10n ** BigInt(-scale) : decimal.digits;
  const text = digits
    .toString()
    .replace("-", "")
    .padStart(Math.max(scale, 0) + 1, "0");
  const cut = text.length - Math.max(scale, 0);
  return `${value < 0 ? "-" : ""}${text.slice(0, cut)}${scale > 0 ? `.${text.slice(cut)}` : ""}`;
}

/** S23: a JSON integer or its digits. Outside 1…2^53−1: undefined. Anything else: an error. */
export function readId(input: IdInput): number | undefined {
  if (typeof input === "number" && !Number.isInteger(input)) throw new TwinError(`no integer: ${input}`);
  const text = String(input);
  // A number of 2^53 or more prints with an exponent from 1e21 on; it is out of range either way.
  if (typeof input === "number" && !Number.isSafeInteger(input)) return undefined;
  if (typeof input === "string" && !/^[0-9]+$/.test(text)) throw new TwinError(`no id: ${text}`);
  const value = BigInt(text);
  return value >= 1n && value <= SAFE_MAX ? Number(value) : undefined;
}

/** How an id that cannot be used is given back: as an integer (S23), left out when it is none that a double can hold. */
export function echoId(input: IdInput): number | undefined {
  const value = Number(input);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** A decimal as whole ticks or lots: `off` when it is off the step (O3: first), `outside` from 2^53 units on (N19). */
export function unitsOf(value: Decimal, step: Decimal, codes: { off: CodeName; outside: CodeName }): bigint {
  const units = wholeSteps(value, step);
  if (units === undefined) throw new Rejection(codes.off);
  if (units > SAFE_MAX || units < -SAFE_MAX) throw new Rejection(codes.outside);
  return units;
}

/** S26: 1 to `longest` characters of ASCII 33 to 126. */
export function checkName(name: string, longest: number): void {
  if (name.length < 1 || name.length > longest || !/^[\x21-\x7e]*$/.test(name)) throw new Rejection("BAD_NAME");
}

const DECIMAL_KEYS = [
  ...["tickSize", "lotSize", "minQty", "maxQty", "minPrice", "maxPrice", "minNotional", "lastPrice"],
  ...["price", "qty", "by", "stopPrice", "trail", "displayQty", "quoteQty", "amlThreshold", "multiplier", "amount"],
];
const ID_KEYS = ["clOrdId", "orderId", "newClOrdId", "oco"];
const INTEGER_KEYS = [
  ...["scale", "bandBps", "marketProtectionBps", "auctionUs", "expireTime", "trailBps", "at"],
  ...["makerFeePpm", "takerFeePpm", "initialMarginPpm", "maintenanceMarginPpm", "collarBps", "breakerBps", "breakerWindowUs"],
];

/** S1: what must be an error is one before anything is looked at. */
export function checkWords(command: Exclude<Command, Query>): void {
  const values: Record<string, unknown> = { ...command };
  for (const key of DECIMAL_KEYS) if (values[key] !== undefined) readDecimal(values[key] as DecimalInput);
  for (const key of ID_KEYS) if (values[key] !== undefined) readId(values[key] as IdInput);
  for (const key of INTEGER_KEYS) {
    if (values[key] !== undefined && !Number.isInteger(values[key])) throw new TwinError(`no integer: ${values[key]}`);
  }
  if (command.cmd === "account" && command.limits !== undefined && command.limits !== "unlimited") checkLimitWords(command.limits);
  if (command.cmd === "limits") {
    checkLimitWords(command);
    if (command.account === undefined && command.symbol === undefined) throw new TwinError("account or symbol, at least one");
  }
  if (command.cmd === "kill") checkScope(command.scope, command.symbol, command.account);
  if (command.cmd !== "cancel" && command.cmd !== "reduce" && command.cmd !== "replace") return;
  if ((command.clOrdId === undefined) === (command.orderId === undefined)) throw new TwinError("clOrdId or orderId, exactly one"); // S22.
}

/** N23: the key of its own scope, and of no other. */
function checkScope(scope: string, symbol: string | undefined, account: string | undefined): void {
  if ((symbol !== undefined) !== (scope === "instrument")) throw new TwinError("symbol goes with scope instrument");
  if ((account !== undefined) !== (scope === "account")) throw new TwinError("account goes with scope account");
}

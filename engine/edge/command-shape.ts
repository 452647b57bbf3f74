import { CommandError } from "./command-error.js";
import { isInteger, NumberText } from "./decimal.js";
import type { Command, Query } from "./types.js";

/** How the value of a key must look before anyone asks what it means (SETTLED S1). */
type PlainShape = "text" | "decimal" | "id" | "integer" | "boolean" | "amountLimit" | "countLimit";
/** `limits`: "unlimited", or an object with keys of its own. */
type Shape = PlainShape | "limits" | readonly string[];
interface CommandShape {
  readonly required: Record<string, Shape>;
  readonly optional: Record<string, Shape>;
  /** Exactly one of these. */
  readonly oneOf?: Record<string, Shape>;
  /** At least one of these optional keys. */
  readonly someOf?: readonly string[];
  /** Optional keys that belong to one value of another key: needed with it, and not allowed without it. */
  readonly belongs?: { readonly to: string; readonly keys: Record<string, string> };
}

/** What says that there is no limit. */
export const UNLIMITED = "unlimited";
const SIDES = ["buy", "sell"] as const;
const STP = ["none", "cancelNewest", "cancelOldest", "cancelBoth", "decrement"] as const;
const STATES = ["preOpen", "auctionCall", "open", "halted", "closed"] as const;
const KYC = ["unverified", "verified"] as const;
const MOVEMENT: Record<string, Shape> = { account: "text", currency: "text", amount: "decimal", ref: "text" };
/** SETTLED S15. */
const LIMITS: Record<string, Shape> = {
  maxOrderQty: "amountLimit",
  maxOrderNotional: "amountLimit",
  maxOpenOrders: "countLimit",
  maxOpenNotional: "amountLimit",
  maxPosition: "amountLimit",
  maxExposure: "amountLimit",
  maxDailyNotional: "amountLimit",
  maxDailyLoss: "amountLimit",
  maxOrders: "countLimit",
  maxDuplicates: "countLimit",
  windowUs: "integer",
  requireReference: "boolean",
  maxRiskRejects: "countLimit",
};
const ORDER_REF: Record<string, Shape> = { clOrdId: "id", orderId: "id" };

/** Every command with its keys: what SCRIPT.md and SETTLED S14 to S17 list. */
export const COMMAND_SHAPES: Record<string, CommandShape> = {
  currency: { required: { currency: "text" }, optional: { scale: "integer", amlThreshold: "decimal" } },
  instrument: {
    required: { symbol: "text", base: "text", quote: "text", tickSize: "decimal", lotSize: "decimal" },
    optional: {
      minQty: "decimal",
      maxQty: "decimal",
      minPrice: "decimal",
      maxPrice: "decimal",
      minNotional: "decimal",
      makerFeePpm: "integer",
      takerFeePpm: "integer",
      kind: ["spot", "margin"],
      multiplier: "decimal",
      initialMarginPpm: "integer",
      maintenanceMarginPpm: "integer",
      collarBps: "integer",
      breakerBps: "integer",
      breakerWindowUs: "integer",
      bandBps: "integer",
      marketProtectionBps: "integer",
      auctionUs: "integer",
      state: STATES,
      lastPrice: "decimal",
    },
  },
  account: {
    required: { account: "text", mode: ["unchecked", "cash", "margin"] },
    optional: { stpGroup: "text", stp: STP, limits: "limits", kyc: KYC, riskLevel: ["low", "high"] },
  },
  new: {
    required: { account: "text", clOrdId: "id", symbol: "text", side: SIDES },
    optional: {
      type: ["limit", "market", "stop", "stopLimit", "trailingStop"],
      tif: ["gtc", "day", "gtd", "ioc", "fok"],
      price: "decimal",
      qty: "decimal",
      expireTime: "integer",
      stopPrice: "decimal",
      trail: "decimal",
      trailBps: "integer",
      displayQty: "decimal",
      minQty: "decimal",
      quoteQty: "decimal",
      postOnly: "boolean",
      reduceOnly: "boolean",
      stp: STP,
      oco: "id",
    },
  },
  cancel: { required: { account: "text" }, optional: {}, oneOf: ORDER_REF },
  reduce: { required: { account: "text", by: "decimal" }, optional: {}, oneOf: ORDER_REF },
  replace: {
    required: { account: "text" },
    optional: { newClOrdId: "id", price: "decimal", qty: "decimal", stopPrice: "decimal", displayQty: "decimal" },
    oneOf: ORDER_REF,
  },
  massCancel: { required: { account: "text" }, optional: { symbol: "text", side: SIDES } },
  state: { required: { symbol: "text", state: STATES }, optional: { cancel: "boolean" } },
  kill: {
    required: { scope: ["global", "instrument", "account"], on: "boolean" },
    optional: { symbol: "text", account: "text", cancel: "boolean" },
    belongs: { to: "scope", keys: { symbol: "instrument", account: "account" } },
  },
  time: { required: { at: "integer" }, optional: {} },
  deposit: { required: MOVEMENT, optional: {} },
  withdraw: { required: MOVEMENT, optional: {} },
  transfer: { required: { account: "text", to: "text", currency: "text", amount: "decimal", ref: "text" }, optional: {} },
  review: { required: { ref: "text", release: "boolean" }, optional: {} },
  kyc: { required: { account: "text", kyc: KYC }, optional: {} },
  accountState: { required: { account: "text", state: ["active", "suspended", "reduceOnly"] }, optional: {} },
  mark: { required: { symbol: "text", price: "decimal" }, optional: {} },
  limits: { required: {}, optional: { account: "text", symbol: "text", ...LIMITS }, someOf: ["account", "symbol"] },
  book: { required: { symbol: "text" }, optional: { depth: "integer" } },
  orders: { required: { account: "text" }, optional: {} },
  balances: { required: { account: "text" }, optional: {} },
  hash: { required: {}, optional: {} },
};

/** Checks keys, JSON types and enumerations; throws CommandError that names the first thing that is wrong. */
export function checkShape(value: unknown): Command {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new CommandError("a command must be a JSON object");
  const command = value as Record<string, unknown>;
  const name = command["cmd"];
  if (typeof name !== "string") throw new CommandError(name === undefined ? "missing key cmd" : "cmd must be a string");
  const shape = Object.hasOwn(COMMAND_SHAPES, name) ? COMMAND_SHAPES[name] : undefined;
  if (shape === undefined) throw new CommandError(`unknown command: ${name}`);
  for (const key of Object.keys(command)) {
    if (key === "cmd") continue;
    const wanted = lookUp(shape, key);
    if (wanted === undefined) throw new CommandError(`unknown key for ${name}: ${key}`);
    checkValue(command[key], wanted, key);
  }
  for (const key of Object.keys(shape.required)) {
    if (command[key] === undefined) throw new CommandError(`missing key for ${name}: ${key}`);
  }
  if (shape.someOf?.every((key) => command[key] === undefined))
    throw new CommandError(`${name} takes ${shape.someOf.join(" or ")}, or both`);
  if (shape.oneOf !== undefined) checkOneOf(command, name, Object.keys(shape.oneOf));
  if (shape.belongs !== undefined) checkBelongs(command, name, shape.belongs);
  return value as Command;
}

/** Asks, and changes nothing. */
export function isQuery(command: Command): command is Query {
  return command.cmd === "book" || command.cmd === "orders" || command.cmd === "balances" || command.cmd === "hash";
}

function lookUp(shape: CommandShape, key: string): Shape | undefined {
  if (Object.hasOwn(shape.required, key)) return shape.required[key];
  if (Object.hasOwn(shape.optional, key)) return shape.optional[key];
  return shape.oneOf !== undefined && Object.hasOwn(shape.oneOf, key) ? shape.oneOf[key] : undefined;
}

function checkOneOf(command: Record<string, unknown>, name: string, keys: string[]): void {
  const given = keys.filter((key) => command[key] !== undefined);
  if (given.length !== 1) throw new CommandError(`${name} takes exactly one of ${keys.join(" and ")}`);
}

function checkBelongs(command: Record<string, unknown>, name: string, { to, keys }: Exclude<CommandShape["belongs"], undefined>): void {
  for (const [key, value] of Object.entries(keys)) {
    const isGiven = command[key] !== undefined;
    if (isGiven === (command[to] === value)) continue;
    throw new CommandError(
      isGiven ? `${name} takes ${key} with ${to} ${value} only` : `missing key for ${name} with ${to} ${value}: ${key}`,
    );
  }
}

function checkValue(value: unknown, shape: Shape, key: string): void {
  if (typeof shape !== "string") {
    if (typeof value !== "string" || !shape.includes(value)) throw new CommandError(`${key} must be one of ${shape.join(", ")}`);
    return;
  }
  if (shape === "limits") return checkLimits(value, key);
  if (!MATCHES[shape](value)) throw new CommandError(`${key} must be ${DESCRIPTIONS[shape]}`);
}

function checkLimits(value: unknown, key: string): void {
  if (value === UNLIMITED) return;
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof NumberText) {
    throw new CommandError(`${key} must be "unlimited" or an object`);
  }
  for (const [name, limit] of Object.entries(value)) {
    if (!Object.hasOwn(LIMITS, name)) throw new CommandError(`unknown key for ${key}: ${name}`);
    checkValue(limit, LIMITS[name], `${key}.${name}`);
  }
}

const MATCHES: Record<PlainShape, (value: unknown) => boolean> = {
  text: (value) => typeof value === "string",
  boolean: (value) => typeof value === "boolean",
  decimal: (value) => typeof value === "string" || isNumber(value),
  integer: (value) => isNumber(value) && isWhole(value),
  id: (value) => (typeof value === "string" ? /^[0-9]+$/.test(value) : isNumber(value) && isWhole(value)),
  amountLimit: (value) => typeof value === "string" || isNumber(value),
  countLimit: (value) => value === UNLIMITED || (typeof value === "string" ? /^[0-9]+$/.test(value) : isNumber(value) && isWhole(value)),
};

const DESCRIPTIONS: Record<PlainShape, string> = {
  text: "a string",
  boolean: "true or false",
  decimal: "a decimal, as a string or a number",
  integer: "an integer",
  id: "an integer, or its digits as a string",
  amountLimit: 'a decimal or "unlimited"',
  countLimit: 'an integer, its digits as a string, or "unlimited"',
};

function isNumber(value: unknown): value is number | NumberText {
  return typeof value === "number" || value instanceof NumberText;
}

/** Of a number's source text every digit counts: rounded to a double, 1.00000000000000000001 would pass for 1. */
function isWhole(value: number | NumberText): boolean {
  if (value instanceof NumberText) return isInteger(value);
  return Number.isInteger(value) || Math.abs(value) === Number.POSITIVE_INFINITY;
}

/** The integer of a checked id or integer; undefined outside of ±(2^53−1), where a double is not exact. */
export function integerOf(value: number | string | NumberText): number | undefined {
  const number = value instanceof NumberText ? Number(value.text) : Number(value);
  return Number.isSafeInteger(number) ? number + 0 : undefined;
}

import { describe, expect, it } from "vitest";
import { checkShape } from "../../engine/edge/command-shape.js";
import { CommandError, NumberText } from "../../engine/edge/index.js";

const STATES = ["preOpen", "auctionCall", "open", "halted", "closed"];
const STP = ["none", "cancelNewest", "cancelOldest", "cancelBoth", "decrement"];

/** A JSON value of every kind, and what each shape makes of it. */
const VALUES: readonly [name: string, value: unknown, fits: readonly string[]][] = [
  ["null", null, []],
  ["an object", {}, []],
  ["a list", [1], []],
  ["true", true, ["boolean"]],
  ["a word", "word", ["text", "decimal", "amountLimit"]],
  ["the word for no limit", "unlimited", ["text", "decimal", "amountLimit", "countLimit"]],
  ["digits as a string", "12", ["text", "decimal", "id", "amountLimit", "countLimit"]],
  ["a decimal as a string", "1.5", ["text", "decimal", "amountLimit"]],
  ["digits with a minus as a string", "-1", ["text", "decimal", "amountLimit"]],
  ["an integer", 12, ["decimal", "id", "integer", "amountLimit", "countLimit"]],
  ["an integer below nought", -1, ["decimal", "id", "integer", "amountLimit", "countLimit"]],
  ["a fraction", 1.5, ["decimal", "amountLimit"]],
  ["an integer's source text", new NumberText("9007199254740993"), ["decimal", "id", "integer", "amountLimit", "countLimit"]],
  ["a fraction's source text", new NumberText("1.00000000000000000001"), ["decimal", "amountLimit"]],
];

/** Whether it can be read as a decimal is found when it is converted, not here: `a word` fits until then. */
type Kind = "text" | "decimal" | "id" | "integer" | "boolean" | "amountLimit" | "countLimit" | readonly string[];

/** SETTLED S15. */
const LIMITS: Record<string, Kind> = {
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
  maxRiskRejects: "countLimit",
  windowUs: "integer",
  requireReference: "boolean",
};
const MOVEMENT: Record<string, Kind> = { account: "text", currency: "text", amount: "decimal", ref: "text" };

/** Every command: one that has each of its keys, and the kinds of those. The keys that it cannot do without come first. */
const COMMANDS: readonly [cmd: string, required: Record<string, Kind>, optional: Record<string, Kind>][] = [
  ["currency", { currency: "text" }, { scale: "integer", amlThreshold: "decimal" }],
  [
    "instrument",
    { symbol: "text", base: "text", quote: "text", tickSize: "decimal", lotSize: "decimal" },
    {
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
  ],
  [
    "account",
    { account: "text", mode: ["unchecked", "cash", "margin"] },
    { stpGroup: "text", stp: STP, kyc: ["unverified", "verified"], riskLevel: ["low", "high"] },
  ],
  [
    "new",
    { account: "text", clOrdId: "id", symbol: "text", side: ["buy", "sell"] },
    {
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
  ],
  ["cancel", { account: "text", clOrdId: "id" }, {}],
  ["reduce", { account: "text", orderId: "id", by: "decimal" }, {}],
  [
    "replace",
    { account: "text", clOrdId: "id" },
    { newClOrdId: "id", price: "decimal", qty: "decimal", stopPrice: "decimal", displayQty: "decimal" },
  ],
  ["massCancel", { account: "text" }, { symbol: "text", side: ["buy", "sell"] }],
  ["state", { symbol: "text", state: STATES }, { cancel: "boolean" }],
  ["kill", { scope: ["global"], on: "boolean" }, { cancel: "boolean" }],
  ["kill", { scope: ["instrument"], on: "boolean", symbol: "text" }, { cancel: "boolean" }],
  ["kill", { scope: ["account"], on: "boolean", account: "text" }, { cancel: "boolean" }],
  ["time", { at: "integer" }, {}],
  ["deposit", MOVEMENT, {}],
  ["withdraw", MOVEMENT, {}],
  ["transfer", { ...MOVEMENT, to: "text" }, {}],
  ["review", { ref: "text", release: "boolean" }, {}],
  ["kyc", { account: "text", kyc: ["unverified", "verified"] }, {}],
  ["accountState", { account: "text", state: ["active", "suspended", "reduceOnly"] }, {}],
  ["mark", { symbol: "text", price: "decimal" }, {}],
  ["limits", { account: "text" }, { symbol: "text", ...LIMITS }],
  ["limits", { symbol: "text" }, LIMITS],
  ["balances", { account: "text" }, {}],
  ["book", { symbol: "text" }, { depth: "integer" }],
  ["orders", { account: "text" }, {}],
  ["hash", {}, {}],
];

const SAMPLES = {
  text: "word",
  decimal: "1.5",
  id: 12,
  integer: 12,
  boolean: true,
  amountLimit: "unlimited",
  countLimit: "unlimited",
} as const;

function sampleOf(kind: Kind): unknown {
  return typeof kind === "string" ? SAMPLES[kind] : kind[0];
}

function commandOf(cmd: string, kinds: Record<string, Kind>): Record<string, unknown> {
  return { cmd, ...Object.fromEntries(Object.entries(kinds).map(([key, kind]) => [key, sampleOf(kind)])) };
}

function problemOf(command: unknown): string | undefined {
  try {
    checkShape(command);
    return undefined;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return error.message;
  }
}

describe.each(COMMANDS)("%s", (cmd, required, optional) => {
  const kinds = { ...required, ...optional };

  it("is taken with all of its keys, and with those alone that it needs", () => {
    const whole = commandOf(cmd, kinds);
    expect(checkShape(whole)).toBe(whole);
    const bare = commandOf(cmd, required);
    expect(checkShape(bare)).toBe(bare);
  });

  it("is no command without a key that it needs", () => {
    for (const missing of Object.keys(required)) {
      const { [missing]: _, ...rest } = commandOf(cmd, required);
      expect(problemOf(rest), missing).toMatch(/^missing key for|takes exactly one of|^limits takes account or symbol/);
    }
  });

  it("has no other keys", () => {
    expect(problemOf({ ...commandOf(cmd, kinds), extra: 1 })).toBe(`unknown key for ${cmd}: extra`);
  });

  it("takes values of the right JSON type, and no others", () => {
    for (const [key, kind] of Object.entries(kinds)) {
      for (const [name, value, fits] of VALUES) {
        const problem = problemOf({ ...commandOf(cmd, kinds), [key]: value });
        if (typeof kind === "string" && fits.includes(kind)) expect(problem, `${key}: ${name}`).toBeUndefined();
        else expect(problem, `${key}: ${name}`).toMatch(new RegExp(`^${key} must be `));
      }
    }
  });

  it("takes every word of an enumeration, and no other", () => {
    for (const [key, kind] of Object.entries(kinds)) {
      if (typeof kind === "string") continue;
      for (const word of kind) expect(problemOf({ ...commandOf(cmd, kinds), [key]: word }), word).toBeUndefined();
      for (const word of ["", kind[0].toUpperCase(), `${kind[0]} `, "toString"])
        expect(problemOf({ ...commandOf(cmd, kinds), [key]: word }), word).toMatch(new RegExp(`^${key} must be one of `));
    }
  });
});

describe("kill (SETTLED N23)", () => {
  it.each<[object, string]>([
    [{ scope: "global", on: true, symbol: "ABC" }, "kill takes symbol with scope instrument only"],
    [{ scope: "global", on: true, account: "alice" }, "kill takes account with scope account only"],
    [{ scope: "instrument", on: true }, "missing key for kill with scope instrument: symbol"],
    [{ scope: "instrument", on: true, account: "alice" }, "missing key for kill with scope instrument: symbol"],
    [{ scope: "instrument", on: true, symbol: "ABC", account: "alice" }, "kill takes account with scope account only"],
    [{ scope: "account", on: false }, "missing key for kill with scope account: account"],
    [{ scope: "account", on: false, symbol: "ABC", account: "alice" }, "kill takes symbol with scope instrument only"],
  ])("%j", (keys, problem) => {
    expect(problemOf({ cmd: "kill", ...keys })).toBe(problem);
  });
});

describe("limits of an account (SETTLED S20)", () => {
  const ACCOUNT = { cmd: "account", account: "alice", mode: "cash" };

  it.each<[unknown, string | undefined]>([
    ["unlimited", undefined],
    [{}, undefined],
    [{ maxOrderQty: "unlimited", maxOpenOrders: "unlimited", windowUs: 5, requireReference: false }, undefined],
    ["Unlimited", 'limits must be "unlimited" or an object'],
    [null, 'limits must be "unlimited" or an object'],
    [[], 'limits must be "unlimited" or an object'],
    [5, 'limits must be "unlimited" or an object'],
    [new NumberText("9007199254740993"), 'limits must be "unlimited" or an object'],
    [{ account: "alice" }, "unknown key for limits: account"],
    [{ toString: "1" }, "unknown key for limits: toString"],
    [{ maxOrderQty: null }, 'limits.maxOrderQty must be a decimal or "unlimited"'],
    [{ maxOrderQty: {} }, 'limits.maxOrderQty must be a decimal or "unlimited"'],
    [{ maxOpenOrders: "5.0" }, 'limits.maxOpenOrders must be an integer, its digits as a string, or "unlimited"'],
    [{ maxOpenOrders: 1.5 }, 'limits.maxOpenOrders must be an integer, its digits as a string, or "unlimited"'],
    [{ windowUs: "unlimited" }, "limits.windowUs must be an integer"],
    [{ requireReference: 1 }, "limits.requireReference must be true or false"],
  ])("%j", (limits, problem) => {
    expect(problemOf({ ...ACCOUNT, limits })).toBe(problem);
  });

  it("are checked key by key as those of the command are", () => {
    for (const [key, kind] of Object.entries(LIMITS)) {
      for (const [name, value, fits] of VALUES) {
        const problem = problemOf({ ...ACCOUNT, limits: { [key]: value } });
        if (fits.includes(kind as string)) expect(problem, `${key}: ${name}`).toBeUndefined();
        else expect(problem, `${key}: ${name}`).toMatch(new RegExp(`^limits.${key} must be `));
      }
    }
  });

  it("of nobody are no command", () => {
    expect(problemOf({ cmd: "limits", maxOrderQty: "1" })).toBe("limits takes account or symbol, or both");
    expect(problemOf({ cmd: "limits", account: "alice", symbol: "ABC" })).toBeUndefined();
  });
});

describe("a reference to an order (SETTLED S22)", () => {
  it.each(["cancel", "reduce", "replace"])("%s takes exactly one of its two ids", (cmd) => {
    const rest = cmd === "reduce" ? { cmd, account: "alice", by: 1 } : { cmd, account: "alice" };
    expect(problemOf({ ...rest, clOrdId: 1 })).toBeUndefined();
    expect(problemOf({ ...rest, orderId: "1" })).toBeUndefined();
    expect(problemOf({ ...rest })).toBe(`${cmd} takes exactly one of clOrdId and orderId`);
    expect(problemOf({ ...rest, clOrdId: 1, orderId: 1 })).toBe(`${cmd} takes exactly one of clOrdId and orderId`);
  });
});

describe("what is no command at all", () => {
  it.each<[string, unknown, RegExp]>([
    ["no object", "new", /must be a JSON object/],
    ["null", null, /must be a JSON object/],
    ["a list", [], /must be a JSON object/],
    ["no cmd", { account: "alice" }, /^missing key cmd$/],
    ["a number as cmd", { cmd: 1 }, /^cmd must be a string$/],
    ["an unknown cmd", { cmd: "borrow" }, /^unknown command: borrow$/],
    ["a key of Object as cmd", { cmd: "constructor" }, /^unknown command: constructor$/],
    ["a key of Object as key", { cmd: "hash", toString: 1 }, /^unknown key for hash: toString$/],
  ])("%s", (_name, command, problem) => {
    expect(problemOf(command)).toMatch(problem);
  });
});

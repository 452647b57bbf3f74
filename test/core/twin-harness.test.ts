import { describe, expect, it, vi } from "vitest";
import type { Command, Event } from "../../engine/edge/types.js";
import { CODES } from "../../engine/wire/codes.js";
import {
  ORD_TYPE_NAMES,
  REASON_NAMES,
  STATE_REASON_NAMES,
  TIME_IN_FORCE_NAMES,
  TRADING_STATE_NAMES,
} from "../../engine/wire/generated/enums.js";
import { Coverage } from "../twin/coverage.js";
import type { CoreUnderTest, JudgedCore } from "../twin/differential.js";
import { playRandom } from "../twin/differential.js";
import { Generator } from "../twin/generator.js";
import { TwinError } from "../twin/input.js";
import { Audit } from "../twin/invariants.js";
import { describeFailure } from "../twin/report.js";
import { Twin } from "../twin/twin.js";
import type { WorldConfig } from "../twin/world.js";
import { ALL_WORLDS } from "../twin/world.js";

// Long by nature; a busy machine must not fail it.
vi.setConfig({ testTimeout: 120_000 });

const COMMANDS_PER_WORLD = 4000;

/** What no script can bring about: it comes from binary records (N25), from sessions (C10), or from a core that is full. */
const NOT_BY_SCRIPT = ["BAD_SIDE", "BOOK_FULL", "canceled disconnect"];
const HAVE_REASON_FOR_REDUCE = ["user", "selfTrade", "oco", "reduceOnly"];

const MUST_OCCUR: readonly string[] = [
  ...["error", "ok", "accepted", "trade", "replaced", "triggered", "massCanceled", "book", "orders", "auction"],
  ...REASON_NAMES.map((reason) => `canceled ${reason}`).filter((key) => !NOT_BY_SCRIPT.includes(key)),
  ...HAVE_REASON_FOR_REDUCE.map((reason) => `reduced ${reason}`),
  ...STATE_REASON_NAMES.map((reason) => `state ${reason}`),
  ...TRADING_STATE_NAMES.map((name) => `state to ${name}`),
  ...rejects(2000, 5000).filter((name) => !NOT_BY_SCRIPT.includes(name)),
  ...["ALREADY_EXISTS", "BAD_INSTRUMENT", "TIME_BACKWARDS", "STATE_UNCHANGED", "BAD_NAME", "BAD_VALUE"],
  ...ORD_TYPE_NAMES.flatMap((type) => TIME_IN_FORCE_NAMES.map((tif) => `accepted ${type} ${tif}`)).filter(
    (key) => key !== "accepted market day" && key !== "accepted market gtd",
  ),
  ...["displayQty", "minQty", "quoteQty", "expireTime", "postOnly", "reduceOnly", "trail", "trailBps", "oco"].map(
    (key) => `accepted with ${key}`,
  ),
  ...["resting limit", "resting stopLimit", "dormant stop", "dormant stopLimit", "dormant trailingStop"],
  ...["pending limit", "pending stop", "pending stopLimit", "pending trailingStop"],
  // Funds and risk.
  ...[
    "currency",
    "instrument",
    "account",
    "time",
    "kill",
    "deposit",
    "withdraw",
    "transfer",
    "review",
    "mark",
    "kyc",
    "accountState",
    "limits",
  ].map((cmd) => `ok ${cmd}`),
  ...["deposit", "withdraw", "transfer"].map((cmd) => `pendingReview ${cmd}`),
  ...["account", "symbol"].map((whose) => `alert circuitBreaker ${whose}`),
  ...["maxOpenOrders", "maxOpenNotional", "maxPosition", "maxExposure", "maxDailyNotional", "maxDailyLoss"].map(
    (limit) => `alert limit ${limit}`,
  ),
  ...["alert at 80", "alert at 100", "alert at 80 with symbol", "alert at 100 with symbol", "alert, state volatility"],
  ...["liquidation buy", "liquidation sell", "trade of a liquidation", "trade with oneself", "fee", "rebate", "no fee"],
  ...["balances with holds", "balances below nought", "balances with profits"],
  ...risksOfReplace(),
  // How things come together.
  ...["cascade", "tranches", "trade of an uncross", "auction final", "auction of nothing", "uncross repeated"],
  ...["new", "replace", "state", "time"].flatMap((cmd) => [`trade by ${cmd}`, `triggered by ${cmd}`]),
  ...["interrupted after trades", "interrupted without a trade", "interrupted by a fired stop", "interrupted at the opening"],
  ...["canceled expired by state", "canceled expired by time", "replaced in place", "replaced to the tail"],
  ...["replaced with stopPrice", "replaced with displayQty", "replaced, triggered", "accepted, triggered", "reduced without leavesQty"],
  ...["noLiquidity", "selfTrade", "reduceOnly"].map((reason) => `canceled ${reason} with quoteQty`),
  ...[
    "trade, canceled oco",
    "trade, reduced oco",
    "reduced user, reduced oco",
    "reduced selfTrade, reduced oco",
    "reduced reduceOnly, reduced oco",
  ],
  ...[
    "canceled user, canceled oco",
    "canceled expired, canceled oco",
    "canceled reduceOnly, canceled oco",
    "canceled riskOnTrigger, canceled oco",
  ],
  ...["accepted, reduced reduceOnly", "triggered, reduced reduceOnly", "replaced, reduced reduceOnly", "reduced reduceOnly, trade"],
  ...["triggered, canceled fok", "triggered, canceled noLiquidity", "triggered, canceled reduceOnly", "trade, triggered"],
];

/** Everything that a replace can be refused for by its difference. */
function risksOfReplace(): string[] {
  const codes = ["KILL_SWITCH", "ACCOUNT_SUSPENDED", "REDUCE_ONLY_ACCOUNT", "MAX_ORDER_QTY", "MAX_ORDER_NOTIONAL", "PRICE_COLLAR"];
  const uses = [
    "MAX_OPEN_NOTIONAL",
    "POSITION_LIMIT",
    "EXPOSURE_LIMIT",
    "DAILY_NOTIONAL",
    "INSUFFICIENT_FUNDS",
    "INSUFFICIENT_MARGIN",
    "NOTIONAL_OVERFLOW",
  ];
  return [...codes, ...uses].map((code) => `replace ${code}`);
}

function rejects(from: number, to: number): string[] {
  return Object.entries(CODES).flatMap(([name, code]) => (code >= from && code < to ? [name] : []));
}

/** Plays a world on the twin alone and audits it after each command. */
function coverageOf(world: WorldConfig, commands: number): Coverage {
  const twin = new Twin();
  const audit = new Audit(twin);
  const generator = new Generator(world, 7, twin.directory);
  const coverage = new Coverage();
  const setUp = generator.setUp();
  for (let i = 0; i < setUp.length + commands; i++) {
    const command = setUp[i] ?? generator.next();
    try {
      const events = twin.apply(command);
      audit.check(command, events);
      coverage.note(command, events);
    } catch (error) {
      if (!(error instanceof TwinError)) throw error;
      coverage.noteError();
    }
  }
  return coverage;
}

/** A twin whose answers pass through a saboteur. */
class FaultyCore implements JudgedCore {
  readonly #twin = new Twin();

  constructor(readonly sabotage: (event: Event) => Event) {}

  apply(command: Command, onEvent: (event: Event) => void): void {
    for (const event of this.#twin.apply(command)) onEvent(this.sabotage(event));
  }

  stateHash(): string {
    return this.#twin.digest();
  }

  assertConsistent(): void {}
}

function faulty(sabotage: (event: Event) => Event): CoreUnderTest {
  return { create: () => new FaultyCore(sabotage), isCommandError: (error) => error instanceof TwinError };
}

function worldOf(name: string): WorldConfig {
  const world = ALL_WORLDS.find((config) => config.name === name);
  if (world === undefined) throw new Error(`no world ${name}`);
  return world;
}

describe("the twin by itself", () => {
  const seen = new Set<string>();

  it.each(ALL_WORLDS.map(({ name }) => name))("keeps what must always be true in world %s", (name) => {
    const { counts } = coverageOf(worldOf(name), COMMANDS_PER_WORLD);
    for (const key of counts.keys()) seen.add(key.startsWith("rejected ") ? key.slice("rejected ".length) : key);
    // Where limits are tight, most orders are refused.
    expect(counts.get("trade")).toBeGreaterThan(worldOf(name).risk?.limits === "tight" ? 20 : 100);
  });

  it("has been led through every event, reason and reject by the generator", () => {
    expect(MUST_OCCUR.filter((key) => !seen.has(key))).toEqual([]);
  });

  it("is given the same commands by the same seed", () => {
    const world = worldOf("all");
    expect([...coverageOf(world, 1000).counts]).toEqual([...coverageOf(world, 1000).counts]);
  });
});

describe("the differential harness", () => {
  it("finds nothing between equals", () => {
    const under = faulty((event) => event);
    expect(playRandom({ world: worldOf("all"), seed: 1, commands: 2000 }, under)).toBeUndefined();
  });

  it("finds a planted fault and gives the shortest script that shows it", () => {
    const under = faulty((event) => (event.event === "replaced" ? { ...event, keptPriority: false } : event));
    const failed = playRandom({ world: worldOf("dense"), seed: 1, commands: 5000 }, under);
    if (failed === undefined) throw new Error("the planted fault was not found");
    const report = describeFailure(failed, under);
    // An account, an instrument, an order and its replacement: nothing less can show it.
    expect(report).toMatch(/shortest script \(4 commands/);
    expect(report).toContain('"cmd":"replace"');
    expect(report).toContain('"keptPriority":true');
  });

  it("keeps both legs of a pair in the script", () => {
    const isOco = (event: Event) => event.event === "canceled" && event.reason === "oco";
    const under = faulty((event) => (isOco(event) ? { ...event, reason: "user" } : event) as Event);
    const failed = playRandom({ world: worldOf("pairs"), seed: 1, commands: 5000 }, under);
    if (failed === undefined) throw new Error("the planted fault was not found");
    const report = describeFailure(failed, under);
    const script = report.split("\n").filter((line) => line.startsWith('{"cmd"'));
    // An instrument, an account, two legs, and at most one command more that ends a leg: nothing less can show it.
    expect(script.length).toBeLessThanOrEqual(5);
    expect(script.filter((line) => line.includes('"oco":'))).toHaveLength(2);
  });
});

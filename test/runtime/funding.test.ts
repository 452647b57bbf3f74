import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { Engine, type EngineConfig, type StreamEvent, transferBetween } from "../../dist/engine/index.js";
import { CAPACITIES, within } from "./start.js";

const engines: Engine[] = [];

afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
});

/** Two cash accounts, one of them verified, and two margin accounts. */
async function started(config: EngineConfig = {}): Promise<Engine> {
  const engine = await Engine.start({
    currencies: { USD: { scale: 2, amlThreshold: "5000" } },
    instruments: [
      { symbol: "ABC", base: "ABC", quote: "USD", tickSize: "0.01", lotSize: "1", takerFeePpm: 1000, makerFeePpm: -500 },
      { symbol: "PERP", base: "ABC", quote: "USD", tickSize: "0.01", lotSize: "1", kind: "margin", initialMarginPpm: 100_000 },
    ],
    accounts: [
      { name: "alice", mode: "cash", limits: "unlimited", kyc: "verified" },
      { name: "bob", mode: "cash", limits: "unlimited" },
      { name: "mia", mode: "margin", limits: { ...BLOCKS_NOTHING, maxOrderQty: "5" }, riskLevel: "high" },
      { name: "max", mode: "margin", limits: "unlimited" },
    ],
    capacities: CAPACITIES,
    ...config,
  });
  engines.push(engine);
  return engine;
}

const BLOCKS_NOTHING = {
  maxOrderQty: "unlimited",
  maxOrderNotional: "unlimited",
  maxOpenOrders: "unlimited",
  maxOpenNotional: "unlimited",
  maxPosition: "unlimited",
  maxExposure: "unlimited",
  maxDailyNotional: "unlimited",
  maxDailyLoss: "unlimited",
  maxOrders: "unlimited",
  maxDuplicates: "unlimited",
} as const;

async function totalOf(engine: Engine, account: string, currency = "USD"): Promise<string | undefined> {
  const { balances } = await engine.balances(account);
  return balances.find((row) => row.currency === currency)?.total;
}

describe("funds", () => {
  it("come in, go out and change hands, and the outcome has the risk score", async () => {
    const engine = await started();
    const deposit = await engine.deposit({ account: "alice", currency: "USD", amount: "1000", ref: "d" });
    expect(deposit).toMatchObject({ status: "done", riskPpm: 200_000, events: [{ event: "ok", cmd: "deposit", riskPpm: 200_000 }] });
    expect(await engine.deposit({ account: "alice", currency: "USD", amount: "1000.00", ref: "d" })).toMatchObject({
      status: "rejected",
      code: 4001,
      reason: "ALREADY_APPLIED",
    });
    expect(await engine.deposit({ account: "alice", currency: "USD", amount: "1001", ref: "d" })).toMatchObject({ reason: "REF_CONFLICT" });
    expect(await engine.withdraw({ account: "alice", currency: "USD", amount: "1000.01", ref: "w" })).toMatchObject({
      reason: "INSUFFICIENT_FUNDS",
    });
    expect(await engine.withdraw({ account: "alice", currency: "USD", amount: "0.01", ref: "w" })).toMatchObject({ status: "done" });
    expect(await engine.transfer({ account: "alice", to: "bob", currency: "USD", amount: "99.99", ref: "t" })).toMatchObject({
      status: "done",
    });
    expect(await engine.balances("alice")).toEqual({
      event: "balances",
      account: "alice",
      balances: [{ currency: "USD", total: "900", held: "0", free: "900" }],
      positions: [],
    });
    expect(await totalOf(engine, "bob")).toBe("99.99");
    expect(await engine.movement("d")).toBe("applied");
    expect(await engine.movement("none")).toBeUndefined();
    await expect(engine.balances("zoe")).rejects.toMatchObject({ code: "BAD_COMMAND", message: "unknown account: zoe" });
  });

  it("need an account that is verified", async () => {
    const engine = await started();
    await engine.deposit({ account: "bob", currency: "USD", amount: "10", ref: "d" });
    expect(await engine.withdraw({ account: "bob", currency: "USD", amount: "1", ref: "w" })).toMatchObject({ reason: "KYC_REQUIRED" });
    expect(await engine.setKyc({ account: "bob", kyc: "verified" })).toMatchObject({ status: "done" });
    expect(await engine.withdraw({ account: "bob", currency: "USD", amount: "1", ref: "w" })).toMatchObject({ status: "done" });
  });

  it("above the threshold wait for review, and everybody who listens is told", async () => {
    const engine = await started();
    const events = engine.events({ account: "alice" });
    const large = { account: "alice", currency: "USD", amount: "5000.01", ref: "d" } as const;
    expect(await engine.deposit(large)).toMatchObject({ status: "pendingReview", riskPpm: 600_001 });
    expect(await totalOf(engine, "alice")).toBeUndefined();
    expect(await engine.movement("d")).toBe("pending");
    expect(await engine.deposit(large)).toMatchObject({ reason: "ALREADY_APPLIED" });
    const next: IteratorResult<StreamEvent> = await within(events[Symbol.asyncIterator]().next());
    expect(next.value).toEqual({
      event: "pendingReview",
      seq: expect.any(Number),
      cmd: "deposit",
      account: "alice",
      currency: "USD",
      amount: "5000.01",
      ref: "d",
    });
    expect(await engine.review({ ref: "d", release: true })).toMatchObject({ status: "done" });
    expect(await totalOf(engine, "alice")).toBe("5000.01");
    expect(await engine.movement("d")).toBe("applied");
    await engine.deposit({ ...large, ref: "e" });
    await engine.review({ ref: "e", release: false });
    expect(await engine.movement("e")).toBe("refused");
    expect(await totalOf(engine, "alice")).toBe("5000.01");
    expect(await engine.review({ ref: "e", release: true })).toMatchObject({ reason: "UNKNOWN_MOVEMENT" });
  });

  it("in a currency that only an instrument has named", async () => {
    const engine = await started();
    expect(await engine.deposit({ account: "bob", currency: "ABC", amount: "0.000001", ref: "d" })).toMatchObject({ status: "done" });
    expect(await totalOf(engine, "bob", "ABC")).toBe("0.000001");
    await engine.apply({ cmd: "instrument", symbol: "GHI", base: "GHI", quote: "JKL", tickSize: "1", lotSize: "1" });
    for (const currency of ["GHI", "JKL"]) {
      expect(await engine.deposit({ account: "bob", currency, amount: "1.5", ref: currency })).toMatchObject({ status: "done" });
      expect(await totalOf(engine, "bob", currency)).toBe("1.5");
    }
    expect(await engine.deposit({ account: "bob", currency: "XYZ", amount: "1", ref: "x" })).toMatchObject({ reason: "UNKNOWN_CURRENCY" });
  });

  it("are held by orders and move with trades, fees with them", async () => {
    const engine = await started();
    await engine.deposit({ account: "alice", currency: "USD", amount: "1000", ref: "1" });
    await engine.deposit({ account: "bob", currency: "ABC", amount: "10", ref: "2" });
    await engine.submit({ account: "alice", clOrdId: 1, symbol: "ABC", side: "buy", price: "10", qty: "10" });
    expect((await engine.balances("alice")).balances).toEqual([{ currency: "USD", total: "1000", held: "100.1", free: "899.9" }]);
    const sold = await engine.submit({ account: "bob", clOrdId: 1, symbol: "ABC", side: "sell", price: "10", qty: "4" });
    expect(sold.events[1]).toMatchObject({ event: "trade", maker: { fee: "-0.02" }, taker: { fee: "0.04" } });
    expect(await totalOf(engine, "alice")).toBe("960.02");
    expect(await totalOf(engine, "bob")).toBe("39.96");
  });
});

describe("limits, marks and states", () => {
  it("refuse what they are for, and can be raised", async () => {
    const engine = await started();
    await engine.deposit({ account: "mia", currency: "USD", amount: "1000", ref: "1" });
    const order = { account: "mia", clOrdId: 1, symbol: "PERP", side: "buy", price: "10", qty: "6" } as const;
    expect(await engine.submit(order)).toMatchObject({ status: "rejected", code: 2004, reason: "MAX_ORDER_QTY" });
    expect(await engine.setLimits({ account: "mia", maxOrderQty: "6" })).toMatchObject({ status: "done" });
    expect(await engine.submit(order)).toMatchObject({ status: "accepted" });
    expect(await engine.setLimits({ account: "mia", symbol: "PERP", maxOrderQty: "1" })).toMatchObject({ status: "done" });
    expect(await engine.submit({ ...order, clOrdId: 2, qty: "2" })).toMatchObject({ reason: "MAX_ORDER_QTY" });
    await expect(engine.setLimits({ maxOrderQty: "1" })).rejects.toMatchObject({ code: "BAD_COMMAND" });
    expect(await engine.setAccountState({ account: "mia", state: "suspended" })).toMatchObject({ status: "done" });
    expect(await engine.submit({ ...order, clOrdId: 2, qty: "1" })).toMatchObject({ reason: "ACCOUNT_SUSPENDED" });
  });

  it("alerts and liquidations are told to who listens", async () => {
    const engine = await started();
    await engine.deposit({ account: "mia", currency: "USD", amount: "100", ref: "1" });
    await engine.deposit({ account: "max", currency: "USD", amount: "1000", ref: "2" });
    await engine.setLimits({ account: "mia", maxOpenOrders: 1 });
    const events = engine.events();
    await engine.submit({ account: "mia", clOrdId: 1, symbol: "PERP", side: "buy", price: "100", qty: "5" });
    await engine.submit({ account: "max", clOrdId: 1, symbol: "PERP", side: "sell", price: "100", qty: "5" });
    await engine.submit({ account: "max", clOrdId: 2, symbol: "PERP", side: "buy", price: "80", qty: "5" });
    await engine.setMark({ symbol: "PERP", price: "79" });
    events.end(undefined);
    const told: StreamEvent[] = [];
    for await (const event of events) told.push(event);
    const alerts = told.filter((event) => event.event === "alert");
    expect(alerts.map(({ account, limit, percent }) => [account, limit, percent])).toEqual([
      ["mia", "maxOpenOrders", 80],
      ["mia", "maxOpenOrders", 100],
    ]);
    expect(told.find((event) => event.event === "liquidation")).toMatchObject({ account: "mia", symbol: "PERP", side: "sell", qty: "5" });
    expect(told.at(-1)).toMatchObject({ event: "trade", taker: { account: "mia", clOrdId: 0 } });
    const { positions } = await engine.balances("mia");
    expect(positions).toMatchObject([{ symbol: "PERP", qty: "0", cost: "0", realised: "-100" }]);
  });
});

describe("transferBetween two engines", () => {
  const TRANSFER = { account: "alice", to: "bob", currency: "USD", amount: "40", ref: "move" } as const;

  async function pair(): Promise<[Engine, Engine]> {
    const from = await started();
    const to = await started();
    await from.deposit({ account: "alice", currency: "USD", amount: "100", ref: "in" });
    return [from, to];
  }

  it("moves funds once, however often it is called", async () => {
    const [from, to] = await pair();
    for (let round = 0; round < 3; round++) expect(await transferBetween(from, to, TRANSFER)).toEqual({ status: "done", step: "deposit" });
    expect(await totalOf(from, "alice")).toBe("60");
    expect(await totalOf(to, "bob")).toBe("40");
  });

  it("is completed by being repeated after a crash between its two commands", async () => {
    const [from, to] = await pair();
    const crash = new AbortController();
    const dead = {
      balances: to.balances.bind(to),
      movement: to.movement.bind(to),
      withdraw: to.withdraw.bind(to),
      deposit: () => {
        crash.abort(new Error("crashed"));
        return Promise.reject(crash.signal.reason as Error);
      },
    };
    await expect(transferBetween(from, dead, TRANSFER, { signal: crash.signal })).rejects.toThrow("crashed");
    expect([await totalOf(from, "alice"), await totalOf(to, "bob")]).toEqual(["60", undefined]);
    expect(await transferBetween(from, to, TRANSFER)).toEqual({ status: "done", step: "deposit" });
    expect([await totalOf(from, "alice"), await totalOf(to, "bob")]).toEqual(["60", "40"]);
  });

  it("is completed when the engine has died in between and come back from its journal", async () => {
    const dir = mkdtempSync(join(tmpdir(), "ringbook-funding-"));
    try {
      const to = await started();
      const before = await started({ journal: { dir, durability: "group" } });
      await before.deposit({ account: "alice", currency: "USD", amount: "100", ref: "in" });
      await before.withdraw({ account: "alice", currency: "USD", amount: "40", ref: "move" });
      await before.close();
      const after = await started({ journal: { dir, durability: "group" } });
      expect(await after.movement("move")).toBe("applied");
      expect(await transferBetween(after, to, TRANSFER)).toEqual({ status: "done", step: "deposit" });
      expect([await totalOf(after, "alice"), await totalOf(to, "bob")]).toEqual(["60", "40"]);
    } finally {
      for (const engine of engines.splice(0)) await engine.close();
      rmSync(dir, { recursive: true });
    }
  });

  it("waits for review on either side", async () => {
    const [from, to] = await pair();
    const large = { ...TRANSFER, amount: "5000.5" };
    await from.deposit({ account: "alice", currency: "USD", amount: "5000", ref: "more-1" });
    await from.deposit({ account: "alice", currency: "USD", amount: "5000", ref: "more-2" });
    expect(await transferBetween(from, to, large)).toEqual({ status: "pendingReview", step: "withdraw" });
    expect(await transferBetween(from, to, large)).toEqual({ status: "pendingReview", step: "withdraw" });
    await from.review({ ref: "move", release: true });
    expect(await transferBetween(from, to, large)).toEqual({ status: "pendingReview", step: "deposit" });
    await to.review({ ref: "move", release: true });
    expect(await transferBetween(from, to, large)).toEqual({ status: "done", step: "deposit" });
    expect([await totalOf(from, "alice"), await totalOf(to, "bob")]).toEqual(["5099.5", "5000.5"]);
  });

  it("takes nothing when it cannot go through, and never deposits what was refused", async () => {
    const [from, to] = await pair();
    expect(await transferBetween(from, to, { ...TRANSFER, amount: "100.01" })).toMatchObject({
      reason: "INSUFFICIENT_FUNDS",
      step: "withdraw",
    });
    await expect(transferBetween(from, to, { ...TRANSFER, to: "zoe" })).rejects.toThrow("unknown account: zoe");
    await from.deposit({ account: "alice", currency: "USD", amount: "5000", ref: "more-1" });
    await from.deposit({ account: "alice", currency: "USD", amount: "5000", ref: "more-2" });
    expect(await transferBetween(from, to, { ...TRANSFER, amount: "6000" })).toMatchObject({ status: "pendingReview" });
    await from.review({ ref: "move", release: false });
    expect(await transferBetween(from, to, { ...TRANSFER, amount: "6000" })).toEqual({ status: "refused", step: "withdraw" });
    expect([await totalOf(from, "alice"), await totalOf(to, "bob")]).toEqual(["10100", undefined]);
  });
});

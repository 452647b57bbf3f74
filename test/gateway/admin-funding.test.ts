import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Engine } from "../../dist/engine/index.js";
import { CODES } from "../../engine/wire/codes.js";
import { CAPACITIES } from "../runtime/start.js";
import { AdminHarness } from "./admin-client.js";

let engine: Engine;
let admin: AdminHarness;
beforeAll(async () => {
  engine = await Engine.start({ capacities: CAPACITIES });
  admin = await AdminHarness.start(engine, { requestsPerMinute: 100_000 });
  const make = (path: string, body: object) => admin.call("POST", path, { as: "operator", body });
  await make("/v1/currencies", { currency: "USD", scale: 2, amlThreshold: "1000" });
  await make("/v1/instruments", {
    symbol: "ABC",
    base: "ABC",
    quote: "USD",
    tickSize: "0.01",
    lotSize: "1",
    makerFeePpm: -100,
    takerFeePpm: 200,
  });
  for (const account of ["alice", "bob"]) await make("/v1/accounts", { account, mode: "cash", limits: "unlimited" });
});
afterAll(async () => {
  await admin.server.close();
  await engine.close();
});

const fund = (path: string, body: object) => admin.call("POST", `/v1/funding/${path}`, { as: "operator", body });
const free = async (account: string): Promise<unknown> =>
  (await admin.call("GET", `/v1/accounts/${account}/balances`, { as: "viewer" })).json.balances;

describe("funding over HTTP", () => {
  it("moves money once for a ref, however often it is asked", async () => {
    const deposit = { account: "alice", currency: "USD", amount: "500.25", ref: "d1" };
    const first = await fund("deposits", deposit);
    expect(first).toMatchObject({ status: 200, json: { status: "done", events: [{ event: "ok", cmd: "deposit" }] } });
    expect(await fund("deposits", deposit)).toMatchObject({
      status: 409,
      json: { code: CODES.ALREADY_APPLIED, reason: "ALREADY_APPLIED" },
    });
    expect(await fund("deposits", { ...deposit, amount: "1" })).toMatchObject({ status: 409, json: { code: CODES.REF_CONFLICT } });
    expect(await free("alice")).toEqual([{ currency: "USD", total: "500.25", held: "0", free: "500.25" }]);
    expect((await admin.call("GET", "/v1/funding/movements/d1", { as: "operator" })).json).toEqual({ ref: "d1", state: "applied" });
    expect((await admin.call("GET", "/v1/funding/movements/d2", { as: "operator" })).json).toMatchObject({ code: CODES.UNKNOWN_MOVEMENT });
  });

  it("pays out and transfers for verified customers, and what is free", async () => {
    const withdrawal = { account: "alice", currency: "USD", amount: "100", ref: "w1" };
    expect(await fund("withdrawals", withdrawal)).toMatchObject({ status: 422, json: { reason: "KYC_REQUIRED" } });
    expect((await admin.call("PUT", "/v1/accounts/alice/kyc", { as: "operator", body: { kyc: "verified" } })).status).toBe(403);
    expect((await admin.call("PUT", "/v1/accounts/alice/kyc", { as: "compliance", body: { kyc: "verified" } })).status).toBe(200);
    expect((await fund("withdrawals", withdrawal)).status).toBe(200);
    expect((await fund("transfers", { account: "alice", to: "bob", currency: "USD", amount: 50.25, ref: "t1" })).status).toBe(200);
    expect(await fund("withdrawals", { ...withdrawal, amount: "351", ref: "w2" })).toMatchObject({
      status: 422,
      json: { code: CODES.INSUFFICIENT_FUNDS, reason: "INSUFFICIENT_FUNDS" },
    });
    expect([await free("alice"), await free("bob")]).toMatchObject([[{ free: "350" }], [{ free: "50.25" }]]);
    expect(await fund("deposits", { account: "nobody", currency: "USD", amount: "1", ref: "x" })).toMatchObject({ status: 404 });
    expect(await fund("deposits", { account: "alice", currency: "EUR", amount: "1", ref: "x" })).toMatchObject({ status: 404 });
    expect(await fund("deposits", { account: "alice", currency: "USD", amount: "1" })).toMatchObject({ status: 400 });
    expect(await fund("deposits", { account: "alice", currency: "USD", amount: "0.001", ref: "x" })).toMatchObject({
      status: 422,
      json: { code: CODES.BAD_AMOUNT },
    });
  });

  it("lets large movements wait for review, and only compliance decides them", async () => {
    const large = { account: "bob", currency: "USD", amount: "5000", ref: "big-1" };
    expect(await fund("deposits", large)).toMatchObject({ status: 202, json: { status: "pendingReview" } });
    expect((await fund("deposits", { ...large, ref: "big-2" })).status).toBe(202);
    expect(await free("bob")).toMatchObject([{ total: "50.25" }]);
    const pending = await admin.call("GET", "/v1/funding/pending", { as: "compliance" });
    expect(pending.json).toMatchObject([
      { ref: "big-1", cmd: "deposit", account: "bob", currency: "USD", amount: "5000", timeUs: expect.any(Number) },
      { ref: "big-2" },
    ]);
    expect((await admin.call("GET", "/v1/funding/pending?from=1&limit=1", { as: "operator" })).json).toMatchObject([{ ref: "big-2" }]);
    expect((await admin.call("GET", "/v1/funding/pending", { as: "viewer" })).status).toBe(403);
    const review = (ref: string, release: boolean, as: "operator" | "compliance" = "compliance") =>
      admin.call("POST", "/v1/funding/reviews", { as, body: { ref, release } });
    expect((await review("big-1", true, "operator")).status).toBe(403);
    expect((await review("big-1", true)).status).toBe(200);
    expect((await review("big-2", false)).status).toBe(200);
    expect(await review("big-1", true)).toMatchObject({ status: 404, json: { code: CODES.UNKNOWN_MOVEMENT } });
    expect(await free("bob")).toMatchObject([{ total: "5050.25" }]);
    expect((await admin.call("GET", "/v1/funding/movements/big-2", { as: "compliance" })).json).toMatchObject({ state: "refused" });
    expect(admin.audited.at(-2)).toMatchObject({
      who: "the-compliance",
      operation: "reviewMovement",
      body: { ref: "big-2", release: false },
    });
  });
});

describe("risk over HTTP", () => {
  const order = { account: "alice", symbol: "ABC", side: "buy", price: "1" } as const;

  it("sets limits of accounts and instruments, which orders are then held to", async () => {
    const set = (path: string, body: object) => admin.call("PUT", path, { as: "risk", body });
    expect((await set("/v1/accounts/alice/limits", { maxOrderQty: "10" })).status).toBe(200);
    expect(await engine.submit({ ...order, clOrdId: 1, qty: "11" })).toMatchObject({ reason: "MAX_ORDER_QTY" });
    expect((await set("/v1/accounts/alice/limits", { maxOrderQty: "unlimited" })).status).toBe(200);
    expect((await set("/v1/instruments/ABC/limits", { maxOrderNotional: "5" })).status).toBe(200);
    expect(await engine.submit({ ...order, clOrdId: 2, qty: "6" })).toMatchObject({ reason: "MAX_ORDER_NOTIONAL" });
    expect((await set("/v1/accounts/alice/limits", { symbol: "ABC", maxOpenOrders: 0 })).status).toBe(200);
    expect(await engine.submit({ ...order, clOrdId: 3, qty: "1" })).toMatchObject({ reason: "MAX_OPEN_ORDERS" });
    expect((await set("/v1/accounts/alice/limits", { symbol: "ABC", maxOpenOrders: "unlimited" })).status).toBe(200);
    expect(await engine.submit({ ...order, clOrdId: 4, qty: "1" })).toMatchObject({ status: "accepted" });
    expect((await set("/v1/accounts/alice/limits", {})).status).toBe(400);
    expect((await set("/v1/accounts/alice/limits", { maxOrderQty: "much" })).status).toBe(400);
    expect(await set("/v1/accounts/alice/limits", { maxOrderQty: "-1" })).toMatchObject({ status: 422, json: { reason: "BAD_VALUE" } });
    expect((await set("/v1/accounts/nobody/limits", { maxOrderQty: "1" })).status).toBe(404);
  });

  it("suspends an account and lets it trade again, marks an instrument", async () => {
    const state = (name: string) => admin.call("PUT", "/v1/accounts/alice/state", { as: "risk", body: { state: name } });
    expect((await state("suspended")).status).toBe(200);
    expect((await admin.call("GET", "/v1/accounts/alice", { as: "viewer" })).json).toMatchObject({
      mode: "cash",
      state: "suspended",
      kyc: "verified",
      openOrders: 1,
    });
    expect(await engine.submit({ ...order, clOrdId: 5, qty: "1" })).toMatchObject({ reason: "ACCOUNT_SUSPENDED" });
    expect((await state("active")).status).toBe(200);
    expect((await state("asleep")).status).toBe(400);
    expect((await admin.call("PUT", "/v1/instruments/ABC/mark", { as: "risk", body: { price: "1.25" } })).status).toBe(200);
    const off = await admin.call("PUT", "/v1/instruments/ABC/mark", { as: "risk", body: { price: "1.255" } });
    expect(off).toMatchObject({ status: 422, json: { code: CODES.PRICE_OFF_TICK } });
  });
});

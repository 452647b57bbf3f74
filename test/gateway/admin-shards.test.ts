import { afterAll, beforeAll, expect, it } from "vitest";
import { Engine, ShardedEngine } from "../../dist/engine/index.js";
import { CAPACITIES } from "../runtime/start.js";
import { AdminHarness } from "./admin-client.js";

let engine: ShardedEngine;
let admin: AdminHarness;
beforeAll(async () => {
  const steps = { quote: "USD", tickSize: "0.01", lotSize: "1" };
  engine = await ShardedEngine.start({
    shards: 2,
    instruments: ["A", "B"].map((symbol) => ({ symbol, base: symbol, ...steps })),
    accounts: [{ name: "alice", mode: "cash", limits: "unlimited", kyc: "verified" }],
    capacities: CAPACITIES,
  });
  admin = await AdminHarness.start(engine, { requestsPerMinute: 100_000 });
});
afterAll(async () => {
  await admin.server.close();
  await engine.close();
});

const call = (method: string, path: string, body?: object) => admin.call(method, path, { as: "admin", body });
const free = async (query = ""): Promise<string> => (await call("GET", `/v1/accounts/alice/balances${query}`)).json.balances[0]?.free;

it("funds are deposited into a shard, moved to another, and summed up", async () => {
  const funds = { account: "alice", currency: "USD", amount: "100", ref: "d" };
  expect((await call("POST", "/v1/funding/deposits", funds)).status).toBe(200);
  expect((await call("POST", "/v1/funding/deposits", { ...funds, ref: "e", shard: 1 })).status).toBe(200);
  expect(await call("POST", "/v1/funding/deposits", { ...funds, ref: "f", shard: 2 })).toMatchObject({
    status: 400,
    json: { code: "BAD_COMMAND" },
  });
  const transfer = { account: "alice", currency: "USD", amount: "30", ref: "t", from: 0, to: 1 };
  for (let times = 0; times < 2; times++)
    expect(await call("POST", "/v1/funding/shard-transfers", transfer)).toMatchObject({ status: 200, json: { status: "done" } });
  expect(await call("POST", "/v1/funding/shard-transfers", { ...transfer, ref: "u", amount: "71" })).toMatchObject({
    status: 422,
    json: { reason: "INSUFFICIENT_FUNDS" },
  });
  expect([await free(), await free("?shard=0"), await free("?shard=1")]).toEqual(["200", "70", "130"]);
});

it("probes, status, lists and switches are those of all shards", async () => {
  await engine.submit({ account: "alice", clOrdId: 1, symbol: "A", side: "buy", price: "1", qty: "2" });
  await engine.submit({ account: "alice", clOrdId: 1, symbol: "B", side: "buy", price: "1", qty: "2" });
  expect((await call("GET", "/readyz")).status).toBe(200);
  expect((await call("GET", "/v1/accounts/alice")).json).toMatchObject({ account: "alice", openOrders: 2 });
  expect((await call("PUT", "/v1/instruments/B/state", { state: "halted" })).status).toBe(200);
  expect((await call("GET", "/v1/instruments")).json).toMatchObject([
    { symbol: "A", state: "open" },
    { symbol: "B", state: "halted" },
  ]);
  expect((await call("PUT", "/v1/kill", { scope: "global", on: true, cancel: true })).json).toMatchObject({ status: "done" });
  expect((await call("GET", "/v1/status")).json).toMatchObject({ killed: true, readiness: "ready", instruments: 2 });
  expect((await call("GET", "/v1/accounts/alice")).json).toMatchObject({ openOrders: 0 });
  const created = await call("POST", "/v1/instruments", { symbol: "C", base: "C", quote: "USD", tickSize: "0.01", lotSize: "1" });
  expect([created.status, engine.shardOf("C")]).toEqual([201, 0]);
  expect((await call("GET", "/metrics")).status).toBe(200);
});

it("with one shard there is no other", async () => {
  const single = await Engine.start({ accounts: [{ name: "alice", mode: "unchecked" }], currencies: { USD: {} }, capacities: CAPACITIES });
  const harness = await AdminHarness.start(single);
  const funds = { account: "alice", currency: "USD", amount: "1", ref: "d" };
  const post = (path: string, body: object) => harness.call("POST", path, { as: "admin", body });
  expect(await post("/v1/funding/deposits", { ...funds, shard: 1 })).toMatchObject({ status: 400 });
  expect(await post("/v1/funding/shard-transfers", { ...funds, from: 0, to: 1 })).toMatchObject({ status: 501 });
  await harness.server.close();
  await single.close();
});

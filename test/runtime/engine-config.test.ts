import { describe, expect, it } from "vitest";
import { Engine } from "../../dist/engine/index.js";
import { ABC, CAPACITIES } from "./start.js";

const ALICE = { name: "alice", mode: "unchecked" } as const;

const CASES: readonly (readonly [string, unknown, RegExp])[] = [
  ["no object", 5, /must be an object/],
  ["unknown key", { journall: {} }, /unknown key: journall; known are .*instruments/],
  ["limits of nobody", { limits: {} }, /unknown key: limits; known are/],
  ["account limits", { accounts: [{ ...ALICE, limits: "none" }] }, /accounts alice: limits must be "unlimited" or an object/],
  ["account limit", { accounts: [{ ...ALICE, limits: { maxOrder: 1 } }] }, /accounts alice: unknown key for limits: maxOrder/],
  ["account limit that is no decimal", { accounts: [{ ...ALICE, limits: { maxOrderQty: "x" } }] }, /maxOrderQty is no decimal: x/],
  ["account mode", { accounts: [{ name: "alice", mode: "credit" }] }, /accounts alice: mode must be one of unchecked, cash, margin/],
  ["account kyc", { accounts: [{ ...ALICE, kyc: true }] }, /accounts alice: kyc must be one of unverified, verified/],
  ["risk level", { accounts: [{ ...ALICE, riskLevel: "none" }] }, /accounts alice: riskLevel must be one of low, high/],
  ["currency threshold", { currencies: { USD: { amlThreshold: "much" } } }, /currencies USD: amlThreshold is no decimal: much/],
  ["journal that is no object", { journal: "./data" }, /journal must be an object with dir/],
  ["journal without a folder", { journal: {} }, /journal\.dir must be a folder, was undefined/],
  ["journal key", { journal: { dir: "x", sync: true } }, /unknown key: journal\.sync; known are dir, durability/],
  ["durability", { journal: { dir: "x", durability: "most" } }, /journal\.durability must be one of none, async, group, was most/],
  ["segment size", { journal: { dir: "x", segmentBytes: 1000 } }, /journal\.segmentBytes must be an integer from 65536 to/],
  ["journal ring", { journal: { dir: "x", ringCapacityBytes: 100_000 } }, /journal\.ringCapacityBytes must be a power of two, was 100000/],
  ["snapshots", { journal: { dir: "x", snapshotEvery: -1 } }, /journal\.snapshotEvery must be an integer from 0/],
  ["journal flag", { journal: { dir: "x", cutDamage: 1 } }, /journal\.cutDamage must be true or false, was 1/],
  ["account without a name", { accounts: [{ mode: "unchecked" }] }, /missing key for account: account|account must be a string/],
  ["accounts that are no list", { accounts: {} }, /accounts must be a list/],
  ["an instrument that is no object", { instruments: ["ABC"] }, /lists of objects, one entry was ABC/],
  ["instrument key", { instruments: [{ ...ABC, colour: "red" }] }, /instruments ABC: unknown key for instrument: colour/],
  [
    "instrument without tick",
    { instruments: [{ symbol: "ABC", base: "A", quote: "B", lotSize: "1" }] },
    /instruments ABC: missing key.*tickSize/,
  ],
  ["tick that is no decimal", { instruments: [{ ...ABC, tickSize: "1e-2" }] }, /tickSize is no decimal/],
  ["instrument that the core refuses", { instruments: [{ ...ABC, tickSize: "0.0000001" }] }, /instruments ABC: BAD_INSTRUMENT/],
  ["instrument twice", { instruments: [ABC, ABC] }, /instruments ABC: ALREADY_EXISTS/],
  ["account with a bad name", { accounts: [{ ...ALICE, name: "two words" }] }, /accounts two words: BAD_NAME/],
  [
    "more accounts than fit",
    { accounts: [ALICE, { ...ALICE, name: "bob" }], capacities: { ...CAPACITIES, accounts: 1 } },
    /accounts bob: CAPACITY_REACHED/,
  ],
  ["currency scale", { currencies: { USD: { scale: 99 } } }, /currencies USD: BAD_VALUE/],
  ["currency without scale object", { currencies: { USD: 6 } }, /currencies\.USD must be an object/],
  ["currency key", { currencies: { USD: { scale: 6, name: "x" } } }, /unknown key: currencies\.USD\.name/],
  ["capacity", { capacities: { orders: 0 } }, /capacities\.orders must be an integer from 1 to/],
  ["capacity key", { capacities: { order: 5 } }, /unknown key: capacities\.order/],
  ["ring size", { eventCapacityBytes: 5000 }, /eventCapacityBytes must be a power of two from 4096/],
  ["small ring", { ingressCapacityBytes: 2048 }, /ingressCapacityBytes must be a power of two from 4096/],
  ["wait strategy", { waitStrategy: "doze" }, /waitStrategy must be one of adaptive, park, spin, was doze/],
  ["ports", { maxPorts: 33 }, /maxPorts must be an integer from 0 to 32, was 33/],
  ["outstanding", { maxOutstanding: 0 }, /maxOutstanding must be an integer from 1/],
  ["eviction", { evictAfterMs: 1.5 }, /evictAfterMs must be an integer from 1/],
];

describe("a bad configuration", () => {
  it.each(CASES)("%s", async (_name, config, message) => {
    const start = Engine.start(config as never);
    await expect(start).rejects.toMatchObject({ name: "ConfigError", code: "BAD_CONFIG" });
    await expect(start).rejects.toThrow(message);
  });
});

describe("a good configuration", () => {
  it("needs nothing", async () => {
    const engine = await Engine.start({ capacities: CAPACITIES });
    expect(engine.counters().commands).toBe(0);
    await engine.close();
  });

  it("may declare more than the smallest rings hold", async () => {
    const accounts = Array.from({ length: 500 }, (_, index) => ({ name: `a${index}`, mode: "unchecked" as const }));
    const engine = await Engine.start({
      instruments: [ABC],
      accounts,
      capacities: { ...CAPACITIES, accounts: 500 },
      ingressCapacityBytes: 4096,
      eventCapacityBytes: 4096,
      maxOutstanding: 5,
    });
    expect(engine.counters().commands).toBe(501);
    expect(await engine.submit({ account: "a499", clOrdId: 1, symbol: "ABC", side: "buy", price: "1", qty: "1" })).toMatchObject({
      status: "accepted",
    });
    await engine.close();
  });

  it.each(["adaptive", "park", "spin"] as const)("may wait by %s", async (waitStrategy) => {
    const engine = await Engine.start({ instruments: [ABC], accounts: [ALICE], capacities: CAPACITIES, waitStrategy });
    for (let clOrdId = 1; clOrdId <= 20; clOrdId++) {
      expect(await engine.submit({ account: "alice", clOrdId, symbol: "ABC", side: "buy", price: "1", qty: "1" })).toMatchObject({
        status: "accepted",
      });
    }
    await engine.close();
  });
});

import { afterEach, describe, expect, it } from "vitest";
import { CommandError, Engine, type EngineConfig, type Outcome, ShardedEngine, type StreamEvent } from "../../dist/engine/index.js";
import { Random } from "../twin/random.js";
import { sleep, within } from "./start.js";

const SYMBOLS = ["A", "B", "C", "P"] as const;
const CONFIG: EngineConfig = {
  currencies: { USD: { scale: 2 } },
  instruments: SYMBOLS.map((symbol) => ({
    ...{ symbol, base: symbol, quote: "USD", tickSize: "0.01", lotSize: "1", makerFeePpm: 100, takerFeePpm: 300 },
    ...(symbol === "P" ? { kind: "margin" as const } : {}),
  })),
  accounts: ["alice", "bob", "carol"].map((name) => ({ name, mode: "unchecked", kyc: "verified" })),
  capacities: { orders: 5_000, levels: 5_000, accounts: 8, instruments: 8, currencies: 8 },
};

const closers: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const closer of closers.splice(0)) await closer.close();
});

async function start(shards: number, config: EngineConfig = CONFIG): Promise<ShardedEngine> {
  const engine = await ShardedEngine.start({ ...config, shards });
  closers.push(engine);
  return engine;
}

/** What differs between shards by design: sequences, times and ids, renumbered as they come. */
class Renumbered {
  private readonly ids = new Map<string, number>();

  lineOf(event: StreamEvent): string {
    return JSON.stringify(event, (key, value) => {
      if (key === "seq" || key === "time" || key === "timeUs") return undefined;
      if (key === "orderId" || key === "tradeId") return this.numberOf(`${key} ${String(value)}`);
      return value;
    });
  }

  private numberOf(id: string): number {
    const known = this.ids.get(id);
    if (known !== undefined) return known;
    this.ids.set(id, this.ids.size + 1);
    return this.ids.size;
  }
}

/** By symbol, every event of its orders. */
async function play(engine: Pick<ShardedEngine, "apply">, seed: number, commands: number): Promise<Map<string, string[]>> {
  const random = new Random(seed);
  const told = new Map<string, string[]>(SYMBOLS.map((symbol) => [symbol, []]));
  const numbers = new Map(SYMBOLS.map((symbol) => [symbol as string, new Renumbered()]));
  const symbolOf = new Map<string, string>();
  const keep = ({ events }: Outcome, symbol: string | undefined): void => {
    for (const event of events) {
      if ("orderId" in event && "symbol" in event) symbolOf.set(event.orderId as string, event.symbol as string);
      const of = "symbol" in event ? (event.symbol as string) : "orderId" in event ? symbolOf.get(event.orderId as string) : undefined;
      const key = of ?? symbol;
      if (key !== undefined && event.event !== "ok") told.get(key)?.push((numbers.get(key) as Renumbered).lineOf(event as StreamEvent));
    }
  };
  for (let clOrdId = 1; clOrdId <= commands; clOrdId++) {
    const account = ["alice", "bob", "carol"][random.below(3)] as string;
    const symbol = SYMBOLS[random.below(SYMBOLS.length)] as string;
    const kind = random.below(10);
    if (kind === 0) keep(await engine.apply({ cmd: "cancel", account, clOrdId: 1 + random.below(clOrdId) }), undefined);
    else if (kind === 1 && random.below(10) === 0) keep(await engine.apply({ cmd: "massCancel", account, symbol }), symbol);
    else {
      const side = random.below(2) === 0 ? "buy" : "sell";
      const price = (1 + random.below(20) / 100).toFixed(2);
      keep(await engine.apply({ cmd: "new", account, clOrdId, symbol, side, price, qty: String(1 + random.below(9)) }), symbol);
    }
  }
  return told;
}

describe("an engine of several shards", () => {
  it.each([2, 3])(
    "tells of every instrument what one shard tells, with %i",
    async (shards) => {
      const one = await Engine.start(CONFIG);
      closers.push(one);
      const several = await start(shards);
      const [wanted, found] = [await play(one, 7, 1_500), await play(several, 7, 1_500)];
      for (const symbol of SYMBOLS) {
        expect(wanted.get(symbol)?.length).toBeGreaterThan(300);
        expect(found.get(symbol)).toEqual(wanted.get(symbol));
        expect(await several.book(symbol)).toEqual(await one.book(symbol));
      }
      for (const account of ["alice", "bob", "carol"]) {
        const [sum, whole] = [await several.balances(account), await one.balances(account)];
        const sorted = (rows: typeof sum.balances) => [...rows].sort((a, b) => (a.currency < b.currency ? -1 : 1));
        expect(sorted(sum.balances)).toEqual(sorted(whole.balances));
        expect(sum.positions).toEqual(whole.positions);
      }
      expect(await several.stateHashes()).toHaveLength(shards);
      expect(await several.listAccounts()).toEqual(await one.listAccounts());
      const withoutTimes = (rows: Awaited<ReturnType<typeof one.listInstruments>>) =>
        rows.map(({ symbol, state, lastPrice }) => [symbol, state, lastPrice]);
      expect(withoutTimes(await several.listInstruments())).toEqual(withoutTimes(await one.listInstruments()));
    },
    60_000,
  );

  it("cancels and stops everywhere, with one outcome", async () => {
    const engine = await start(2);
    for (const [index, symbol] of SYMBOLS.entries())
      await engine.submit({ account: "alice", clOrdId: index + 1, symbol, side: "buy", price: "1", qty: "2" });
    expect(await engine.account("alice")).toMatchObject({ openOrders: 4 });
    expect(await engine.apply({ cmd: "massCancel", account: "alice" })).toMatchObject({ status: "done", count: 4 });
    await engine.apply({ cmd: "kill", scope: "account", account: "alice", on: true });
    for (const symbol of SYMBOLS)
      expect(await engine.submit({ account: "alice", clOrdId: 9, symbol, side: "buy", price: "1", qty: "2" })).toMatchObject({
        reason: "KILL_SWITCH",
      });
    expect(await engine.status()).toMatchObject({ instruments: 4, accounts: 3, killed: false });
    await engine.apply({ cmd: "state", symbol: "B", state: "halted" });
    expect((await engine.listInstruments()).map(({ state }) => state)).toEqual(["open", "halted", "open", "open"]);
  });

  it("declares in all shards under the same ids, also when one of them has it already", async () => {
    const engine = await start(2);
    // As if the first attempt had been interrupted between the shards.
    const spec = { cmd: "instrument", symbol: "E", base: "E", quote: "USD", tickSize: "0.01", lotSize: "1" } as const;
    await engine.shards[0]?.apply(spec);
    await expect(engine.apply({ ...spec, symbol: "F" })).rejects.toThrow(/declare E again first/);
    expect(await engine.apply(spec)).toMatchObject({ status: "done" });
    expect(await engine.apply(spec)).toMatchObject({ reason: "ALREADY_EXISTS" });
    await Promise.all(["F", "G", "H"].map((symbol) => engine.apply({ ...spec, symbol })));
    const ids = engine.shards.map(({ catalog }) => catalog.allInstruments().map(({ id, symbol }) => `${id} ${symbol}`));
    expect(ids[1]).toEqual(ids[0]);
    expect(ids[0]).toHaveLength(8);
    expect([engine.shardOf("E"), engine.shardOf("F"), engine.shardOf("none")]).toEqual([0, 1, undefined]);
  });

  it("keeps funds where they are until they are moved, once for a ref", async () => {
    const engine = await start(2, { ...CONFIG, accounts: [{ name: "dave", mode: "cash", limits: "unlimited", kyc: "verified" }] });
    await engine.apply({ cmd: "deposit", account: "dave", currency: "USD", amount: "100", ref: "d" });
    const buy = (clOrdId: number, symbol: string) =>
      engine.submit({ account: "dave", clOrdId, symbol, side: "buy", price: "1", qty: "10" });
    expect([(await buy(1, "A")).status, (await buy(2, "B")).reason]).toEqual(["accepted", "INSUFFICIENT_FUNDS"]);
    const transfer = { account: "dave", currency: "USD", amount: "40", ref: "t", from: 0, to: 1 } as const;
    expect(await engine.moveFunds(transfer)).toMatchObject({ status: "done" });
    expect(await engine.moveFunds(transfer)).toMatchObject({ status: "done" });
    expect((await buy(3, "B")).status).toBe("accepted");
    const free = async (shard?: number) => (await engine.balances("dave", shard === undefined ? {} : { shard })).balances[0]?.free;
    // Ten times 1.01, fees rounded up, are held in each.
    expect([await free(0), await free(1), await free()]).toEqual(["49.9", "29.9", "79.8"]);
    expect(await engine.movement("t")).toBe("applied");
    await expect(engine.apply({ cmd: "deposit", account: "dave", currency: "USD", amount: "1", ref: "x" }, { shard: 2 })).rejects.toThrow(
      CommandError,
    );
    expect(await engine.apply({ cmd: "review", ref: "none", release: true })).toMatchObject({ reason: "UNKNOWN_MOVEMENT" });
  });

  it("streams the events of all shards, and ends with them", async () => {
    const engine = await start(2);
    const seen: string[] = [];
    const reading = (async () => {
      for await (const event of engine.events({ account: "alice" })) if (event.event === "accepted") seen.push(event.symbol);
    })();
    reading.catch(() => {});
    await new Promise((resolve) => setImmediate(resolve));
    for (const [index, symbol] of SYMBOLS.entries())
      await engine.submit({ account: "alice", clOrdId: index + 1, symbol, side: "buy", price: "1", qty: "2" });
    for (let tries = 0; seen.length < SYMBOLS.length && tries < 500; tries++) await sleep(10);
    expect(seen.sort()).toEqual([...SYMBOLS]);
    await engine.close();
    await within(reading);
    expect([engine.readiness, await engine.failed]).toEqual(["closed", undefined]);
  });

  it("refuses a number of shards that there cannot be", () => {
    for (const shards of [0, 65, 1.5]) expect(() => ShardedEngine.open({ shards })).toThrow(/shards must be an integer from 1 to 64/);
  });
});

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import type { Engine, EngineConfig, JournalConfig } from "../../dist/engine/index.js";
import { JOURNAL_FULL, JOURNAL_OPEN, JOURNAL_STATE_WORD } from "../../engine/runtime/journal-shared.js";
import { ABC, BTC, CAPACITIES, startEngine, within } from "./start.js";

vi.setConfig({ testTimeout: 30_000 });

const folder = mkdtempSync(join(tmpdir(), "ringbook-journal-"));
let folders = 0;
const open = new Set<Engine>();
afterEach(async () => {
  for (const engine of open) await engine.close();
  open.clear();
});
afterAll(() => rmSync(folder, { recursive: true }));

function newDir(): string {
  return join(folder, String(folders++));
}

async function start(journal: JournalConfig, config: EngineConfig = {}): Promise<Engine> {
  const engine = await startEngine({ ...config, journal: { segmentBytes: 2 ** 20, ...journal } });
  open.add(engine);
  return engine;
}

async function place(engine: Engine, from: number, to: number): Promise<void> {
  const orders: Promise<unknown>[] = [];
  for (let clOrdId = from; clOrdId <= to; clOrdId++) {
    const [account, side] = clOrdId % 2 === 0 ? (["alice", "buy"] as const) : (["bob", "sell"] as const);
    orders.push(engine.submit({ account, clOrdId, symbol: "ABC", side, price: String(100 + (clOrdId % 7)), qty: 1 + (clOrdId % 5) }));
  }
  await Promise.all(orders);
}

describe.each(["group", "async", "none"] as const)("an engine with a %s journal", (durability) => {
  it("comes back where it was, again and again", async () => {
    const dir = newDir();
    let hash = "";
    let seq = 0;
    for (let life = 0; life < 3; life++) {
      const engine = await start({ dir, durability });
      const recovery = engine.journal()?.recovery;
      if (life > 0) {
        expect(await engine.stateHash()).toBe(hash);
        expect(recovery).toMatchObject({ lastSeq: seq, replayed: seq, cut: false });
        expect(recovery?.digestsCompared).toBe(life);
      }
      await place(engine, 1 + 100 * life, 100 + 100 * life);
      hash = await engine.stateHash();
      seq += engine.counters().commands;
      expect(engine.readiness).toBe("ready");
      await engine.close();
      expect(engine.readiness).toBe("closed");
      expect(readdirSync(dir)).not.toContain("LOCK");
    }
    expect(seq).toBe(305);
  });
});

describe("an engine with a journal", () => {
  it("answers only what is durable, and knows how far that is", async () => {
    const engine = await start({ dir: newDir() });
    for (let clOrdId = 1; clOrdId <= 20; clOrdId++) {
      const { seq } = await engine.submit({ account: "alice", clOrdId, symbol: "ABC", side: "buy", price: 1, qty: 1 });
      expect(engine.journal()?.syncedSeq).toBeGreaterThanOrEqual(seq);
    }
  });

  it("does not declare twice what it has, declares what is new, and refuses what has changed", async () => {
    const dir = newDir();
    const first = await start({ dir });
    await first.close();
    const same = await start({ dir });
    expect(same.counters().commands).toBe(0);
    await same.close();
    const accounts = ["alice", "bob", "carol", "dora"].map((name) => ({ name, mode: "unchecked" as const }));
    const more = await start({ dir }, { accounts });
    expect(more.counters().commands).toBe(1);
    expect((await more.submit({ account: "dora", clOrdId: 1, symbol: "ABC", side: "buy", price: 1, qty: 1 })).status).toBe("accepted");
    await more.close();
    const changed = start({ dir }, { instruments: [{ ...ABC, maxQty: "5" }, BTC] });
    await expect(changed).rejects.toMatchObject({ code: "BAD_CONFIG" });
    await expect(changed).rejects.toThrow(
      /instruments ABC: the journal in .* has it with maxQty 9007199254740991, the configuration with 5/,
    );
    // Nothing is left of the attempt: the folder is free, and the journal as it was.
    const again = await start({ dir }, { accounts });
    expect(again.counters().commands).toBe(0);
  });

  it("compares an account's risk level, and the limits and KYC that a changed configuration says with what stands", async () => {
    const dir = newDir();
    const others = ["alice", "bob", "carol"].map((name) => ({ name, mode: "unchecked" as const }));
    const erin = {
      name: "erin",
      mode: "cash",
      riskLevel: "high",
      kyc: "verified",
      limits: { maxOpenOrders: 5, maxOrderQty: "2.50" },
    } as const;
    const first = await start({ dir }, { accounts: [...others, erin] });
    await first.setLimits({ account: "erin", maxOpenOrders: 7 });
    await first.close();
    const refused = (changes: object, why: RegExp) =>
      expect(start({ dir }, { accounts: [...others, { ...erin, ...changes }] })).rejects.toThrow(why);
    await refused({ riskLevel: "low" }, /accounts erin: the journal in .* has it with riskLevel high, the configuration with low\. A decl/);
    await refused(
      { kyc: "unverified" },
      /erin: .* with kyc verified, the configuration with unverified\. What stands is changed by commands/,
    );
    await refused({ limits: { maxOpenOrders: 7, maxOrderQty: "3" } }, /erin: .* with limits\.maxOrderQty 2\.5, the configuration with 3\./);
    await refused(
      { limits: { maxOpenOrders: 6, maxOrderQty: "2.5" } },
      /erin: .* with limits\.maxOpenOrders 7, the configuration with 6\./,
    );
    // A configuration that has not changed says nothing new, one that leaves them out nothing, and one that says what stands is right.
    const { limits: _limits, kyc: _kyc, ...bare } = erin;
    for (const of of [erin, bare, { ...erin, limits: { maxOpenOrders: 7, maxOrderQty: "2.5" } }] as const) {
      const again = await start({ dir }, { accounts: [...others, of] });
      expect(again.counters().commands).toBe(0);
      await again.close();
    }
  });

  it("goes on from a snapshot, and removes what is behind it when it is told to", async () => {
    const dir = newDir();
    const journal = { dir, segmentBytes: 2 ** 16, keepSnapshots: 1 };
    const engine = await start(journal);
    await place(engine, 1, 3000);
    const taken = await engine.takeSnapshot();
    expect(taken.seq).toBe(3005);
    expect(taken.digest).toBe(await engine.stateHash());
    expect(taken.removed).toContain("segment-0000000001.rbj");
    expect(engine.journal()?.snapshot).toEqual(taken);
    await expect(engine.takeSnapshot()).rejects.toMatchObject({
      code: "NO_SNAPSHOT",
      message: expect.stringMatching(/nothing has become durable/),
    });
    await place(engine, 3001, 3100);
    const hash = await engine.stateHash();
    await engine.close();
    const again = await start(journal);
    expect(again.journal()?.recovery).toMatchObject({ snapshot: taken.path, lastSeq: 3105, replayed: 100 });
    expect(await again.stateHash()).toBe(hash);
    expect((await again.cancel({ account: "alice", clOrdId: 2 })).reason).not.toBe("UNKNOWN_ACCOUNT");
  });

  it("takes snapshots by itself", async () => {
    const engine = await start({ dir: newDir(), snapshotEvery: 100 });
    await place(engine, 1, 200);
    while (engine.journal()?.snapshot === undefined) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(engine.journal()).toMatchObject({ snapshotError: undefined, snapshot: { seq: 205 } });
  });

  it("is refused a folder that another engine has, and one that is no folder", async () => {
    const dir = newDir();
    const engine = await start({ dir });
    await expect(start({ dir })).rejects.toMatchObject({ code: "JOURNAL_LOCKED" });
    await engine.close();
    await start({ dir });
    await expect(start({ dir: join(dir, "segment-0000000001.rbj") })).rejects.toMatchObject({ code: "JOURNAL_IO" });
  });

  it("is given up when its start's signal is aborted, and leaves the journal to the next", async () => {
    const { Engine } = await import("../../dist/engine/index.js");
    const config = { instruments: [ABC], capacities: CAPACITIES, journal: { dir: newDir() } };
    const reason = new Error("enough");
    await expect(Engine.start(config, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const starting = Engine.start(config, { signal: controller.signal });
    controller.abort(reason);
    await expect(starting).rejects.toBe(reason);
    await using engine = await Engine.start(config, { signal: new AbortController().signal });
    expect(engine.readiness).toBe("ready");
  });

  it("refuses commands until it is ready", async () => {
    const { Engine } = await import("../../dist/engine/index.js");
    const engine = Engine.open({
      instruments: [ABC],
      accounts: [{ name: "alice", mode: "unchecked" }],
      capacities: CAPACITIES,
      journal: { dir: newDir() },
    });
    open.add(engine);
    expect(engine.readiness).toBe("starting");
    const port = engine.openPort("early");
    expect(port.tryClaim(64)).toBe(-1);
    expect(port.refusal).toBe(5007);
    const order = { account: "alice", clOrdId: 1, symbol: "ABC", side: "buy", price: 1, qty: 1 } as const;
    await expect(engine.submit(order)).rejects.toMatchObject({ code: "NOT_READY" });
    await within(engine.ready);
    await within(port.started);
    expect(engine.readiness).toBe("ready");
    expect((await engine.submit(order)).status).toBe("accepted");
    port.close();
  });

  it("knows after a restart which commands of which session were applied, and what they have brought", async () => {
    const dir = newDir();
    const engine = await start({ dir });
    const port = engine.openPort("gateway");
    await within(port.started);
    expect(engine.recovered).toBeUndefined();
    const session = port.openSession("key-a");
    expect(session).toBeGreaterThan(0);
    expect(port.openSession("key-b")).not.toBe(session);
    expect(() => port.openSession("")).toThrow(RangeError);
    port.publish();
    await place(engine, 1, 10);
    port.close();
    await engine.close();
    const again = await start({ dir });
    const { recovered } = again;
    expect(recovered).toMatchObject({ lastSeq: 15 });
    expect(recovered?.sessionOf("key-a")).toBe(session);
    const [own] = [...(recovered?.sessions() ?? [])];
    expect(recovered?.clientSeqOf(own)).toBe(15);
    expect(recovered?.events.length).toBeGreaterThan(10 * 8);
    const late = again.openPort("gateway");
    await within(late.started);
    expect(late.newSessionId()).toBeGreaterThan(recovered?.lastSession as number);
    late.close();
  });
});

describe("an engine whose journal cannot be written", () => {
  it("fails, and says what is wrong with which file", async () => {
    const dir = newDir();
    const engine = await start({ dir, segmentBytes: 2 ** 16 });
    const { failed } = engine;
    rmSync(dir, { recursive: true });
    const orders: Promise<unknown>[] = [];
    for (let clOrdId = 1; clOrdId <= 3000; clOrdId++) {
      orders.push(
        engine.submit({ account: "alice", clOrdId, symbol: "ABC", side: "buy", price: 1, qty: 1 }).catch((error: Error) => error),
      );
    }
    const error = await within(failed);
    expect(error).toMatchObject({ name: "EngineFailedError", code: "ENGINE_FAILED" });
    expect(error?.message).toContain("the journal failed");
    expect(error?.message).toContain(dir);
    expect(engine.readiness).toBe("failed");
    // What was answered before was durable before; the others are told.
    const answers = await within(Promise.all(orders));
    expect(answers.at(-1)).toBe(error);
  });

  it("takes nothing while the disk is full, cancels neither, says so, and goes on afterwards", async () => {
    const engine = await start({ dir: newDir() });
    const port = engine.openPort("gateway");
    await within(port.started);
    const order = { account: "alice", clOrdId: 1, symbol: "ABC", side: "buy", price: 1, qty: 1 } as const;
    await engine.submit(order);
    const state = journalState(engine);
    Atomics.store(state, JOURNAL_STATE_WORD, JOURNAL_FULL);
    expect(engine.readiness).toBe("journalFull");
    await expect(engine.submit({ ...order, clOrdId: 2 })).rejects.toMatchObject({ code: "JOURNAL_FULL" });
    await expect(engine.cancel({ account: "alice", clOrdId: 1 })).rejects.toMatchObject({ code: "JOURNAL_FULL" });
    expect(port.tryClaim(64)).toBe(-1);
    expect(port.refusal).toBe(5008);
    Atomics.store(state, JOURNAL_STATE_WORD, JOURNAL_OPEN);
    expect(engine.readiness).toBe("ready");
    expect((await engine.cancel({ account: "alice", clOrdId: 1 })).status).toBe("canceled");
    port.close();
  });
});

/** The words in which the journal's thread says that the disk is full: no test can fill a disk. */
function journalState(engine: Engine): Int32Array {
  const { host } = engine as unknown as { host: { journal: { stateWords: SharedArrayBuffer } } };
  return new Int32Array(host.journal.stateWords);
}

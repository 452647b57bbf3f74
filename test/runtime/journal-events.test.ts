import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { Engine, replayJournal } from "../../dist/engine/index.js";
import { NodeDisk } from "../../dist/engine/journal/node-disk.js";
import { recover } from "../../dist/engine/journal/recovery.js";
import { SessionLedger } from "../../dist/engine/runtime/session-ledger.js";
import { StepReplica } from "../../dist/engine/runtime/step-replica.js";
import * as tradingStep from "../../dist/engine/runtime/trading-step.js";
import { AuctionIndication, Header } from "../../dist/engine/wire/flyweights.js";
import { WORLDS } from "../twin/world.js";
import { CAPACITIES } from "./start.js";
import { script } from "./world-script.js";

vi.setConfig({ testTimeout: 60_000 });

const folder = mkdtempSync(join(tmpdir(), "ringbook-events-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Every byte of a record. */
function bytesOf(words: Int32Array, at: number): string {
  return Buffer.from(words.slice(at, at + (words[at] >> 2)).buffer).toString("hex");
}

/** A ledger that keeps every event that a replay makes. */
class Tape extends SessionLedger {
  override readonly eventsWanted = Number.POSITIVE_INFINITY;
  readonly taken: string[] = [];

  override event(words: Int32Array, at: number): void {
    this.taken.push(bytesOf(words, at));
    super.event(words, at);
  }
}

function recovered(dir: string): { readonly tape: Tape; readonly digest: string; readonly replayed: number } {
  const tape = new Tape();
  const replica = StepReplica.create({ ...tradingStep, createCompanion: () => tape }, { capacities: CAPACITIES });
  const { replayed } = recover(new NodeDisk(), dir, replica);
  return { tape, digest: replica.digest(), replayed };
}

/** Market data is made behind the ring, auction indications apart. */
function isOfTheCore(words: Int32Array, at: number): boolean {
  const template = Header.templateId(words, at);
  return template < 80 || template >= 100 || template === AuctionIndication.TEMPLATE_ID;
}

describe.each(WORLDS.filter(({ name }) => name === "all" || name === "bands"))("in world $name", (world) => {
  it("live, replayed and restored give the same events, byte for byte, and the same digest", async () => {
    const dir = join(folder, world.name);
    const engine = await Engine.start({
      capacities: CAPACITIES,
      journal: { dir, segmentBytes: 2 ** 17, digestEvery: 500, durability: "async" },
    });
    const port = engine.openPort("tape");
    await port.started;
    const live: string[] = [];
    const take = (words: Int32Array, at: number): void => {
      if (isOfTheCore(words, at)) live.push(bytesOf(words, at));
    };
    const commands = script(world, 3000);
    for (const [index, command] of commands.entries()) {
      await engine.apply(command);
      while (port.poll(take, 4096) > 0);
      if (index === 2000) await engine.takeSnapshot().catch(() => {});
    }
    const digest = await engine.stateHash();
    const snapshot = engine.journal()?.snapshot;
    await engine.close();
    port.close();
    const verified = await replayJournal(dir, { verify: true });
    expect(verified.digest).toBe(digest);
    expect(verified.digestsCompared).toBeGreaterThan(5);
    const restored = recovered(dir);
    expect(snapshot).toBeDefined();
    expect(restored.replayed).toBe(verified.seq - (snapshot?.seq ?? 0));
    expect(restored.digest).toBe(digest);
    expect(restored.tape.taken.length).toBeGreaterThan(500);
    rmSync(snapshot?.path as string);
    const replayed = recovered(dir);
    expect(replayed.replayed).toBe(verified.seq);
    expect(replayed.digest).toBe(digest);
    expect(replayed.tape.taken.length).toBeGreaterThanOrEqual(live.length);
    // The clock may have brought a command between the last answer and the end, of which the port was not asked any more.
    const differs = live.findIndex((event, index) => event !== replayed.tape.taken[index]);
    expect([differs, live[differs], replayed.tape.taken[differs]]).toEqual([-1, undefined, undefined]);
    expect(replayed.tape.taken.length - live.length).toBeLessThan(10);
    expect(restored.tape.taken).toEqual(replayed.tape.taken.slice(-restored.tape.taken.length));
  });
});

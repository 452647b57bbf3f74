import { setTimeout as sleep } from "node:timers/promises";
import type { BalancesEvent } from "../../engine/edge/types.js";
import type { Durability } from "../../engine/journal/journal-writer.js";
import { type GateReader, INSUFFICIENT_CAPACITY, type SingleProducer } from "../../engine/ring/index.js";
import type { RecoveryReport } from "../../engine/runtime/journal-shared.js";
import { ShardHost } from "../../engine/runtime/shard-host.js";
import { MassCancel } from "../../engine/wire/flyweights.js";
import { NULL_UINT8, NULL_UINT32 } from "../../engine/wire/numbers.js";
import type { RecordedFlow } from "../book/core-flow.js";
import { type MarketRules, setUpRecords } from "../flows/set-up-records.js";

export const CAPACITIES = { orders: 1 << 18, levels: 1 << 16, accounts: 64, instruments: 4, currencies: 4, positions: 128, balances: 256 };

const NAP_MS = 0.2;

/** How a run went. */
export interface RunResult {
  readonly elapsedMs: number;
  readonly commands: number;
  readonly digest: string;
  /** Without a journal both are 0. */
  readonly frames: number;
  readonly syncs: number;
}

/**
 * A live shard that this thread feeds as fast as it takes: the ingress ring of an engine, and no gateway. Nobody reads the events, so
 * the shard waits for nobody but the journal. Every round of the flow ends with a mass cancel, so that the next can begin.
 */
export class JournalRig {
  private readonly host: ShardHost;
  private readonly producer: SingleProducer;
  private readonly napping = new Int32Array(new SharedArrayBuffer(4));

  private constructor(dir: string | undefined, durability: Durability) {
    this.host = new ShardHost({
      stepUrl: new URL("../../engine/runtime/trading-step.js", import.meta.url).href,
      stepOptions: { capacities: CAPACITIES },
      rings: 1,
      ingressCapacityBytes: 1 << 20,
      eventCapacityBytes: 1 << 23,
      gates: 1,
      waitStrategy: "adaptive",
      evictAfterMs: 60_000,
      journal: dir === undefined ? undefined : journalOptions(dir, durability),
    });
    this.producer = this.host.ingress[0].producer();
  }

  /** Without `dir` there is no journal. */
  static async start(dir: string | undefined, durability: Durability): Promise<JournalRig> {
    const rig = new JournalRig(dir, durability);
    await rig.host.ready();
    rig.host.openRing(0);
    return rig;
  }

  get recovery(): RecoveryReport | undefined {
    return this.host.recovery;
  }

  /**
   * Sends the set-up and `rounds` times the flow, and waits until everything is applied and, with a journal, released. With `rules` the flow
   * must leave nothing behind: no mass cancel follows it then. `onRound` is told how many rounds are sent.
   */
  async play(flow: RecordedFlow, rounds: number, rules?: MarketRules, onRound: (sent: number) => void = () => {}): Promise<RunResult> {
    const setUp = setUpRecords(rules);
    let commands = setUp.offsets.length;
    const startMs = performance.now();
    this.send(setUp.words, setUp.offsets);
    for (let round = 0; round < rounds; round++) {
      this.send(flow.words, flow.offsets);
      if (rules === undefined) while (!this.tryCancelAll(0)) this.nap();
      commands += flow.offsets.length + (rules === undefined ? 1 : 0);
      onRound(round + 1);
    }
    const { journal } = this.host;
    while (this.host.counters().commands < commands || (journal !== undefined && journal.releasedSeq() < commands)) {
      if (this.host.failure !== undefined) throw this.host.failure;
      await sleep(0);
    }
    const elapsedMs = performance.now() - startMs;
    const digest = await this.digest();
    const { frames, syncs } = journal?.readCounters() ?? { frames: 0, syncs: 0 };
    return { elapsedMs, commands, digest, frames, syncs };
  }

  async digest(): Promise<string> {
    return (await this.host.ask("digest", undefined, 0)) as string;
  }

  /** What an account has of both currencies. */
  async balances(account: number): Promise<BalancesEvent> {
    return (await this.host.ask("ask", { kind: "balances", account }, 0)) as BalancesEvent;
  }

  stop(): Promise<void> {
    return this.host.stop();
  }

  /** The shard waits for this reader from now on. */
  readEvents(): GateReader {
    return this.host.events.gate(0);
  }

  /** Up to which command replies may leave; Infinity without a journal. */
  releasedSeq(): number {
    return this.host.journal?.releasedSeq() ?? Number.POSITIVE_INFINITY;
  }

  /** Writes a record into the ring, for `publish` to show; INSUFFICIENT_CAPACITY when there is no room. */
  tryCommit(words: Int32Array, from: number): number {
    const { producer } = this;
    const lengthBytes = words[from];
    const to = producer.tryClaim(lengthBytes);
    if (to === INSUFFICIENT_CAPACITY) return to;
    const out = producer.words;
    for (let word = 1; word < lengthBytes >> 2; word++) out[to + word] = words[from + word];
    producer.commit();
    return to;
  }

  publish(): void {
    this.producer.publish();
  }

  private send(words: Int32Array, offsets: Int32Array): void {
    const { producer } = this;
    for (let record = 0; record < offsets.length; record++) {
      while (this.tryCommit(words, offsets[record]) === INSUFFICIENT_CAPACITY) this.nap();
      if ((record & 31) === 31) producer.publish();
    }
    producer.publish();
  }

  /** Ends all orders of an account, so that the flow can begin anew; false when there is no room in the ring. */
  tryCancelAll(account: number): boolean {
    const at = this.producer.tryClaim(MassCancel.RECORD_BYTES);
    if (at === INSUFFICIENT_CAPACITY) return false;
    const { words } = this.producer;
    MassCancel.initClaimed(words, at, 0, 0);
    MassCancel.setClientSeq(words, at, 0);
    MassCancel.setSession(words, at, 0);
    MassCancel.setAccount(words, at, account);
    MassCancel.setInstrument(words, at, NULL_UINT32);
    MassCancel.setSide(words, at, NULL_UINT8);
    MassCancel.setCause(words, at, NULL_UINT8);
    this.producer.commit();
    this.producer.publish();
    return true;
  }

  /** A full ring, which is some milliseconds of work, makes this thread wait for the shard. It sleeps: on two cores the journal wants the other one. */
  private nap(): void {
    Atomics.wait(this.napping, 0, 0, NAP_MS);
  }
}

function journalOptions(dir: string, durability: Durability) {
  const sizes = { segmentBytes: 1 << 26, ringCapacityBytes: 1 << 23 };
  return {
    dir,
    durability,
    ...sizes,
    digestEvery: 1_000_000,
    cutDamage: false,
    about: { program: "bench", stepOptions: { capacities: CAPACITIES } },
  };
}

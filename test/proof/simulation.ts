import { type GateReader, SpscRing } from "../../engine/ring/index.js";
import type { EngineConfig } from "../../engine/runtime/engine-config.js";
import * as tradingStep from "../../engine/runtime/trading-step.js";
import type { StepModule } from "../../engine/step.js";
import { CancelScope } from "../../engine/wire/index.js";
import { Gateway } from "../../gateway/index.js";
import { Random } from "../fuzz/random.js";
import { SharedIds } from "./history.js";
import { SimClient } from "./sim-client.js";
import { SimClock, settled } from "./sim-clock.js";
import { SimDisk } from "./sim-disk.js";
import { SimEngine, trySnapshot } from "./sim-engine.js";
import { DIR, type Replayed, SimLedger } from "./sim-ledger.js";
import { SimNet } from "./sim-net.js";
import { SimOperator } from "./sim-operator.js";
import type { Ending, LifePlan, SimPlan, SimPlant } from "./sim-plan.js";
import { isPowerCut, SimThreads } from "./sim-threads.js";
import { Violation } from "./violation.js";

const START_MS = 1_700_000_000_000;
const TAP_GATE = 2;
const REST_TURNS_MAX = 60_000;
const WEIGHTS_EVERY = 150;
/** Behind so many turns without a message none is on its way. */
const QUIET_TURNS = 20;
const MODULE: StepModule = tradingStep;
const RATE = { perSecond: 1e9, burst: 1e9 };
const THROTTLE = { session: RATE, account: RATE, address: RATE, sessionCancels: RATE, accountCancels: RATE, addressCancels: RATE };
const ABC = { symbol: "ABC", base: "ABC", quote: "USD", tickSize: "0.01", lotSize: "1", makerFeePpm: -50, takerFeePpm: 300 };
const KEYS = ["alice", "bob", "carol", "dave"].map((account) => ({ id: `${account}-1`, secret: `secret of ${account}`, account }));
const SCOPES = [CancelScope.none, CancelScope.session, CancelScope.none, CancelScope.account];
const CAPACITIES = { orders: 1024, levels: 1024, instruments: 4, accounts: 8, positions: 64, balances: 64, movements: 4096, currencies: 8 };

/** How often what happened. */
export interface SimCounts {
  lives: number;
  kills: number;
  powerCuts: number;
  closes: number;
  /** Lives that ended, or did not begin, because of what the disk did. */
  failures: number;
  acknowledged: number;
  resumed: number;
  sentAgain: number;
  deposits: number;
  commands: number;
  snapshots: number;
  replays: number;
  /** Journals that were damaged at the end, and refused. */
  rotten: number;
  turns: number;
}

/** What one process is made of. */
interface Process {
  readonly threads: SimThreads;
  readonly engine: SimEngine;
  readonly net: SimNet;
  gateway: Gateway | undefined;
  events: SpscRing | undefined;
  tap: GateReader | undefined;
  isClosing: boolean;
  /** It is over: why. */
  end: Error | "closed" | undefined;
}

/**
 * A whole exchange in one thread: clients, sockets, the gateway, the engine with its threads as parts, the journal, and a disk that fails; their own code
 * everywhere, on a clock, a network and a disk that are not. What has its turn next is drawn. Machines and processes die and come back,
 * and each time all that anybody was told is held against what is on the disk. Same seed, same run. Throws a Violation.
 */
export class Simulation {
  readonly counts: SimCounts = {
    lives: 0,
    kills: 0,
    powerCuts: 0,
    closes: 0,
    failures: 0,
    acknowledged: 0,
    resumed: 0,
    sentAgain: 0,
    deposits: 0,
    commands: 0,
    snapshots: 0,
    replays: 0,
    rotten: 0,
    turns: 0,
  };
  /** Of the state at the end. */
  digest = "";
  private readonly random: Random;
  private readonly clock = new SimClock(START_MS);
  private readonly clients: readonly SimClient[];
  private readonly operator: SimOperator;
  private readonly ledger: SimLedger;
  private readonly module: StepModule;
  private disk: SimDisk;
  private process: Process | undefined;
  private isResting = false;
  private parts: (() => void | Promise<void>)[] = [];

  constructor(
    private readonly plan: SimPlan,
    private readonly plant: SimPlant = {},
  ) {
    this.random = new Random(plan.seed);
    const ids = new SharedIds();
    this.clients = KEYS.slice(0, plan.clients).map((key, index) => new SimClient(key, ids, this.random, SCOPES[index] ?? 0, index));
    this.operator = new SimOperator(this.random);
    this.module = plant.module?.(MODULE) ?? MODULE;
    this.ledger = new SimLedger(MODULE, { capacities: CAPACITIES });
    this.disk = new SimDisk(this.random);
  }

  async run(): Promise<SimCounts> {
    for (const life of this.plan.lives) await this.live(life);
    await this.live(undefined);
    if (this.random.oneIn(2)) this.ledger.rot(this.disk, this.random);
    const { counts, clients } = this;
    counts.acknowledged = clients.reduce((sum, client) => sum + client.acknowledged, 0);
    counts.resumed = clients.reduce((sum, client) => sum + client.resumed, 0);
    counts.sentAgain = clients.reduce((sum, client) => sum + client.sentAgain, 0);
    counts.deposits = this.operator.acknowledged().length;
    counts.replays = this.ledger.replays;
    counts.rotten = this.ledger.rotten;
    return counts;
  }

  /** What each client has sent and heard last, for people. */
  histories(): string {
    return this.clients.map((client) => `--- ${client.describe()}\n${client.history.lines.slice(-40).join("\n")}`).join("\n");
  }

  /** One process, from its start to its end. `life` undefined: the last one, in which everybody comes to rest. */
  private async live(life: LifePlan | undefined): Promise<void> {
    this.counts.lives++;
    this.disk.fault = life?.fault;
    this.disk.takesParts = this.plan.takesParts;
    this.clock.install();
    // What closing brings is not told to anybody, so the last life ends without.
    let ending: Ending = life?.ending ?? "kill";
    let digest: string | undefined;
    try {
      this.process = this.begin();
      if (life === undefined) digest = await this.comeToRest();
      else await this.take(life.turns);
      if (ending === "close" && this.process.end === undefined) await this.close();
    } catch (error) {
      if (!isPowerCut(error)) throw error;
      ending = "powerCut";
    } finally {
      // What follows from the last turn must not follow on the real clock.
      await settled();
      this.clock.uninstall();
    }
    this.judgeEnd();
    this.die(ending);
    this.check(digest);
  }

  private begin(): Process {
    const { plan, plant, random } = this;
    const disk = plant.disk?.(this.disk) ?? this.disk;
    const process: { -readonly [key in keyof Process]?: Process[key] } = { net: new SimNet(random), isClosing: false };
    const threads = new SimThreads({
      disk,
      module: this.module,
      onRecovered: ({ events }) => {
        process.events = SpscRing.attach(events);
        process.tap = process.events.gate(TAP_GATE);
      },
      onShard: () => void process.tap?.poll(this.ledger.onLive, 1 << 20),
      tick: () => this.clock.tick(1),
    });
    const engine = SimEngine.of({
      config: this.config(),
      disk,
      module: this.module,
      threads,
      life: this.counts.lives,
      learned: (keeper) => plant.learned?.(keeper),
    });
    void engine.failed.then((error) => {
      process.end ??= error ?? "closed";
    });
    const gateway = {
      port: 0,
      transport: process.net as SimNet,
      keys: KEYS.slice(0, plan.clients).map((key) => ({ ...key, permissions: ["trade"] as const })),
      limits: {
        replySpinUs: 0,
        eagerUs: 0,
        logonWindowMs: 60_000,
        logonTimeoutMs: 60_000,
        maxInFlight: plan.maxInFlight,
        replayBytes: 1 << 20,
      },
      throttle: THROTTLE,
    };
    engine.ready
      .then(() => Gateway.listen(engine, gateway))
      .then((opened) => {
        process.gateway = opened;
      })
      .catch((error: Error & { readonly code?: unknown }) => {
        // Whoever closes early meets nobody's fault.
        if (process.isClosing !== true || error.code !== "ENGINE_CLOSED") process.end ??= error;
      });
    return Object.assign(process, { threads, engine }) as Process;
  }

  private config(): EngineConfig {
    const { plan, plant } = this;
    const { digestEvery, keepSnapshots, compressSnapshots, segmentBytes } = plan;
    const durability = plant.durability ?? plan.durability;
    return {
      instruments: [ABC, { ...ABC, symbol: "DEF", base: "DEF" }],
      accounts: [
        { name: "alice", mode: "cash", limits: "unlimited" },
        { name: "bob", mode: "cash", limits: "unlimited" },
        { name: "carol", mode: "unchecked" },
        { name: "dave", mode: "unchecked" },
      ],
      capacities: CAPACITIES,
      ingressCapacityBytes: 1 << 13,
      eventCapacityBytes: plan.eventCapacityBytes,
      maxPorts: TAP_GATE,
      journal: {
        dir: DIR,
        durability,
        segmentBytes,
        digestEvery,
        keepSnapshots,
        compressSnapshots,
        ringCapacityBytes: 1 << 16,
        snapshotEvery: 0,
      },
    };
  }

  /** Takes turns until so many are over, or the process is. */
  private async take(turns: number): Promise<void> {
    for (let turn = 0; turn < turns; turn++) {
      if (this.process?.end !== undefined) return;
      await this.turn();
    }
  }

  /** Takes turns until something is so. Throws a Violation when it takes too long. */
  private async until(what: string, isSo: () => boolean): Promise<void> {
    for (let turn = 0; turn < REST_TURNS_MAX; turn++) {
      if (isSo()) return;
      await this.turn();
    }
    throw new Violation(
      `${what} has not come about in ${REST_TURNS_MAX} turns: ${this.clients.map((client) => client.describe()).join("; ")}`,
    );
  }

  private async turn(): Promise<void> {
    if (this.counts.turns % WEIGHTS_EVERY === 0 || this.parts.length === 0) this.drawWeights();
    this.counts.turns++;
    await this.random.pick(this.parts)();
  }

  /** How often who has a turn, for a while: some are quick and some are slow. */
  private drawWeights(): void {
    const { random, process } = this;
    if (process === undefined) return;
    const { threads, engine, net } = process;
    this.parts = [];
    const add = (weight: number, part: () => void | Promise<void>): void => {
      for (let count = 0; count < weight; count++) this.parts.push(part);
    };
    add(1 + random.below(8), () => this.loop(1 + random.below(random.oneIn(20) ? 60 : 2)));
    add(1 + random.below(8), () => {
      if (!isCrowded(process.events)) threads.goShard();
    });
    add(1 + random.below(8), () => threads.goJournal());
    add(1 + random.below(3), () => threads.goSpares());
    add(2 + random.below(12), () => void net.deliver());
    for (const client of this.clients) add(random.below(5), () => client.act(net));
    add(1, () => {
      if (engine.readiness === "ready" && !this.isResting) this.operator.act(engine);
    });
    if (random.oneIn(3)) add(1, () => (random.oneIn(8) ? this.snapshot() : undefined));
  }

  /** The event loop of the process: timers, and what follows from promises. */
  private loop(ms: number): Promise<void> {
    this.clock.tick(ms);
    return settled();
  }

  private async snapshot(): Promise<void> {
    const { process, ledger, plan } = this;
    if (process?.gateway === undefined || process.end !== undefined) return;
    if (plan.keepSnapshots > 0) ledger.collect(this.disk);
    if (await trySnapshot(process.engine)) this.counts.snapshots++;
  }

  /** Nobody begins anything, everybody hears the end of what has begun. Returns the digest of the live state. */
  private async comeToRest(): Promise<string | undefined> {
    const { process, clients, operator } = this;
    if (process === undefined) return undefined;
    await this.take(500);
    this.isResting = true;
    for (const client of clients) client.isQuiet = true;
    await this.until("rest", () => clients.every((client) => client.isAtRest));
    operator.check();
    let found: { readonly digest: string; readonly seq: number } | undefined;
    const ask = async (): Promise<void> => {
      found = { digest: await process.engine.stateHash(), seq: (await process.engine.status()).seq };
    };
    void ask();
    await this.until("a digest", () => found !== undefined && (process.engine.journal()?.releasedSeq ?? 0) >= found.seq);
    // Fills that others' last orders have brought are still on their way.
    for (let quiet = 0; quiet < QUIET_TURNS; ) {
      await this.loop(2);
      quiet = process.net.deliver() ? 0 : quiet + 1;
    }
    return found?.digest;
  }

  /** As an operator does. */
  private async close(): Promise<void> {
    const { process } = this;
    if (process === undefined) return;
    let isClosed = false;
    process.isClosing = true;
    const closing = async (): Promise<void> => {
      await process.gateway?.close();
      await process.engine.close();
      isClosed = true;
    };
    void closing();
    await this.until("the close", () => isClosed);
  }

  /** A process may only fail for what its disk did. */
  private judgeEnd(): void {
    const { process } = this;
    const end = process?.end;
    if (end === undefined || end === "closed") return;
    this.counts.failures++;
    for (let cause: unknown = end; cause instanceof Error; cause = cause.cause) {
      if (/a simulated disk/.test(cause.message) && this.disk.hasFailed) return;
    }
    throw new Violation(`the engine has failed: ${end.stack}`);
  }

  private die(ending: Ending): void {
    this.process?.net.end();
    for (const client of this.clients) client.cutOff();
    this.operator.cutOff();
    if (ending === "powerCut") this.counts.powerCuts++;
    else if (ending === "close") this.counts.closes++;
    else this.counts.kills++;
    this.process = undefined;
    this.parts = [];
    this.disk = ending === "powerCut" ? this.disk.reboot() : this.disk.reopen();
  }

  /** What everybody was told against what is there. */
  private check(digest: string | undefined): void {
    const claims = this.clients.flatMap((client) => client.claims);
    const replayed = this.ledger.verify(this.disk, claims);
    this.counts.commands = replayed.seq;
    this.digest = replayed.digest;
    for (const ref of this.operator.acknowledged())
      if (replayed.core.movements.find(ref) === undefined) throw new Violation(`deposit ${ref} was acknowledged, and is not there`);
    if (digest === undefined) return;
    if (digest !== replayed.digest) throw new Violation(`the live state has the digest ${digest}, a replay comes to ${replayed.digest}`);
    this.compareOrders(replayed);
  }

  private compareOrders({ core }: Replayed): void {
    for (const [account, client] of this.clients.entries()) {
      const found = SimLedger.liveOrders(core, account);
      const { live } = client.history;
      for (const [clOrdId, leaves] of live) {
        if (found.get(clOrdId) !== leaves)
          throw new Violation(`${client.history.account}: order ${clOrdId} has ${leaves} open, a replay says ${found.get(clOrdId)}`);
      }
      if (found.size !== live.size) throw new Violation(`${client.history.account} has ${live.size} orders, a replay says ${found.size}`);
    }
  }
}

/**
 * Whether readers are so far behind that the shard had better wait. Were it to wait for them within its turn, as it does when the ring is full, they would never
 * come: what follows from promises has no turn meanwhile.
 */
function isCrowded(events: SpscRing | undefined): boolean {
  if (events === undefined) return false;
  for (let gate = 0; gate < TAP_GATE; gate++) if (events.gateStatus(gate).lagBytes > events.capacityBytes / 2) return true;
  return false;
}

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Random } from "../fuzz/random.js";
import { SharedIds } from "./history.js";
import { replayProcess, ServerProcess } from "./server-process.js";
import { Trader, type TraderKey } from "./trader.js";
import { Violation } from "./violation.js";

const KEYS: readonly TraderKey[] = [
  { id: "alice-1", secret: "secret of alice", account: "alice" },
  { id: "bob-1", secret: "secret of bob", account: "bob" },
  { id: "carol-1", secret: "secret of carol", account: "carol" },
];
const RATE = { perSecond: 1_000_000, burst: 1_000_000 };
const ABC = { symbol: "ABC", base: "ABC", quote: "USD", tickSize: "0.01", lotSize: "1", makerFeePpm: -50, takerFeePpm: 300 };

/** Small, so that digests are quick, segments end and snapshots are taken within seconds. */
function engineConfig(dir: string) {
  return {
    instruments: [ABC, { ...ABC, symbol: "DEF", base: "DEF" }],
    accounts: [
      { name: "alice", mode: "cash", limits: "unlimited" },
      { name: "bob", mode: "cash", limits: "unlimited" },
      { name: "carol", mode: "unchecked" },
    ],
    capacities: { orders: 4096, levels: 4096, instruments: 4, accounts: 8, positions: 64, balances: 64, movements: 64, currencies: 8 },
    journal: { dir, durability: "group", segmentBytes: 1 << 20, digestEvery: 500, snapshotEvery: 20_000 },
  };
}

export interface KillNineOptions {
  readonly seed: number;
  /** Ends after so many rounds, or when the time is up. */
  readonly rounds: number;
  readonly seconds: number;
  readonly onProgress?: (line: string) => void;
  /** Flags of Node.js for the server, to plant a mistake in it. */
  readonly nodeFlags?: readonly string[];
  /** Keeps the journal's folder. */
  readonly keep?: boolean;
}

export interface KillNineResult {
  readonly rounds: number;
  readonly killsWhileStarting: number;
  readonly acknowledged: number;
  readonly trades: number;
  /** Requests without an answer when the server died: applied once, or not at all. */
  readonly taken: number;
  readonly notTaken: number;
  readonly digestsCompared: number;
  readonly seq: number;
}

/** What one run found against the promises, with the last lines of each history. */
export class KillNineFailure extends Error {}

/**
 * Starts the real server on a journal, trades with it over sockets, kills it at a moment of chance, and compares what comes back with what was
 * acknowledged: again and again. Each dead journal is replayed by a process of its own, from the beginning and from its newest snapshot.
 */
export class KillNine {
  private readonly random: Random;
  private readonly folder = mkdtempSync(join(tmpdir(), "ringbook-kill-nine-"));
  private readonly dir = join(this.folder, "journal");
  private readonly configPath = join(this.folder, "config.json");
  private readonly ids = new SharedIds();
  private readonly traders: readonly Trader[];
  private server: ServerProcess | undefined;
  private round = 0;
  private killsWhileStarting = 0;
  private digestsCompared = 0;
  private seq = 0;

  constructor(private readonly options: KillNineOptions) {
    this.random = new Random(options.seed);
    this.traders = KEYS.map((key) => new Trader(key, this.ids, this.random));
  }

  /** Throws KillNineFailure. */
  async run(): Promise<KillNineResult> {
    const endMs = Date.now() + 1000 * this.options.seconds;
    try {
      await this.setUp();
      for (; this.round < this.options.rounds && Date.now() < endMs; this.round++) await this.oneRound();
      await this.last();
    } catch (error) {
      throw new KillNineFailure(`seed ${this.options.seed}, round ${this.round}: ${describe(error)}\n${this.histories()}`);
    } finally {
      for (const trader of this.traders) trader.drop();
      this.server?.abandon();
      if (this.options.keep !== true) rmSync(this.folder, { recursive: true, force: true });
    }
    const sum = (of: (trader: Trader) => number): number => this.traders.reduce((total, trader) => total + of(trader), 0);
    return {
      rounds: this.round,
      killsWhileStarting: this.killsWhileStarting,
      acknowledged: sum((trader) => trader.acknowledged),
      trades: this.ids.trades,
      taken: sum((trader) => trader.inDoubt.taken),
      notTaken: sum((trader) => trader.inDoubt.notTaken),
      digestsCompared: this.digestsCompared,
      seq: this.seq,
    };
  }

  /** Declares the market and pays the cash accounts in, through the embedding API. */
  private async setUp(): Promise<void> {
    const engine = engineConfig(this.dir);
    const gateway = {
      keys: KEYS.map((key) => ({ ...key, permissions: ["trade"] })),
      throttle: { session: RATE, account: RATE, address: RATE, sessionCancels: RATE, accountCancels: RATE, addressCancels: RATE },
      limits: { replayBytes: 1 << 22 },
    };
    writeFileSync(this.configPath, JSON.stringify({ engine, gateway }));
    // A worker thread only starts from a compiled file.
    const built = new URL(import.meta.url.endsWith(".ts") ? "../../dist/engine/index.js" : "../../engine/index.js", import.meta.url);
    const { Engine } = await import(built.href);
    const market = await Engine.start(engine);
    for (const account of ["alice", "bob"]) {
      for (const currency of ["USD", "ABC", "DEF"]) {
        const paid = await market.deposit({ account, currency, amount: "100000000", ref: `${account}-${currency}` });
        if (paid.status === "rejected") throw new Error(`the deposit was refused: ${paid.reason}`);
      }
    }
    await market.close();
  }

  private async oneRound(): Promise<void> {
    const { random } = this;
    if (random.oneIn(6)) await this.killWhileStarting();
    await this.start();
    if (random.oneIn(5)) await this.stopAndStart();
    for (const trader of this.traders) trader.load();
    await pause(20 + random.below(900));
    await this.server?.killNine();
    for (const trader of this.traders) await trader.lost();
    for (const trader of this.traders) trader.check();
    await this.replay();
    const acknowledged = this.traders.reduce((total, trader) => total + trader.acknowledged, 0);
    this.options.onProgress?.(
      `round ${this.round + 1}: killed at seq ${this.seq}, ${acknowledged} requests acknowledged so far, replay agrees`,
    );
  }

  /** A crash within a recovery must not matter. */
  private async killWhileStarting(): Promise<void> {
    this.server = new ServerProcess(this.configPath, this.options.nodeFlags);
    await pause(this.random.below(700));
    await this.server.killNine();
    this.killsWhileStarting++;
  }

  /** What came back is compared before anybody trades again. */
  private async start(): Promise<void> {
    this.server = new ServerProcess(this.configPath, this.options.nodeFlags);
    const port = await this.server.port;
    for (const trader of this.traders) await trader.attach(port);
  }

  /**
   * A server that stops well notes the digest of its state, unless there was no command: here that of what it has just recovered and one
   * command, which the next replay compares.
   */
  private async stopAndStart(): Promise<void> {
    await this.replay();
    const before = this.digestsCompared;
    await this.traders[0]?.tradeOnce();
    for (const trader of this.traders) trader.drop();
    await this.server?.stop();
    await this.replay();
    if (this.digestsCompared <= before) throw new Violation("the digest of what was recovered was not compared");
    await this.start();
  }

  private async replay(): Promise<void> {
    const whole = await replayProcess(this.dir, "--verify");
    const fromSnapshot = await replayProcess(this.dir);
    if (whole.digest !== fromSnapshot.digest || whole.seq !== fromSnapshot.seq)
      throw new Violation(
        `a replay from the beginning comes to ${whole.digest} at ${whole.seq}, from the snapshot to ${fromSnapshot.digest} at ${fromSnapshot.seq}`,
      );
    if (whole.seq < this.seq) throw new Violation(`the journal ends at seq ${whole.seq}, and had reached ${this.seq}`);
    this.seq = whole.seq;
    this.digestsCompared = whole.digestsCompared;
  }

  private async last(): Promise<void> {
    await this.start();
    for (const trader of this.traders) trader.load();
    await pause(100);
    for (const trader of this.traders) await trader.rest();
    for (const trader of this.traders) await trader.confirm();
    for (const trader of this.traders) trader.drop();
    await this.server?.stop();
    await this.replay();
  }

  private histories(): string {
    return this.traders.map(({ history }) => `--- ${history.account}\n${history.lines.slice(-60).join("\n")}`).join("\n");
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function describe(error: unknown): string {
  return error instanceof Violation ? error.message : String((error as Error).stack);
}

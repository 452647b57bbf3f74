import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { CommandError } from "../edge/command-error.js";
import type {
  BalancesEvent,
  BookEvent,
  Command,
  DecimalInput,
  MovementCommand,
  NewCommand,
  OrderRef,
  ReviewCommand,
} from "../edge/types.js";
import { CODES } from "../wire/codes.js";
import { type AccountStatus, checkedPage, type EngineStatus, type InstrumentStatus, type Page, type PendingReview } from "./directory.js";
import { Engine, type Readiness, type SendOptions } from "./engine.js";
import { type EngineConfig, shardsOf } from "./engine-config.js";
import { ConfigError, type EngineFailedError } from "./engine-error.js";
import { EventStream, type EventsOptions } from "./event-stream.js";
import type { JournalStatus } from "./journal-keeper.js";
import type { Outcome } from "./outcome.js";
import type { PortTicket } from "./remote-port.js";
import { mergedAccount, mergedBalances, mergedJournal, mergedOutcome, mergedStatus } from "./shard-answers.js";
import { lastIdBefore, shardOfId, shardOfInstrument } from "./shard-ids.js";
import { ShardRouter } from "./shard-router.js";
import type { ShardCounterName } from "./shard-shared.js";
import type { ShardedTicket } from "./sharded-ticket.js";
import type { SnapshotInfo } from "./snapshot-taker.js";
import type { MovementState } from "./trading-step.js";
import { type TransferProgress, transferBetween } from "./transfer-between.js";

/** As of an engine; `shard`: which one a movement of funds or a review is for, from 0. Default 0; of a review whichever knows it. */
export interface ShardSendOptions extends SendOptions {
  readonly shard?: number;
}

/** Funds of one account that go from one shard to another. */
export interface ShardTransfer {
  readonly account: string;
  readonly currency: string;
  readonly amount: DecimalInput;
  /** As of `transferBetween`. */
  readonly ref: string;
  readonly from: number;
  readonly to: number;
}

/**
 * An exchange on several threads: each shard is an Engine with a core, rings, and a journal folder of its own. Every currency, instrument and account
 * is declared in all of them, under the same id; an instrument is traded in one: its id modulo the number of shards. Client ids are unique, limits hold
 * and funds lie per shard: what is free in one can be moved to another by `moveFunds`. Orders and trades are numbered per shard, in ranges of 2^40.
 *
 * Commands that concern one instrument go to its shard, those of an account or of everything go to all and have one outcome. All methods belong to the
 * thread that has started it. When one shard fails, all end.
 */
export class ShardedEngine {
  /** Resolves with the error of the first shard that fails, or with undefined when it is closed. Never rejects. */
  readonly failed: Promise<EngineFailedError | undefined>;
  /** Resolves when all shards take commands. Rejects with what `start` rejects with. */
  readonly ready: Promise<void>;
  private declaring: Promise<unknown> = Promise.resolve();
  private closing: Promise<void> | undefined;

  private constructor(
    /** In order: to be asked, not to be closed. */
    readonly shards: readonly Engine[],
    private readonly journalDir: string | undefined,
  ) {
    this.failed = Promise.race(shards.map(({ failed }) => failed)).then(async (error) => {
      if (error !== undefined) await this.close();
      return error;
    });
    this.ready = this.begin();
    this.ready.catch(() => {}); // Whoever waits for it is told.
  }

  /** As `Engine.start`, of `config.shards` shards. With a journal each has a folder `shard-N` in `journal.dir`, and their number must stay. */
  static async start(config: EngineConfig, { signal }: SendOptions = {}): Promise<ShardedEngine> {
    signal?.throwIfAborted();
    const engine = ShardedEngine.open(config);
    const starts = await Promise.allSettled(engine.shards.map((shard) => shard.arrive(signal)));
    const failed = starts.find((start) => start.status === "rejected");
    if (failed !== undefined) await engine.close();
    if (failed !== undefined) throw failed.reason;
    await engine.ready;
    return engine;
  }

  /** As `start`, without waiting. Throws what can be seen at once. */
  static open(config: EngineConfig): ShardedEngine {
    const count = shardsOf(config);
    const { shards: _, journal, ...rest } = config;
    if (journal !== undefined) checkFolders(journal.dir, count);
    const opened: Engine[] = [];
    try {
      for (let shard = 0; shard < count; shard++) {
        const own = journal === undefined ? {} : { journal: { ...journal, dir: join(journal.dir, folderOf(shard)) } };
        opened.push(Engine.open({ ...rest, ...own }, lastIdBefore(shard)));
      }
    } catch (error) {
      for (const engine of opened) void engine.close();
      throw error;
    }
    return new ShardedEngine(opened, journal?.dir);
  }

  /** The worst of the shards'. */
  get readiness(): Readiness {
    const all = this.shards.map(({ readiness }) => readiness);
    return (["failed", "closed", "starting", "journalFull"] as const).find((state) => all.includes(state)) ?? "ready";
  }

  /** The shard that trades an instrument; undefined when there is none of that symbol. */
  shardOf(symbol: string): number | undefined {
    const info = this.shards[0].catalog.instrument(symbol);
    return info === undefined ? undefined : shardOfInstrument(info.id, this.shards.length);
  }

  /** A new order, in the shard that trades its instrument. As `Engine.submit`. */
  submit(order: Omit<NewCommand, "cmd">, options: SendOptions = {}): Promise<Outcome> {
    return this.owner(order.symbol).submit(order, options);
  }

  /** Any command of `docs/SCRIPT.md` that is no query. Rejects as `Engine.apply`; what was to go to several shards may have reached some: send it again. */
  async apply(command: Command, options: ShardSendOptions = {}): Promise<Outcome> {
    switch (command.cmd) {
      case "currency":
      case "instrument":
      case "account":
        return this.declare(command, options);
      case "cancel":
      case "reduce":
      case "replace":
        return this.applyToOrder(command, options);
      case "deposit":
      case "withdraw":
      case "transfer":
        return this.moved(command, options);
      case "review":
        return this.review(command, options);
      default:
        return "symbol" in command && command.symbol !== undefined
          ? this.owner(command.symbol).apply(command, options)
          : this.tellAll(command, options);
    }
  }

  /**
   * Moves funds of an account from one shard to another, by a withdrawal and a deposit with one `ref`: see `transferBetween`. The same call again goes on
   * where an interrupted one has stopped. Rejects with CommandError on a shard that there is not.
   */
  async moveFunds({ from, to, ...transfer }: ShardTransfer, options: SendOptions = {}): Promise<TransferProgress> {
    return transferBetween(this.shard(from), this.shard(to), transfer, options);
  }

  /** As `Engine.book`. */
  book(symbol: string, depth: number = Number.POSITIVE_INFINITY, options: SendOptions = {}): Promise<BookEvent> {
    return this.owner(symbol).book(symbol, depth, options);
  }

  /** Of all shards together, or of one: only there what is free is free. */
  async balances(account: string, { shard, ...options }: ShardSendOptions = {}): Promise<BalancesEvent> {
    if (shard !== undefined) return this.shard(shard).balances(account, options);
    return mergedBalances(await this.ask((engine) => engine.balances(account, options)));
  }

  /** Of the first shard that knows the ref. */
  async movement(ref: string, options: SendOptions = {}): Promise<MovementState | undefined> {
    return (await this.ask((engine) => engine.movement(ref, options))).find((state) => state !== undefined);
  }

  /** Of all shards, the oldest first. */
  async listPendingReviews(page: Page = {}, options: SendOptions = {}): Promise<PendingReview[]> {
    const { from, limit } = checkedPage(page);
    const first = { from: 0, limit: Math.min(1_000, from + limit) };
    const rows = (await this.ask((engine) => engine.listPendingReviews(first, options))).flat();
    return rows.sort((one, other) => one.timeUs - other.timeUs).slice(from, from + limit);
  }

  /** `seq` is the sum of the shards'. */
  async status(options: SendOptions = {}): Promise<EngineStatus> {
    return mergedStatus(await this.ask((engine) => engine.status(options)));
  }

  /** Each as it is where it is traded. */
  async listInstruments(page: Page = {}, options: SendOptions = {}): Promise<InstrumentStatus[]> {
    const lists = await this.ask((engine) => engine.listInstruments(page, options));
    const from = page.from ?? 0;
    return lists[0].flatMap((row, index) => lists[shardOfInstrument(from + index, lists.length)][index] ?? row);
  }

  async listAccounts(page: Page = {}, options: SendOptions = {}): Promise<AccountStatus[]> {
    const lists = await this.ask((engine) => engine.listAccounts(page, options));
    return lists[0].map((_, index) => mergedAccount(lists.flatMap((list) => list[index] ?? [])));
  }

  instrument(symbol: string, options: SendOptions = {}): Promise<InstrumentStatus | undefined> {
    return this.owner(symbol).instrument(symbol, options);
  }

  async account(name: string, options: SendOptions = {}): Promise<AccountStatus | undefined> {
    const found = (await this.ask((engine) => engine.account(name, options))).flatMap((row) => row ?? []);
    return found.length === 0 ? undefined : mergedAccount(found);
  }

  /** As `Engine.stateHash`, one a shard. */
  stateHashes(options: SendOptions = {}): Promise<string[]> {
    return this.ask((engine) => engine.stateHash(options));
  }

  /** The events of all shards, each in its order; their `seq` counts per shard. As `Engine.events` otherwise. */
  events(options: EventsOptions = {}): EventStream {
    const { signal, ...rest } = options;
    const streams = this.shards.map((engine) => engine.events(rest));
    const merged = new EventStream(options, () => {
      for (const stream of streams) void stream.return();
    });
    merged.leaveOn(signal);
    const pump = async (stream: EventStream): Promise<void> => {
      for await (const event of stream) merged.push(event);
    };
    void Promise.all(streams.map(pump)).then(
      () => merged.end(),
      (error: Error) => merged.end(error),
    );
    return merged;
  }

  /** As `Engine.openPort`: one port over a port of every shard. */
  openPort(name: string): ShardRouter {
    const ports: ReturnType<Engine["openPort"]>[] = [];
    try {
      for (const engine of this.shards) ports.push(engine.openPort(name));
    } catch (error) {
      for (const port of ports) port.close();
      throw error;
    }
    return new ShardRouter(ports);
  }

  /** As `Engine.openRemotePort`: `portOfTickets` makes one port of it on the other thread. */
  openRemotePort(name: string): ShardedTicket {
    const tickets: PortTicket[] = [];
    try {
      for (const engine of this.shards) tickets.push(engine.openRemotePort(name));
    } catch (error) {
      for (const ticket of tickets) ticket.link.close();
      throw error;
    }
    return { tickets };
  }

  /** Sums over the shards. */
  counters(): Record<ShardCounterName, number> {
    const all = this.shards.map((engine) => engine.counters());
    const sum = (name: ShardCounterName): number => all.reduce((count, counters) => count + counters[name], 0);
    return Object.fromEntries(Object.keys(all[0]).map((name) => [name, sum(name as ShardCounterName)])) as Record<ShardCounterName, number>;
  }

  /** Counts are sums over the shards; undefined without a journal. */
  journal(): JournalStatus | undefined {
    const parts = this.shards.flatMap((engine) => engine.journal() ?? []);
    return parts.length === 0 || this.journalDir === undefined ? undefined : mergedJournal(parts, this.journalDir);
  }

  /** Of every shard with something new. Resolves with the last one; rejects when there is none. */
  async takeSnapshot(): Promise<SnapshotInfo> {
    const taken = await Promise.allSettled(this.shards.map((engine) => engine.takeSnapshot()));
    const info = taken.findLast((result) => result.status === "fulfilled");
    if (info !== undefined) return info.value;
    throw (taken[0] as PromiseRejectedResult).reason;
  }

  /** As `Engine.close`, of all shards. */
  close(): Promise<void> {
    this.closing ??= Promise.all(this.shards.map((engine) => engine.close())).then(() => {});
    return this.closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private async begin(): Promise<void> {
    const starts = await Promise.allSettled(this.shards.map(({ ready }) => ready));
    const failed = starts.find((start) => start.status === "rejected");
    if (failed !== undefined) {
      await this.close();
      throw failed.reason;
    }
    // A gateway's session has its id from the first shard; one of before may be known to another only.
    const known = this.shards.map(({ recovered }) => recovered?.lastSession ?? 0);
    this.shards[0].skipSessions(Math.max(...known) + 1);
  }

  private shard(index: number): Engine {
    const engine = this.shards[index];
    if (engine === undefined) throw new CommandError(`shard must be from 0 to ${this.shards.length - 1}, was ${index}`);
    return engine;
  }

  /** Of an unknown symbol any: all refuse it alike. */
  private owner(symbol: string): Engine {
    return this.shards[this.shardOf(symbol) ?? 0];
  }

  private ask<T>(question: (engine: Engine) => Promise<T>): Promise<T[]> {
    return Promise.all(this.shards.map(question));
  }

  private async tellAll(command: Command, options: SendOptions): Promise<Outcome> {
    return mergedOutcome(await this.ask((engine) => engine.apply(command, options)));
  }

  /** One after the other, so that every shard gives the same ids. What some shards have from an interrupted attempt is completed by the same command again. */
  private declare(command: Command & { cmd: "currency" | "instrument" | "account" }, options: SendOptions): Promise<Outcome> {
    const declared = this.declaring.then(async () => {
      this.assertMayDeclare(command);
      const outcomes: Outcome[] = [];
      for (const engine of this.shards) outcomes.push(await engine.apply(command, options));
      const isCompleted = outcomes.some(({ code }) => code === undefined);
      const told = isCompleted ? outcomes.filter(({ code }) => code !== CODES.ALREADY_EXISTS) : outcomes;
      return mergedOutcome(told);
    });
    this.declaring = declared.catch(() => {});
    return declared;
  }

  /** While a declaration has reached some shards only, no other may take the id. */
  private assertMayDeclare(command: Command & { cmd: "currency" | "instrument" | "account" }): void {
    const name = command.cmd === "currency" ? command.currency : command.cmd === "instrument" ? command.symbol : command.account;
    for (const namesOf of [accountsOf, symbolsOf]) {
      const lists = this.shards.map(namesOf);
      const shortest = Math.min(...lists.map(({ length }) => length));
      const missing = lists.find(({ length }) => length > shortest)?.[shortest];
      if (missing !== undefined && missing !== name) throw new CommandError(`declare ${missing} again first: not every shard has it`);
    }
  }

  /** By its id a shard is known; by client id the first one that has such an order is meant. */
  private async applyToOrder(
    command: Command & OrderRef & { cmd: "cancel" | "reduce" | "replace" },
    options: SendOptions,
  ): Promise<Outcome> {
    if (command.orderId !== undefined) {
      const shard = shardOfId(Number(command.orderId));
      return (this.shards[shard] ?? this.shards[0]).apply(command, options);
    }
    return this.firstOf(command, CODES.UNKNOWN_ORDER, options);
  }

  /** `shard` may stand in the command too, where that comes from outside. */
  private moved(command: MovementCommand & { readonly shard?: number }, options: ShardSendOptions): Promise<Outcome> {
    const { shard = options.shard ?? 0, ...rest } = command;
    return this.shard(shard).apply(rest as MovementCommand, options);
  }

  private review(given: ReviewCommand & { readonly shard?: number }, options: ShardSendOptions): Promise<Outcome> {
    const { shard = options.shard, ...command } = given;
    if (shard !== undefined) return this.shard(shard).apply(command, options);
    return this.firstOf(command, CODES.UNKNOWN_MOVEMENT, options);
  }

  /** Asks one shard after the other until one does not answer with this code. */
  private async firstOf(command: Command, unknown: number, options: SendOptions): Promise<Outcome> {
    let outcome: Outcome | undefined;
    for (const engine of this.shards) {
      outcome = await engine.apply(command, options);
      if (outcome.code !== unknown) break;
    }
    return outcome as Outcome;
  }
}

/** Starts what `config.shards` asks for. Rejects as `Engine.start`, and with ConfigError when the journal is of another number of shards. */
export async function startEngine(config: EngineConfig, options: SendOptions = {}): Promise<Engine | ShardedEngine> {
  if (shardsOf(config) > 1) return ShardedEngine.start(config, options);
  const dir = config.journal?.dir;
  if (dir !== undefined && existsSync(join(dir, folderOf(0)))) checkFolders(dir, 1);
  return Engine.start(config, options);
}

function accountsOf({ catalog }: Engine): readonly string[] {
  return catalog.allAccounts();
}

function symbolsOf({ catalog }: Engine): readonly string[] {
  return catalog.allInstruments().map(({ symbol }) => symbol);
}

function folderOf(shard: number): string {
  return `shard-${shard}`;
}

/** Throws ConfigError when the folder is of an engine with another number of shards: instruments would change theirs. */
function checkFolders(dir: string, count: number): void {
  if (!existsSync(dir)) return;
  const names = readdirSync(dir);
  if (names.some((name) => /^(segment|snapshot)-[0-9]+\.rb[js]$/.test(name)))
    throw new ConfigError(`journal.dir: ${dir} holds the journal of an engine without shards`);
  const found = names.filter((name) => /^shard-[0-9]+$/.test(name)).length;
  if (found > 0 && found !== count) throw new ConfigError(`shards was ${count}, but the journal in ${dir} is of ${found}`);
}

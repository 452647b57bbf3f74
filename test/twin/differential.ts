import type { Command, Event } from "../../engine/edge/types.js";
import { Generator } from "./generator.js";
import { TwinError } from "./input.js";
import { Twin } from "./twin.js";
import type { WorldConfig } from "./world.js";

/** What the harness needs of a core; `Core` of engine/edge has it. */
export interface JudgedCore {
  apply(command: Command, onEvent: (event: Event) => void): void;
  stateHash(): string;
  assertConsistent(): void;
}

/** How the harness makes a core, and tells its polite refusals (SCRIPT's `error`) from crashes. */
export interface CoreUnderTest {
  create(): JudgedCore;
  isCommandError(error: unknown): boolean;
}

/** Where core and twin part: the number of the command in the script, and what each of them said. */
export interface Divergence {
  readonly at: number;
  readonly what: string;
  readonly core: readonly string[];
  readonly twin: readonly string[];
}

export interface CheckIntervals {
  /** Books, orders and digests are compared after so many commands, and at the end. */
  readonly digestEvery: number;
  /** `assertConsistent` is called after so many commands, and at the end. */
  readonly consistentEvery: number;
}

export const DEFAULT_INTERVALS: CheckIntervals = { digestEvery: 1000, consistentEvery: 100 };

/** A core and a twin that are given the same commands. */
export class Duel {
  readonly twin = new Twin();
  readonly #core: JudgedCore;
  #applied = 0;

  constructor(readonly under: CoreUnderTest) {
    this.#core = under.create();
  }

  /** Applies one command to both. Returns where they part, if they do. */
  step(command: Command): Divergence | undefined {
    const at = this.#applied++;
    const twin = this.#ofTwin(command);
    const core = this.#ofCore(command);
    if (core.length === twin.length && core.every((line, i) => line === twin[i])) return undefined;
    return { at, what: "events", core, twin };
  }

  /** Compares the digests, and before them what people can ask: every book, everybody's orders and balances. */
  compareStates(): Divergence | undefined {
    const { instruments, accounts } = this.twin.directory;
    const books = instruments.map(({ symbol }): Command => ({ cmd: "book", symbol }));
    const orders = accounts.map(({ name }): Command => ({ cmd: "orders", account: name }));
    const balances = accounts.map(({ name }): Command => ({ cmd: "balances", account: name }));
    for (const query of [...books, ...orders, ...balances]) {
      const twin = this.#ofTwin(query);
      const core = this.#ofCore(query);
      if (core.join() !== twin.join()) return { at: this.#applied - 1, what: query.cmd, core, twin };
    }
    const core = this.#core.stateHash();
    const twin = this.twin.digest();
    return core === twin ? undefined : { at: this.#applied - 1, what: "digest", core: [core], twin: [twin] };
  }

  /** Lets the core check itself. */
  checkConsistency(): Divergence | undefined {
    try {
      this.#core.assertConsistent();
      return undefined;
    } catch (error) {
      return { at: this.#applied - 1, what: "assertConsistent", core: [String(error)], twin: [] };
    }
  }

  #ofTwin(command: Command): string[] {
    try {
      return this.twin.apply(command).map(lineOf);
    } catch (error) {
      if (error instanceof TwinError) return ["error"];
      throw error;
    }
  }

  #ofCore(command: Command): string[] {
    const lines: string[] = [];
    try {
      this.#core.apply(command, (event) => lines.push(lineOf(event)));
    } catch (error) {
      lines.push(this.under.isCommandError(error) ? "error" : `crash: ${error instanceof Error ? error.stack : String(error)}`);
    }
    return lines;
  }
}

/** The event as it would be printed, without `text`, which is for people. */
function lineOf(event: Event): string {
  return JSON.stringify(event, (key, value: unknown) => (key === "text" ? undefined : value));
}

/** Plays a whole script. Returns the first divergence, if any. */
export function playScript(script: readonly Command[], under: CoreUnderTest, intervals: CheckIntervals): Divergence | undefined {
  const duel = new Duel(under);
  for (const [i, command] of script.entries()) {
    const found = duel.step(command) ?? checked(duel, i, intervals);
    if (found !== undefined) return found;
  }
  return duel.checkConsistency() ?? duel.compareStates();
}

function checked(duel: Duel, i: number, intervals: CheckIntervals): Divergence | undefined {
  if (i % intervals.consistentEvery === 0) {
    const broken = duel.checkConsistency();
    if (broken !== undefined) return broken;
  }
  return i % intervals.digestEvery === 0 ? duel.compareStates() : undefined;
}

export interface RandomRun {
  readonly world: WorldConfig;
  readonly seed: number;
  readonly commands: number;
  readonly intervals?: CheckIntervals;
}

/** A random run that parted: its script up to the divergence. */
export interface FailedRun {
  readonly script: readonly Command[];
  readonly divergence: Divergence;
}

/** Plays one world with one seed. Returns undefined when core and twin agree throughout. */
export function playRandom(run: RandomRun, under: CoreUnderTest): FailedRun | undefined {
  const intervals = run.intervals ?? DEFAULT_INTERVALS;
  const duel = new Duel(under);
  const generator = new Generator(run.world, run.seed, duel.twin.directory);
  const setUp = generator.setUp();
  const script: Command[] = [];
  for (let i = 0; i < setUp.length + run.commands; i++) {
    const command = setUp[i] ?? generator.next();
    script.push(command);
    const divergence = duel.step(command) ?? checked(duel, i, intervals);
    if (divergence !== undefined) return { script, divergence };
  }
  const divergence = duel.checkConsistency() ?? duel.compareStates();
  return divergence === undefined ? undefined : { script, divergence };
}

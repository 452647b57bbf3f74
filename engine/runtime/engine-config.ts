import { type Capacities, checkedCapacities } from "../core/capacities.js";
import { Catalog } from "../edge/catalog.js";
import { checkShape } from "../edge/command-shape.js";
import { COMMAND_BYTES_MAX, encode } from "../edge/encode.js";
import { type SetUpConfig, setUpCommands } from "../edge/set-up-config.js";
import type { SetUpCommand } from "../edge/types.js";
import { ConfigError } from "./engine-error.js";
import { type CheckedJournal, checkJournal, type JournalConfig } from "./journal-config.js";
import { SHARDS_MAX } from "./shard-ids.js";
import type { WaitStrategyName } from "./shard-shared.js";

/** What an engine is started with. Everything has a default; an unknown key is an error. */
export interface EngineConfig extends SetUpConfig {
  /** How much the shard can hold; see `Capacities`. */
  readonly capacities?: Partial<Capacities>;
  /** Bytes of each ingress ring, one for this engine and one a port: a power of two, 4,096 to 2^30. Default 2^20. */
  readonly ingressCapacityBytes?: number;
  /** Bytes of the event ring: a power of two, 4,096 to 2^30. Default 2^23. */
  readonly eventCapacityBytes?: number;
  /** Ports that can be open at once, 0 to 32. Default 4. */
  readonly maxPorts?: number;
  /** Commands of this Engine without an answer yet, 1 to 2^20. Default 65,536. */
  readonly maxOutstanding?: number;
  /** How the shard waits for commands. `spin` burns a processor. Default `adaptive`: spin a little, then sleep. */
  readonly waitStrategy?: WaitStrategyName;
  /** A reader that does not move for so long while the event ring is full is shut out, 1 to 3,600,000. Default 5,000. */
  readonly evictAfterMs?: number;
  /** Threads that the instruments are dealt out to, 1 to 64; more than one is for ShardedEngine. Default 1. */
  readonly shards?: number;
  /** Without one nothing is kept: the engine begins empty every time. */
  readonly journal?: JournalConfig;
}

/** The configuration with its defaults, and the commands that set it up. */
export interface CheckedConfig {
  readonly capacities: Capacities;
  readonly ingressCapacityBytes: number;
  readonly eventCapacityBytes: number;
  readonly maxPorts: number;
  readonly maxOutstanding: number;
  readonly waitStrategy: WaitStrategyName;
  readonly evictAfterMs: number;
  readonly journal: CheckedJournal | undefined;
  readonly commands: readonly SetUpCommand[];
}

const KEYS: ReadonlySet<string> = new Set([
  "currencies",
  "instruments",
  "accounts",
  "capacities",
  "ingressCapacityBytes",
  "eventCapacityBytes",
  "maxPorts",
  "maxOutstanding",
  "waitStrategy",
  "evictAfterMs",
  "shards",
  "journal",
]);
const WAIT_STRATEGIES: readonly string[] = ["adaptive", "park", "spin"] satisfies WaitStrategyName[];
/** An eighth of a ring must hold the longest record. */
const RING_BYTES_MIN = 4096;

/** Throws ConfigError with the key, the rule and the value found. */
export function checkConfig(config: EngineConfig): CheckedConfig {
  if (typeof config !== "object" || config === null || Array.isArray(config)) throw new ConfigError("the configuration must be an object");
  for (const key of Object.keys(config)) checkKey(key);
  if (shardsOf(config) > 1) throw new ConfigError(`shards was ${config.shards}: an Engine has one, start a ShardedEngine`);
  const waitStrategy = config.waitStrategy ?? "adaptive";
  if (!WAIT_STRATEGIES.includes(waitStrategy))
    throw new ConfigError(`waitStrategy must be one of ${WAIT_STRATEGIES.join(", ")}, was ${String(waitStrategy)}`);
  return {
    capacities: capacitiesOf(config),
    ingressCapacityBytes: ringBytes(config, "ingressCapacityBytes", 2 ** 20),
    eventCapacityBytes: ringBytes(config, "eventCapacityBytes", 2 ** 23),
    maxPorts: integer(config, "maxPorts", 0, 32, 4),
    maxOutstanding: integer(config, "maxOutstanding", 1, 2 ** 20, 65_536),
    waitStrategy,
    evictAfterMs: integer(config, "evictAfterMs", 1, 3_600_000, 5000),
    journal: config.journal === undefined ? undefined : checkJournal(config.journal),
    commands: commandsOf(config),
  };
}

/** Throws ConfigError on a number of shards that there cannot be. */
export function shardsOf(config: EngineConfig): number {
  return integer(config, "shards", 1, SHARDS_MAX, 1);
}

function checkKey(key: string): void {
  if (KEYS.has(key)) return;
  throw new ConfigError(`unknown key: ${key}; known are ${[...KEYS].join(", ")}`);
}

function capacitiesOf(config: EngineConfig): Capacities {
  const wanted = config.capacities ?? {};
  if (typeof wanted !== "object" || wanted === null) throw new ConfigError("capacities must be an object");
  try {
    const checked = checkedCapacities(wanted);
    for (const key of Object.keys(wanted)) {
      if (!CAPACITY_KEYS.has(key)) throw new RangeError(`unknown key: capacities.${key}; known are ${[...CAPACITY_KEYS].join(", ")}`);
    }
    return checked;
  } catch (error) {
    throw new ConfigError((error as Error).message);
  }
}

const CAPACITY_KEYS: ReadonlySet<string> = new Set(Object.keys(checkedCapacities({})));

function integer(
  config: EngineConfig,
  key: "maxPorts" | "maxOutstanding" | "evictAfterMs" | "shards",
  low: number,
  high: number,
  orElse: number,
): number {
  const value = config[key] ?? orElse;
  if (!Number.isInteger(value) || value < low || value > high)
    throw new ConfigError(`${key} must be an integer from ${low} to ${high}, was ${String(value)}`);
  return value;
}

function ringBytes(config: EngineConfig, key: "ingressCapacityBytes" | "eventCapacityBytes", orElse: number): number {
  const value = config[key] ?? orElse;
  const isGood = Number.isInteger(value) && value >= RING_BYTES_MIN && value <= 2 ** 30 && (value & (value - 1)) === 0;
  if (!isGood) throw new ConfigError(`${key} must be a power of two from ${RING_BYTES_MIN} to ${2 ** 30}, was ${String(value)}`);
  return value;
}

/** Shapes are checked here, before there is a thread; what the core refuses is found when it is told. */
function commandsOf(config: EngineConfig): SetUpCommand[] {
  checkLists(config);
  const commands = setUpCommands(config);
  const context = { catalog: new Catalog(), instrumentOfOrder: () => undefined };
  const scratch = new Int32Array(COMMAND_BYTES_MAX / 4);
  for (const command of commands) {
    try {
      checkShape(command);
      encode(command, context, scratch, 0, 0, 0); // Finds what is no decimal.
    } catch (error) {
      throw new ConfigError(`${placeOf(command)}: ${(error as Error).message}`);
    }
  }
  return commands;
}

function checkLists(config: EngineConfig): void {
  const { currencies = {}, instruments = [], accounts = [] } = config;
  if (typeof currencies !== "object" || currencies === null || Array.isArray(currencies))
    throw new ConfigError("currencies must be an object of { scale, amlThreshold } by name");
  for (const [name, currency] of Object.entries(currencies)) {
    if (typeof currency !== "object" || currency === null) throw new ConfigError(`currencies.${name} must be an object`);
    for (const key of Object.keys(currency)) {
      if (key !== "scale" && key !== "amlThreshold") throw new ConfigError(`unknown key: currencies.${name}.${key}`);
    }
  }
  if (!Array.isArray(instruments)) throw new ConfigError("instruments must be a list");
  if (!Array.isArray(accounts)) throw new ConfigError("accounts must be a list");
  for (const entry of [...instruments, ...accounts] as unknown[]) {
    if (typeof entry !== "object" || entry === null)
      throw new ConfigError(`instruments and accounts must be lists of objects, one entry was ${String(entry)}`);
  }
}

/** Where in the configuration a set-up command comes from. */
export function placeOf(command: SetUpCommand): string {
  switch (command.cmd) {
    case "currency":
      return `currencies ${command.currency}`;
    case "instrument":
      return `instruments ${command.symbol}`;
    case "account":
      return `accounts ${command.account}`;
    default:
      return command.cmd;
  }
}

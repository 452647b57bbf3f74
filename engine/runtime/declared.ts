import { TradingCore } from "../core/core.js";
import { Catalog, type InstrumentInfo } from "../edge/catalog.js";
import { COMMAND_BYTES_MAX, encode } from "../edge/encode.js";
import { instrumentInfo } from "../edge/instrument-info.js";
import type { SetUpCommand } from "../edge/types.js";
import { SpscRing } from "../ring/index.js";
import { placeOf } from "./engine-config.js";
import { ConfigError } from "./engine-error.js";

/** Terms of a declaration by name; what they mean is the core's. */
type Terms = Readonly<Record<string, string | number>>;

/** Everything that has been declared to a core. By structured clone. */
export interface Declared {
  readonly currencies: Readonly<Record<string, Terms & { readonly scale: number }>>;
  readonly instruments: Readonly<Record<string, Terms>>;
  readonly infos: readonly InstrumentInfo[];
  readonly accounts: Readonly<Record<string, Terms>>;
  /** Currency names in order of id. */
  readonly currencyNames: readonly string[];
  /** Account names in order of id. */
  readonly accountNames: readonly string[];
}

/** Reads a core's declarations. Between two commands. */
export function declaredIn(core: TradingCore): Declared {
  const { currencies, instruments, accounts } = core;
  const infos = ids(instruments.count).map((id) => instrumentInfo(core, id));
  const accountNames = ids(accounts.count).map((id) => accounts.nameOf(id));
  return {
    currencies: Object.fromEntries(
      ids(currencies.count).map((id) => [
        currencies.nameOf(id),
        { scale: currencies.scaleOf(id), amlThreshold: currencies.amlThresholdOf(id) },
      ]),
    ),
    instruments: Object.fromEntries(infos.map(({ id, symbol, base, quote }) => [symbol, { ...instruments.specOf(id), base, quote }])),
    infos,
    currencyNames: ids(currencies.count).map((id) => currencies.nameOf(id)),
    accounts: Object.fromEntries(
      ids(accounts.count).map((id) => [
        accounts.nameOf(id),
        { mode: accounts.modeOf(id), stp: accounts.selfTradeModes[id], stpGroup: accounts.groupNameOf(id) },
      ]),
    ),
    accountNames,
  };
}

/**
 * Those of the set-up commands that a recovered core still needs: what it has already is left out. Throws ConfigError for a declaration
 * that differs from what the core has, since nothing that was declared can be declared anew.
 */
export function missingFrom(found: Declared, commands: readonly SetUpCommand[], dir: string): SetUpCommand[] {
  const wanted = declaredBy(commands);
  return commands.filter((command) => {
    const kind = command.cmd === "currency" ? "currencies" : command.cmd === "instrument" ? "instruments" : "accounts";
    const name = nameOf(command);
    const there = name === undefined ? undefined : found[kind][name];
    if (name === undefined || there === undefined) return true;
    const terms = wanted[kind][name] ?? {};
    for (const key of Object.keys(terms)) {
      if (terms[key] === there[key]) continue;
      throw new ConfigError(
        `${placeOf(command)}: the journal in ${dir} has it with ${key} ${there[key]}, the configuration with ${terms[key]}. ` +
          "A declaration stands for good: put it back, or give the changed one another name or another journal",
      );
    }
    return false;
  });
}

function nameOf(command: SetUpCommand): string | undefined {
  switch (command.cmd) {
    case "currency":
      return command.currency;
    case "instrument":
      return command.symbol;
    case "account":
      return command.account;
    default:
      return undefined;
  }
}

/** What the commands declare, as a core of their own has it. What it refuses is met when it is sent. */
function declaredBy(commands: readonly SetUpCommand[]): Declared {
  const ring = SpscRing.create({ capacityBytes: 1 << 16, gates: 0, shared: false });
  const producer = ring.producer();
  const sizes = {
    orders: 1,
    levels: 1,
    positions: 1,
    balances: 1,
    movements: 1,
    instruments: commands.length + 1,
    accounts: commands.length + 1,
  };
  const core = new TradingCore({ ring: producer, makeRoom: () => producer.publish() }, { ...sizes, currencies: 2 * commands.length + 1 });
  const context = { catalog: new Catalog(), instrumentOfOrder: () => undefined };
  const record = new Int32Array(COMMAND_BYTES_MAX / 4);
  for (const command of commands) {
    encode(command, context, record, 0, core.lastSeq + 1, 0);
    core.apply(record, 0);
    producer.publish();
  }
  return declaredIn(core);
}

function ids(count: number): number[] {
  return Array.from({ length: count }, (_, id) => id);
}

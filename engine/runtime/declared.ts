import { TradingCore } from "../core/core.js";
import type { LimitSet } from "../core/risk/limit-set.js";
import { Catalog, type InstrumentInfo } from "../edge/catalog.js";
import { fromUnits } from "../edge/decimal.js";
import { COMMAND_BYTES_MAX, encode } from "../edge/encode.js";
import { instrumentInfo } from "../edge/instrument-info.js";
import type { SetUpCommand } from "../edge/types.js";
import { SpscRing } from "../ring/index.js";
import { KYC_NAMES, LIMIT_NAME_NAMES, RISK_LEVEL_NAMES } from "../wire/generated/enums.js";
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
        {
          mode: accounts.modeOf(id),
          stp: accounts.selfTradeModes[id],
          stpGroup: accounts.groupNameOf(id),
          riskLevel: RISK_LEVEL_NAMES[accounts.riskLevels[id]],
          kyc: KYC_NAMES[accounts.kyc[id]],
          ...limitTerms(core.ledger.limits.setOf(id, undefined)),
        },
      ]),
    ),
    accountNames,
  };
}

/** Terms that commands change while the engine runs. */
const LIMIT_TERM = "limits.";

function limitTerms(set: LimitSet): Terms {
  const terms: Record<string, string | number> = {};
  for (const [limit, name] of LIMIT_NAME_NAMES.entries()) {
    const given = set.givenOf(limit);
    const otherwise = set.isUnlimited(limit) ? "unlimited" : "not set";
    terms[`${LIMIT_TERM}${name}`] = given === undefined ? otherwise : fromUnits(given.mantissa, { mantissa: 1, exponent: given.exponent });
  }
  return { ...terms, [`${LIMIT_TERM}windowUs`]: set.windowUs, [`${LIMIT_TERM}requireReference`]: set.requireReference };
}

/** Whether a configuration that does not say it leaves it to commands: KYC and limits of an account. */
function isLeftOpen(command: SetUpCommand, key: string): boolean {
  if (command.cmd !== "account") return false;
  return key === "kyc" ? command.kyc === undefined : key.startsWith(LIMIT_TERM) && command.limits === undefined;
}

function adviceOn(key: string): string {
  if (key === "kyc" || key.startsWith(LIMIT_TERM))
    return "What stands is changed by commands while the engine runs: have the configuration say it, or leave it out";
  return "A declaration stands for good: put it back, or give the changed one another name or another journal";
}

/**
 * Those of the set-up commands that a recovered core still needs: what it has already is left out. Throws ConfigError for a declaration
 * that differs from what the core has, since nothing that was declared can be declared anew. KYC and limits, which commands may have changed
 * since, are compared with what stands now, where the configuration says them.
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
      if (terms[key] === there[key] || isLeftOpen(command, key)) continue;
      throw new ConfigError(
        `${placeOf(command)}: the journal in ${dir} has it with ${key} ${there[key]}, the configuration with ${terms[key]}. ` +
          adviceOn(key),
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

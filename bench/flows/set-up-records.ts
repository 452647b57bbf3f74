import type { TradingCore } from "../../engine/core/core.js";
import { Catalog } from "../../engine/edge/catalog.js";
import { encodeSetUp } from "../../engine/edge/encode-set-up.js";
import type { AccountCommand, InstrumentCommand, SetUpCommand } from "../../engine/edge/types.js";
import { DefineInstrument } from "../../engine/wire/flyweights.js";
import { DEFAULT_SCALE } from "../../engine/wire/numbers.js";

/** What a bench's market may have beyond tick 1, lot 1 and one account without limits: keys of SCRIPT. */
export type MarketRules = Partial<InstrumentCommand> & {
  readonly trader?: Partial<AccountCommand>;
  /** Accounts, 1 without. */
  readonly traders?: number;
  /** What each account gets of both currencies; nothing without. */
  readonly deposit?: string;
};

/** Commands that `setUpCore` applies: the seq of a bench's first command is one more. */
export function setUpCount({ traders = 1, deposit }: MarketRules = {}): number {
  return 1 + traders * (deposit === undefined ? 1 : 3);
}

/** As many as for a market without rules. */
export const SET_UP_COMMANDS = 2;

/** The longest of these records. */
const RECORD_WORDS = DefineInstrument.RECORD_BYTES / 4;

/** The clock of the benches, µs since the epoch: as large as a real one, because such a number costs more than a small one. */
export const CLOCK_US = 1_763_640_000_000_000;

/** The set-up as records, one behind the other; the seqs begin with 1. */
export function setUpRecords(rules: MarketRules = {}): { readonly words: Int32Array; readonly offsets: Int32Array } {
  const commands = setUpOf(rules);
  const words = new Int32Array(commands.length * RECORD_WORDS);
  const catalog = new Catalog();
  catalog.addCurrency(0, "BASE", DEFAULT_SCALE);
  catalog.addCurrency(1, "QUOTE", DEFAULT_SCALE);
  for (let id = 0; id < (rules.traders ?? 1); id++) catalog.addAccount(id, nameOf(id));
  const offsets = Int32Array.from(commands, (_, index) => index * RECORD_WORDS);
  for (const [index, command] of commands.entries()) encodeSetUp(command, catalog, words, offsets[index], index + 1, CLOCK_US);
  return { words, offsets };
}

/** Gives a new core instrument 0 and its accounts. */
export function setUpCore(core: TradingCore, rules: MarketRules = {}): void {
  const { words, offsets } = setUpRecords(rules);
  for (const at of offsets) core.apply(words, at);
  const isSetUp = core.instruments.count === 1 && core.accounts.count === (rules.traders ?? 1);
  if (!isSetUp) throw new Error("the core refused the bench's instrument or an account");
}

function setUpOf({ trader = {}, traders = 1, deposit, ...market }: MarketRules): SetUpCommand[] {
  const instrument: InstrumentCommand = {
    ...{ cmd: "instrument", symbol: "FLOW", base: "BASE", quote: "QUOTE", tickSize: "0.000001", lotSize: "1" },
    ...market,
  };
  const commands: SetUpCommand[] = [instrument];
  for (let id = 0; id < traders; id++) {
    const account = nameOf(id);
    // An account that may trade with itself: the flows know no owners.
    commands.push({ cmd: "account", account, mode: "unchecked", stp: "none", ...trader });
    if (deposit === undefined) continue;
    for (const currency of ["BASE", "QUOTE"])
      commands.push({ cmd: "deposit", account, currency, amount: deposit, ref: `${account}-${currency}` });
  }
  return commands;
}

function nameOf(id: number): string {
  return `flow${id}`;
}

import type { TradingCore } from "../../engine/core/core.js";
import { Catalog } from "../../engine/edge/catalog.js";
import { encodeSetUp } from "../../engine/edge/encode-set-up.js";
import type { AccountCommand, InstrumentCommand } from "../../engine/edge/types.js";
import { DefineAccount, DefineInstrument } from "../../engine/wire/flyweights.js";

/** What a bench's instrument and account may have beyond tick 1, lot 1 and no limits: keys of SCRIPT. */
export type MarketRules = Partial<InstrumentCommand> & { readonly trader?: Partial<AccountCommand> };

/** Commands that `setUpCore` applies: the seq of a bench's first command is one more. */
export const SET_UP_COMMANDS = 2;

/** The clock of the benches, µs since the epoch: as large as a real one, because such a number costs more than a small one. */
export const CLOCK_US = 1_763_640_000_000_000;

/** The set-up as records, one behind the other; the seqs are 1 and 2. */
export function setUpRecords(rules: MarketRules = {}): { readonly words: Int32Array; readonly offsets: Int32Array } {
  const { trader = {}, ...market } = rules;
  const account = DefineInstrument.RECORD_BYTES / 4;
  const words = new Int32Array(account + DefineAccount.RECORD_BYTES / 4);
  const catalog = new Catalog();
  const instrument: InstrumentCommand = {
    ...{ cmd: "instrument", symbol: "FLOW", base: "BASE", quote: "QUOTE", tickSize: "0.000001", lotSize: "1" },
    ...market,
  };
  encodeSetUp(instrument, catalog, words, 0, 1, CLOCK_US);
  // An account that may trade with itself: the flows know no owners.
  encodeSetUp({ cmd: "account", account: "flow", mode: "unchecked", stp: "none", ...trader }, catalog, words, account, 2, CLOCK_US);
  return { words, offsets: Int32Array.of(0, account) };
}

/** Gives a new core instrument 0 and account 0. */
export function setUpCore(core: TradingCore, rules: MarketRules = {}): void {
  const { words, offsets } = setUpRecords(rules);
  for (const at of offsets) core.apply(words, at);
  if (core.instruments.count !== 1 || core.accounts.count !== 1) throw new Error("the core refused the bench's instrument or account");
}

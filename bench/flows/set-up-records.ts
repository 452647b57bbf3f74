import type { TradingCore } from "../../engine/core/core.js";
import { DefineAccount, DefineInstrument } from "../../engine/wire/flyweights.js";
import { SelfTradeMode, TradingState } from "../../engine/wire/generated/enums.js";
import { NULL_INT64 } from "../../engine/wire/numbers.js";

/** What a bench's instrument may have beyond tick 1, lot 1 and no limits. */
export interface MarketRules {
  readonly state?: TradingState;
  readonly bandBps?: number;
  readonly marketProtectionBps?: number;
  /** Ticks. */
  readonly lastPrice?: number;
}

/** Commands that `setUpCore` applies: the seq of a bench's first command is one more. */
export const SET_UP_COMMANDS = 2;

/** The clock of the benches, µs since the epoch: as large as a real one, because such a number costs more than a small one. */
const CLOCK_US = 1_763_640_000_000_000;

/** The set-up as records, one behind the other; the seqs are 1 and 2. */
export function setUpRecords(rules: MarketRules = {}): { readonly words: Int32Array; readonly offsets: Int32Array } {
  const account = DefineInstrument.RECORD_BYTES / 4;
  const words = new Int32Array(account + DefineAccount.RECORD_BYTES / 4);
  writeInstrument(words, 0, 1, rules);
  writeAccount(words, account, 2);
  return { words, offsets: Int32Array.of(0, account) };
}

/** Gives a new core instrument 0 and account 0. */
export function setUpCore(core: TradingCore, rules: MarketRules = {}): void {
  const { words, offsets } = setUpRecords(rules);
  for (const at of offsets) core.apply(words, at);
  if (core.instruments.count !== 1 || core.accounts.count !== 1) throw new Error("the core refused the bench's instrument or account");
}

function writeInstrument(words: Int32Array, at: number, seq: number, rules: MarketRules = {}): void {
  DefineInstrument.init(words, at, seq, CLOCK_US);
  DefineInstrument.setClientSeq(words, at, 0);
  DefineInstrument.setSession(words, at, 0);
  DefineInstrument.setTickMantissa(words, at, 1);
  DefineInstrument.setLotMantissa(words, at, 1);
  DefineInstrument.setMinQty(words, at, NULL_INT64);
  DefineInstrument.setMaxQty(words, at, NULL_INT64);
  DefineInstrument.setMinPrice(words, at, NULL_INT64);
  DefineInstrument.setMaxPrice(words, at, NULL_INT64);
  DefineInstrument.setMinNotionalMantissa(words, at, NULL_INT64);
  DefineInstrument.setLastPrice(words, at, rules.lastPrice ?? NULL_INT64);
  DefineInstrument.setAuctionUs(words, at, 0);
  DefineInstrument.setBandBps(words, at, rules.bandBps ?? 0);
  DefineInstrument.setMarketProtectionBps(words, at, rules.marketProtectionBps ?? 0);
  DefineInstrument.setState(words, at, rules.state ?? TradingState.open);
  DefineInstrument.setSymbol(words, at, "FLOW");
  DefineInstrument.setBase(words, at, "BASE");
  DefineInstrument.setQuote(words, at, "QUOTE");
}

/** An account that may trade with itself: the flows know no owners. */
function writeAccount(words: Int32Array, at: number, seq: number): void {
  DefineAccount.init(words, at, seq, 0);
  DefineAccount.setClientSeq(words, at, 0);
  DefineAccount.setSession(words, at, 0);
  DefineAccount.setMode(words, at, 0);
  DefineAccount.setStp(words, at, SelfTradeMode.none);
  DefineAccount.setName(words, at, "flow");
  DefineAccount.setStpGroup(words, at, "");
}

import { SCALE_MAX } from "../core/currencies.js";
import { DefineAccount, DefineCurrency, DefineInstrument, SetKill, SetState, SetTime } from "../wire/flyweights.js";
import {
  AccountMode,
  InstrumentKind,
  KillScope,
  Kyc,
  LimitsGiven,
  RiskLevel,
  SelfTradeMode,
  TradingState,
} from "../wire/generated/enums.js";
import { BEYOND, DEFAULT_SCALE, NULL_INT64, NULL_UINT8, NULL_UINT32 } from "../wire/numbers.js";
import { atomOfScale, type Catalog, UNKNOWN_ID } from "./catalog.js";
import { integerOf, UNLIMITED } from "./command-shape.js";
import { type DecimalSource, type Step10, toStep } from "./decimal.js";
import { encodeAccountState, encodeKyc, encodeMark, encodeMovement, encodeReview, encodeTransfer } from "./encode-funding.js";
import { encodeLimits, writeLimits } from "./encode-limits.js";
import { fitting, integerOrBeyond, integerOrNull, unitsOrNull } from "./field-values.js";
import type { AccountCommand, CurrencyCommand, InstrumentCommand, KillCommand, SetUpCommand, StateCommand, TimeCommand } from "./types.js";

/** Writes a checked command of the operator; see `encode`. */
export function encodeSetUp(command: SetUpCommand, catalog: Catalog, words: Int32Array, at: number, seq: number, time: number): number {
  switch (command.cmd) {
    case "currency":
      return encodeCurrency(command, words, at, seq, time);
    case "instrument":
      return encodeInstrument(command, words, at, seq, time);
    case "account":
      return encodeAccount(command, words, at, seq, time);
    case "time":
      return encodeTime(command, words, at, seq, time);
    case "state":
      return encodeState(command, catalog, words, at, seq, time);
    case "kill":
      return encodeKill(command, catalog, words, at, seq, time);
    case "deposit":
    case "withdraw":
      return encodeMovement(command, catalog, words, at, seq, time);
    case "transfer":
      return encodeTransfer(command, catalog, words, at, seq, time);
    case "review":
      return encodeReview(command, words, at, seq, time);
    case "kyc":
      return encodeKyc(command, catalog, words, at, seq, time);
    case "accountState":
      return encodeAccountState(command, catalog, words, at, seq, time);
    case "mark":
      return encodeMark(command, catalog, words, at, seq, time);
    case "limits":
      return encodeLimits(command, catalog, words, at, seq, time);
  }
}

function encodeCurrency(command: CurrencyCommand, words: Int32Array, at: number, seq: number, time: number): number {
  DefineCurrency.init(words, at, seq, time);
  DefineCurrency.setClientSeq(words, at, 0);
  DefineCurrency.setSession(words, at, 0);
  DefineCurrency.setName(words, at, fitting(command.currency, 16));
  const scale = command.scale === undefined ? DEFAULT_SCALE : integerOf(command.scale);
  const isScale = scale !== undefined && scale >= 0 && scale <= SCALE_MAX;
  DefineCurrency.setScale(words, at, isScale ? scale : -1);
  DefineCurrency.setAmlThreshold(words, at, unitsOrNull(command.amlThreshold, isScale ? atomOfScale(scale) : undefined, "amlThreshold"));
  return DefineCurrency.RECORD_BYTES;
}

function encodeInstrument(command: InstrumentCommand, words: Int32Array, at: number, seq: number, time: number): number {
  const tick = toStep(command.tickSize, "tickSize");
  const lot = toStep(command.lotSize, "lotSize");
  DefineInstrument.init(words, at, seq, time);
  DefineInstrument.setClientSeq(words, at, 0);
  DefineInstrument.setSession(words, at, 0);
  DefineInstrument.setTickMantissa(words, at, tick.mantissa);
  DefineInstrument.setTickExponent(words, at, tick.exponent);
  DefineInstrument.setLotMantissa(words, at, lot.mantissa);
  DefineInstrument.setLotExponent(words, at, lot.exponent);
  DefineInstrument.setMinQty(words, at, unitsOrNull(command.minQty, lot, "minQty"));
  DefineInstrument.setMaxQty(words, at, unitsOrNull(command.maxQty, lot, "maxQty"));
  DefineInstrument.setMinPrice(words, at, unitsOrNull(command.minPrice, tick, "minPrice"));
  DefineInstrument.setMaxPrice(words, at, unitsOrNull(command.maxPrice, tick, "maxPrice"));
  const minNotional = amountOrNull(command.minNotional, "minNotional");
  DefineInstrument.setMinNotionalMantissa(words, at, minNotional.mantissa);
  DefineInstrument.setMinNotionalExponent(words, at, minNotional.exponent);
  DefineInstrument.setLastPrice(words, at, unitsOrNull(command.lastPrice, tick, "lastPrice"));
  DefineInstrument.setAuctionUs(words, at, integerOrBeyond(command.auctionUs ?? 0));
  DefineInstrument.setBandBps(words, at, integerOrBeyond(command.bandBps ?? 0));
  DefineInstrument.setMarketProtectionBps(words, at, integerOrBeyond(command.marketProtectionBps ?? 0));
  DefineInstrument.setCollarBps(words, at, integerOrBeyond(command.collarBps ?? 0));
  DefineInstrument.setBreakerBps(words, at, integerOrBeyond(command.breakerBps ?? 0));
  DefineInstrument.setBreakerWindowUs(words, at, integerOrBeyond(command.breakerWindowUs ?? 0));
  DefineInstrument.setMakerFeePpm(words, at, integerOrBeyond(command.makerFeePpm ?? 0));
  DefineInstrument.setTakerFeePpm(words, at, integerOrBeyond(command.takerFeePpm ?? 0));
  DefineInstrument.setInitialMarginPpm(words, at, integerOrNull(command.initialMarginPpm));
  DefineInstrument.setMaintenanceMarginPpm(words, at, integerOrNull(command.maintenanceMarginPpm));
  const multiplier = amountOrNull(command.multiplier, "multiplier");
  DefineInstrument.setMultiplierMantissa(words, at, multiplier.mantissa);
  DefineInstrument.setMultiplierExponent(words, at, multiplier.exponent);
  DefineInstrument.setKind(words, at, InstrumentKind[command.kind ?? "spot"]);
  DefineInstrument.setState(words, at, TradingState[command.state ?? "open"]);
  DefineInstrument.setSymbol(words, at, fitting(command.symbol, 16));
  DefineInstrument.setBase(words, at, fitting(command.base, 16));
  DefineInstrument.setQuote(words, at, fitting(command.quote, 16));
  return DefineInstrument.RECORD_BYTES;
}

/**
 * An amount of money, or a multiplier, as mantissa × 10^exponent, because only the core knows the scale of a currency that is declared
 * along with its instrument. What is below nought cannot be an amount, and is beyond what the core takes.
 */
function amountOrNull(value: DecimalSource | undefined, key: string): Step10 {
  if (value === undefined) return { mantissa: NULL_INT64, exponent: 0 };
  const amount = toStep(value, key);
  return amount.mantissa < 0 ? { mantissa: BEYOND, exponent: 0 } : amount;
}

function encodeAccount(command: AccountCommand, words: Int32Array, at: number, seq: number, time: number): number {
  DefineAccount.init(words, at, seq, time);
  DefineAccount.setClientSeq(words, at, 0);
  DefineAccount.setSession(words, at, 0);
  DefineAccount.setMode(words, at, AccountMode[command.mode]);
  DefineAccount.setStp(words, at, command.stp === undefined ? NULL_UINT8 : SelfTradeMode[command.stp]);
  DefineAccount.setKyc(words, at, Kyc[command.kyc ?? "unverified"]);
  DefineAccount.setRiskLevel(words, at, RiskLevel[command.riskLevel ?? "low"]);
  const { limits } = command;
  DefineAccount.setLimitsGiven(
    words,
    at,
    limits === undefined ? LimitsGiven.no : limits === UNLIMITED ? LimitsGiven.unlimited : LimitsGiven.yes,
  );
  writeLimits(DefineAccount, limits === undefined || limits === UNLIMITED ? {} : limits, words, at);
  const isGroupGood = command.stpGroup === undefined || fitting(command.stpGroup, 32) !== "";
  DefineAccount.setName(words, at, isGroupGood ? fitting(command.account, 32) : "");
  DefineAccount.setStpGroup(words, at, command.stpGroup === undefined ? "" : fitting(command.stpGroup, 32));
  return DefineAccount.RECORD_BYTES;
}

function encodeTime(command: TimeCommand, words: Int32Array, at: number, seq: number, time: number): number {
  SetTime.init(words, at, seq, time);
  SetTime.setClientSeq(words, at, 0);
  SetTime.setSession(words, at, 0);
  SetTime.setAt(words, at, integerOrBeyond(command.at));
  return SetTime.RECORD_BYTES;
}

function encodeState(command: StateCommand, catalog: Catalog, words: Int32Array, at: number, seq: number, time: number): number {
  SetState.init(words, at, seq, time);
  SetState.setClientSeq(words, at, 0);
  SetState.setSession(words, at, 0);
  SetState.setInstrument(words, at, catalog.instrument(command.symbol)?.id ?? UNKNOWN_ID);
  SetState.setState(words, at, TradingState[command.state]);
  SetState.setCancel(words, at, command.cancel === true ? 1 : 0);
  return SetState.RECORD_BYTES;
}

function encodeKill(command: KillCommand, catalog: Catalog, words: Int32Array, at: number, seq: number, time: number): number {
  const { account, symbol } = command;
  SetKill.init(words, at, seq, time);
  SetKill.setClientSeq(words, at, 0);
  SetKill.setSession(words, at, 0);
  SetKill.setAccount(words, at, account === undefined ? NULL_UINT32 : (catalog.accountId(account) ?? UNKNOWN_ID));
  SetKill.setInstrument(words, at, symbol === undefined ? NULL_UINT32 : (catalog.instrument(symbol)?.id ?? UNKNOWN_ID));
  SetKill.setScope(words, at, KillScope[command.scope]);
  SetKill.setOn(words, at, command.on ? 1 : 0);
  SetKill.setCancel(words, at, command.cancel === true ? 1 : 0);
  return SetKill.RECORD_BYTES;
}

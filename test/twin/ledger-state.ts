import type { StateWriter } from "../../engine/step.js";
import type { Directory } from "./directory.js";
import type { Movement } from "./funding.js";
import type { AccountLimits } from "./limit-set.js";
import { limitOf, noLimits } from "./limit-set.js";
import { dayNumber, dayOf } from "./measures.js";
import { numberOf, STP_NUMBERS, saveDecimal, TIF_NUMBERS, TYPE_NUMBERS } from "./save-numbers.js";
import type { Account, Currency, Instrument, Position, Sent } from "./state.js";
import { positionOf } from "./state.js";
import type { Twin } from "./twin.js";

const MODE_NUMBERS = { unchecked: 0, cash: 1, margin: 2 } as const;
const ACCOUNT_STATE_NUMBERS = { active: 0, suspended: 1, reduceOnly: 2 } as const;
const KIND_NUMBERS = { deposit: 0, withdraw: 1, transfer: 2 } as const;
const STAGE_NUMBERS = { applied: 0, pending: 1, refused: 2 } as const;
const LIMIT_NAMES = [
  ...["maxOrderQty", "maxOrderNotional", "maxOpenOrders", "maxOpenNotional", "maxPosition", "maxExposure"],
  ...["maxDailyNotional", "maxDailyLoss", "maxOrders", "maxDuplicates", "maxRiskRejects"],
] as readonly (keyof Omit<AccountLimits, "windowUs" | "requireReference">)[];
/** In place of a limit. */
const UNSET = -2;
const UNLIMITED = -1;
/** A key that an order was not given. */
const NOT_GIVEN = -(2 ** 63);
/** Movements of an account that its risk score can count. */
const COUNTED_MOVEMENTS = 4;
const PAIR = 2 ** 20;
const TWO_POW_32 = 2n ** 32n;

/** A currency with what was paid in fees, deposited and withdrawn. */
export function saveCurrency({ tape, directory }: Twin, currency: Currency, out: StateWriter): void {
  out.text(currency.name);
  out.uint32(currency.scale);
  out.int64(currency.amlThreshold === undefined ? -1 : Number(currency.amlThreshold));
  out.uint8(tape.clamped.has(currency) ? 1 : 0);
  const applied = directory.movements.filter((movement) => movement.currency === currency && movement.stage === "applied");
  const sumOf = (kind: Movement["kind"]) => applied.reduce((sum, movement) => (movement.kind === kind ? sum + movement.amount : sum), 0n);
  for (const sum of [tape.fees.get(currency) ?? 0n, sumOf("deposit"), sumOf("withdraw")]) {
    const low = ((sum % TWO_POW_32) + TWO_POW_32) % TWO_POW_32;
    out.int64(Number((sum - low) / TWO_POW_32));
    out.uint32(Number(low));
  }
}

export function saveAccount(account: Account, { directory }: Twin, out: StateWriter): void {
  out.text(account.name);
  out.uint8(MODE_NUMBERS[account.mode]);
  out.uint8(STP_NUMBERS[account.stp]);
  out.text(account.stpGroup ?? "");
  out.uint8(account.kyc === "verified" ? 1 : 0);
  out.uint8(account.riskLevel === "high" ? 1 : 0);
  out.uint8(account.killed ? 1 : 0);
  out.uint8(ACCOUNT_STATE_NUMBERS[account.state]);
  out.uint8(levelOf(account, "maxOpenOrders"));
  const own = directory.movements.filter((movement) => movement.account === account).slice(-COUNTED_MOVEMENTS);
  out.uint8(own.length);
  for (const { at } of own.toReversed()) out.int64(at);
  saveLimits(account.limits, out);
  saveTimes(account.sent, limitOf(account.limits.maxOrders) ?? 0, out);
  saveTimes(account.rejects, limitOf(account.limits.maxRiskRejects) ?? 0, out);
  const countsDuplicates = limitOf(account.limits.maxDuplicates) !== undefined;
  out.uint8(countsDuplicates ? 1 : 0);
  if (!countsDuplicates) return;
  out.uint32(account.alike.length);
  for (const sent of account.alike) saveSent(sent, directory, out);
}

function saveLimits(limits: AccountLimits, out: StateWriter): void {
  for (const name of LIMIT_NAMES) {
    const limit = limits[name];
    if (limit === undefined || limit === "unlimited") for (const number of [limit === undefined ? UNSET : UNLIMITED, 0]) out.int64(number);
    else if (typeof limit === "number") for (const number of [limit, 0]) out.int64(number);
    else saveDecimal(limit, out);
  }
  out.int64(limits.windowUs);
  out.uint8(limits.requireReference ? 1 : 0);
}

function saveTimes(times: readonly number[], size: number, out: StateWriter): void {
  out.uint32(size);
  out.uint32(times.length);
  for (const time of times) out.int64(time);
}

function saveSent({ at, order }: Sent, { instruments }: Directory, out: StateWriter): void {
  const { instrument, side, type, tif, price, total, stopPrice, trail, trailBps, money } = order;
  out.int64(at);
  out.int64(instruments.indexOf(instrument));
  out.int64((side === "buy" ? 0 : 1) | (TYPE_NUMBERS[type] << 8) | (TIF_NUMBERS[tif] << 16));
  const qty = money === undefined ? total : undefined;
  for (const number of [price, qty, stopPrice, trail, trailBps, money]) out.int64(number === undefined ? NOT_GIVEN : Number(number));
  out.int64(0);
}

/** Of every account in an instrument, then of an account in an instrument: those that were ever set. */
export function saveSymbolLimits({ instruments, accounts }: Directory, out: StateWriter): void {
  const ofAll = instruments.filter((instrument) => instrument.limitsGiven).map((of): [number, AccountLimits] => [of.id, whole(of.limits)]);
  const ofOne = accounts.flatMap((account) =>
    [...account.limitsIn].map(([of, limits]): [number, AccountLimits] => [account.id * PAIR + of.id, whole(limits)]),
  );
  for (const sets of [ofAll, ofOne]) {
    out.uint32(sets.length);
    for (const [key, limits] of sets.sort(([one], [other]) => one - other)) {
      out.int64(key);
      saveLimits(limits, out);
    }
  }
}

function whole(limits: object): AccountLimits {
  return { ...noLimits(), ...limits };
}

/** Prints within the window that may still be the lowest or the highest of it: those that no later one lies beyond. */
export function savePrints({ prints, breakerWindowUs }: Instrument, clock: number, out: StateWriter): void {
  const recent = prints.filter(({ at }) => at > clock - breakerWindowUs);
  for (const sign of [1n, -1n]) {
    const kept = recent.filter((print, i) => {
      const isBeaten = recent.slice(i + 1).some(({ price }) => sign * price <= sign * print.price);
      const isLate = recent.slice(0, i).some(({ at, price }) => at === print.at && sign * price < sign * print.price);
      return !isBeaten && !isLate;
    });
    out.uint32(kept.length);
    for (const { at, price } of kept) {
      out.int64(at);
      out.int64(Number(price));
    }
  }
}

/** Positions that were traded, by account and instrument, and those that an alert was given of. */
export function savePositions({ directory, tape }: Twin, out: StateWriter): void {
  const { accounts, instruments } = directory;
  const pairs = accounts.flatMap((account) => instruments.map((instrument) => ({ account, instrument })));
  const today = dayNumber(tape.clock);
  const rows = pairs.map(({ account, instrument }) => {
    const levels = POSITION_LIMITS.map((limit) => levelOf(account, `${limit} in ${instrument.symbol}`));
    return {
      account,
      instrument,
      position: positionOf(account, instrument),
      isUsed: isUsed(account, instrument, today),
      alerts: bitsOf(levels),
    };
  });
  const kept = rows.filter((row) => row.isUsed || row.alerts !== 0);
  out.uint32(kept.length);
  for (const { account, instrument, position, isUsed: used, alerts } of kept) {
    out.uint32(account.id);
    out.uint32(instrument.id);
    const { notional, result } = dayOf(account, instrument, today);
    // What a spot position has ever realised is nobody's business.
    const realised = instrument.kind === "margin" ? position.realised : 0n;
    for (const atoms of [position.lots, position.cost, realised, notional, result]) out.int64(Number(atoms));
    out.uint8(used ? 1 : 0);
    out.uint32(alerts);
  }
}

/** A spot position that is flat is forgotten with the day in which it was traded. */
function isUsed(account: Account, instrument: Instrument, today: bigint): boolean {
  const position: Position | undefined = instrument.positions.get(account);
  if (position === undefined) return false;
  return instrument.kind === "margin" || position.lots !== 0n || position.today.day === today;
}

/** Balances that were touched, by account and currency, and those that an alert was given of. */
export function saveBalances({ directory, measures, tape }: Twin, out: StateWriter): void {
  const { accounts, currencies } = directory;
  const rows = accounts.flatMap((account) =>
    currencies.map((currency) => {
      const alerts = bitsOf(BALANCE_LIMITS.map((limit) => levelOf(account, `${limit} ${currency.name}`)));
      return { account, currency, isTouched: account.balances.has(currency), alerts };
    }),
  );
  const kept = rows.filter((row) => row.isTouched || row.alerts !== 0);
  out.uint32(kept.length);
  for (const { account, currency, isTouched, alerts } of kept) {
    out.uint32(account.id);
    out.uint32(currency.id);
    const { notional, result } = measures.day(account, currency, dayNumber(tape.clock));
    for (const atoms of [measures.balance(account, currency), notional, result]) out.int64(Number(atoms));
    out.uint8(isTouched ? 1 : 0);
    out.uint32(alerts);
  }
}

const POSITION_LIMITS = ["maxOpenOrders", "maxOpenNotional", "maxPosition", "maxExposure", "maxDailyNotional", "maxDailyLoss"];
const BALANCE_LIMITS = ["maxOpenNotional", "maxExposure", "maxDailyNotional", "maxDailyLoss"];

/** 0, 1 from 80 percent on, 2 from 100 on. */
function levelOf(account: Account, key: string): number {
  const percent = account.told.get(key) ?? 0;
  return percent >= 100 ? 2 : percent >= 80 ? 1 : 0;
}

function bitsOf(levels: readonly number[]): number {
  return levels.reduce((bits, level, i) => bits | (level << (2 * i)), 0);
}

export function saveMovements({ movements }: Directory, out: StateWriter): void {
  out.uint32(movements.length);
  for (const { ref, kind, account, to, currency, amount, at, stage } of movements) {
    out.text(ref);
    out.uint8(KIND_NUMBERS[kind]);
    out.uint32(account.id);
    out.uint32((to ?? account).id);
    out.uint32(currency.id);
    out.int64(numberOf(amount));
    out.int64(at);
    out.uint8(STAGE_NUMBERS[stage]);
  }
}

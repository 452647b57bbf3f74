import { CODES } from "../../wire/codes.js";
import { DefineAccount, SetAccountState, SetLimits, SetMark } from "../../wire/flyweights.js";
import { MAX_SAFE, NULL_INT64, NULL_UINT8, OFF_STEP } from "../../wire/numbers.js";
import type { Accounts } from "../accounts.js";
import type { Emitter } from "../emitter.js";
import type { Instruments } from "../instruments.js";
import type { Markets } from "../markets.js";
import { AccountMode, AccountState, Check, Limit, Null } from "../match/order-types.js";
import { Pos, type Positions } from "../positions.js";
import { COUNT_MAX, LimitSet, SMALL_COUNT_MAX } from "./limit-set.js";
import type { Limits } from "./limits.js";
import type { MarginWatch } from "./margin-watch.js";

export interface RiskCommandRooms {
  readonly accounts: Accounts;
  readonly instruments: Instruments;
  readonly markets: Markets;
  readonly positions: Positions;
  readonly limits: Limits;
  readonly watch: MarginWatch;
  readonly emitter: Emitter;
}

/** The fields of limits, as both of their records have them. */
type LimitFields = typeof SetLimits | typeof DefineAccount;

/** Limits, account states and marks, by commands of an admin (SETTLED S14, S15, S20). Off the order path. Shard thread only. */
export class RiskCommands {
  constructor(private readonly rooms: RiskCommandRooms) {}

  setLimits(words: Int32Array, at: number): void {
    const { emitter, accounts, instruments, limits } = this.rooms;
    const account = given(SetLimits.account(words, at));
    const instrument = given(SetLimits.instrument(words, at));
    emitter.answer(SetLimits.session(words, at));
    let code: number = limitsCode(SetLimits, words, at);
    if (instrument !== undefined && instrument >= instruments.count) code = CODES.UNKNOWN_INSTRUMENT;
    if (account !== undefined && account >= accounts.count) code = CODES.UNKNOWN_ACCOUNT;
    const isNamed = account !== undefined || instrument !== undefined;
    if (code === Check.OK && (!isNamed || (instrument !== undefined && hasAccountKeys(words, at)))) code = CODES.BAD_VALUE;
    if (code !== Check.OK) {
      emitter.commandRejected(code, SetLimits.TEMPLATE_ID);
      return;
    }
    fill(limits.setOf(account, instrument), SetLimits, words, at);
    limits.refresh(account, instrument);
    emitter.commandDone(0, SetLimits.TEMPLATE_ID);
  }

  setAccountState(words: Int32Array, at: number): void {
    const { emitter, accounts } = this.rooms;
    const account = SetAccountState.account(words, at);
    const state = SetAccountState.state(words, at);
    emitter.answer(SetAccountState.session(words, at));
    let code: number = Check.OK;
    if (account >= accounts.count) code = CODES.UNKNOWN_ACCOUNT;
    else if (state > AccountState.REDUCE_ONLY) code = CODES.BAD_VALUE;
    if (code !== Check.OK) {
      emitter.commandRejected(code, SetAccountState.TEMPLATE_ID);
      return;
    }
    accounts.setState(account, state);
    emitter.commandDone(0, SetAccountState.TEMPLATE_ID);
  }

  setMark(words: Int32Array, at: number): void {
    const { emitter, instruments, markets, watch } = this.rooms;
    const instrument = SetMark.instrument(words, at);
    const price = SetMark.price(words, at);
    emitter.answer(SetMark.session(words, at));
    let code: number = Check.OK;
    if (instrument >= instruments.count) code = CODES.UNKNOWN_INSTRUMENT;
    else if (!(price >= 1 && price <= MAX_SAFE)) code = price === OFF_STEP ? CODES.PRICE_OFF_TICK : CODES.PRICE_OUT_OF_RANGE;
    else if (this.wouldOverflow(instrument, price)) code = CODES.NOTIONAL_OVERFLOW;
    if (code !== Check.OK) {
      emitter.commandRejected(code, SetMark.TEMPLATE_ID);
      return;
    }
    markets.marks[instrument] = price;
    emitter.commandDone(0, SetMark.TEMPLATE_ID);
    if (instruments.isMargin[instrument] !== 0) watch.markMoved(instrument);
  }

  /** Whether a position would be worth more than a safe integer of atoms. */
  private wouldOverflow(instrument: number, price: number): boolean {
    const { positions, instruments } = this.rooms;
    const atoms = price * instruments.atomsPerTickLot[instrument];
    for (let row = positions.firstOfMargin(instrument); row !== 0; row = positions.nextInMargin(row)) {
      if (Math.abs(positions.doubles[row * Pos.DOUBLES + Pos.LOTS]) * atoms > MAX_SAFE) return true;
    }
    return false;
  }
}

/** What is wrong with the limits of a record, if anything. */
export function limitsCode(fields: LimitFields, words: Int32Array, at: number): number {
  for (let limit = 0; limit < Limit.COUNT; limit++) {
    const value = FIELDS[limit](fields, words, at);
    if (value === NULL_INT64) continue;
    if (!(value >= 0 && value <= MAX_SAFE)) return CODES.BAD_VALUE;
    if (isCount(limit) && value > (limit >= Limit.DUPLICATES ? SMALL_COUNT_MAX : COUNT_MAX)) return CODES.BAD_VALUE;
  }
  const windowUs = fields.windowUs(words, at);
  if (windowUs !== NULL_INT64 && !(windowUs >= 1 && windowUs <= MAX_SAFE)) return CODES.BAD_VALUE;
  const demands = fields.requireReference(words, at);
  return demands > 1 && demands !== NULL_UINT8 ? CODES.BAD_VALUE : Check.OK;
}

/** The limits that an account is declared with. */
export function declaredLimits(mode: AccountMode, words: Int32Array, at: number): LimitSet {
  const set = new LimitSet();
  const wanted = DefineAccount.limitsGiven(words, at);
  if (wanted === 1) {
    for (let limit = 0; limit < Limit.COUNT; limit++) set.setUnlimited(limit);
    return set;
  }
  if (mode !== AccountMode.UNCHECKED) set.block();
  if (wanted === 2) fill(set, DefineAccount, words, at);
  return set;
}

/** Takes over the limits that a record gives. */
function fill(set: LimitSet, fields: LimitFields, words: Int32Array, at: number): void {
  const unlimited = fields.unlimited(words, at);
  for (let limit = 0; limit < Limit.COUNT; limit++) {
    const value = FIELDS[limit](fields, words, at);
    if (value !== NULL_INT64) set.set(limit, value, isCount(limit) ? 0 : EXPONENTS[limit](fields, words, at));
    if ((unlimited & (1 << limit)) !== 0) set.setUnlimited(limit);
  }
  const windowUs = fields.windowUs(words, at);
  if (windowUs !== NULL_INT64) set.windowUs = windowUs;
  const demands = fields.requireReference(words, at);
  if (demands !== NULL_UINT8) set.requireReference = demands;
}

/** Whether keys are given that only accounts have. */
function hasAccountKeys(words: Int32Array, at: number): boolean {
  const unlimited = SetLimits.unlimited(words, at);
  for (let limit: number = Limit.ORDERS; limit < Limit.COUNT; limit++) {
    if (FIELDS[limit](SetLimits, words, at) !== NULL_INT64 || (unlimited & (1 << limit)) !== 0) return true;
  }
  return SetLimits.windowUs(words, at) !== NULL_INT64 || SetLimits.requireReference(words, at) !== NULL_UINT8;
}

function isCount(limit: Limit): boolean {
  return limit === Limit.OPEN_ORDERS || limit >= Limit.ORDERS;
}

function given(id: number): number | undefined {
  return id === Null.UINT32 ? undefined : id;
}

type Getter = (fields: LimitFields, words: Int32Array, at: number) => number;

/** By `Limit`. */
const FIELDS: readonly Getter[] = [
  (fields, words, at) => fields.maxOrderQty(words, at),
  (fields, words, at) => fields.maxOrderNotional(words, at),
  (fields, words, at) => fields.maxOpenOrders(words, at),
  (fields, words, at) => fields.maxOpenNotional(words, at),
  (fields, words, at) => fields.maxPosition(words, at),
  (fields, words, at) => fields.maxExposure(words, at),
  (fields, words, at) => fields.maxDailyNotional(words, at),
  (fields, words, at) => fields.maxDailyLoss(words, at),
  (fields, words, at) => fields.maxOrders(words, at),
  (fields, words, at) => fields.maxDuplicates(words, at),
  (fields, words, at) => fields.maxRiskRejects(words, at),
];

const none: Getter = () => 0;

/** By `Limit`; a count has none. */
const EXPONENTS: readonly Getter[] = [
  (fields, words, at) => fields.maxOrderQtyExponent(words, at),
  (fields, words, at) => fields.maxOrderNotionalExponent(words, at),
  none,
  (fields, words, at) => fields.maxOpenNotionalExponent(words, at),
  (fields, words, at) => fields.maxPositionExponent(words, at),
  (fields, words, at) => fields.maxExposureExponent(words, at),
  (fields, words, at) => fields.maxDailyNotionalExponent(words, at),
  (fields, words, at) => fields.maxDailyLossExponent(words, at),
  none,
  none,
  none,
];

import type { StateReader, StateWriter } from "../step.js";
import { MAX_SAFE } from "../wire/numbers.js";
import type { Accounts } from "./accounts.js";
import type { Currencies } from "./currencies.js";
import type { Instruments } from "./instruments.js";
import { Bal, type Balances } from "./ledger/balances.js";
import type { WideSums } from "./ledger/wide-sums.js";
import { Pos, type Positions } from "./positions.js";
import { refuseUnless } from "./saved-state.js";

/** What rows are loaded into. */
export interface LedgerRooms {
  readonly currencies: Currencies;
  readonly instruments: Instruments;
  readonly accounts: Accounts;
  readonly positions: Positions;
  readonly balances: Balances;
  readonly openInterest: WideSums;
}

/** Ids of rows are packed into one number to see that they rise. */
const PLACE = 2 ** 21;

/** Writes what positions remember, by account and instrument. What live orders amount to follows from the orders. */
export function savePositions(positions: Positions, out: StateWriter): void {
  const { doubles, words } = positions;
  const rows = positions.keptRows();
  out.uint32(rows.length);
  for (const row of rows) {
    const at = row * Pos.DOUBLES;
    out.uint32(positions.accountOf(row));
    out.uint32(positions.instrumentOf(row));
    for (const field of [Pos.LOTS, Pos.COST, Pos.REALISED, Pos.DAY_NOTIONAL, Pos.DAY_PNL]) out.int64(doubles[at + field]);
    out.uint8(words[row * Pos.WORDS + Pos.USED]);
    out.uint32(words[row * Pos.WORDS + Pos.ALERTS]);
  }
}

/** Writes what balances remember, by account and currency. */
export function saveBalances(balances: Balances, out: StateWriter): void {
  const { doubles, words } = balances;
  const rows = balances.keptRows();
  out.uint32(rows.length);
  for (const row of rows) {
    const at = row * Bal.DOUBLES;
    out.uint32(balances.accountOf(row));
    out.uint32(balances.currencyOf(row));
    for (const field of [Bal.TOTAL, Bal.DAY_NOTIONAL, Bal.DAY_PNL]) out.int64(doubles[at + field]);
    out.uint8(words[row * Bal.WORDS + Bal.TOUCHED]);
    out.uint32(words[row * Bal.WORDS + Bal.ALERTS]);
  }
}

/** Fills the empty rows. Throws RangeError on what `savePositions` would not have written, and when there are too many. */
export function loadPositions(rooms: LedgerRooms, input: StateReader): void {
  const { positions, balances, instruments, accounts, openInterest } = rooms;
  const count = input.uint32();
  let last = -1;
  for (let index = 0; index < count; index++) {
    const account = input.uint32();
    const instrument = input.uint32();
    const place = account * PLACE + instrument;
    refuseUnless(account < accounts.count && instrument < instruments.count, "a position has no account or no instrument");
    refuseUnless(place > last, "positions stand by account and instrument, each once");
    last = place;
    const row = positions.rowOf(account, instrument);
    if (row === 0)
      throw new RangeError(`capacities.positions is ${positions.capacity}, or capacities.balances too small: the saved state has ${count}`);
    const at = row * Pos.DOUBLES;
    for (const field of [Pos.LOTS, Pos.COST, Pos.REALISED, Pos.DAY_NOTIONAL, Pos.DAY_PNL])
      positions.doubles[at + field] = amount(input.int64());
    refuseUnless(positions.doubles[at + Pos.DAY_NOTIONAL] >= 0, "what was traded today is not below nought");
    refuseUnless(
      Math.sign(positions.doubles[at + Pos.LOTS]) * positions.doubles[at + Pos.COST] >= 0,
      "a position and its cost have one sign",
    );
    const used = input.uint8();
    const alerts = input.uint32();
    refuseUnless(used <= 1 && alerts < 2 ** 12 && used + alerts !== 0, "a position is used, or an alert was given of it");
    refuseUnless(
      used === 1 || positions.doubles.subarray(at, at + Pos.OPEN_LOTS).every((value) => value === 0),
      "a position that was never traded is flat",
    );
    if (used === 1) positions.use(row);
    positions.words[row * Pos.WORDS + Pos.ALERTS] = alerts;
    if (instruments.isMargin[instrument] === 0) continue;
    balances.doubles[positions.quoteRow(row) * Bal.DOUBLES + Bal.POSITION_STAKE] += Math.abs(positions.doubles[at + Pos.COST]);
    openInterest.add(instrument, Math.max(0, positions.doubles[at + Pos.LOTS]));
  }
  if (positions.size > positions.capacity)
    throw new RangeError(`capacities.positions is ${positions.capacity}, the saved state has ${positions.size}`);
}

/** As `loadPositions`. */
export function loadBalances(rooms: LedgerRooms, input: StateReader, onNew: (row: number) => void): void {
  const { balances, accounts, currencies } = rooms;
  const count = input.uint32();
  let last = -1;
  for (let index = 0; index < count; index++) {
    const account = input.uint32();
    const currency = input.uint32();
    const place = account * PLACE + currency;
    refuseUnless(account < accounts.count && currency < currencies.count, "a balance has no account or no currency");
    refuseUnless(place > last, "balances stand by account and currency, each once");
    last = place;
    const row = balances.rowOf(account, currency, onNew);
    if (row === 0) throw new RangeError(`capacities.balances is ${balances.capacity}, the saved state has ${count}`);
    const at = row * Bal.DOUBLES;
    for (const field of [Bal.TOTAL, Bal.DAY_NOTIONAL, Bal.DAY_PNL]) balances.doubles[at + field] = amount(input.int64());
    refuseUnless(balances.doubles[at + Bal.DAY_NOTIONAL] >= 0, "what was traded today is not below nought");
    const touched = input.uint8();
    const alerts = input.uint32();
    refuseUnless(touched <= 1 && alerts < 2 ** 8 && touched + alerts !== 0, "a balance was changed, or an alert was given of it");
    refuseUnless(touched === 1 || balances.doubles[at + Bal.TOTAL] === 0, "a balance that was never changed is nought");
    if (touched === 1) balances.touch(row);
    balances.words[row * Bal.WORDS + Bal.ALERTS] = alerts;
  }
  if (balances.size > balances.capacity)
    throw new RangeError(`capacities.balances is ${balances.capacity}, the saved state has ${balances.size}`);
}

function amount(value: number): number {
  refuseUnless(value >= -MAX_SAFE && value <= MAX_SAFE, `an amount must be within ±${MAX_SAFE}, was ${value}`);
  return value;
}

import type { Accounts } from "./accounts.js";
import type { OrderBook } from "./book/order-book.js";
import { Slot, Trait } from "./book/order-pool.js";
import { check } from "./book-check.js";
import type { Currencies } from "./currencies.js";
import type { Instruments } from "./instruments.js";
import { Bal, type Balances } from "./ledger/balances.js";
import { Kind, type Movements } from "./ledger/movements.js";
import { WideSums } from "./ledger/wide-sums.js";
import { AccountMode } from "./match/order-types.js";
import { Pos, type Positions } from "./positions.js";
import { Measure } from "./risk/reservations.js";

export interface LedgerCheckRooms {
  readonly currencies: Currencies;
  readonly instruments: Instruments;
  readonly accounts: Accounts;
  readonly positions: Positions;
  readonly balances: Balances;
  readonly book: OrderBook;
  readonly movements: Movements;
  readonly fees: WideSums;
  readonly deposited: WideSums;
  readonly withdrawn: WideSums;
  readonly openInterest: WideSums;
}

/** Checks the ledger against what it must add up to (SEMANTICS 9); throws Error at the first contradiction. Tests and `--verify` only. */
export function checkLedger(rooms: LedgerCheckRooms): void {
  checkReservations(rooms);
  checkRows(rooms);
  checkMoney(rooms);
  checkPositionSums(rooms);
}

/** Every reservation belongs to a live order, and every live order has its reservation. */
function checkReservations({ accounts, positions, balances, book, instruments }: LedgerCheckRooms): void {
  const held = new Float64Array(positions.rowEnd * Pos.DOUBLES);
  const money = new Float64Array(balances.rowEnd * Bal.DOUBLES);
  const orders = new Int32Array(positions.rowEnd);
  const own = new Float64Array(Measure.COUNT);
  const other = new Float64Array(Measure.COUNT);
  const { pool, reservations } = book;
  for (let slot = 1; slot < pool.slotEnd; slot++) {
    if (pool.owners[slot] === 0) continue;
    const bookSide = pool.words[slot * Slot.WORDS + Slot.BOOK_SIDE];
    const row = positions.find(pool.words[slot * Slot.WORDS + Slot.ACCOUNT], bookSide >>> 1);
    check(row !== 0, "a live order has a row of positions");
    orders[row]++;
    reservations.measure(slot, pool.doubles[slot * Slot.DOUBLES + Slot.LEAVES], own);
    const partner = reservations.standingPartner(slot);
    if (partner !== 0) {
      reservations.measure(partner, pool.doubles[partner * Slot.DOUBLES + Slot.LEAVES], other);
      // The leg in the lower slot counts whole, the other with what it has more.
      if (slot > partner)
        for (let measure = 0; measure < Measure.COUNT; measure++) own[measure] = Math.max(0, own[measure] - other[measure]);
      check((pool.words[partner * Slot.WORDS + Slot.TRAITS] & Trait.EXTRAS) !== 0, "the other leg has extras");
    }
    addTo(bookSide, row, own);
  }
  for (let row = 1; row < positions.rowEnd; row++) {
    if (!positions.isTaken(row)) continue;
    check(positions.words[row * Pos.WORDS + Pos.ORDERS] === orders[row], "a row of positions counts its live orders");
    for (let field: number = Pos.OPEN_LOTS; field < Pos.DAY_NOTIONAL; field++) {
      check(
        positions.doubles[row * Pos.DOUBLES + field] === held[row * Pos.DOUBLES + field],
        "open lots and notional are those of the live orders",
      );
    }
  }
  for (let row = 1; row < balances.rowEnd; row++) {
    if (balances.accountOf(row) === -1) continue;
    for (const field of [Bal.OUT, Bal.IN, Bal.OPEN, Bal.OPEN + 1, Bal.ORDER_STAKE]) {
      check(balances.doubles[row * Bal.DOUBLES + field] === money[row * Bal.DOUBLES + field], "holds are those of the live orders");
    }
    checkStake(row);
  }

  function addTo(bookSide: number, row: number, measures: Float64Array): void {
    const side = bookSide & 1;
    const quote = positions.quoteRow(row) * Bal.DOUBLES;
    held[row * Pos.DOUBLES + Pos.OPEN_LOTS + side] += measures[Measure.LOTS];
    held[row * Pos.DOUBLES + Pos.OPEN_NOTIONAL + side] += measures[Measure.NOTIONAL];
    money[quote + Bal.OPEN + side] += measures[Measure.NOTIONAL];
    if (instruments.isMargin[bookSide >>> 1] !== 0) {
      money[quote + Bal.ORDER_STAKE] += measures[Measure.COST];
      return;
    }
    money[quote + Bal.OUT + side] += measures[side === 0 ? Measure.COST : Measure.INCOME];
    if (accounts.modes[positions.accountOf(row)] === AccountMode.UNCHECKED) return;
    money[positions.baseRow(row) * Bal.DOUBLES + Bal.IN - side] += measures[Measure.LOTS] * instruments.baseAtomsPerLot[bookSide >>> 1];
  }

  function checkStake(row: number): void {
    let stake = 0;
    for (let of = positions.first(balances.accountOf(row)); of !== 0; of = positions.next(of)) {
      if (positions.quoteRow(of) !== row || instruments.isMargin[positions.instrumentOf(of)] === 0) continue;
      stake += Math.abs(positions.doubles[of * Pos.DOUBLES + Pos.COST]);
    }
    check(balances.doubles[row * Bal.DOUBLES + Bal.POSITION_STAKE] === stake, "what is at stake is the cost of margin positions");
  }
}

/** Rows are live when they count, are found, and refer to each other. */
function checkRows({ positions, balances, accounts }: LedgerCheckRooms): void {
  let live = 0;
  const referrers = new Int32Array(balances.rowEnd);
  for (let row = 1; row < positions.rowEnd; row++) {
    if (!positions.isTaken(row)) continue;
    check(positions.find(positions.accountOf(row), positions.instrumentOf(row)) === row, "the index finds the position");
    check(positions.isLive(row) || positions.doubles[row * Pos.DOUBLES + Pos.LOTS] === 0, "a position that is not flat is live");
    check(positions.isLive(row) || positions.words[row * Pos.WORDS + Pos.ALERTS] === 0, "a position that an alert was given of is live");
    if (!positions.isLive(row)) continue;
    live++;
    referrers[positions.baseRow(row)]++;
    referrers[positions.quoteRow(row)]++;
  }
  check(positions.size === live, "live positions are counted");
  live = 0;
  for (let row = 1; row < balances.rowEnd; row++) {
    if (balances.accountOf(row) === -1) continue;
    check(balances.find(balances.accountOf(row), balances.currencyOf(row)) === row, "the index finds the balance");
    check(balances.words[row * Bal.WORDS + Bal.REFERRERS] === referrers[row], "a balance counts what refers to it");
    check(balances.isLive(row) || balances.words[row * Bal.WORDS + Bal.ALERTS] === 0, "a balance that an alert was given of is live");
    if (balances.isLive(row)) live++;
  }
  check(balances.size === live, "live balances are counted");
  for (let account = 0; account < accounts.count; account++) {
    let instrument = -1;
    for (let row = positions.first(account); row !== 0; row = positions.next(row)) {
      check(positions.accountOf(row) === account && positions.instrumentOf(row) > instrument, "an account's positions stand by instrument");
      instrument = positions.instrumentOf(row);
    }
  }
}

/** Deposits − withdrawals = Σ balances + fees − Σ open cost, per currency; cash accounts owe nothing and hold no more than they have. */
function checkMoney({
  currencies,
  instruments,
  accounts,
  positions,
  balances,
  movements,
  fees,
  deposited,
  withdrawn,
}: LedgerCheckRooms): void {
  const sums = new WideSums(currencies.count);
  const pending = new Float64Array(balances.rowEnd);
  for (const { kind, account, currency, amount } of movements.pending()) {
    if (kind !== Kind.DEPOSIT && accounts.modes[account] !== AccountMode.UNCHECKED) pending[balances.find(account, currency)] += amount;
  }
  for (let row = 1; row < balances.rowEnd; row++) {
    const account = balances.accountOf(row);
    if (account === -1) continue;
    const at = row * Bal.DOUBLES;
    const total = balances.doubles[at + Bal.TOTAL];
    check(balances.doubles[at + Bal.PENDING] === pending[row], "what is pending is held for movements that wait");
    check(Number.isSafeInteger(total), "a balance is a safe integer");
    const isCovered = total - balances.doubles[at + Bal.PENDING] - balances.doubles[at + Bal.OUT] >= 0;
    check(accounts.modes[account] !== AccountMode.CASH || isCovered, "a cash account has what it holds");
    sums.add(balances.currencyOf(row), total);
  }
  for (let row = 1; row < positions.rowEnd; row++) {
    if (!positions.isTaken(row) || instruments.isMargin[positions.instrumentOf(row)] === 0) continue;
    sums.add(instruments.quoteOf[positions.instrumentOf(row)], -positions.doubles[row * Pos.DOUBLES + Pos.COST]);
  }
  for (let currency = 0; currency < currencies.count; currency++) {
    sums.addSum(currency, fees, 1);
    sums.addSum(currency, withdrawn, 1);
    sums.addSum(currency, deposited, -1);
    const isBalanced = sums.highOf(currency) === 0 && sums.lowOf(currency) === 0;
    check(isBalanced || currencies.wasClamped[currency] !== 0, "no money of a currency has come from nowhere or gone");
  }
}

/** What is bought is sold: positions of an instrument add up to nought. The open interest is what is long of a margin instrument. */
function checkPositionSums({ instruments, positions, openInterest }: LedgerCheckRooms): void {
  const sums = new WideSums(instruments.count);
  const long = new WideSums(instruments.count);
  for (let row = 1; row < positions.rowEnd; row++) {
    if (!positions.isTaken(row)) continue;
    const lots = positions.doubles[row * Pos.DOUBLES + Pos.LOTS];
    sums.add(positions.instrumentOf(row), lots);
    if (instruments.isMargin[positions.instrumentOf(row)] !== 0) long.add(positions.instrumentOf(row), Math.max(0, lots));
  }
  for (let instrument = 0; instrument < instruments.count; instrument++) {
    check(sums.highOf(instrument) === 0 && sums.lowOf(instrument) === 0, "positions of an instrument add up to nought");
    long.addSum(instrument, openInterest, -1);
    check(long.highOf(instrument) === 0 && long.lowOf(instrument) === 0, "the open interest is what is long");
  }
}

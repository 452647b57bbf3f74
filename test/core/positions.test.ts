import { describe, expect, it } from "vitest";
import { Accounts } from "../../engine/core/accounts.js";
import { DEFAULT_CAPACITIES } from "../../engine/core/capacities.js";
import { Currencies } from "../../engine/core/currencies.js";
import { type InstrumentSpec, Instruments } from "../../engine/core/instruments.js";
import { Bal } from "../../engine/core/ledger/balances.js";
import { Figure } from "../../engine/core/ledger/settlement.js";
import { loadBalances, loadPositions, saveBalances, savePositions } from "../../engine/core/ledger-state.js";
import { type Ledger, makeLedger } from "../../engine/core/make-ledger.js";
import { Markets } from "../../engine/core/markets.js";
import { Pos } from "../../engine/core/positions.js";
import { LimitSet } from "../../engine/core/risk/limit-set.js";
import { Memory } from "../../engine/flat/memory.js";
import { bytesOf, StateReader } from "../../engine/step.js";
import { NULL_INT64 } from "../../engine/wire/numbers.js";
import { Random } from "../twin/random.js";

const ACCOUNTS = 40;
const INSTRUMENTS = 4;
const PRICE = 3;

interface Rooms extends Ledger {
  readonly currencies: Currencies;
  readonly instruments: Instruments;
  readonly accounts: Accounts;
}

/** Instruments 0 and 1 are spot, 2 and 3 margin; each has a base of its own and the quote of currency 0. */
function make(positions: number, balances = 500): Rooms {
  const currencies = new Currencies(8);
  for (let id = 0; id <= INSTRUMENTS; id++) currencies.add(`C${id}`, 0);
  const instruments = new Instruments(8);
  for (let id = 0; id < INSTRUMENTS; id++) instruments.add(specOf(id), { perTickLot: 1, perLot: 1 });
  const accounts = new Accounts(64);
  const markets = new Markets(8, new Float64Array(3));
  const sizes = { ...DEFAULT_CAPACITIES, accounts: 64, instruments: 8, currencies: 8, positions, balances };
  const ledger = makeLedger({ currencies, instruments, accounts, markets, now: new Float64Array(3) }, sizes, new Memory());
  for (let id = 0; id < ACCOUNTS; id++) {
    accounts.add({ name: `a${id}`, mode: 0, selfTradeMode: 0, groupName: "", kyc: 0, riskLevel: 0 });
    ledger.limits.declare(id, new LimitSet());
  }
  return { ...ledger, currencies, instruments, accounts };
}

function specOf(id: number): InstrumentSpec {
  return {
    ...{ symbol: `S${id}`, base: id + 1, quote: 0, tickMantissa: 1, tickExponent: 0, lotMantissa: 1, lotExponent: 0 },
    ...{ minQty: 1, maxQty: 1e6, minPrice: 1, maxPrice: 1e6, minNotional: 0, bandBps: 0, marketProtectionBps: 0, auctionUs: 0 },
    ...{ collarBps: 0, breakerBps: 0, breakerWindowUs: 0, makerFeePpm: 0, takerFeePpm: 0, isMargin: id < 2 ? 0 : 1 },
    ...{ initialMarginPpm: 0, maintenanceMarginPpm: 0, multiplierMantissa: 1, multiplierExponent: 0 },
  };
}

/** From scratch: what is long, of a margin instrument. */
function openInterest({ positions }: Rooms, instrument: number): number {
  let lots = 0;
  for (let account = 0; account < ACCOUNTS; account++) lots += Math.max(0, positions.of(account, instrument));
  return instrument < 2 ? NULL_INT64 : lots;
}

function keyOf(account: number, instrument: number): string {
  return `${account} ${instrument}`;
}

/** Pairs that count: traded today, not flat, or in a margin instrument. */
function liveOf(traded: ReadonlySet<string>): number {
  return traded.size;
}

describe("positions", () => {
  it("are what a map of sums says, and rows that count for nothing are taken again after the day", () => {
    const random = new Random(51);
    const rooms = make(24);
    const { positions, balances, settlement } = rooms;
    const lots = new Map<string, number>();
    let live = new Set<string>();
    let refused = 0;
    let days = 0;
    for (let round = 0; round < 20_000; round++) {
      if (random.below(40) === 0) {
        positions.forgetDay();
        balances.forgetDay();
        live = new Set([...live].filter((key) => (lots.get(key) ?? 0) !== 0 || Number(key.split(" ")[1]) >= 2));
        days++;
      }
      const [maker, taker, instrument] = [random.below(ACCOUNTS), random.below(ACCOUNTS), random.below(2)];
      const keys = [keyOf(maker, instrument), keyOf(taker, instrument)];
      // Orders would be refused one by one: each of the two must have room beside the other.
      const missing = new Set(keys.filter((key) => !live.has(key))).size;
      const rows = [positions.rowOf(maker, instrument), positions.rowOf(taker, instrument)];
      expect(rows.every((row) => row !== 0)).toBe(true);
      expect(positions.size).toBe(liveOf(live));
      for (const [index, row] of rows.entries())
        expect(positions.isLive(positions.find([maker, taker][index], instrument))).toBe(live.has(keys[index]) && row !== 0);
      if (live.size + missing > positions.capacity) {
        refused++;
        continue;
      }
      const qty = 1 + random.below(4);
      const bookSide = 2 * instrument + random.below(2);
      settlement.trade(maker, taker, bookSide, qty, PRICE);
      for (const key of keys) live.add(key);
      const bought = (bookSide & 1) === 0 ? qty : -qty;
      if (maker !== taker) {
        lots.set(keys[1], (lots.get(keys[1]) ?? 0) + bought);
        lots.set(keys[0], (lots.get(keys[0]) ?? 0) - bought);
      }
      expect(positions.of(taker, instrument)).toBe(lots.get(keys[1]) ?? 0);
      expect(positions.of(maker, instrument)).toBe(lots.get(keys[0]) ?? 0);
      const held = lots.get(keys[1]) ?? 0;
      expect(positions.room(taker, 2 * instrument + 1)).toBe(Math.max(0, held));
      expect(positions.room(taker, 2 * instrument)).toBe(Math.max(0, -held));
    }
    expect(refused).toBeGreaterThan(100);
    expect(days).toBeGreaterThan(100);
  });

  it("of margin instruments are remembered, flat or not", () => {
    const { positions, balances, settlement } = make(4);
    settlement.trade(0, 1, 2 * 2, 5, PRICE);
    settlement.trade(0, 1, 2 * 2 + 1, 5, PRICE + 1);
    const row = positions.find(1, 2);
    const numbers = [Pos.LOTS, Pos.COST, Pos.REALISED, Pos.DAY_NOTIONAL, Pos.DAY_PNL].map(
      (field) => positions.doubles[row * Pos.DOUBLES + field],
    );
    expect(numbers).toEqual([0, 0, 5, 35, 5]);
    positions.forgetDay();
    balances.forgetDay();
    expect(positions.size).toBe(2);
    expect(positions.doubles[row * Pos.DOUBLES + Pos.REALISED]).toBe(5);
    expect(positions.doubles[row * Pos.DOUBLES + Pos.DAY_PNL]).toBe(0);
  });

  it("realise the share of the cost that is closed, rounded down, and what is left of it with the rest", () => {
    const { positions, balances, settlement } = make(8);
    settlement.trade(0, 1, 2 * 2, 1, 3);
    settlement.trade(0, 1, 2 * 2, 2, 4);
    // Three lots have cost 11; one is closed at 10: floor(11 ÷ 3) = 3.
    settlement.trade(0, 1, 2 * 2 + 1, 1, 10);
    const row = positions.find(1, 2) * Pos.DOUBLES;
    expect([positions.doubles[row + Pos.LOTS], positions.doubles[row + Pos.COST], positions.doubles[row + Pos.REALISED]]).toEqual([
      2, 8, 7,
    ]);
    // Five are sold: two close, three open short.
    settlement.trade(0, 1, 2 * 2 + 1, 5, 10);
    expect([positions.doubles[row + Pos.LOTS], positions.doubles[row + Pos.COST], positions.doubles[row + Pos.REALISED]]).toEqual([
      -3, -30, 19,
    ]);
    expect(balances.doubles[balances.find(1, 0) * Bal.DOUBLES + Bal.POSITION_STAKE]).toBe(30);
  });

  it("and balances are saved and loaded as they are, by account", () => {
    const random = new Random(52);
    const rooms = make(200);
    for (let round = 0; round < 300; round++) {
      const bookSide = random.below(2 * INSTRUMENTS);
      rooms.settlement.trade(random.below(ACCOUNTS), random.below(ACCOUNTS), bookSide, 1 + random.below(9), 1 + random.below(9));
      expect(rooms.settlement.figures[Figure.OPEN_INTEREST]).toBe(openInterest(rooms, bookSide >>> 1));
    }
    const bytes = bytesOf((out) => {
      savePositions(rooms.positions, out);
      saveBalances(rooms.balances, out);
    });
    const to = make(200);
    const input = new StateReader(bytes);
    loadPositions(to, input);
    loadBalances(to, input, to.positions.onNewBalance);
    expect(input.isAtEnd).toBe(true);
    const again = bytesOf((out) => {
      savePositions(to.positions, out);
      saveBalances(to.balances, out);
    });
    expect(again).toEqual(bytes);
    for (let instrument = 0; instrument < INSTRUMENTS; instrument++) {
      expect(to.openInterest.within(instrument)).toBe(rooms.openInterest.within(instrument));
    }
    expect(to.positions.size).toBe(rooms.positions.size);
    expect(to.balances.size).toBe(rooms.balances.size);
    expect(() => loadPositions(make(3), new StateReader(bytes))).toThrow(/capacities\.positions is 3/);
  });
});

import { Dormancy, Extra } from "../core/book/order-extras.js";
import { ordTypeOf, Slot, Trait } from "../core/book/order-pool.js";
import type { TradingCore } from "../core/core.js";
import { NIL } from "../flat/level-tree.js";
import { ORD_TYPE_NAMES, OrdType, SIDE_NAMES } from "../wire/generated/enums.js";
import { atomOfScale, type InstrumentInfo } from "./catalog.js";
import { fromUnits } from "./decimal.js";
import type { BalanceRow, BalancesEvent, BookRow, LiveOrder, PositionRow } from "./types.js";

/** One side of a book, best first, at most `depth` rows: visible quantities. */
export function bookRows(core: TradingCore, info: InstrumentInfo, side: number, depth: number): BookRow[] {
  const { levels } = core.book;
  const rows: BookRow[] = [];
  let level = levels.first(2 * info.id + side);
  while (level !== NIL && rows.length < depth) {
    const price = fromUnits(Math.abs(levels.keyOf(level)), info.tick);
    rows.push([price, fromUnits(core.book.visibleTotalOf(level), info.lot), levels.countOf(level)]);
    level = levels.next(level);
  }
  return rows;
}

/**
 * The live orders of an account in the order of a mass cancel (SETTLED S6, R11): by symbol and side, those that rest by
 * priority, then those that wait by age.
 */
export function liveOrders(core: TradingCore, account: number, instruments: readonly InstrumentInfo[]): LiveOrder[] {
  if (core.accounts.orderCounts[account] === 0) return [];
  const waiting = waitingOrders(core, account);
  const found: LiveOrder[] = [];
  for (const info of instruments) {
    for (const bookSide of [2 * info.id, 2 * info.id + 1]) {
      const slots = [...restingOrders(core, account, bookSide), ...(waiting.get(bookSide) ?? [])];
      for (const slot of slots) found.push(liveOrder(core, slot, info));
    }
  }
  return found;
}

function restingOrders(core: TradingCore, account: number, bookSide: number): number[] {
  const { levels, pool } = core.book;
  const found: number[] = [];
  for (let level = levels.first(bookSide); level !== NIL; level = levels.next(level)) {
    for (let slot = levels.headOf(level); slot !== 0; slot = pool.words[slot * Slot.WORDS + Slot.NEXT]) {
      if (pool.words[slot * Slot.WORDS + Slot.ACCOUNT] === account) found.push(slot);
    }
  }
  return found;
}

/** An account's orders that rest in no level, by book side, oldest first. */
function waitingOrders(core: TradingCore, account: number): Map<number, number[]> {
  const { pool, extras } = core.book;
  const found = new Map<number, number[]>();
  for (let slot = 1; slot < pool.slotEnd; slot++) {
    if (pool.owners[slot] !== account + 1) continue;
    if ((pool.words[slot * Slot.WORDS + Slot.TRAITS] & Trait.DORMANT) === 0) continue;
    const bookSide = pool.words[slot * Slot.WORDS + Slot.BOOK_SIDE];
    const slots = found.get(bookSide);
    if (slots === undefined) found.set(bookSide, [slot]);
    else slots.push(slot);
  }
  const ageOf = (slot: number): number => extras.doubles[slot * Extra.DOUBLES + Extra.AGE];
  for (const slots of found.values()) slots.sort((one, other) => ageOf(one) - ageOf(other));
  return found;
}

function liveOrder(core: TradingCore, slot: number, info: InstrumentInfo): LiveOrder {
  const { pool } = core.book;
  const type = ordTypeOf(pool.words[slot * Slot.WORDS + Slot.TRAITS]);
  const hasPrice = type === OrdType.limit || type === OrdType.stopLimit;
  const isStop = type === OrdType.stop || type === OrdType.stopLimit || type === OrdType.trailingStop;
  return {
    clOrdId: pool.clOrdIdOf(slot),
    symbol: info.symbol,
    side: SIDE_NAMES[pool.words[slot * Slot.WORDS + Slot.BOOK_SIDE] & 1],
    type: ORD_TYPE_NAMES[type],
    ...(hasPrice ? { price: fromUnits(core.book.priceOf(slot), info.tick) } : {}),
    ...(isStop ? { stopPrice: fromUnits(stopPriceOf(core, slot), info.tick) } : {}),
    leavesQty: fromUnits(pool.doubles[slot * Slot.DOUBLES + Slot.LEAVES], info.lot),
    status: statusOf(core, slot),
  };
}

function statusOf(core: TradingCore, slot: number): LiveOrder["status"] {
  const { pool, extras } = core.book;
  if ((pool.words[slot * Slot.WORDS + Slot.TRAITS] & Trait.DORMANT) === 0) return "resting";
  return extras.words[slot * Extra.WORDS + Extra.DORMANCY] === Dormancy.PENDING ? "pending" : "dormant";
}

/** Ticks. A trailing stop's is worked out when it is asked for. */
function stopPriceOf(core: TradingCore, slot: number): number {
  core.book.triggers.sync(slot);
  return core.book.extras.doubles[slot * Extra.DOUBLES + Extra.STOP];
}

/** What an account has: currencies and margin positions, those left out that nothing has ever touched (SETTLED S7). */
export function balancesOf(core: TradingCore, account: number): BalancesEvent {
  const { currencies, instruments, statements } = core;
  const balances: BalanceRow[] = [];
  statements.eachBalance(account, (id, total, held, free) => {
    const atom = atomOfScale(currencies.scaleOf(id));
    balances.push({
      currency: currencies.nameOf(id),
      total: fromUnits(total, atom),
      held: fromUnits(held, atom),
      free: fromUnits(free, atom),
    });
  });
  const positions: PositionRow[] = [];
  statements.eachPosition(account, (id, lots, cost, realised, unrealised) => {
    const { symbol, quote, lotMantissa, lotExponent } = instruments.specOf(id);
    const atom = atomOfScale(currencies.scaleOf(quote));
    positions.push({
      symbol,
      qty: fromUnits(lots, { mantissa: lotMantissa, exponent: lotExponent }),
      cost: fromUnits(cost, atom),
      realised: fromUnits(realised, atom),
      unrealised: fromUnits(unrealised, atom),
    });
  });
  return { event: "balances", account: core.accounts.nameOf(account), balances, positions };
}

import type { StateWriter } from "../../engine/step.js";
import { digestOf } from "../../engine/step.js";
import type { Decimal } from "./decimal.js";
import type { Account, Instrument, Order } from "./state.js";
import { asleepByAge, isStop, positionOf, SIDES } from "./state.js";
import type { Twin } from "./twin.js";

const STATE_VERSION = 2;
const STP_NUMBERS = { none: 0, cancelNewest: 1, cancelOldest: 2, cancelBoth: 3, decrement: 4 } as const;
const TYPE_NUMBERS = { limit: 0, market: 1, stop: 2, stopLimit: 3, trailingStop: 4 } as const;
const TIF_NUMBERS = { gtc: 0, ioc: 1, fok: 2, day: 3, gtd: 4 } as const;
const STATE_NUMBERS = { preOpen: 0, auctionCall: 1, open: 2, halted: 3, closed: 4 } as const;
const PLACE_NUMBERS = { resting: 1, dormant: 2, pending: 3 } as const;
const POST_ONLY_FLAG = 1;
const REDUCE_ONLY_FLAG = 2;

/** SHA-256 over the canonical state, written from the twin's objects: equal to the core's when the states are. */
export function twinDigest(twin: Twin): string {
  return digestOf((out) => saveTwin(twin, out));
}

/** Writes what the core's digest is made of, all but the sequence: counters, names, positions, then each book side in priority and what sleeps. */
export function saveTwin(twin: Twin, out: StateWriter): void {
  const { clock, orderCount, tradeCount, globalKill } = twin.tape;
  const { currencies, instruments, accounts } = twin.directory;
  out.uint32(STATE_VERSION);
  for (const counter of [clock, orderCount, tradeCount]) out.int64(counter);
  out.uint8(globalKill ? 1 : 0);
  out.uint32(currencies.length);
  for (const currency of currencies) {
    out.text(currency.name);
    out.uint32(currency.scale);
  }
  out.uint32(instruments.length);
  for (const instrument of instruments) saveInstrument(instrument, out);
  out.uint32(accounts.length);
  for (const account of accounts) saveAccount(account, out);
  savePositions(accounts, instruments, out);
  for (const instrument of instruments) saveOrders(instrument, out);
}

function saveInstrument(instrument: Instrument, out: StateWriter): void {
  out.text(instrument.symbol);
  out.uint32(instrument.base.id);
  out.uint32(instrument.quote.id);
  for (const size of [instrument.tickSize, instrument.lotSize]) {
    const { digits, scale } = shortest(size);
    out.int64(Number(digits));
    out.int64(-scale);
  }
  const { minQty, maxQty, minPrice, maxPrice, minNotional, bandBps, marketProtectionBps } = instrument;
  for (const limit of [minQty, maxQty, minPrice, maxPrice, minNotional, bandBps, marketProtectionBps]) out.int64(Number(limit));
  out.int64(instrument.auctionUs);
  out.int64(numberOf(instrument.lastPrice));
  out.int64(instrument.reopenAt);
  out.int64(Number(instrument.told.price));
  out.int64(Number(instrument.told.qty));
  out.uint8(STATE_NUMBERS[instrument.state]);
  out.uint8(instrument.killed ? 1 : 0);
}

function saveAccount(account: Account, out: StateWriter): void {
  out.text(account.name);
  out.uint8(0); // Mode `unchecked`, the only one yet.
  out.uint8(STP_NUMBERS[account.stp]);
  out.text(account.stpGroup ?? "");
  out.uint8(account.killed ? 1 : 0);
}

function savePositions(accounts: readonly Account[], instruments: readonly Instrument[], out: StateWriter): void {
  const positions = accounts.flatMap((account) =>
    instruments.map((instrument) => ({ account, instrument, lots: positionOf(account, instrument).lots })),
  );
  const open = positions.filter(({ lots }) => lots !== 0n);
  out.uint32(open.length);
  for (const { account, instrument, lots } of open) {
    out.uint32(account.id);
    out.uint32(instrument.id);
    out.int64(Number(lots));
  }
}

/** A side: resting orders in priority, then dormant and pending ones together by age. */
function saveOrders(instrument: Instrument, out: StateWriter): void {
  const asleep = asleepByAge(instrument);
  for (const side of SIDES) {
    for (const order of [...instrument.resting[side], ...asleep.filter((stop) => stop.side === side)]) saveOrder(order, out);
    out.uint8(0);
  }
}

function saveOrder(order: Order, out: StateWriter): void {
  const { place, partner, expireTime, displayQty } = order;
  if (place !== "resting" && place !== "dormant" && place !== "pending") throw new Error(`${place} between two commands`);
  const oco = place === "pending" ? order.names : partner?.clOrdId;
  const hasExtras = displayQty !== undefined || isStop(order) || expireTime !== undefined || oco !== undefined;
  out.uint8(PLACE_NUMBERS[place]);
  out.int64(order.orderId);
  out.uint32(order.account.id);
  for (const number of [order.clOrdId, numberOf(order.price), order.total, order.leaves]) out.int64(Number(number));
  out.uint8(TYPE_NUMBERS[order.type]);
  out.uint8(TIF_NUMBERS[order.tif]);
  out.uint8(STP_NUMBERS[order.stp]);
  out.uint8((order.postOnly ? POST_ONLY_FLAG : 0) | (order.reduceOnly ? REDUCE_ONLY_FLAG : 0));
  out.uint8(hasExtras ? 1 : 0);
  if (!hasExtras) return;
  const tranche = place === "resting" && displayQty !== undefined ? order.tranche : 0n;
  const units = [displayQty, tranche, order.stopPrice, order.trail, order.trailBps, order.watermark].map(numberOf);
  for (const number of [...units, expireTime ?? 0, order.age, oco ?? 0]) out.int64(number);
}

function numberOf(units: bigint | undefined): number {
  return units === undefined ? 0 : Number(units);
}

/** The same number with the fewest digits: 0.10 and 0.1 are one size. */
function shortest(value: Decimal): Decimal {
  let { digits, scale } = value;
  while (digits % 10n === 0n) {
    digits /= 10n;
    scale--;
  }
  return { digits, scale };
}

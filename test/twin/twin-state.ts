import type { StateWriter } from "../../engine/step.js";
import { digestOf } from "../../engine/step.js";
import { saveAccount, saveBalances, saveCurrency, saveMovements, savePositions, savePrints, saveSymbolLimits } from "./ledger-state.js";
import { numberOf, STP_NUMBERS, saveDecimal, TIF_NUMBERS, TYPE_NUMBERS } from "./save-numbers.js";
import type { Instrument, Order } from "./state.js";
import { asleepByAge, isStop, SIDES } from "./state.js";
import type { Twin } from "./twin.js";

const STATE_VERSION = 3;
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
  for (const currency of currencies) saveCurrency(twin, currency, out);
  out.uint32(instruments.length);
  for (const instrument of instruments) saveInstrument(instrument, clock, out);
  out.uint32(accounts.length);
  for (const account of accounts) saveAccount(account, twin, out);
  saveSymbolLimits(twin.directory, out);
  savePositions(twin, out);
  saveBalances(twin, out);
  saveMovements(twin.directory, out);
  for (const instrument of instruments) saveOrders(instrument, out);
}

function saveInstrument(instrument: Instrument, clock: number, out: StateWriter): void {
  out.text(instrument.symbol);
  out.uint32(instrument.base.id);
  out.uint32(instrument.quote.id);
  for (const size of [instrument.tickSize, instrument.lotSize]) saveDecimal(size, out);
  const { minQty, maxQty, minPrice, maxPrice, minNotional, bandBps, marketProtectionBps } = instrument;
  for (const limit of [minQty, maxQty, minPrice, maxPrice, minNotional, bandBps, marketProtectionBps]) out.int64(Number(limit));
  out.int64(instrument.auctionUs);
  const { collarBps, breakerBps, breakerWindowUs, makerFeePpm, takerFeePpm, kind } = instrument;
  for (const number of [collarBps, breakerBps, breakerWindowUs, makerFeePpm, takerFeePpm]) out.int64(Number(number));
  out.uint8(kind === "margin" ? 1 : 0);
  for (const ppm of [instrument.initialMarginPpm, instrument.maintenanceMarginPpm]) out.int64(Number(ppm));
  saveDecimal(instrument.multiplier, out);
  out.int64(numberOf(instrument.lastPrice));
  out.int64(numberOf(instrument.marked));
  out.int64(instrument.reopenAt);
  out.int64(Number(instrument.told.price));
  out.int64(Number(instrument.told.qty));
  out.uint8(STATE_NUMBERS[instrument.state]);
  out.uint8(instrument.killed ? 1 : 0);
  if (instrument.breakerBps > 0n) savePrints(instrument, clock, out);
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
  // What a stop reserves at: only of those that become market orders, which have no price of their own.
  const reserve = order.price === undefined ? numberOf(order.riskPrice) : 0;
  for (const number of [...units, expireTime ?? 0, order.age, oco ?? 0, reserve]) out.int64(number);
}

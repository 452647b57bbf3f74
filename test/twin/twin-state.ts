import type { StateWriter } from "../../engine/step.js";
import { digestOf } from "../../engine/step.js";
import type { Decimal } from "./decimal.js";
import type { Account, Instrument, Order } from "./state.js";
import { inPriority, limitOf } from "./state.js";
import type { Twin } from "./twin.js";

const STATE_VERSION = 1;
const STP_NUMBERS = { none: 0, cancelNewest: 1, cancelOldest: 2, cancelBoth: 3, decrement: 4 } as const;
const TYPE_NUMBERS = { limit: 0, market: 1 } as const;
const TIF_NUMBERS = { gtc: 0, ioc: 1, fok: 2 } as const;
const POST_ONLY_FLAG = 1;

/** SHA-256 over the canonical state, written from the twin's objects: equal to the core's when the states are. */
export function twinDigest(twin: Twin): string {
  return digestOf((out) => saveTwin(twin, out));
}

/** Writes what the core's `save` writes: counters, names, then each book side in priority. */
export function saveTwin(twin: Twin, out: StateWriter): void {
  const { seq, time, orders, trades } = twin.counters;
  const { currencies, instruments, accounts } = twin.directory;
  out.uint32(STATE_VERSION);
  for (const counter of [seq, time, orders, trades]) out.int64(counter);
  out.uint32(currencies.length);
  for (const currency of currencies) {
    out.text(currency.name);
    out.uint32(currency.scale);
  }
  out.uint32(instruments.length);
  for (const instrument of instruments) saveInstrument(instrument, out);
  out.uint32(accounts.length);
  for (const account of accounts) saveAccount(account, out);
  for (const instrument of instruments) {
    for (const side of ["buy", "sell"] as const) {
      for (const order of inPriority(instrument, side)) saveOrder(order, out);
      out.uint8(0);
    }
  }
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
  const { minQty, maxQty, minPrice, maxPrice } = instrument;
  for (const limit of [minQty, maxQty, minPrice, maxPrice]) out.int64(Number(limit));
}

function saveAccount(account: Account, out: StateWriter): void {
  out.text(account.name);
  out.uint8(0); // Mode `unchecked`, the only one yet.
  out.uint8(STP_NUMBERS[account.stp]);
  out.text(account.stpGroup ?? "");
}

function saveOrder(order: Order, out: StateWriter): void {
  out.uint8(1);
  out.int64(order.orderId);
  out.uint32(order.account.id);
  for (const number of [order.clOrdId, limitOf(order), order.total, order.leaves]) out.int64(Number(number));
  out.uint8(TYPE_NUMBERS[order.type]);
  out.uint8(TIF_NUMBERS[order.tif]);
  out.uint8(STP_NUMBERS[order.stp]);
  out.uint8(order.postOnly ? POST_ONLY_FLAG : 0);
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

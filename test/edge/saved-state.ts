import { bytesOf, type StateWriter } from "../../engine/step.js";

/** One order as it is saved. */
interface SavedOrder {
  side: 0 | 1;
  orderId: number;
  account: number;
  clOrdId: number;
  price: number;
  total: number;
  leaves: number;
  ordType: number;
  tif: number;
  stp: number;
  flags: number;
  /** 1 rests, 2 is dormant, 3 is pending. */
  place: number;
  /** None: a plain order. */
  extras: Partial<SavedExtras> | undefined;
}

/** What few orders have; 0 for what this one has not. */
interface SavedExtras {
  displayQty: number;
  visible: number;
  stopPrice: number;
  trail: number;
  trailBps: number;
  watermark: number;
  expireTime: number;
  age: number;
  oco: number;
}

export interface SavedState {
  version: number;
  seq: number;
  time: number;
  lastOrderId: number;
  lastTradeId: number;
  globalKill: number;
  currencies: [name: string, scale: number][];
  symbols: string[];
  base: number;
  quote: number;
  /** Tick mantissa and exponent, lot mantissa and exponent, least and greatest quantity, least and greatest price. */
  sizes: number[];
  /** Least notional, band, protection and auctionUs. */
  rules: number[];
  /** Last price, time of the reopening, price and quantity of the indication that was told. */
  market: number[];
  tradingState: number;
  killed: number;
  accounts: [name: string, mode: number, stp: number, group: string, killed?: number][];
  positions: [account: number, instrument: number, lots: number][];
  orders: SavedOrder[];
  /** Stands behind the last order of a side. */
  end: number;
}

export const MAX_SAFE = Number.MAX_SAFE_INTEGER;
export const AUCTION_CALL = 1;
const OPEN = 2;

export function bid(orderId: number, change: Partial<SavedOrder> = {}): SavedOrder {
  const order = { side: 0 as const, orderId, account: 0, clOrdId: orderId, price: 100, total: 5, leaves: 5 };
  return { ...order, ordType: 0, tif: 0, stp: 1, flags: 0, place: 1, extras: undefined, ...change };
}

/** An ask of 3 lots that is more than a plain order. */
export function special(orderId: number, extras: Partial<SavedExtras>, change: Partial<SavedOrder> = {}): SavedOrder {
  return bid(orderId, { side: 1, price: 105, total: 3, leaves: 3, extras: { age: orderId, ...extras }, ...change });
}

export const DORMANT = 2;
export const PENDING = 3;
export const STOP = { ordType: 2, place: DORMANT, price: 0 } as const;
export const STOP_LIMIT = { ordType: 3, place: DORMANT } as const;
export const TRAILING = { ordType: 4, place: DORMANT, price: 0 } as const;
export const GTD = 4;

/** Two legs that name each other: a limit order and a stop. */
export function pair(limit: Partial<SavedExtras> = {}, stop: Partial<SavedExtras> = {}, change: Partial<SavedOrder> = {}): SavedOrder[] {
  return [special(1, { oco: 2, ...limit }), special(2, { stopPrice: 90, oco: 1, ...stop }, { ...STOP, ...change })];
}

export function state(change: Partial<SavedState> = {}): SavedState {
  return {
    version: 2,
    seq: 20,
    time: 5,
    lastOrderId: 9,
    lastTradeId: 0,
    globalKill: 0,
    currencies: [
      ["ABC", 6],
      ["USD", 6],
    ],
    symbols: ["ABC"],
    base: 0,
    quote: 1,
    sizes: [1, -2, 1, 0, 1, 100, 1, 900],
    rules: [0, 0, 0, 0],
    market: [100, 0, 0, 0],
    tradingState: OPEN,
    killed: 0,
    accounts: [
      ["alice", 0, 1, ""],
      ["bob", 0, 4, "desk"],
    ],
    positions: [],
    orders: [bid(1), bid(2, { account: 1, clOrdId: 1, price: 99 }), bid(3, { side: 1, price: 101 })],
    end: 0,
    ...change,
  };
}

export function saved(from: SavedState): Uint8Array {
  return bytesOf((out) => {
    out.uint32(from.version);
    for (const number of [from.seq, from.time, from.lastOrderId, from.lastTradeId]) out.int64(number);
    out.uint8(from.globalKill);
    out.uint32(from.currencies.length);
    for (const [name, scale] of from.currencies) {
      out.text(name);
      out.uint32(scale);
    }
    out.uint32(from.symbols.length);
    for (const symbol of from.symbols) {
      out.text(symbol);
      out.uint32(from.base);
      out.uint32(from.quote);
      for (const number of [...from.sizes, ...from.rules, ...from.market]) out.int64(number);
      out.uint8(from.tradingState);
      out.uint8(from.killed);
    }
    saveAccounts(from, out);
    out.uint32(from.positions.length);
    for (const [account, instrument, lots] of from.positions) {
      out.uint32(account);
      out.uint32(instrument);
      out.int64(lots);
    }
    for (let bookSide = 0; bookSide < 2 * from.symbols.length; bookSide++) {
      for (const order of from.orders) if (order.side === bookSide) saveOrder(order, out);
      out.uint8(from.end);
    }
  });
}

function saveAccounts({ accounts }: SavedState, out: StateWriter): void {
  out.uint32(accounts.length);
  for (const [name, mode, stp, group, killed = 0] of accounts) {
    out.text(name);
    out.uint8(mode);
    out.uint8(stp);
    out.text(group);
    out.uint8(killed);
  }
}

function saveOrder(order: SavedOrder, out: StateWriter): void {
  out.uint8(order.place);
  out.int64(order.orderId);
  out.uint32(order.account);
  for (const number of [order.clOrdId, order.price, order.total, order.leaves]) out.int64(number);
  for (const trait of [order.ordType, order.tif, order.stp, order.flags]) out.uint8(trait);
  out.uint8(order.extras === undefined ? 0 : 1);
  if (order.extras === undefined) return;
  const {
    displayQty = 0,
    visible = 0,
    stopPrice = 0,
    trail = 0,
    trailBps = 0,
    watermark = 0,
    expireTime = 0,
    age = 0,
    oco = 0,
  } = order.extras;
  for (const number of [displayQty, visible, stopPrice, trail, trailBps, watermark, expireTime, age, oco]) out.int64(number);
}

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
  /** The price that a stop without a limit reserves at. */
  reserve: number;
}

/** Of an account: what is behind its kill switch. */
export interface SavedCare {
  kyc: number;
  riskLevel: number;
  accountState: number;
  alerts: number;
  movementTimes: number[];
  /** Mantissa and exponent of each limit; −2: not set, −1: unlimited. */
  limits: [mantissa: number, exponent: number][];
  windowUs: number;
  requireReference: number;
  /** How many a window keeps, and what it has: of orders, and of rejects. */
  windows: [size: number, times: number[]][];
  hasDuplicates: number;
}

/** Lots, cost, realised, notional and PnL of the day; whether it was used; which alerts were given. */
type SavedPosition = [account: number, instrument: number, lots: number, rest?: number[], used?: number, alerts?: number];
/** Total, notional and PnL of the day; whether it was touched; which alerts were given. */
type SavedBalance = [account: number, currency: number, total: number, rest?: number[], touched?: number, alerts?: number];
type SavedMovement = [
  ref: string,
  kind: number,
  account: number,
  to: number,
  currency: number,
  amount: number,
  time: number,
  stage: number,
];

export interface SavedState {
  version: number;
  seq: number;
  time: number;
  lastOrderId: number;
  lastTradeId: number;
  globalKill: number;
  /** Behind the scale: the threshold, whether goods were clamped, and fees, deposits and withdrawals. */
  currencies: [name: string, scale: number, amlThreshold?: number, wasClamped?: number, sums?: number[]][];
  symbols: string[];
  base: number;
  quote: number;
  /** Tick mantissa and exponent, lot mantissa and exponent, least and greatest quantity, least and greatest price. */
  sizes: number[];
  /** Least notional, band, protection and auctionUs. */
  rules: number[];
  /** Collar, circuit breaker and its window, maker's and taker's fee. */
  risk: number[];
  isMargin: number;
  /** Initial and maintenance margin, mantissa and exponent of the multiplier. */
  margin: number[];
  mark: number;
  /** Of a circuit breaker, when there is one: times and prices of the lowest and the highest prints. */
  prints: [number, number][][];
  /** Last price, time of the reopening, price and quantity of the indication that was told. */
  market: number[];
  tradingState: number;
  killed: number;
  accounts: [name: string, mode: number, stp: number, group: string, killed?: number, care?: Partial<SavedCare>][];
  /** By instrument, and by account and instrument: limits as those of accounts. */
  limits: [key: number, care: Partial<SavedCare>][][];
  positions: SavedPosition[];
  balances: SavedBalance[];
  movements: SavedMovement[];
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
    version: 3,
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
    risk: [0, 0, 0, 0, 0],
    isMargin: 0,
    margin: [0, 0, 1, 0],
    mark: 0,
    prints: [],
    market: [100, 0, 0, 0],
    tradingState: OPEN,
    killed: 0,
    accounts: [
      ["alice", 0, 1, ""],
      ["bob", 0, 4, "desk"],
    ],
    limits: [[], []],
    positions: [],
    balances: [],
    movements: [],
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
    for (const currency of from.currencies) saveCurrency(currency, out);
    out.uint32(from.symbols.length);
    for (const symbol of from.symbols) {
      out.text(symbol);
      out.uint32(from.base);
      out.uint32(from.quote);
      saveInstrument(from, out);
    }
    saveAccounts(from, out);
    for (const scope of from.limits) {
      out.uint32(scope.length);
      for (const [key, care] of scope) {
        out.int64(key);
        saveLimits(care, out);
      }
    }
    saveRows(from.positions, 4, out);
    saveRows(from.balances, 2, out);
    saveMovements(from.movements, out);
    for (let bookSide = 0; bookSide < 2 * from.symbols.length; bookSide++) {
      for (const order of from.orders) if (order.side === bookSide) saveOrder(order, out);
      out.uint8(from.end);
    }
  });
}

function saveCurrency(
  [name, scale, amlThreshold = -1, wasClamped = 0, sums = [0, 0, 0]]: SavedState["currencies"][number],
  out: StateWriter,
): void {
  out.text(name);
  out.uint32(scale);
  out.int64(amlThreshold);
  out.uint8(wasClamped);
  for (const sum of sums) {
    out.int64(Math.floor(sum / 2 ** 32));
    out.uint32(sum - Math.floor(sum / 2 ** 32) * 2 ** 32);
  }
}

/** Behind its symbol and currencies. */
function saveInstrument(from: SavedState, out: StateWriter): void {
  for (const number of [...from.sizes, ...from.rules, ...from.risk]) out.int64(number);
  out.uint8(from.isMargin);
  for (const number of from.margin) out.int64(number);
  const [lastPrice = 0, ...told] = from.market;
  for (const number of [lastPrice, from.mark, ...told]) out.int64(number);
  out.uint8(from.tradingState);
  out.uint8(from.killed);
  for (const prints of from.prints) {
    out.uint32(prints.length);
    for (const number of prints.flat()) out.int64(number);
  }
}

const LIMITS = 11;

function saveLimits({ limits = [], windowUs = 1_000_000, requireReference = 0 }: Partial<SavedCare>, out: StateWriter): void {
  for (let limit = 0; limit < LIMITS; limit++) for (const number of limits[limit] ?? [-2, 0]) out.int64(number);
  out.int64(windowUs);
  out.uint8(requireReference);
}

/** Positions or balances; `more` amounts follow the first. */
function saveRows(rows: readonly (SavedPosition | SavedBalance)[], more: number, out: StateWriter): void {
  out.uint32(rows.length);
  for (const [account, of, first, rest = [], used = 1, alerts = 0] of rows) {
    out.uint32(account);
    out.uint32(of);
    out.int64(first);
    for (let index = 0; index < more; index++) out.int64(rest[index] ?? 0);
    out.uint8(used);
    out.uint32(alerts);
  }
}

function saveMovements(movements: readonly SavedMovement[], out: StateWriter): void {
  out.uint32(movements.length);
  for (const [ref, kind, account, to, currency, amount, time, stage] of movements) {
    out.text(ref);
    out.uint8(kind);
    for (const id of [account, to, currency]) out.uint32(id);
    out.int64(amount);
    out.int64(time);
    out.uint8(stage);
  }
}

function saveAccounts({ accounts }: SavedState, out: StateWriter): void {
  out.uint32(accounts.length);
  for (const [name, mode, stp, group, killed = 0, care = {}] of accounts) {
    out.text(name);
    out.uint8(mode);
    out.uint8(stp);
    out.text(group);
    const { kyc = 0, riskLevel = 0, accountState = 0, alerts = 0, movementTimes = [], windows = [], hasDuplicates = 0 } = care;
    for (const flag of [kyc, riskLevel, killed, accountState, alerts, movementTimes.length]) out.uint8(flag);
    for (const time of movementTimes) out.int64(time);
    saveLimits(care, out);
    for (const window of [0, 1]) {
      const [size, times] = windows[window] ?? [0, []];
      out.uint32(size);
      out.uint32(times.length);
      for (const time of times) out.int64(time);
    }
    out.uint8(hasDuplicates);
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
    reserve = order.ordType === STOP.ordType || order.ordType === TRAILING.ordType ? 90 : 0,
  } = order.extras;
  for (const number of [displayQty, visible, stopPrice, trail, trailBps, watermark, expireTime, age, oco, reserve]) out.int64(number);
}

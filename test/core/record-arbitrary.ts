import fc from "fast-check";
import { Cancel, MassCancel, NewOrder, NewOrderFull, Reduce, Replace, SetKill, SetState, SetTime } from "../../engine/wire/flyweights.js";
import { BEYOND, MAX_SAFE, NULL_INT64, NULL_UINT8, NULL_UINT32, OFF_STEP } from "../../engine/wire/numbers.js";

/** Writes one record at word 0; the seq is the core's next. */
export type Writer = (words: Int32Array, seq: number) => void;

/** What every record here says about who asks. */
export const CLIENT_SEQ = 77;
export const SESSION = 5;

/** Numbers that no command should carry, and those at the edge of what it may. */
export const EXTREMES = [NULL_INT64, OFF_STEP, BEYOND, -1, 0, 2 ** 31, 2 ** 32, MAX_SAFE - 1, MAX_SAFE, -MAX_SAFE] as const;

/** How often a field holds something strange: of so many, one. */
function arbitraries(sanity: number) {
  const mostly = <T>(good: fc.Arbitrary<T>, ...bad: T[]) => fc.oneof({ weight: sanity, arbitrary: good }, fc.constantFrom(...bad));
  const upTo = (max: number, ...bad: number[]) => mostly(fc.integer({ min: 0, max }), ...bad);
  const int64 = mostly(fc.integer({ min: 1, max: 9 }), ...EXTREMES);
  /** A field that few orders have. */
  const seldom = fc.oneof({ weight: 5, arbitrary: fc.constant(NULL_INT64) }, { weight: 1, arbitrary: int64 });
  const account = upTo(2, 3, 0x7fffffff, 0xfffffffe, NULL_UINT32);
  const instrument = upTo(2, 3, 0x7fffffff, 0xfffffffe, NULL_UINT32);
  const side = upTo(1, 2, 254, NULL_UINT8);
  const stp = upTo(4, 5, 200, NULL_UINT8);
  const flags = mostly(fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 2), 3, 4, 0x8000, 0xffff);
  return { mostly, upTo, int64, seldom, account, instrument, side, stp, flags };
}

type Fields = ReturnType<typeof arbitraries>;

function order({ int64, mostly, account, instrument, side, stp, flags }: Fields): fc.Arbitrary<Writer> {
  const price = mostly(fc.integer({ min: 2, max: 7 }), ...EXTREMES);
  const kind = {
    side,
    ordType: mostly(fc.constantFrom(0, 0, 0, 1), 2, 4, 5, 100, NULL_UINT8),
    tif: mostly(fc.constantFrom(0, 0, 0, 1, 2, 3), 4, 5, 99, NULL_UINT8),
    stp,
  };
  return fc.record({ clOrdId: int64, price, qty: int64, account, instrument, flags, ...kind }).map((fields) => (words, seq) => {
    const isMarket = fields.ordType === 1;
    NewOrder.init(words, 0, seq, 0);
    NewOrder.setClientSeq(words, 0, CLIENT_SEQ);
    NewOrder.setClOrdId(words, 0, fields.clOrdId);
    NewOrder.setPrice(words, 0, isMarket ? NULL_INT64 : fields.price);
    NewOrder.setQty(words, 0, fields.qty);
    NewOrder.setAccount(words, 0, fields.account);
    NewOrder.setSession(words, 0, SESSION);
    NewOrder.setInstrument(words, 0, fields.instrument);
    NewOrder.setFlags(words, 0, fields.flags);
    NewOrder.setSide(words, 0, fields.side);
    NewOrder.setOrdType(words, 0, fields.ordType);
    NewOrder.setTif(words, 0, fields.tif);
    NewOrder.setStp(words, 0, fields.stp);
  });
}

/** What each kind of order needs, so that enough of them are accepted; every field may be strange all the same. */
const NEEDS = [
  { ordType: 0, tif: 0, has: ["price", "qty", "displayQty"] },
  { ordType: 0, tif: 1, has: ["price", "qty", "minQty"] },
  { ordType: 0, tif: 4, has: ["price", "qty", "expireTime"] },
  { ordType: 0, tif: 0, has: ["price", "qty", "oco"] },
  { ordType: 1, tif: 1, has: ["quoteQty"] },
  { ordType: 2, tif: 0, has: ["qty", "stopPrice"] },
  { ordType: 2, tif: 0, has: ["qty", "stopPrice", "oco"] },
  { ordType: 3, tif: 3, has: ["price", "qty", "stopPrice", "displayQty"] },
  { ordType: 4, tif: 0, has: ["qty", "trail"] },
  { ordType: 4, tif: 4, has: ["qty", "trailBps", "expireTime"] },
  { ordType: 4, tif: 0, has: ["qty", "trailBps", "oco"] },
] as const;

function fullOrder({ int64, upTo, mostly, account, instrument, side, stp, flags }: Fields): fc.Arbitrary<Writer> {
  const price = mostly(fc.integer({ min: 2, max: 7 }), ...EXTREMES);
  const money = mostly(
    fc.integer({ min: 1, max: 60 }).map((quote) => quote * 500_000),
    ...EXTREMES,
  );
  const numbers = { price, qty: int64, stopPrice: price, trail: int64, trailBps: int64, displayQty: int64, minQty: int64 };
  const more = { quoteQty: money, expireTime: int64, oco: int64, odd: upTo(0, 1), mask: fc.integer({ min: 0, max: 0x3ff }) };
  const kind = { side, ordType: upTo(4, 5, NULL_UINT8), tif: upTo(4, 5, NULL_UINT8), stp };
  const need = fc.constantFrom(...NEEDS);
  return fc.record({ need, clOrdId: int64, account, instrument, flags, ...numbers, ...more, ...kind }).map((fields) => (words, seq) => {
    const isOdd = fields.odd !== 0;
    let bit = 1;
    const value = (name: keyof typeof numbers | "quoteQty" | "expireTime" | "oco"): number => {
      bit *= 2;
      const isGiven = isOdd ? (fields.mask & (bit / 2)) !== 0 : (fields.need.has as readonly string[]).includes(name);
      return isGiven ? fields[name] : NULL_INT64;
    };
    NewOrderFull.init(words, 0, seq, 0);
    NewOrderFull.setClientSeq(words, 0, CLIENT_SEQ);
    NewOrderFull.setClOrdId(words, 0, fields.clOrdId);
    NewOrderFull.setPrice(words, 0, value("price"));
    NewOrderFull.setQty(words, 0, value("qty"));
    NewOrderFull.setStopPrice(words, 0, value("stopPrice"));
    NewOrderFull.setTrail(words, 0, value("trail"));
    NewOrderFull.setTrailBps(words, 0, value("trailBps"));
    NewOrderFull.setDisplayQty(words, 0, value("displayQty"));
    NewOrderFull.setMinQty(words, 0, value("minQty"));
    NewOrderFull.setQuoteQty(words, 0, value("quoteQty"));
    NewOrderFull.setExpireTime(words, 0, value("expireTime"));
    NewOrderFull.setOco(words, 0, value("oco"));
    NewOrderFull.setAccount(words, 0, fields.account);
    NewOrderFull.setSession(words, 0, SESSION);
    NewOrderFull.setInstrument(words, 0, fields.instrument);
    NewOrderFull.setFlags(words, 0, fields.flags);
    NewOrderFull.setSide(words, 0, fields.side);
    NewOrderFull.setOrdType(words, 0, isOdd ? fields.ordType : fields.need.ordType);
    NewOrderFull.setTif(words, 0, isOdd ? fields.tif : fields.need.tif);
    NewOrderFull.setStp(words, 0, fields.stp);
  });
}

function cancel({ int64, seldom, account }: Fields): fc.Arbitrary<Writer> {
  return fc.record({ clOrdId: int64, orderId: seldom, account }).map((fields) => (words, seq) => {
    Cancel.init(words, 0, seq, 0);
    Cancel.setClientSeq(words, 0, CLIENT_SEQ);
    Cancel.setClOrdId(words, 0, fields.clOrdId);
    Cancel.setOrderId(words, 0, fields.orderId);
    Cancel.setAccount(words, 0, fields.account);
    Cancel.setSession(words, 0, SESSION);
  });
}

function reduce({ int64, account }: Fields): fc.Arbitrary<Writer> {
  return fc.record({ clOrdId: int64, orderId: int64, by: int64, account }).map((fields) => (words, seq) => {
    Reduce.init(words, 0, seq, 0);
    Reduce.setClientSeq(words, 0, CLIENT_SEQ);
    Reduce.setClOrdId(words, 0, fields.clOrdId);
    Reduce.setOrderId(words, 0, fields.orderId);
    Reduce.setBy(words, 0, fields.by);
    Reduce.setAccount(words, 0, fields.account);
    Reduce.setSession(words, 0, SESSION);
  });
}

function replace({ int64, seldom, account }: Fields): fc.Arbitrary<Writer> {
  const wanted = { newClOrdId: seldom, price: seldom, qty: seldom, stopPrice: seldom, displayQty: seldom };
  return fc.record({ clOrdId: int64, orderId: seldom, ...wanted, account }).map((fields) => (words, seq) => {
    Replace.init(words, 0, seq, 0);
    Replace.setClientSeq(words, 0, CLIENT_SEQ);
    Replace.setClOrdId(words, 0, fields.clOrdId);
    Replace.setOrderId(words, 0, fields.orderId);
    Replace.setNewClOrdId(words, 0, fields.newClOrdId);
    Replace.setPrice(words, 0, fields.price);
    Replace.setQty(words, 0, fields.qty);
    Replace.setStopPrice(words, 0, fields.stopPrice);
    Replace.setDisplayQty(words, 0, fields.displayQty);
    Replace.setAccount(words, 0, fields.account);
    Replace.setSession(words, 0, SESSION);
  });
}

function massCancel({ account, instrument, side }: Fields): fc.Arbitrary<Writer> {
  return fc.record({ account, instrument, side }).map((fields) => (words, seq) => {
    MassCancel.init(words, 0, seq, 0);
    MassCancel.setClientSeq(words, 0, CLIENT_SEQ);
    MassCancel.setAccount(words, 0, fields.account);
    MassCancel.setSession(words, 0, SESSION);
    MassCancel.setInstrument(words, 0, fields.instrument);
    MassCancel.setSide(words, 0, fields.side);
  });
}

function setTime({ int64 }: Fields): fc.Arbitrary<Writer> {
  return int64.map((at) => (words, seq) => {
    SetTime.init(words, 0, seq, 0);
    SetTime.setClientSeq(words, 0, CLIENT_SEQ);
    SetTime.setAt(words, 0, at);
    SetTime.setSession(words, 0, SESSION);
  });
}

function setState({ instrument, mostly, upTo }: Fields): fc.Arbitrary<Writer> {
  const state = mostly(fc.constantFrom(0, 1, 1, 2, 2, 2, 2, 2, 3, 4), 5, 128, NULL_UINT8);
  return fc.record({ instrument, state, cancel: upTo(0, 1, NULL_UINT8) }).map((fields) => (words, seq) => {
    SetState.init(words, 0, seq, 0);
    SetState.setClientSeq(words, 0, CLIENT_SEQ);
    SetState.setInstrument(words, 0, fields.instrument);
    SetState.setSession(words, 0, SESSION);
    SetState.setState(words, 0, fields.state);
    SetState.setCancel(words, 0, fields.cancel);
  });
}

function setKill({ account, instrument, upTo }: Fields): fc.Arbitrary<Writer> {
  const scope = upTo(2, 3, 128, NULL_UINT8);
  return fc.record({ scope, account, instrument, on: upTo(1, NULL_UINT8), cancel: upTo(0, 1) }).map((fields) => (words, seq) => {
    SetKill.init(words, 0, seq, 0);
    SetKill.setClientSeq(words, 0, CLIENT_SEQ);
    SetKill.setScope(words, 0, fields.scope);
    SetKill.setAccount(words, 0, fields.account);
    SetKill.setInstrument(words, 0, fields.instrument);
    SetKill.setSession(words, 0, SESSION);
    SetKill.setOn(words, 0, fields.on);
    SetKill.setCancel(words, 0, fields.cancel);
  });
}

/** Runs of records of every kind; of about `sanity` fields one holds something that it never should. */
export function recordRuns(sanity: number): fc.Arbitrary<Writer[]> {
  const fields = arbitraries(sanity);
  const parts = [
    ...([
      [10, order],
      [14, fullOrder],
      [2, cancel],
      [2, reduce],
      [5, replace],
    ] as const),
    ...([
      [1, massCancel],
      [2, setTime],
      [3, setState],
      [1, setKill],
    ] as const),
  ].map(([weight, make]) => ({ weight, arbitrary: make(fields) }));
  // Without a bias to bounds: the strange values are given, and orders must meet.
  return fc.noBias(fc.array(fc.oneof(...parts), { size: "max", maxLength: 100 }));
}

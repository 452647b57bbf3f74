import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  BookSnapshot,
  Candle,
  Channel,
  CODES,
  Header,
  LevelUpdate,
  MarketState,
  ResyncRequired,
  Statistics,
  SubscribeAck,
  TopOfBook,
  TradePrint,
  Unsubscribe,
} from "../../engine/wire/index.js";
import { FanOut } from "../../gateway/fan-out.js";
import { WORLDS } from "../twin/world.js";
import { BookPort } from "./book-port.js";
import { FakeEngine } from "./fake-port.js";
import { type Asked, recordOf, SlowSession, subscribe, subscribeWords } from "./market-data-client.js";

const LAG_BYTES = 8_000;
const WORLD = WORLDS.find(({ name }) => name === "dense") ?? WORLDS[0];
const fanOuts: FanOut[] = [];

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  for (const fanOut of fanOuts.splice(0)) fanOut.close();
  vi.useRealTimers();
});

function start() {
  const port = new BookPort(WORLD, 23);
  const fanOut = new FanOut(port, { lagBytes: LAG_BYTES, onWritten: () => {} });
  fanOuts.push(fanOut);
  const poll = (): void => {
    while (port.poll((words, at) => fanOut.publish(words, at), 1_000) > 0);
    fanOut.settle();
  };
  return { port, fanOut, poll };
}

function all(session: SlowSession): Int32Array[] {
  const records: Int32Array[] = [];
  for (let record = session.read(); record !== undefined; record = session.read()) records.push(record);
  return records;
}

function namesOf(records: readonly Int32Array[]): number[] {
  return records.map((record) => recordOf(record).templateId);
}

const ONE_OF_EACH: readonly Asked[] = [
  { instrument: 0, channel: Channel.top },
  { instrument: 0, channel: Channel.trades },
  { instrument: 0, channel: Channel.depth, depth: 3 },
  { instrument: 0, channel: Channel.book },
  { instrument: 0, channel: Channel.orders },
  { instrument: 0, channel: Channel.candles, intervalMs: 1_000 },
  { instrument: 0, channel: Channel.candles },
  { instrument: 0, channel: Channel.statistics },
  { instrument: 0, channel: Channel.state },
];

describe("a subscription", () => {
  it("is acknowledged with what is in force, and answered with the state", () => {
    const { fanOut } = start();
    const session = new SlowSession();
    for (const asked of ONE_OF_EACH) expect(subscribe(fanOut, session, asked)).toBe(0);
    const records = all(session);
    const acks = records.filter((record) => recordOf(record).templateId === SubscribeAck.TEMPLATE_ID);
    expect(acks.map((words) => [SubscribeAck.channel(words, 0), SubscribeAck.depth(words, 0), SubscribeAck.intervalMs(words, 0)])).toEqual([
      [0, 0, 0],
      [1, 0, 0],
      [2, 3, 0],
      [3, 0, 0],
      [4, 0, 0],
      [5, 0, 1_000],
      [5, 0, 60_000],
      [6, 0, 0],
      [7, 0, 0],
    ]);
    const states = [TopOfBook, BookSnapshot, BookSnapshot, BookSnapshot, Statistics, MarketState].map(({ TEMPLATE_ID }) => TEMPLATE_ID);
    expect(namesOf(records).filter((templateId) => templateId !== SubscribeAck.TEMPLATE_ID)).toEqual(states);
    for (const record of records)
      if (recordOf(record).templateId !== SubscribeAck.TEMPLATE_ID)
        expect(recordOf(record).flags & Header.FLAG_STATE).toBe(Header.FLAG_STATE);
  });

  it.each<[name: string, asked: Asked, code: number]>([
    ["an unknown instrument", { instrument: 99, channel: Channel.book }, CODES.UNKNOWN_INSTRUMENT],
    ["a depth of 101", { instrument: 0, channel: Channel.depth, depth: 101 }, CODES.BAD_SUBSCRIPTION],
    ["an interval of 9 ms", { instrument: 0, channel: Channel.depth, intervalMs: 9 }, CODES.BAD_SUBSCRIPTION],
    ["an interval of 60,001 ms", { instrument: 0, channel: Channel.depth, intervalMs: 60_001 }, CODES.BAD_SUBSCRIPTION],
    ["a book with a depth", { instrument: 0, channel: Channel.book, depth: 5 }, CODES.BAD_SUBSCRIPTION],
    ["a top with an interval", { instrument: 0, channel: Channel.top, intervalMs: 100 }, CODES.BAD_SUBSCRIPTION],
    ["candles of 2 seconds", { instrument: 0, channel: Channel.candles, intervalMs: 2_000 }, CODES.BAD_SUBSCRIPTION],
    ["candles with a depth", { instrument: 0, channel: Channel.candles, depth: 1 }, CODES.BAD_SUBSCRIPTION],
  ])("is refused for %s", (_name, asked, code) => {
    const { fanOut } = start();
    const session = new SlowSession();
    expect(subscribe(fanOut, session, asked)).toBe(code);
    expect(session.waiting).toBe(0);
  });

  it("of a book is refused where there are none", () => {
    const fanOut = new FanOut(new FakeEngine(), { lagBytes: LAG_BYTES, onWritten: () => {} });
    fanOuts.push(fanOut);
    expect(subscribe(fanOut, new SlowSession(), { instrument: 1, channel: Channel.book })).toBe(CODES.UNKNOWN_CHANNEL);
    expect(subscribe(fanOut, new SlowSession(), { instrument: 1, channel: Channel.top })).toBe(0);
  });

  it("that ends stops its records, and what nobody wants is not made", () => {
    const { port, fanOut, poll } = start();
    const session = new SlowSession();
    for (const asked of ONE_OF_EACH) subscribe(fanOut, session, asked);
    const made = vi.fn();
    let commands = 0;
    port.play(40, () => {
      if (++commands === 20) {
        poll();
        expect(namesOf(all(session))).toContain(LevelUpdate.TEMPLATE_ID);
        for (const asked of ONE_OF_EACH) expect(fanOut.unsubscribe(session, subscribeWords(asked, Unsubscribe), 0, 1)).toBe(0);
        expect(namesOf(all(session))).toEqual(ONE_OF_EACH.map(() => SubscribeAck.TEMPLATE_ID));
      }
    });
    port.poll((words, at) => {
      if (Header.templateId(words, at) >= BookSnapshot.TEMPLATE_ID && Header.templateId(words, at) < 100) made();
      fanOut.publish(words, at);
    }, 10_000);
    expect(made).not.toHaveBeenCalled();
    expect(session.waiting).toBe(0);
  });
});

describe("whoever does not read", () => {
  it("makes the gateway hold no more than so much, and is told afterwards what it has missed and how things are", () => {
    const { port, fanOut, poll } = start();
    const slow = new SlowSession();
    const steady = new SlowSession();
    for (const asked of ONE_OF_EACH) {
      subscribe(fanOut, slow, asked);
      subscribe(fanOut, steady, asked);
    }
    all(slow);
    const kept: Int32Array[] = [];
    let bytesMax = 0;
    port.play(3_000, () => {
      poll();
      kept.push(...all(steady));
      bytesMax = Math.max(bytesMax, slow.connection.bufferedBytes);
    });
    expect(bytesMax).toBeGreaterThan(LAG_BYTES / 2);
    // A look comes after half of that, and one record may follow it.
    expect(bytesMax).toBeLessThan(2 * LAG_BYTES);
    const before = all(slow);
    fanOut.settle();
    const after = all(slow);
    const trades = kept.filter((record) => recordOf(record).templateId === TradePrint.TEMPLATE_ID).map((record) => recordOf(record).seq);
    const got = before.filter((record) => recordOf(record).templateId === TradePrint.TEMPLATE_ID).map((record) => recordOf(record).seq);
    const resync = after.find(
      (record) => recordOf(record).templateId === ResyncRequired.TEMPLATE_ID && ResyncRequired.channel(record, 0) === 1,
    );
    expect(resync && [ResyncRequired.fromSeq(resync, 0), ResyncRequired.toSeq(resync, 0)]).toEqual([got.length + 1, trades.length]);
    expect(trades.length).toBeGreaterThan(got.length + 10);
    for (const flyweight of [TopOfBook, Statistics]) {
      const state = after.find((record) => recordOf(record).templateId === flyweight.TEMPLATE_ID);
      const last = kept.findLast((record) => recordOf(record).templateId === flyweight.TEMPLATE_ID);
      expect(state?.slice(8)).toEqual(last?.slice(8));
      expect([recordOf(state as Int32Array).seq, recordOf(state as Int32Array).flags]).toEqual([
        recordOf(last as Int32Array).seq,
        Header.FLAG_STATE,
      ]);
    }
    const isCandle = (record: Int32Array): boolean =>
      recordOf(record).templateId === Candle.TEMPLATE_ID && Candle.intervalMs(record, 0) === 60_000;
    expect(after.filter(isCandle).at(-1)?.slice(8)).toEqual(kept.filter(isCandle).at(-1)?.slice(8));
  });
});

describe("a depth with an interval", () => {
  it("is told at most once in it, with the newest state, and at once after a rest", () => {
    const { port, fanOut, poll } = start();
    const session = new SlowSession();
    let told = 0;
    let commands = 0;
    port.play(60, () => {
      commands++;
      if (commands === 10) {
        poll();
        subscribe(fanOut, session, { instrument: 0, channel: Channel.depth, depth: 5, intervalMs: 100 });
        all(session);
      }
      if (commands <= 10) return;
      poll();
      vi.advanceTimersByTime(10);
      const ends = all(session).filter((record) => (recordOf(record).flags & Header.FLAG_LAST_OF_BATCH) !== 0);
      expect(ends.length).toBeLessThanOrEqual(1);
      told += ends.length;
    });
    expect(commands).toBeGreaterThan(50);
    expect(told).toBeGreaterThan(2);
    expect(told).toBeLessThanOrEqual(Math.ceil((commands - 10) / 10) + 1);
  });
});

describe("time", () => {
  it("closes candles in a quiet market, a second later than the clock says", () => {
    vi.setSystemTime(1_700_000_000_500);
    const { port, fanOut, poll } = start();
    const session = new SlowSession();
    subscribe(fanOut, session, { instrument: 0, channel: Channel.candles, intervalMs: 1_000 });
    port.play(400, () => {});
    poll();
    all(session);
    vi.advanceTimersByTime(2_500);
    const closed = all(session).filter((record) => recordOf(record).templateId === Candle.TEMPLATE_ID);
    expect(closed.map((record) => Candle.closed(record, 0))).toEqual([1]);
  });
});

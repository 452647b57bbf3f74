import { describe, expect, it, vi } from "vitest";
import type { TradingCore } from "../../engine/core/core.js";
import { NIL } from "../../engine/flat/level-tree.js";
import { NO_SLOT } from "../../engine/flat/slot-index.js";
import { MarketData } from "../../engine/pipelines/market-data/market-data.js";
import { SpscRing } from "../../engine/ring/index.js";
import { bookSeed } from "../../engine/runtime/book-seed.js";
import { bytesOf, StateReader } from "../../engine/step.js";
import { Header, OrderAccepted, OrderCanceled, TopOfBook, Trade, TradePrint } from "../../engine/wire/flyweights.js";
import { NULL_INT64 } from "../../engine/wire/numbers.js";
import { Random } from "../twin/random.js";
import { WORLDS } from "../twin/world.js";
import { CAPACITIES, Listener, MarketDataTwin } from "./market-data-twin.js";

// Long by nature; a busy machine must not fail it.
vi.setConfig({ testTimeout: 120_000 });

const COMMANDS = 3000;

/** What was told of one instrument. */
interface Told {
  seq: number;
  top: string;
  tops: number;
  prints: number[];
}

function topText(words: Int32Array, at: number): string {
  return [TopOfBook.bidPrice(words, at), TopOfBook.bidQty(words, at), TopOfBook.askPrice(words, at), TopOfBook.askQty(words, at)].join(" ");
}

const EMPTY_TOP = `${NULL_INT64} 0 ${NULL_INT64} 0`;

describe.each(WORLDS)("market data of world $name", (world) => {
  it("has the core's book after every command", () => {
    const twin = new MarketDataTwin(world, 3);
    const listener = new Listener();
    let commands = 0;
    twin.play(
      COMMANDS,
      (words, at) => listener.apply(words, at, () => {}),
      () => {
        commands++;
        for (const [instrument, symbol] of twin.symbols.entries()) {
          if (twin.core.lastSeq <= twin.symbols.length + 1) continue; // The instruments are still being declared.
          const { bids, asks } = twin.core.book(symbol);
          expect(twin.rows(listener.step, instrument, 0)).toEqual(bids);
          expect(twin.rows(listener.step, instrument, 1)).toEqual(asks);
        }
      },
    );
    expect(commands).toBeGreaterThan(COMMANDS / 2);
    expect(listener.step.lastSeq).toBe(twin.core.lastSeq);
  });

  it("tells each top when it changes and only then, each trade once, and counts without a gap", () => {
    const twin = new MarketDataTwin(world, 4);
    const listener = new Listener();
    const told: Told[] = twin.symbols.map(() => ({ seq: 0, top: EMPTY_TOP, tops: 0, prints: [] }));
    const trades: number[] = [];
    const onTold = (words: Int32Array, at: number): void => {
      const isTop = Header.templateId(words, at) === TopOfBook.TEMPLATE_ID;
      const of = told[isTop ? TopOfBook.instrument(words, at) : TradePrint.instrument(words, at)];
      expect(Header.seq(words, at)).toBe(++of.seq);
      if (isTop) {
        expect(topText(words, at)).not.toBe(of.top);
        of.top = topText(words, at);
        expect(++of.tops).toBe(1);
      } else of.prints.push(TradePrint.tradeId(words, at));
    };
    twin.play(
      COMMANDS,
      (words, at) => {
        if (Header.templateId(words, at) === Trade.TEMPLATE_ID) trades.push(Trade.tradeId(words, at));
        listener.apply(words, at, onTold);
      },
      () => {
        for (const [instrument, of] of told.entries()) {
          of.tops = 0;
          expect(of.top).toBe(bestOf(listener.step, instrument));
        }
      },
    );
    expect(trades.length).toBeGreaterThan(100);
    const printed = told.flatMap((of) => of.prints);
    expect(printed.sort((a, b) => a - b)).toEqual(trades);
  });

  it("goes on from what it has saved at any event, also in the middle of a command", () => {
    const twin = new MarketDataTwin(world, 5);
    const steady = new Listener();
    const reloaded = new Listener();
    const random = new Random(6);
    let reloads = 0;
    twin.play(
      COMMANDS,
      (words, at) => {
        const expected: string[] = [];
        const found: string[] = [];
        steady.apply(words, at, (told, toldAt) => expected.push(recordText(told, toldAt)));
        reloaded.apply(words, at, (told, toldAt) => found.push(recordText(told, toldAt)));
        expect(found).toEqual(expected);
        if (!random.permille(30)) return;
        reloads++;
        reloaded.reload();
        expect(reloaded.step.digest()).toBe(steady.step.digest());
      },
      () => {},
    );
    expect(reloads).toBeGreaterThan(20);
    expect(queues(reloaded.step, twin.symbols.length)).toEqual(queues(steady.step, twin.symbols.length));
  });
});

function recordText(words: Int32Array, at: number): string {
  return words.subarray(at, at + Header.length(words, at) / 4).join(" ");
}

function bestOf(step: MarketData, instrument: number): string {
  const text = [0, 1].map((side) => {
    const level = step.books.bestLevel(2 * instrument + side);
    return level === NIL ? `${NULL_INT64} 0` : `${step.books.levelPrice(level)} ${step.books.levelQty(level)}`;
  });
  return text.join(" ");
}

/** Every order in priority, so that time counts too. */
function queues(step: MarketData, instruments: number): number[] {
  const ids: number[] = [];
  for (let side = 0; side < 2 * instruments; side++) {
    for (let level = step.books.bestLevel(side); level !== NIL; level = step.books.nextLevel(level)) {
      for (let slot = step.books.firstSlot(level); slot !== NO_SLOT; slot = step.books.nextSlot(slot)) ids.push(step.books.orderIdOf(slot));
    }
  }
  return ids;
}

describe("market data by hand", () => {
  const words = new Int32Array(64);

  function step(capacities = CAPACITIES): MarketData {
    const ring = SpscRing.create({ capacityBytes: 1 << 20, gates: 0, shared: false });
    return new MarketData({ ring: ring.producer(), makeRoom: () => {} }, capacities);
  }

  function accept(to: MarketData, orderId: number, price: number, instrument = 0): void {
    OrderAccepted.init(words, 0, orderId, 1);
    Header.setFlags(words, 0, Header.FLAG_LAST_OF_BATCH);
    OrderAccepted.setOrderId(words, 0, orderId);
    OrderAccepted.setPrice(words, 0, price);
    OrderAccepted.setQty(words, 0, 5);
    OrderAccepted.setInstrument(words, 0, instrument);
    OrderAccepted.setSide(words, 0, 0);
    to.apply(words, 0);
  }

  function cancel(from: MarketData, orderId: number): void {
    OrderCanceled.init(words, 0, 5000, 1);
    Header.setFlags(words, 0, Header.FLAG_LAST_OF_BATCH);
    OrderCanceled.setOrderId(words, 0, orderId);
    from.apply(words, 0);
  }

  it("says which capacity is too small", () => {
    const orders = step({ ...CAPACITIES, orders: 2 });
    accept(orders, 1, 10);
    accept(orders, 2, 10);
    expect(() => accept(orders, 3, 10)).toThrow(/holds 2 orders.*capacities\.orders/);
    const levels = step({ ...CAPACITIES, levels: 1 });
    accept(levels, 1, 10);
    expect(() => accept(levels, 2, 11)).toThrow(/holds 1 levels.*capacities\.levels/);
    expect(() => accept(step({ ...CAPACITIES, instruments: 1 }), 1, 10, 1)).toThrow(/holds 1 instruments.*capacities\.instruments/);
  });

  it("refuses a state that does not fit, and one on top of another", () => {
    const full = step();
    accept(full, 1, 10);
    accept(full, 2, 10, 3);
    const saved = bytesOf((out) => full.save(out));
    expect(() => step({ ...CAPACITIES, orders: 1 }).load(new StateReader(saved))).toThrow(RangeError);
    expect(() => step({ ...CAPACITIES, instruments: 2 }).load(new StateReader(saved))).toThrow(
      /capacities\.instruments is 2, the saved state has 4/,
    );
    expect(() => full.load(new StateReader(saved))).toThrow(/new market data/);
    expect(() => step().load(new StateReader(saved.slice(0, 20)))).toThrow(RangeError);
  });

  it("uses every place again", () => {
    const small = step({ ...CAPACITIES, orders: 3, levels: 3 });
    let orderId = 0;
    for (let round = 0; round < 1000; round++) {
      // Three orders at one price or at three; all of them go, the first, the middle or the last one first.
      for (let count = 0; count < 3; count++) accept(small, ++orderId, round % 2 === 0 ? 10 : 10 + count);
      for (let left = 3; left > 0; left--) cancel(small, queues(small, 1)[round % left]);
    }
    expect(queues(small, 1)).toEqual([]);
    accept(small, ++orderId, 10);
    accept(small, ++orderId, 10);
    expect(queues(small, 1)).toEqual([orderId - 1, orderId]);
  });

  it("notices that events are missing", () => {
    OrderCanceled.init(words, 0, 1, 1);
    OrderCanceled.setOrderId(words, 0, 77);
    expect(() => step().apply(words, 0)).toThrow(/order 77 of command 1 is not in the market-data book/);
  });
});

describe("a start from the core's books", () => {
  it.each(WORLDS)("has the orders and tops of $name in their priority, and tells each top once", (world) => {
    const twin = new MarketDataTwin(world, 8);
    const steady = new Listener();
    twin.play(
      COMMANDS,
      (words, at) => steady.apply(words, at, () => {}),
      () => {},
    );
    const { trading } = twin.core as unknown as { readonly trading: TradingCore };
    const late = new Listener();
    late.step.load(new StateReader(bookSeed(trading)));
    expect(queues(late.step, twin.symbols.length)).toEqual(queues(steady.step, twin.symbols.length));
    expect(late.step.lastSeq).toBe(twin.core.lastSeq);
    const told: string[] = [];
    late.tellAll((words, at) => told.push(`${TopOfBook.instrument(words, at)} ${Header.seq(words, at)} ${topText(words, at)}`));
    const books = twin.symbols.map((_symbol, instrument) => bestOf(steady.step, instrument));
    const expected = books
      .map((text, instrument) => `${instrument} 1 ${text}`)
      .filter((_text, instrument) => books[instrument] !== EMPTY_TOP);
    expect(told).toEqual(expected);
    expect(told.length).toBeGreaterThan(0);
    late.tellAll(() => expect.unreachable());
  });
});

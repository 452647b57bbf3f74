import { describe, expect, it, vi } from "vitest";
import type { TradingCore } from "../../engine/core/core.js";
import { NIL } from "../../engine/flat/level-tree.js";
import { NO_SLOT } from "../../engine/flat/slot-index.js";
import type { MarketData } from "../../engine/pipelines/market-data/market-data.js";
import { bookSeed } from "../../engine/runtime/book-seed.js";
import { bytesOf, StateReader } from "../../engine/step.js";
import { Header, TopOfBook, Trade, TradePrint } from "../../engine/wire/flyweights.js";
import { NULL_INT64, NULL_UINT8 } from "../../engine/wire/numbers.js";
import { Random } from "../twin/random.js";
import { WORLDS } from "../twin/world.js";
import { accepted, canceled, HandFed, shown, stateChanged } from "./by-hand.js";
import { CAPACITIES, Listener, MarketDataTwin } from "./market-data-twin.js";

// Long by nature; a busy machine must not fail it.
vi.setConfig({ testTimeout: 120_000 });

const COMMANDS = 2000;
/** Every so many commands each single order is compared, and not only the levels. */
const DEEP = 100;

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
        if (commands % DEEP === 0)
          expect(orders(listener.step, twin.symbols.length)).toEqual(orders(lateStart(twin).step, twin.symbols.length));
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

/** Market data that starts from the core's books as they are now. */
function lateStart(twin: MarketDataTwin): Listener {
  const { trading } = twin.core as unknown as { readonly trading: TradingCore };
  const late = new Listener();
  late.step.load(new StateReader(bookSeed(trading)));
  return late;
}

/** Every order in priority, with what is seen of it. */
function orders(step: MarketData, instruments: number): string[] {
  const found: string[] = [];
  for (let side = 0; side < 2 * instruments; side++) {
    for (let level = step.books.bestLevel(side); level !== NIL; level = step.books.nextLevel(level)) {
      for (let slot = step.books.firstSlot(level); slot !== NO_SLOT; slot = step.books.nextSlot(slot))
        found.push(`${side}: ${step.books.orderIdOf(slot)} ${step.books.priceOf(slot)} ${step.books.visibleOf(slot)}`);
    }
  }
  return found;
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

describe("the capacities of market data", () => {
  it("say which of them is too small", () => {
    const orders = new HandFed({ ...CAPACITIES, orders: 2 });
    orders.command(accepted(1));
    orders.command(accepted(2));
    expect(() => orders.command(accepted(3))).toThrow(/holds 2 orders.*capacities\.orders/);
    const levels = new HandFed({ ...CAPACITIES, levels: 1 });
    levels.command(accepted(1));
    expect(() => levels.command(shown(2, "buy", 11, 1))).toThrow(/holds 1 levels.*capacities\.levels/);
    const instruments = new HandFed({ ...CAPACITIES, instruments: 1 });
    expect(() => instruments.command(accepted(1, { instrument: 1 }))).toThrow(/holds 1 instruments.*capacities\.instruments/);
    expect(() => new HandFed({ ...CAPACITIES, instruments: 1 }).command(stateChanged("open", 1))).toThrow(/holds 1 instruments/);
  });

  it("must do for a saved state, which goes into new market data only", () => {
    const full = new HandFed(CAPACITIES);
    full.command(accepted(1));
    full.command(accepted(2, { instrument: 3 }));
    const saved = bytesOf((out) => full.step.save(out));
    const load = (capacities: typeof CAPACITIES, bytes: Uint8Array): void => new HandFed(capacities).step.load(new StateReader(bytes));
    expect(() => load({ ...CAPACITIES, orders: 1 }, saved)).toThrow(RangeError);
    expect(() => load({ ...CAPACITIES, instruments: 2 }, saved)).toThrow(/capacities\.instruments is 2, the saved state has 4/);
    expect(() => full.step.load(new StateReader(saved))).toThrow(/new market data/);
    expect(() => load(CAPACITIES, saved.slice(0, 20))).toThrow(RangeError);
  });

  it("are used again", () => {
    const small = new HandFed({ ...CAPACITIES, orders: 3, levels: 3 });
    let orderId = 0;
    for (let round = 0; round < 1000; round++) {
      // Three orders at one price or at three; all of them go, the first, the middle or the last one first.
      for (let count = 0; count < 3; count++) small.command(accepted(++orderId, { price: round % 2 === 0 ? 10 : 10 + count }));
      for (let left = 3; left > 0; left--) small.command(canceled(queues(small.step, 1)[round % left]));
    }
    expect(queues(small.step, 1)).toEqual([]);
    small.command(accepted(++orderId));
    small.command(accepted(++orderId));
    expect(queues(small.step, 1)).toEqual([orderId - 1, orderId]);
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
    const late = lateStart(twin);
    expect(orders(late.step, twin.symbols.length)).toEqual(orders(steady.step, twin.symbols.length));
    for (const [instrument] of twin.symbols.entries()) {
      const told = steady.step.tradingState(instrument);
      if (told !== NULL_UINT8) expect(late.step.tradingState(instrument)).toBe(told);
    }
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

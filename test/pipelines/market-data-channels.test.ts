import { describe, expect, it, vi } from "vitest";
import { NIL } from "../../engine/flat/level-tree.js";
import { NO_SLOT } from "../../engine/flat/slot-index.js";
import type { LevelChanges } from "../../engine/pipelines/market-data/level-changes.js";
import type { MarketData } from "../../engine/pipelines/market-data/market-data.js";
import { WANT_ALL } from "../../engine/pipelines/market-data/wanted.js";
import {
  AuctionIndication,
  Candle,
  InstrumentState,
  LevelUpdate,
  MarketState,
  OrderAdded,
  OrderChanged,
  OrderRemoved,
  Statistics,
  Trade,
} from "../../engine/wire/flyweights.js";
import * as Header from "../../engine/wire/header.js";
import { NULL_INT64, NULL_UINT8 } from "../../engine/wire/numbers.js";
import { Random } from "../twin/random.js";
import { WORLDS } from "../twin/world.js";
import { Listener, MarketDataTwin } from "./market-data-twin.js";
import { LevelMirror, OrderMirror } from "./mirror.js";

// Long by nature; a busy machine must not fail it.
vi.setConfig({ testTimeout: 120_000 });

const COMMANDS = 1500;

function levelRows({ books }: MarketData, instrument: number): string[] {
  const rows: string[] = [];
  for (let side = 0; side < 2; side++) {
    for (let level = books.bestLevel(2 * instrument + side); level !== NIL; level = books.nextLevel(level))
      rows.push(`${side} ${books.levelPrice(level)}: ${books.levelQty(level)} ${books.levelOrders(level)}`);
  }
  return rows;
}

function queues({ books }: MarketData, instrument: number): string[] {
  const rows: string[] = [];
  for (let side = 0; side < 2; side++) {
    for (let level = books.bestLevel(2 * instrument + side); level !== NIL; level = books.nextLevel(level)) {
      const orders: string[] = [];
      for (let slot = books.firstSlot(level); slot !== NO_SLOT; slot = books.nextSlot(slot))
        orders.push(`${books.orderIdOf(slot)}×${books.visibleOf(slot)}`);
      rows.push(`${side} ${books.levelPrice(level)}: ${orders.join(" ")}`);
    }
  }
  return rows.sort();
}

describe.each(WORLDS)("what is wanted in world $name", (world) => {
  it("has every level behind every command, and every order in its place behind every record", () => {
    const twin = new MarketDataTwin(world, 13);
    const listener = new Listener(WANT_ALL);
    const levels = twin.symbols.map(() => new LevelMirror());
    const orders = twin.symbols.map(() => new OrderMirror());
    let updates = 0;
    const onTold = (words: Int32Array, at: number): void => {
      const templateId = Header.templateId(words, at);
      if (templateId === LevelUpdate.TEMPLATE_ID) {
        updates++;
        expect(LevelUpdate.engineSeq(words, at)).toBe(twin.core.lastSeq);
        levels[LevelUpdate.instrument(words, at)].take(words, at);
      }
      if (templateId === OrderAdded.TEMPLATE_ID) orders[OrderAdded.instrument(words, at)].added(words, at);
      if (templateId === OrderChanged.TEMPLATE_ID) orders[OrderChanged.instrument(words, at)].changed(words, at);
      if (templateId === OrderRemoved.TEMPLATE_ID) orders[OrderRemoved.instrument(words, at)].removed(words, at);
    };
    twin.play(
      COMMANDS,
      (words, at) => {
        listener.apply(words, at, onTold);
        for (const [instrument] of twin.symbols.entries()) expect(orders[instrument].queues()).toEqual(queues(listener.step, instrument));
      },
      () => {
        for (const [instrument] of twin.symbols.entries()) {
          expect(levels[instrument].isComplete).toBe(true);
          expect(levels[instrument].rows()).toEqual(levelRows(listener.step, instrument));
        }
      },
    );
    expect(updates).toBeGreaterThan(300);
    (listener.step as unknown as { levelChanges: LevelChanges }).levelChanges.assertConsistent(twin.symbols.length);
  });

  it("sums up what was traded, tells every state, and all of it again after a reload at any event", () => {
    const twin = new MarketDataTwin(world, 14);
    const steady = new Listener(WANT_ALL);
    const reloaded = new Listener(WANT_ALL);
    const random = new Random(15);
    const sums = twin.symbols.map(() => ({ trades: 0, volume: 0, turnover: 0, high: 0, low: Number.POSITIVE_INFINITY, last: 0 }));
    const told = twin.symbols.map(() => ({ statistics: "", volumes: [0, 0, 0], states: [] as number[] }));
    const states: number[][] = twin.symbols.map(() => []);
    twin.play(
      COMMANDS,
      (words, at) => {
        const expected: string[] = [];
        const found: string[] = [];
        steady.apply(words, at, (record, recordAt) => {
          expected.push(recordText(record, recordAt));
          listen(told, record, recordAt);
        });
        reloaded.apply(words, at, (record, recordAt) => found.push(recordText(record, recordAt)));
        expect(found).toEqual(expected);
        note(sums, states, words, at);
        if (random.permille(30)) reloaded.reload();
      },
      () => {},
    );
    expect(reloaded.step.digest()).toBe(steady.step.digest());
    for (const [instrument, sum] of sums.entries()) {
      expect(told[instrument].states).toEqual(states[instrument]);
      // The clock of these worlds stays within the first day.
      if (sum.trades === 0) continue;
      const isSafe = sum.volume <= Number.MAX_SAFE_INTEGER;
      const volume = Math.min(sum.volume, Number.MAX_SAFE_INTEGER);
      const turnover = sum.turnover <= Number.MAX_SAFE_INTEGER ? sum.turnover : NULL_INT64;
      const vwap = isSafe ? Math.round((sum.turnover / sum.volume) * 10_000) : NULL_INT64;
      expect(told[instrument].statistics).toBe(`${sum.trades} ${volume} ${turnover} ${sum.high} ${sum.low} ${sum.last} ${vwap}`);
      if (isSafe) expect(told[instrument].volumes).toEqual([sum.volume, sum.volume, sum.volume]);
    }
    expect(sums.reduce((all, { trades }) => all + trades, 0)).toBeGreaterThan(50);
  });
});

interface Told {
  statistics: string;
  /** Of each interval: what its closed candles and the running one have together. */
  volumes: number[];
  states: number[];
}

const runningVolumes = new WeakMap<Told, number[]>();

function listen(told: Told[], words: Int32Array, at: number): void {
  const templateId = Header.templateId(words, at);
  if (templateId === MarketState.TEMPLATE_ID) told[MarketState.instrument(words, at)].states.push(MarketState.state(words, at));
  if (templateId === Statistics.TEMPLATE_ID) {
    told[Statistics.instrument(words, at)].statistics = [
      Statistics.trades(words, at),
      Statistics.volume(words, at),
      Statistics.turnover(words, at),
      Statistics.high(words, at),
      Statistics.low(words, at),
      Statistics.last(words, at),
      Statistics.vwap(words, at),
    ].join(" ");
  }
  if (templateId !== Candle.TEMPLATE_ID) return;
  const of = told[Candle.instrument(words, at)];
  const interval = [1_000, 60_000, 3_600_000].indexOf(Candle.intervalMs(words, at));
  const running = runningVolumes.get(of) ?? [0, 0, 0];
  runningVolumes.set(of, running);
  of.volumes[interval] += Candle.volume(words, at) - running[interval];
  running[interval] = Candle.closed(words, at) === 1 ? 0 : Candle.volume(words, at);
}

interface Sum {
  trades: number;
  volume: number;
  turnover: number;
  high: number;
  low: number;
  last: number;
}

function note(sums: Sum[], states: number[][], words: Int32Array, at: number): void {
  const templateId = Header.templateId(words, at);
  if (templateId === InstrumentState.TEMPLATE_ID) states[InstrumentState.instrument(words, at)].push(InstrumentState.state(words, at));
  // An indication is told together with the state that there is; before the first change none was told.
  if (templateId === AuctionIndication.TEMPLATE_ID) {
    const of = states[AuctionIndication.instrument(words, at)];
    of.push(of.at(-1) ?? NULL_UINT8);
  }
  if (templateId !== Trade.TEMPLATE_ID) return;
  const sum = sums[Trade.instrument(words, at)];
  const price = Trade.price(words, at);
  sum.trades++;
  sum.volume += Trade.qty(words, at);
  sum.turnover += price * Trade.qty(words, at);
  sum.high = Math.max(sum.high, price);
  sum.low = Math.min(sum.low, price);
  sum.last = price;
}

function recordText(words: Int32Array, at: number): string {
  return words.subarray(at, at + Header.length(words, at) / 4).join(" ");
}

import { describe, expect, it } from "vitest";
import { CANDLES_KEPT } from "../../engine/pipelines/market-data/candles.js";
import { WANT_ALL } from "../../engine/pipelines/market-data/wanted.js";
import { bytesOf, StateReader } from "../../engine/step.js";
import { Candle, Statistics } from "../../engine/wire/flyweights.js";
import * as Header from "../../engine/wire/header.js";
import { NULL_INT64 } from "../../engine/wire/numbers.js";
import { accepted, HandFed, reduced, traded } from "./by-hand.js";

const CAPACITIES = { orders: 100, levels: 100, instruments: 2 };
const SECOND = 1_000_000;
const DAY = 86_400 * SECOND;
/** A Tuesday, 12:34:56.789 UTC. */
const START = 19_723 * DAY + (12 * 3600 + 34 * 60 + 56) * SECOND + 789_000;
const RESTING = 1_000_000;

/** An order that everybody trades with, and what is told of the trades. */
class Market {
  readonly fed = new HandFed(CAPACITIES);

  constructor(startUs = START) {
    this.fed.step.want(0, WANT_ALL);
    this.fed.timeUs = startUs;
    this.fed.command(accepted(1, { qty: RESTING, price: 50 }));
    this.fed.told.length = 0;
  }

  trade(atUs: number, price: number, qty = 1, openInterest = NULL_INT64): void {
    this.fed.timeUs = atUs;
    this.fed.command(traded(1, 99, qty, "sell", price, openInterest));
  }

  /** Something happens that is no trade. */
  other(atUs: number): void {
    this.fed.timeUs = atUs;
    this.fed.command(reduced(77, 1));
  }

  /** The candles that were told since the last call: interval, offset of their begin, prices, volume, trades, closed. */
  candles(): string[] {
    const found = this.fed.told.filter((words) => Header.templateId(words, 0) === Candle.TEMPLATE_ID).map((words) => candleText(words));
    this.fed.told.length = 0;
    return found;
  }
}

function candleText(words: Int32Array): string {
  const prices = [Candle.open(words, 0), Candle.high(words, 0), Candle.low(words, 0), Candle.close(words, 0)].join("/");
  const begin = Candle.openTime(words, 0) - START;
  const interval = Candle.intervalMs(words, 0) / 1000;
  return `${interval}s ${begin} ${prices} ${Candle.volume(words, 0)} in ${Candle.trades(words, 0)}${Candle.closed(words, 0) === 1 ? " closed" : ""}`;
}

const BEGINS = { second: -789_000, minute: -(56 * SECOND + 789_000), hour: -((34 * 60 + 56) * SECOND + 789_000) };

describe("candles", () => {
  it("follow every command that traded, and close when a record carries a time behind them", () => {
    const market = new Market();
    market.trade(START, 50, 2);
    market.trade(START + 210_999, 52);
    expect(market.candles()).toEqual([
      `1s ${BEGINS.second} 50/50/50/50 2 in 1`,
      `60s ${BEGINS.minute} 50/50/50/50 2 in 1`,
      `3600s ${BEGINS.hour} 50/50/50/50 2 in 1`,
      `1s ${BEGINS.second} 50/52/50/52 3 in 2`,
      `60s ${BEGINS.minute} 50/52/50/52 3 in 2`,
      `3600s ${BEGINS.hour} 50/52/50/52 3 in 2`,
    ]);
    market.trade(START + 211_000, 49);
    expect(market.candles()).toEqual([
      `1s ${BEGINS.second} 50/52/50/52 3 in 2 closed`,
      `1s 211000 49/49/49/49 1 in 1`,
      `60s ${BEGINS.minute} 50/52/49/49 4 in 3`,
      `3600s ${BEGINS.hour} 50/52/49/49 4 in 3`,
    ]);
  });

  it("are not there for intervals without a trade, and the next one opens with its own first trade", () => {
    const market = new Market();
    market.trade(START, 50);
    market.candles();
    market.other(START + 10 * SECOND);
    expect(market.candles()).toEqual([`1s ${BEGINS.second} 50/50/50/50 1 in 1 closed`, `60s ${BEGINS.minute} 50/50/50/50 1 in 1 closed`]);
    market.other(START + 3 * 3600 * SECOND);
    expect(market.candles()).toEqual([`3600s ${BEGINS.hour} 50/50/50/50 1 in 1 closed`]);
    market.trade(START + 5 * 3600 * SECOND, 60);
    expect(market.candles()[0]).toBe(`1s ${BEGINS.second + 5 * 3600 * SECOND} 60/60/60/60 1 in 1`);
  });

  it("close by a time that is told without an event, and a trade that was stamped before it counts at that time", () => {
    const market = new Market();
    market.trade(START, 50);
    market.candles();
    market.fed.tellTime(START + SECOND);
    expect(market.candles()).toEqual([`1s ${BEGINS.second} 50/50/50/50 1 in 1 closed`]);
    market.fed.tellTime(START);
    market.trade(START + 1, 55);
    expect(market.candles().slice(0, 2)).toEqual([
      `1s ${BEGINS.second + SECOND} 55/55/55/55 1 in 1`,
      `60s ${BEGINS.minute} 50/55/50/55 2 in 2`,
    ]);
  });

  it("are kept, so many of each interval, through a save and a load, too", () => {
    const market = new Market();
    for (let second = 0; second < CANDLES_KEPT + 15; second++) market.trade(START + second * SECOND, 100 + second);
    const { step } = market.fed;
    const again = new HandFed(CAPACITIES).step;
    again.load(new StateReader(bytesOf((out) => step.save(out))));
    expect(again.digest()).toBe(step.digest());
    for (const of of [step, again]) {
      const words = new Int32Array(Candle.RECORD_BYTES / 4);
      expect([0, 1, 2].map((interval) => of.candlesKept(0, interval))).toEqual([CANDLES_KEPT, 2, 0]);
      const kept = Array.from({ length: CANDLES_KEPT }, (_, index) => {
        of.writeCandle(0, 0, CANDLES_KEPT - index, words, 0);
        return candleText(words);
      });
      expect(kept).toEqual(
        kept.map((_, index) => {
          const price = 100 + 14 + index;
          return `1s ${BEGINS.second + (14 + index) * SECOND} ${price}/${price}/${price}/${price} 1 in 1 closed`;
        }),
      );
    }
  });
});

describe("statistics", () => {
  function last(market: Market): (number | string)[] {
    const words = market.fed.told.findLast((told) => Header.templateId(told, 0) === Statistics.TEMPLATE_ID);
    market.fed.told.length = 0;
    if (words === undefined) return [];
    const fields = [Statistics.since, Statistics.open, Statistics.high, Statistics.low, Statistics.last, Statistics.vwap];
    const more = [Statistics.volume, Statistics.turnover, Statistics.trades, Statistics.openInterest];
    return [...fields, ...more].map((field) => (field(words, 0) === NULL_INT64 ? "-" : field(words, 0)));
  }

  it("are those of the UTC day, with the last price of any day", () => {
    const market = new Market();
    const day = 19_723 * DAY;
    market.trade(START, 50, 3);
    market.trade(START + 1, 53, 4);
    market.trade(START + 2, 49, 7);
    // (150 + 212 + 343) / 14 = 50.357142…
    expect(last(market)).toEqual([day, 50, 53, 49, 49, 503_571, 14, 705, 3, "-"]);
    market.fed.tellTime(day + DAY - 1);
    expect(last(market)).toEqual([]);
    market.fed.tellTime(day + DAY);
    expect(last(market)).toEqual([day + DAY, "-", "-", "-", 49, "-", 0, 0, 0, "-"]);
    market.trade(day + DAY + 5, 51);
    expect(last(market)).toEqual([day + DAY, 51, 51, 51, 51, 510_000, 1, 51, 1, "-"]);
  });

  it("have the open interest of the last trade, over the end of the day and a restart", () => {
    const market = new Market();
    const day = 19_723 * DAY;
    market.trade(START, 50, 3, 3);
    market.trade(START + 1, 50, 2, 1);
    expect(last(market)[9]).toBe(1);
    market.fed.tellTime(day + DAY);
    expect(last(market)[9]).toBe(1);
    const restarted = new HandFed(CAPACITIES);
    restarted.step.load(new StateReader(bytesOf((out) => market.fed.step.save(out))));
    const words = new Int32Array(Statistics.RECORD_BYTES / 4);
    restarted.step.writeStatistics(0, words, 0);
    expect(Statistics.openInterest(words, 0)).toBe(1);
  });

  it("round the average half up, and carry a turnover beyond 2^53 over", () => {
    const market = new Market();
    market.trade(START, 1, 6);
    market.trade(START, 2, 2);
    // 10 / 8 = 1.25 exactly; then 20001 / 20000 = 1.00005, half of a part.
    expect(last(market)[5]).toBe(12_500);
    const half = new Market();
    half.trade(START, 1, 19_999);
    half.trade(START, 2, 1);
    expect(last(half)[5]).toBe(10_001);
    const large = new Market();
    for (let index = 0; index < 5; index++) large.trade(START, 2 ** 52 - 1, 2);
    expect(last(large).slice(5, 8)).toEqual(["-", 10, "-"]);
    const far = new Market();
    for (let index = 0; index < 40; index++) far.trade(START, 2 ** 39, 2 ** 13);
    expect(last(far).slice(5, 8)).toEqual([2 ** 39 * 10_000, 40 * 2 ** 13, "-"]);
  });
});

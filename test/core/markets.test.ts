import { describe, expect, it } from "vitest";
import { Attention, Markets } from "../../engine/core/markets.js";
import { State } from "../../engine/core/match/order-types.js";
import { bytesOf, StateReader } from "../../engine/step.js";
import { MAX_SAFE } from "../../engine/wire/numbers.js";
import { Random } from "../twin/random.js";

const COUNT = 6;

function make(now = new Float64Array([1, 100, 0])): Markets {
  const markets = new Markets(COUNT, now);
  for (let instrument = 0; instrument < COUNT; instrument++) markets.add(instrument, State.OPEN, 0, 0);
  return markets;
}

/** What is to be told now: the instrument, and whether its call has begun. */
function touchedIn(markets: Markets): [number, boolean][] {
  const touched: [number, boolean][] = [];
  markets.eachTouched((instrument, hasBegun) => touched.push([instrument, hasBegun]));
  return touched;
}

function isKilled(markets: Markets, instrument: number): boolean {
  return (markets.attention[instrument] & Attention.KILLED) !== 0;
}

describe("timers", () => {
  it("are as many as run, and end when the instrument leaves its call", () => {
    const random = new Random(71);
    const markets = make();
    const slow = new Map<number, number>();
    for (let round = 0; round < 20_000; round++) {
      const instrument = random.below(COUNT);
      const state = random.below(5);
      markets.setState(instrument, state);
      slow.delete(instrument);
      if (state === State.AUCTION_CALL && random.below(2) === 0) {
        const duration = random.below(4);
        markets.startTimer(instrument, duration);
        if (duration > 0) slow.set(instrument, 100 + duration);
      }
      for (let each = 0; each < COUNT; each++) expect(markets.reopenTimes[each]).toBe(slow.get(each) ?? 0);
      expect(markets.auctionCalls).toBe([...markets.states].filter((one) => one === State.AUCTION_CALL).length);
      const soonest = Math.min(...slow.values());
      const due = [...slow].filter(([, at]) => at === soonest).map(([id]) => id);
      expect(markets.firstDue()).toBe(due.length === 0 ? -1 : Math.min(...due));
    }
  });

  it("that would end beyond all time do not run", () => {
    const markets = make(new Float64Array([1, MAX_SAFE - 5, 0]));
    markets.setState(0, State.AUCTION_CALL);
    markets.startTimer(0, 6);
    expect([markets.firstDue(), markets.reopenTimes[0]]).toEqual([-1, 0]);
    markets.startTimer(0, 5);
    expect([markets.firstDue(), markets.reopenTimes[0]]).toEqual([0, MAX_SAFE]);
  });
});

describe("kill marks", () => {
  it("are there while the instrument's switch or the global one is on, whichever goes first", () => {
    const random = new Random(72);
    const markets = make();
    const own = new Set<number>();
    let isGlobal = false;
    for (let round = 0; round < 5000; round++) {
      const instrument = random.below(COUNT);
      if (random.below(4) === 0) {
        isGlobal = random.below(2) === 0;
        markets.setGlobalKill(Number(isGlobal), COUNT);
      } else {
        if (random.below(2) === 0) own.add(instrument);
        else own.delete(instrument);
        markets.setKill(instrument, Number(own.has(instrument)));
      }
      for (let each = 0; each < COUNT; each++) expect(isKilled(markets, each)).toBe(isGlobal || own.has(each));
    }
  });

  it("an instrument that is declared under the global switch is killed, and free when it goes off", () => {
    const markets = new Markets(2, new Float64Array(3));
    markets.setGlobalKill(1, 0);
    markets.add(0, State.OPEN, 0, Attention.BAND);
    expect(isKilled(markets, 0)).toBe(true);
    markets.setGlobalKill(0, 1);
    expect(markets.attention[0]).toBe(Attention.BAND);
  });
});

describe("an instrument's market", () => {
  it("keeps the last trade before the command as its reference while the command prints (A6)", () => {
    const now = new Float64Array([7, 0, 0]);
    const markets = make(now);
    markets.lastPrices[3] = 50;
    expect(markets.reference(3)).toBe(50);
    markets.lastPrices[3] = 60;
    expect(markets.reference(3)).toBe(50);
    now[0] = 8;
    expect(markets.reference(3)).toBe(60);
  });

  it("forgets what it told when it leaves the call, and is touched only in it", () => {
    const markets = make();
    markets.touch(2);
    expect(touchedIn(markets)).toEqual([]);
    markets.setState(2, State.AUCTION_CALL);
    markets.toldPrices[2] = 5;
    markets.toldQuantities[2] = 6;
    expect(touchedIn(markets)).toEqual([[2, true]]);
    expect(touchedIn(markets)).toEqual([]);
    markets.touch(2);
    markets.touch(2);
    expect(touchedIn(markets)).toEqual([[2, false]]);
    markets.touch(2);
    markets.setState(2, State.OPEN);
    expect([markets.toldPrices[2], markets.toldQuantities[2]]).toEqual([0, 0]);
    expect(touchedIn(markets)).toEqual([]);
  });

  it.each([6, 200])("%i that are touched in any order are told by id, each once", (count) => {
    const random = new Random(73);
    const markets = new Markets(count, new Float64Array(3));
    for (let instrument = 0; instrument < count; instrument++) markets.add(instrument, State.AUCTION_CALL, 0, 0);
    expect(touchedIn(markets)).toEqual([]);
    for (let round = 0; round < 50; round++) {
      const touched = new Set(Array.from({ length: count }, () => random.below(count)));
      for (const instrument of [...touched, ...touched]) markets.touch(instrument);
      expect(touchedIn(markets)).toEqual([...touched].sort((a, b) => a - b).map((instrument) => [instrument, false]));
    }
  });

  it("comes back from its bytes", () => {
    const markets = make();
    markets.setState(1, State.AUCTION_CALL);
    markets.startTimer(1, 9);
    markets.setKill(1, 1);
    markets.lastPrices[1] = 44;
    markets.toldPrices[1] = 43;
    markets.toldQuantities[1] = 42;
    const bytes = bytesOf((out) => markets.save(1, out));
    const copy = new Markets(COUNT, new Float64Array(3));
    copy.load(1, new StateReader(bytes), Attention.PROTECTION);
    expect(bytesOf((out) => copy.save(1, out))).toEqual(bytes);
    expect([copy.firstDue(), copy.auctionCalls, isKilled(copy, 1)]).toEqual([1, 1, true]);
    expect(copy.attention[1] & Attention.PROTECTION).not.toBe(0);
    expect(touchedIn(copy)).toEqual([]);
  });
});

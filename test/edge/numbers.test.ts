import { describe, expect, it } from "vitest";
import { parseLine } from "../../cli/script/parse-line.js";
import { CommandError, Core } from "../../engine/edge/index.js";
import type { Command, Event } from "../../engine/edge/types.js";

const CAPACITIES = { orders: 100, levels: 50, accounts: 4, instruments: 4, currencies: 8 };

/** A core with ABC in ticks of 0.01, and three bids. */
function market(): Core {
  const core = new Core({
    capacities: CAPACITIES,
    instruments: [{ symbol: "ABC", base: "ABC", quote: "USD", tickSize: "0.01", lotSize: "1" }],
    accounts: [{ name: "alice", mode: "unchecked" }],
  });
  for (const clOrdId of [1, 2, 3]) answers(core, newOrder(`"clOrdId":${clOrdId},"price":"1.0${clOrdId}","qty":"5"`));
  return core;
}

function newOrder(keys: string): string {
  return `{"cmd":"new","account":"alice","symbol":"ABC","side":"buy",${keys}}`;
}

/** What a line of a script gives: its events, or `error` and why. */
function answers(core: Core, line: string): (Event | string)[] {
  const events: (Event | string)[] = [];
  try {
    core.apply(parseLine(line) as Command, (event) => events.push(event));
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    events.push(`error: ${error.message}`);
  }
  return events;
}

/** The reason of a reject, `error`, or the name of the first event. */
function outcome(line: string, core = market()): string {
  const [first] = answers(core, line);
  if (typeof first === "string") return "error";
  return first?.event === "rejected" ? first.reason : (first?.event ?? "nothing");
}

describe("an integer is one by its digits, not by the double that is nearest (S1, S2, S23)", () => {
  it.each([
    ["1.00000000000000000001", "error"],
    ["9007199254740991.4", "error"],
    ["1e-1", "error"],
    ["1e-99999999999999999999", "error"],
    ["0.5e0", "error"],
    ["7.00000000000000000000", "accepted"],
    ["1e2", "accepted"],
    ["0.5e1", "accepted"],
    ["9007199254740991", "accepted"],
    ["9007199254740992", "BAD_CLORDID"],
    ["9007199254740991.0e1", "BAD_CLORDID"],
    ["1e400", "BAD_CLORDID"],
    ["1e99999999999999999999", "BAD_CLORDID"],
  ])("clOrdId %s: %s", (number, expected) => {
    expect(outcome(newOrder(`"clOrdId":${number},"price":"1","qty":"5"`))).toBe(expected);
  });

  it("keys that are integers are held to the same rule", () => {
    expect(outcome('{"cmd":"time","at":5.00000000000000000001}')).toBe("error");
    expect(outcome('{"cmd":"time","at":5e2}')).toBe("ok");
    expect(outcome('{"cmd":"book","symbol":"ABC","depth":1.00000000000000000001}')).toBe("error");
    expect(outcome('{"cmd":"cancel","account":"alice","orderId":1.00000000000000000001}')).toBe("error");
    expect(outcome('{"cmd":"currency","currency":"XYZ","scale":2.00000000000000000001}')).toBe("error");
  });
});

describe("a depth of any size (N15)", () => {
  it.each([
    ["-99999999999999999999", 0],
    ["-1e400", 0],
    ["-1", 0],
    ["0", 0],
    ["-0", 0],
    ["2", 2],
    ["99999999999999999999", 3],
    ["1e400", 3],
  ])("depth %s: %i rows", (depth, rows) => {
    const [book] = answers(market(), `{"cmd":"book","symbol":"ABC","depth":${depth}}`);
    expect(book).toMatchObject({ event: "book", asks: [] });
    expect((book as { bids: unknown[] }).bids).toHaveLength(rows);
  });
});

const NOUGHTS = "0".repeat(600);

const PRICES: readonly (readonly [price: string, expected: string])[] = [
  [`"1${NOUGHTS}"`, "PRICE_OUT_OF_RANGE"],
  [`"-1${NOUGHTS}"`, "PRICE_OUT_OF_RANGE"],
  [`"1${NOUGHTS}.001"`, "PRICE_OFF_TICK"],
  [`"1.${NOUGHTS}1"`, "PRICE_OFF_TICK"],
  [`"${"9".repeat(700)}"`, "PRICE_OUT_OF_RANGE"],
  [`"${"1".repeat(600)}.${"1".repeat(600)}"`, "PRICE_OFF_TICK"],
  [`"${NOUGHTS}1.5${NOUGHTS}"`, "accepted"],
  [`"0.${NOUGHTS}"`, "PRICE_OUT_OF_RANGE"],
  ["1e600", "PRICE_OUT_OF_RANGE"],
  ["1e-600", "PRICE_OFF_TICK"],
  ["1e-99999999999999999999", "PRICE_OFF_TICK"],
  ["1e99999999999999999999", "PRICE_OUT_OF_RANGE"],
  [`1.5${NOUGHTS}`, "accepted"],
  [`15${NOUGHTS}e-601`, "accepted"],
  [`"${NOUGHTS}x"`, "error"],
  [`"1${NOUGHTS}."`, "error"],
  [`"1${NOUGHTS}e1"`, "error"],
];

describe("a decimal of any length is one (S1): off its step, out of range or good", () => {
  it.each(PRICES.map(([price, expected]) => [price.replaceAll(/(.)\1{9,}/g, "$1…"), expected, price]))(
    "price %s: %s",
    (_, expected, price) => {
      expect(outcome(newOrder(`"clOrdId":9,"price":${price},"qty":"5"`))).toBe(expected);
    },
  );

  it("a step of a tick that is no power of ten divides long decimals exactly", () => {
    const core = market();
    answers(core, '{"cmd":"instrument","symbol":"III","base":"III","quote":"USD","tickSize":"0.03","lotSize":"1"}');
    const at = (price: string): string =>
      outcome(`{"cmd":"new","account":"alice","symbol":"III","side":"buy","clOrdId":9,"qty":"1","price":"${price}"}`, core);
    expect(at(`${"1".repeat(600)}`)).toBe("PRICE_OUT_OF_RANGE");
    expect(at(`${"1".repeat(601)}`)).toBe("PRICE_OFF_TICK");
    expect(at(`${NOUGHTS}0.06`)).toBe("accepted");
  });

  it("quantities and the sizes of an instrument too", () => {
    expect(outcome(newOrder(`"clOrdId":9,"price":"1","qty":"1${NOUGHTS}"`))).toBe("QTY_OUT_OF_RANGE");
    expect(outcome(newOrder(`"clOrdId":9,"price":"1","qty":"1.${NOUGHTS}1"`))).toBe("QTY_OFF_LOT");
    const sized = (tickSize: string): string =>
      outcome(`{"cmd":"instrument","symbol":"X","base":"X","quote":"USD","tickSize":"${tickSize}","lotSize":"1"}`);
    expect(sized(`1${NOUGHTS}`)).toBe("BAD_INSTRUMENT");
    expect(sized(`0.${NOUGHTS}1`)).toBe("BAD_INSTRUMENT");
    expect(sized(`0.01${NOUGHTS}`)).toBe("ok");
    expect(sized(`-0.01${NOUGHTS}`)).toBe("BAD_INSTRUMENT");
  });

  it("a million digits are no heavy work", () => {
    const before = performance.now();
    expect(outcome(newOrder(`"clOrdId":9,"price":"${"7".repeat(1_000_000)}","qty":"5"`))).toBe("PRICE_OUT_OF_RANGE");
    expect(outcome(newOrder(`"clOrdId":9,"price":"${"0".repeat(999_999)}1${"0".repeat(20)}","qty":"5"`))).toBe("PRICE_OUT_OF_RANGE");
    expect(outcome(newOrder(`"clOrdId":${"7".repeat(1_000_000)},"price":"1","qty":"5"`))).toBe("BAD_CLORDID");
    expect(performance.now() - before).toBeLessThan(5_000);
  });
});

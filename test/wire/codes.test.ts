import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CLOSE_CODE_MEANINGS, CODE_MEANINGS } from "../../engine/wire/code-meanings.js";
import { CLOSE_CODES, CODES, codeName, OK } from "../../engine/wire/codes.js";

// The codes that SETTLED.md fixes; a name that is used here must have the number that stands there.
const SETTLED = `2001 KILL_SWITCH 2002 ACCOUNT_SUSPENDED 2003 REDUCE_ONLY_ACCOUNT 2004 MAX_ORDER_QTY 2005 MAX_ORDER_NOTIONAL 2006 PRICE_COLLAR
2007 NO_REFERENCE_PRICE 2008 MAX_OPEN_ORDERS 2009 MAX_OPEN_NOTIONAL 2010 POSITION_LIMIT 2011 EXPOSURE_LIMIT 2012 DAILY_NOTIONAL 2013 LOSS_LIMIT
2014 RATE_LIMIT 2015 DUPLICATIVE_ORDER 2016 INSUFFICIENT_FUNDS 2017 INSUFFICIENT_MARGIN 2050 NOTIONAL_OVERFLOW 3001 POST_ONLY_WOULD_CROSS
3002 UNKNOWN_ORDER 3003 UNKNOWN_INSTRUMENT 3004 DUPLICATE_CLORDID 3005 STATE_NOT_ALLOWED 3006 BAD_SIDE 3007 BAD_FLAGS 3008 PRICE_OFF_TICK
3009 PRICE_OUT_OF_RANGE 3010 QTY_OFF_LOT 3011 QTY_OUT_OF_RANGE 3012 BAD_DISPLAY_QTY 3013 BAD_MIN_QTY 3014 STOP_PRICE_OFF_TICK 3015 BAD_TRAIL
3016 EXPIRE_TIME_PAST 3017 MIN_NOTIONAL 3018 BAD_OCO 3020 BOOK_FULL 3021 BAD_CLORDID 4001 ALREADY_APPLIED 4002 REF_CONFLICT 4003 UNKNOWN_ACCOUNT
4004 UNKNOWN_CURRENCY 4005 BAD_AMOUNT 4006 KYC_REQUIRED 4007 UNKNOWN_MOVEMENT 4008 WRONG_ACCOUNT_MODE 5001 ALREADY_EXISTS 5002 BAD_INSTRUMENT
5003 TIME_BACKWARDS 5004 STATE_UNCHANGED 5005 BAD_NAME 5006 BAD_VALUE 5007 NOT_READY 5008 JOURNAL_FULL 5009 ENGINE_BUSY`;

function page(name: string): string {
  return readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");
}

/** Every row of the form | 1001 | `NAME` | meaning | below a heading, up to the next heading of the same depth. */
function rowsBelow(text: string, heading: RegExp): Map<number, string[]> {
  const from = text.search(heading);
  if (from < 0) throw new Error(`no heading ${heading}`);
  const end = text.slice(from + 3).search(/^## /m);
  const section = end < 0 ? text.slice(from) : text.slice(from, from + 3 + end);
  return rowsIn(section);
}

function rowsIn(text: string): Map<number, string[]> {
  const rows = new Map<number, string[]>();
  for (const match of text.matchAll(/^\| (\d{4}) \| `(\w+)` \| (.+) \|$/gm)) {
    const code = Number(match[1]);
    if (rows.has(code)) throw new Error(`code ${code} is documented twice`);
    rows.set(code, [match[2] ?? "", match[3] ?? ""]);
  }
  return rows;
}

function wanted(codes: Record<string, number>, meanings: Record<string, string>, from: number, to: number): Map<number, string[]> {
  const entries = Object.entries(codes).filter(([, code]) => code >= from && code < to);
  return new Map(entries.map(([name, code]) => [code, [name, meanings[name] ?? ""]]));
}

describe("codes", () => {
  it("are unique and in 1000 to 5999", () => {
    const numbers = Object.values(CODES);
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const code of numbers) expect(code >= 1000 && code <= 5999, String(code)).toBe(true);
    expect(numbers).not.toContain(OK);
  });

  it("have the numbers that are settled, and take none that is settled for another name", () => {
    const settled = new Map([...SETTLED.matchAll(/(\d{4}) (\w+)/g)].map((match) => [match[2] ?? "", Number(match[1])]));
    const nameOf = new Map([...settled].map(([name, code]) => [code, name]));
    for (const [name, code] of Object.entries(CODES)) {
      if (settled.has(name)) expect(code, name).toBe(settled.get(name));
      if (nameOf.has(code)) expect(name).toBe(nameOf.get(code));
    }
  });

  it("are found by number", () => {
    for (const [name, code] of Object.entries(CODES)) expect(codeName(code)).toBe(name);
    expect(() => codeName(OK)).toThrow("no such code: 0");
    expect(() => codeName(9999)).toThrow(RangeError);
  });

  it("have one sentence each", () => {
    expect(Object.keys(CODE_MEANINGS).toSorted()).toEqual(Object.keys(CODES).toSorted());
    expect(Object.keys(CLOSE_CODE_MEANINGS).toSorted()).toEqual(Object.keys(CLOSE_CODES).toSorted());
    for (const meaning of [...Object.values(CODE_MEANINGS), ...Object.values(CLOSE_CODE_MEANINGS)]) expect(meaning).toMatch(/^[A-Z].+\.$/);
  });

  it("stand in docs/CODES.md, all of them and no other", () => {
    expect(rowsIn(page("CODES.md"))).toEqual(wanted(CODES, CODE_MEANINGS, 1000, 6000));
  });

  it("of the gateway stand in docs/WIRE.md", () => {
    expect(rowsBelow(page("WIRE.md"), /^## Codes of frame and session/m)).toEqual(wanted(CODES, CODE_MEANINGS, 1000, 2000));
  });
});

describe("close codes", () => {
  it("are unique and in 4000 to 4099", () => {
    const numbers = Object.values(CLOSE_CODES);
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const code of numbers) expect(code >= 4000 && code <= 4099, String(code)).toBe(true);
  });

  it("stand in docs/WIRE.md, all of them and no other", () => {
    expect(rowsBelow(page("WIRE.md"), /^## WebSocket close codes/m)).toEqual(wanted(CLOSE_CODES, CLOSE_CODE_MEANINGS, 4000, 4100));
  });
});

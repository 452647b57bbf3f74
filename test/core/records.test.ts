import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { Core } from "../../engine/edge/core.js";
import { CODES } from "../../engine/wire/codes.js";
import {
  CommandRejected,
  Header,
  NewOrder,
  NewOrderFull,
  OrderAccepted,
  OrderAcceptedFull,
  OrderCanceled,
  OrderReduced,
  OrderRejected,
  OrderReplaced,
  OrderTriggered,
  SetKill,
  SetState,
  SetTime,
} from "../../engine/wire/flyweights.js";
import { NULL_INT64, NULL_UINT8, NULL_UINT32, OFF_STEP } from "../../engine/wire/numbers.js";
import { MARKET_SET_UP } from "./command-arbitrary.js";
import { CLIENT_SEQ, EXTREMES, recordRuns, SESSION, type Writer } from "./record-arbitrary.js";
import { RecordLedger } from "./record-ledger.js";

// Long by nature; a busy machine must not fail it.
vi.setConfig({ testTimeout: 120_000 });

const RECORD_WORDS = 64;
const CAPACITIES = { orders: 200, levels: 100, accounts: 8, instruments: 4, currencies: 8, positions: 32 };

function newMarket(): Core {
  const core = new Core({ capacities: CAPACITIES });
  for (const command of MARKET_SET_UP) core.apply(command, (event) => expect(event.event).toBe("ok"));
  return core;
}

const KNOWN_CODES = new Set<number>(Object.values(CODES));

/** The saved state without the number of the last command, which comes first. */
function stateOf(core: Core): string {
  return Buffer.from(core.snapshot().subarray(8)).toString("hex");
}

/** Events that answer somebody, and where they say whom. */
const ADDRESSED = [OrderAccepted, OrderAcceptedFull, OrderCanceled, OrderReduced, OrderReplaced, OrderTriggered] as const;

function checkAddressee(out: Int32Array, at: number): void {
  const events = ADDRESSED.find((event) => event.TEMPLATE_ID === Header.templateId(out, at));
  if (events === undefined) return;
  expect([`${CLIENT_SEQ} ${SESSION}`, "0 0"]).toContain(`${events.clientSeq(out, at)} ${events.session(out, at)}`);
}

/** The code that a record was refused with, or 0. The last event says that it is the last, and no other does. */
function applied(core: Core, write: Writer, onEvent: (out: Int32Array, at: number) => void = () => undefined): number {
  const words = new Int32Array(RECORD_WORDS);
  const seq = core.lastSeq + 1;
  const lasts: boolean[] = [];
  let code = 0;
  write(words, seq);
  core.applyRecord(words, 0, (out, at) => {
    lasts.push((Header.flags(out, at) & Header.FLAG_LAST_OF_BATCH) !== 0);
    expect(Header.seq(out, at)).toBe(seq);
    if (Header.templateId(out, at) === OrderRejected.TEMPLATE_ID) {
      code = OrderRejected.code(out, at);
      expect(OrderRejected.clientSeq(out, at)).toBe(CLIENT_SEQ);
      expect(OrderRejected.session(out, at)).toBe(SESSION);
      expect(OrderRejected.refTemplateId(out, at)).toBe(Header.templateId(words, 0));
    }
    if (Header.templateId(out, at) === CommandRejected.TEMPLATE_ID) code = CommandRejected.code(out, at);
    checkAddressee(out, at);
    onEvent(out, at);
  });
  expect(lasts.length).toBeGreaterThan(0);
  expect(lasts.indexOf(true)).toBe(lasts.length - 1);
  if (code !== 0) {
    expect(KNOWN_CODES).toContain(code);
    expect(lasts).toHaveLength(1);
  }
  return code;
}

describe("records whose fields hold anything at all", () => {
  it.each([
    ["now and then", 60, 200],
    ["often", 16, 250],
  ])("never break the core; each gives events of its own seq, and a refused one changes nothing: strange %s", (_, sanity, numRuns) => {
    let trades = 0;
    let rejects = 0;
    fc.assert(
      fc.property(recordRuns(sanity), (run) => {
        const core = newMarket();
        const ledger = new RecordLedger();
        for (const write of run) {
          const before = stateOf(core);
          const code = applied(core, write, (out, at) => ledger.follow(out, at));
          ledger.checkTotals();
          core.assertConsistent();
          if (code === 0) continue;
          rejects++;
          expect(stateOf(core)).toBe(before);
        }
        trades += ledger.trades;
        expect(Core.restore(core.snapshot(), { capacities: CAPACITIES }).stateHash()).toBe(core.stateHash());
      }),
      { numRuns, seed: 21 },
    );
    expect(trades).toBeGreaterThan(50);
    expect(rejects).toBeGreaterThan(1000);
  });

  it("a side that is none is BAD_SIDE, in step 3 (N25)", () => {
    const core = newMarket();
    const bad: Writer = (words, seq) => {
      NewOrder.init(words, 0, seq, 0);
      NewOrder.setClientSeq(words, 0, CLIENT_SEQ);
      NewOrder.setSession(words, 0, SESSION);
      NewOrder.setClOrdId(words, 0, 1);
      NewOrder.setPrice(words, 0, OFF_STEP);
      NewOrder.setQty(words, 0, 1);
      NewOrder.setSide(words, 0, 2);
      NewOrder.setStp(words, 0, NULL_UINT8);
    };
    expect(applied(core, bad)).toBe(CODES.BAD_SIDE);
  });

  it("a seq that does not follow stops the core: that is our own mistake", () => {
    const core = newMarket();
    const words = new Int32Array(RECORD_WORDS);
    SetTime.init(words, 0, core.lastSeq + 2, 0);
    expect(() => core.applyRecord(words, 0)).toThrow(/command seq must be/);
  });
});

type Change = (words: Int32Array) => void;

/** A trailing, an iceberg and a market order by money: between them they have every field of NewOrderFull. */
const GOOD: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  iceberg: { price: 4, qty: 6, displayQty: 2, expireTime: 9, ordType: 0, tif: 4 },
  atLeast: { price: 4, qty: 6, minQty: 2, ordType: 0, tif: 1 },
  leg: { price: 4, qty: 6, oco: 2, ordType: 0, tif: 0 },
  stopLimit: { price: 4, stopPrice: 5, qty: 6, ordType: 3, tif: 3 },
  trailing: { qty: 6, trail: 2, ordType: 4, tif: 0 },
  trailingBps: { qty: 6, trailBps: 500, ordType: 4, tif: 0 },
  money: { quoteQty: 5_000_000, ordType: 1, tif: 1 },
};

const FIELDS = ["price", "qty", "stopPrice", "trail", "trailBps", "displayQty", "minQty", "quoteQty", "expireTime", "oco"] as const;
const SETTERS: Readonly<Record<(typeof FIELDS)[number], (words: Int32Array, at: number, value: number) => void>> = {
  price: NewOrderFull.setPrice,
  qty: NewOrderFull.setQty,
  stopPrice: NewOrderFull.setStopPrice,
  trail: NewOrderFull.setTrail,
  trailBps: NewOrderFull.setTrailBps,
  displayQty: NewOrderFull.setDisplayQty,
  minQty: NewOrderFull.setMinQty,
  quoteQty: NewOrderFull.setQuoteQty,
  expireTime: NewOrderFull.setExpireTime,
  oco: NewOrderFull.setOco,
};

function fullOrder(kind: string, change: Change = () => undefined): Writer {
  const good = GOOD[kind] ?? {};
  return (words, seq) => {
    NewOrderFull.init(words, 0, seq, 0);
    NewOrderFull.setClientSeq(words, 0, CLIENT_SEQ);
    NewOrderFull.setSession(words, 0, SESSION);
    NewOrderFull.setClOrdId(words, 0, 1);
    NewOrderFull.setAccount(words, 0, 0);
    // The instrument that had a last trade when it was declared.
    NewOrderFull.setInstrument(words, 0, 2);
    NewOrderFull.setFlags(words, 0, 0);
    NewOrderFull.setSide(words, 0, 0);
    NewOrderFull.setOrdType(words, 0, good.ordType ?? 0);
    NewOrderFull.setTif(words, 0, good.tif ?? 0);
    NewOrderFull.setStp(words, 0, NULL_UINT8);
    for (const field of FIELDS) SETTERS[field](words, 0, good[field] ?? NULL_INT64);
    change(words);
  };
}

/** Fields that no extreme fits: they are bounded by another field, or by 9999. */
const BOUNDED: ReadonlySet<string> = new Set(["displayQty", "minQty", "trailBps"]);

describe("a NewOrderFull with one field that is wrong", () => {
  it.each(Object.keys(GOOD))("%s: is good as it is", (kind) => {
    expect(applied(newMarket(), fullOrder(kind))).toBe(0);
  });

  it.each(Object.keys(GOOD))("%s: every number at every extreme is refused where it is wrong, and changes nothing then", (kind) => {
    for (const field of FIELDS) {
      for (const value of EXTREMES) {
        const isThere = GOOD[kind]?.[field] !== undefined;
        const core = newMarket();
        const before = stateOf(core);
        const code = applied(
          core,
          fullOrder(kind, (words) => SETTERS[field](words, 0, value)),
        );
        const where = `${kind} ${field} ${value}`;
        core.assertConsistent();
        const isMisplaced = !isThere && field !== "oco";
        if (!isThere && value === NULL_INT64) expect(code, where).toBe(0);
        else if (value !== NULL_INT64 && (value <= 0 || isMisplaced || BOUNDED.has(field))) expect(code, where).not.toBe(0);
        if (code !== 0) expect(stateOf(core), where).toBe(before);
      }
    }
  });

  it.each([
    ["side", CODES.BAD_SIDE, [2, 3, 127, 255]],
    ["ordType", CODES.BAD_FLAGS, [5, 6, 127, 255]],
    ["tif", CODES.BAD_FLAGS, [5, 6, 127, 255]],
    ["stp", CODES.BAD_FLAGS, [5, 127, 254]],
    ["flags", CODES.BAD_FLAGS, [4, 8, 0x100, 0x8000, 0xffff]],
    ["account", CODES.UNKNOWN_ACCOUNT, [3, 7, 0x7fffffff, 0x80000000, NULL_UINT32]],
    ["instrument", CODES.UNKNOWN_INSTRUMENT, [3, 4, 0x7fffffff, 0x80000000, NULL_UINT32]],
  ] as const)("%s: refused with its own code", (field, code, values) => {
    const name = `set${field[0]?.toUpperCase()}${field.slice(1)}` as "setSide";
    for (const kind of Object.keys(GOOD)) {
      for (const value of values) {
        const core = newMarket();
        const before = stateOf(core);
        expect(
          applied(
            core,
            fullOrder(kind, (words) => NewOrderFull[name](words, 0, value)),
          ),
        ).toBe(code);
        expect(stateOf(core)).toBe(before);
      }
    }
  });

  it.each(EXTREMES.filter((value) => value < 1))("a client id of %i is BAD_CLORDID", (value) => {
    const core = newMarket();
    for (const kind of Object.keys(GOOD)) {
      expect(
        applied(
          core,
          fullOrder(kind, (words) => NewOrderFull.setClOrdId(words, 0, value)),
        ),
      ).toBe(CODES.BAD_CLORDID);
    }
  });
});

describe("states and kill switches from a hostile hand", () => {
  function setState(instrument: number, state: number, cancel = 0): Writer {
    return (words, seq) => {
      SetState.init(words, 0, seq, 0);
      SetState.setClientSeq(words, 0, CLIENT_SEQ);
      SetState.setSession(words, 0, SESSION);
      SetState.setInstrument(words, 0, instrument);
      SetState.setState(words, 0, state);
      SetState.setCancel(words, 0, cancel);
    };
  }

  function setKill(scope: number, account: number, instrument: number): Writer {
    return (words, seq) => {
      SetKill.init(words, 0, seq, 0);
      SetKill.setClientSeq(words, 0, CLIENT_SEQ);
      SetKill.setSession(words, 0, SESSION);
      SetKill.setScope(words, 0, scope);
      SetKill.setAccount(words, 0, account);
      SetKill.setInstrument(words, 0, instrument);
      SetKill.setOn(words, 0, 1);
      SetKill.setCancel(words, 0, 1);
    };
  }

  it.each([
    ["a state that is none", setState(0, 5), CODES.BAD_VALUE],
    ["a state of 255", setState(0, NULL_UINT8), CODES.BAD_VALUE],
    ["the state that is", setState(0, 2, 1), CODES.STATE_UNCHANGED],
    ["no instrument", setState(3, 1), CODES.UNKNOWN_INSTRUMENT],
    ["the instrument before the first", setState(NULL_UINT32, 1), CODES.UNKNOWN_INSTRUMENT],
    ["a scope that is none", setKill(3, 0, 0), CODES.BAD_VALUE],
    ["a scope of 255", setKill(NULL_UINT8, 0, 0), CODES.BAD_VALUE],
    ["no account", setKill(2, 3, 0), CODES.UNKNOWN_ACCOUNT],
    ["an account of 2^32 - 1", setKill(2, NULL_UINT32, 0), CODES.UNKNOWN_ACCOUNT],
    ["no instrument to kill", setKill(1, 0, 0x80000000), CODES.UNKNOWN_INSTRUMENT],
  ])("%s is refused with a code, and nothing changes", (_, write, code) => {
    const core = newMarket();
    expect(applied(core, fullOrder("stopLimit"))).toBe(0);
    const before = stateOf(core);
    expect(applied(core, write)).toBe(code);
    expect(stateOf(core)).toBe(before);
  });
});

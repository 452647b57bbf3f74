import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { Core } from "../../engine/edge/core.js";
import { CODES } from "../../engine/wire/codes.js";
import {
  Cancel,
  CommandRejected,
  Header,
  MassCancel,
  NewOrder,
  OrderRejected,
  Reduce,
  Replace,
  SetTime,
} from "../../engine/wire/flyweights.js";
import { BEYOND, MAX_SAFE, NULL_INT64, NULL_UINT8, NULL_UINT32, OFF_STEP } from "../../engine/wire/numbers.js";
import { MARKET_SET_UP } from "./command-arbitrary.js";

// Long by nature; a busy machine must not fail it.
vi.setConfig({ testTimeout: 120_000 });

const RECORD_WORDS = 64;
const int64 = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 9 }) },
  fc.constantFrom(NULL_INT64, OFF_STEP, BEYOND, -1, 0, 2 ** 32, MAX_SAFE, MAX_SAFE - 1, -MAX_SAFE),
);
const account = fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 0, max: 2 }) }, fc.constantFrom(3, 0x7fffffff, 0xfffffffe, NULL_UINT32));
const instrument = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 1 }) },
  fc.constantFrom(2, 0x7fffffff, 0xfffffffe, NULL_UINT32),
);
const side = fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 0, max: 1 }) }, fc.constantFrom(2, 254, NULL_UINT8));
const small = fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 0, max: 2 }) }, fc.constantFrom(3, 100, NULL_UINT8));
const stp = fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 0, max: 4 }) }, fc.constantFrom(5, NULL_UINT8));
const flags = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(0, 0, 1) }, fc.constantFrom(2, 3, 0x8000, 0xffff));

/** Writes one record at word 0; the seq is the core's next. */
type Writer = (words: Int32Array, seq: number) => void;

const newOrder: fc.Arbitrary<Writer> = fc
  .record({ clOrdId: int64, price: int64, qty: int64, account, instrument, flags, side, ordType: small, tif: small, stp })
  .map((fields) => (words, seq) => {
    NewOrder.init(words, 0, seq, 0);
    NewOrder.setClientSeq(words, 0, 77);
    NewOrder.setClOrdId(words, 0, fields.clOrdId);
    NewOrder.setPrice(words, 0, fields.price);
    NewOrder.setQty(words, 0, fields.qty);
    NewOrder.setAccount(words, 0, fields.account);
    NewOrder.setSession(words, 0, 5);
    NewOrder.setInstrument(words, 0, fields.instrument);
    NewOrder.setFlags(words, 0, fields.flags);
    NewOrder.setSide(words, 0, fields.side);
    NewOrder.setOrdType(words, 0, fields.ordType);
    NewOrder.setTif(words, 0, fields.tif);
    NewOrder.setStp(words, 0, fields.stp);
  });

const cancel: fc.Arbitrary<Writer> = fc.record({ clOrdId: int64, orderId: int64, account }).map((fields) => (words, seq) => {
  Cancel.init(words, 0, seq, 0);
  Cancel.setClientSeq(words, 0, 77);
  Cancel.setClOrdId(words, 0, fields.clOrdId);
  Cancel.setOrderId(words, 0, fields.orderId);
  Cancel.setAccount(words, 0, fields.account);
  Cancel.setSession(words, 0, 5);
});

const reduce: fc.Arbitrary<Writer> = fc.record({ clOrdId: int64, orderId: int64, by: int64, account }).map((fields) => (words, seq) => {
  Reduce.init(words, 0, seq, 0);
  Reduce.setClientSeq(words, 0, 77);
  Reduce.setClOrdId(words, 0, fields.clOrdId);
  Reduce.setOrderId(words, 0, fields.orderId);
  Reduce.setBy(words, 0, fields.by);
  Reduce.setAccount(words, 0, fields.account);
  Reduce.setSession(words, 0, 5);
});

const replace: fc.Arbitrary<Writer> = fc
  .record({ clOrdId: int64, orderId: int64, newClOrdId: int64, price: int64, qty: int64, account })
  .map((fields) => (words, seq) => {
    Replace.init(words, 0, seq, 0);
    Replace.setClientSeq(words, 0, 77);
    Replace.setClOrdId(words, 0, fields.clOrdId);
    Replace.setOrderId(words, 0, fields.orderId);
    Replace.setNewClOrdId(words, 0, fields.newClOrdId);
    Replace.setPrice(words, 0, fields.price);
    Replace.setQty(words, 0, fields.qty);
    Replace.setAccount(words, 0, fields.account);
    Replace.setSession(words, 0, 5);
  });

const massCancel: fc.Arbitrary<Writer> = fc.record({ account, instrument, side }).map((fields) => (words, seq) => {
  MassCancel.init(words, 0, seq, 0);
  MassCancel.setClientSeq(words, 0, 77);
  MassCancel.setAccount(words, 0, fields.account);
  MassCancel.setSession(words, 0, 5);
  MassCancel.setInstrument(words, 0, fields.instrument);
  MassCancel.setSide(words, 0, fields.side);
});

const setTime: fc.Arbitrary<Writer> = int64.map((at) => (words, seq) => {
  SetTime.init(words, 0, seq, 0);
  SetTime.setClientSeq(words, 0, 77);
  SetTime.setAt(words, 0, at);
  SetTime.setSession(words, 0, 5);
});

const runs = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: newOrder },
    { weight: 2, arbitrary: cancel },
    { weight: 2, arbitrary: reduce },
    { weight: 4, arbitrary: replace },
    { weight: 1, arbitrary: massCancel },
    { weight: 1, arbitrary: setTime },
  ),
  { maxLength: 80 },
);

function newMarket(): Core {
  const core = new Core({ capacities: { orders: 200, levels: 100, accounts: 8, instruments: 4, currencies: 8 } });
  for (const command of MARKET_SET_UP) core.apply(command, (event) => expect(event.event).toBe("ok"));
  return core;
}

const KNOWN_CODES = new Set<number>(Object.values(CODES));

/** Every event answers its command, a reject has a listed code, and the last one says that it is the last. */
function checkEvents(core: Core, write: Writer): void {
  const words = new Int32Array(RECORD_WORDS);
  const seq = core.lastSeq + 1;
  write(words, seq);
  let events = 0;
  let lasts = 0;
  let endsWithLast = false;
  core.applyRecord(words, 0, (out, at) => {
    events++;
    endsWithLast = (Header.flags(out, at) & Header.FLAG_LAST_OF_BATCH) !== 0;
    if (endsWithLast) lasts++;
    expect(Header.seq(out, at)).toBe(seq);
    if (Header.templateId(out, at) === OrderRejected.TEMPLATE_ID) {
      expect(KNOWN_CODES).toContain(OrderRejected.code(out, at));
      expect(OrderRejected.clientSeq(out, at)).toBe(77);
      expect(OrderRejected.session(out, at)).toBe(5);
      expect(OrderRejected.refTemplateId(out, at)).toBe(Header.templateId(words, 0));
    }
    if (Header.templateId(out, at) === CommandRejected.TEMPLATE_ID) expect(KNOWN_CODES).toContain(CommandRejected.code(out, at));
  });
  expect(events).toBeGreaterThan(0);
  expect(lasts).toBe(1);
  expect(endsWithLast).toBe(true);
}

describe("records whose fields hold anything at all", () => {
  it("never break the core; each gives events of its own seq, the last of them marked", () => {
    fc.assert(
      fc.property(runs, (run) => {
        const core = newMarket();
        for (const write of run) {
          checkEvents(core, write);
          core.assertConsistent();
        }
        expect(
          Core.restore(core.snapshot(), {
            capacities: { orders: 200, levels: 100, accounts: 8, instruments: 4, currencies: 8 },
          }).stateHash(),
        ).toBe(core.stateHash());
      }),
      { numRuns: 1500, seed: 21 },
    );
  });

  it("a side that is none is BAD_SIDE, in step 3 (N25)", () => {
    const core = newMarket();
    const words = new Int32Array(RECORD_WORDS);
    NewOrder.init(words, 0, core.lastSeq + 1, 0);
    NewOrder.setClOrdId(words, 0, 1);
    NewOrder.setPrice(words, 0, OFF_STEP);
    NewOrder.setQty(words, 0, 1);
    NewOrder.setSide(words, 0, 2);
    NewOrder.setStp(words, 0, NULL_UINT8);
    const codes: number[] = [];
    core.applyRecord(words, 0, (out, at) => codes.push(OrderRejected.code(out, at)));
    expect(codes).toEqual([CODES.BAD_SIDE]);
  });

  it("a seq that does not follow stops the core: that is our own mistake", () => {
    const core = newMarket();
    const words = new Int32Array(RECORD_WORDS);
    SetTime.init(words, 0, core.lastSeq + 2, 0);
    expect(() => core.applyRecord(words, 0)).toThrow(/command seq must be/);
  });
});

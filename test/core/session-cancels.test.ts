import { expect, it } from "vitest";
import { Core } from "../../engine/edge/core.js";
import { Header, MassCancel, MassCancelReport, OrderCanceled, OrderRejected } from "../../engine/wire/flyweights.js";
import { EndOrder, Reason } from "../../engine/wire/index.js";
import { NULL_UINT8, NULL_UINT32 } from "../../engine/wire/numbers.js";

/** Three orders of alice, the first and the third of them in ABC. */
function market(): Core {
  const core = new Core({
    capacities: { orders: 16, levels: 16, accounts: 4, instruments: 4, currencies: 8 },
    instruments: ["ABC", "DEF"].map((symbol) => ({ symbol, base: symbol, quote: "USD", tickSize: "0.01", lotSize: "1" })),
    accounts: [
      { name: "alice", mode: "unchecked" },
      { name: "bob", mode: "unchecked" },
    ],
  });
  const order = { cmd: "new", side: "buy", price: "1", qty: "2" } as const;
  for (const [clOrdId, symbol] of [
    [1, "ABC"],
    [2, "DEF"],
    [3, "ABC"],
  ] as const) {
    core.apply({ ...order, account: "alice", clOrdId, symbol }, () => {});
  }
  core.apply({ ...order, account: "bob", clOrdId: 1, symbol: "ABC" }, () => {});
  return core;
}

function run(core: Core, words: Int32Array): Int32Array[] {
  const events: Int32Array[] = [];
  core.applyRecord(words, 0, (out, at) => events.push(out.slice(at, at + Header.length(out, at) / 4)));
  core.assertConsistent();
  return events;
}

function massCancel(core: Core, cause: number): Int32Array {
  const words = new Int32Array(MassCancel.RECORD_BYTES / 4);
  MassCancel.init(words, 0, core.lastSeq + 1, 0);
  MassCancel.setInstrument(words, 0, NULL_UINT32);
  MassCancel.setSide(words, 0, NULL_UINT8);
  MassCancel.setCause(words, 0, cause);
  return words;
}

function endOrder(core: Core, orderId: number, account = 0): Int32Array {
  const words = new Int32Array(EndOrder.RECORD_BYTES / 4);
  EndOrder.init(words, 0, core.lastSeq + 1, 0);
  EndOrder.setOrderId(words, 0, orderId);
  EndOrder.setAccount(words, 0, account);
  EndOrder.setSession(words, 0, 0);
  EndOrder.setCause(words, 0, Reason.disconnect);
  return words;
}

it.each([
  [0, Reason.massCancel],
  [Reason.disconnect, Reason.disconnect],
])("a mass cancel with cause %i gives its cancels the reason %i", (cause, reason) => {
  const core = market();
  const events = run(core, massCancel(core, cause));
  const report = events.pop();
  expect(events.map((event) => OrderCanceled.reason(event, 0))).toEqual([reason, reason, reason]);
  expect(report === undefined ? -1 : MassCancelReport.count(report, 0)).toBe(3);
  expect(core.orders("bob")).toHaveLength(1);
});

it("one order of a session that has gone is ended for the reason that is given, once", () => {
  const core = market();
  const [event] = run(core, endOrder(core, 2));
  expect(event === undefined ? -1 : OrderCanceled.reason(event, 0)).toBe(Reason.disconnect);
  expect(core.orders("alice").map((order) => order.clOrdId)).toEqual([1, 3]);
  const before = core.stateHash();
  for (const words of [endOrder(core, 2), endOrder(core, 1, 1), endOrder(core, 1, 99)]) {
    Header.setSeq(words, 0, core.lastSeq + 1);
    const [refused, ...more] = run(core, words);
    expect(refused === undefined ? -1 : Header.templateId(refused, 0)).toBe(OrderRejected.TEMPLATE_ID);
    expect(more).toEqual([]);
  }
  expect(core.stateHash()).toBe(before);
});

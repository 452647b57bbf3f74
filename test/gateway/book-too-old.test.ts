import { afterEach, expect, it } from "vitest";
import { BookSnapshot, Channel, ResyncRequired } from "../../engine/wire/index.js";
import { BookBuilder } from "../../gateway/client/book-builder.js";
import type { MarketDataPort } from "../../gateway/engine-port.js";
import { FanOut } from "../../gateway/fan-out.js";
import { accepted, canceled, HandFed } from "../pipelines/by-hand.js";
import { INSTRUMENT } from "./fake-port.js";
import { recordOf, rowsOf, SlowSession, subscribe } from "./market-data-client.js";

const fanOuts: FanOut[] = [];

afterEach(() => {
  for (const fanOut of fanOuts.splice(0)) fanOut.close();
});

/** Four levels at a time, and as many again that are gone and remembered. */
function start() {
  const fed = new HandFed({ orders: 50, levels: 4, instruments: 1 });
  const port: MarketDataPort = {
    instruments: [{ ...INSTRUMENT, id: 0 }],
    marketDataOf: () => fed.step,
    get isBetweenCommands() {
      return fed.step.isBetweenCommands;
    },
    top: (instrument, words, at) => fed.step.top(instrument, words, at),
    tradingState: () => 2,
    tellTime: () => {},
  };
  const fanOut = new FanOut(port, { lagBytes: 400, onWritten: () => {} });
  fanOuts.push(fanOut);
  const session = new SlowSession();
  expect(subscribe(fanOut, session, { instrument: 0, channel: Channel.book })).toBe(0);
  /** An order at a price of its own that comes and goes. */
  const flash = (price: number): void => {
    fed.command(accepted(price, { price }));
    fed.command(canceled(price));
    publish();
  };
  const publish = (): void => {
    for (const record of fed.told.splice(0)) fanOut.publish(record, 0);
    fanOut.settle();
  };
  return { fed, fanOut, session, flash, publish };
}

/** Reads what waits; returns the templates of what was no change. */
function read(session: SlowSession, builder: BookBuilder): { resyncs: number; resets: number; conflated: number } {
  const seen = { resyncs: 0, resets: 0, conflated: 0 };
  for (let record = session.read(); record !== undefined; record = session.read()) {
    const { templateId } = recordOf(record);
    if (templateId === ResyncRequired.TEMPLATE_ID) seen.resyncs++;
    if (templateId === BookSnapshot.TEMPLATE_ID && BookSnapshot.reset(record, 0) === 1) seen.resets++;
    if (templateId === BookSnapshot.TEMPLATE_ID && BookSnapshot.reset(record, 0) === 0) seen.conflated++;
    expect(builder.take(record, 0), builder.fault).not.toBe("broken");
  }
  return seen;
}

it("a reader who is behind for a while is told what has changed, with the levels that are gone", () => {
  const { fed, fanOut, session, flash, publish } = start();
  const builder = new BookBuilder(0, "book");
  for (let price = 1; price <= 3; price++) fed.command(accepted(price, { price }));
  publish();
  read(session, builder);
  for (let nth = 0; nth < 12; nth++) flash(10 + (nth % 2));
  fed.command(canceled(2));
  publish();
  read(session, builder);
  fanOut.settle();
  expect(read(session, builder)).toEqual({ resyncs: 0, resets: 0, conflated: 1 });
  expect(rowsOf(builder)).toEqual(["0 3: 5 1", "0 1: 5 1"]);
});

it("one who is behind until levels are forgotten is told so, and gets the whole book", () => {
  const { fed, fanOut, session, flash, publish } = start();
  const builder = new BookBuilder(0, "book");
  for (let price = 1; price <= 3; price++) fed.command(accepted(price, { price }));
  publish();
  read(session, builder);
  for (let nth = 0; nth < 40; nth++) flash(10 + nth);
  fed.command(canceled(2));
  publish();
  read(session, builder);
  fanOut.settle();
  expect(read(session, builder)).toEqual({ resyncs: 1, resets: 1, conflated: 0 });
  expect([builder.status, rowsOf(builder)]).toEqual(["live", ["0 3: 5 1", "0 1: 5 1"]]);
  flash(20);
  read(session, builder);
  expect(rowsOf(builder)).toEqual(["0 3: 5 1", "0 1: 5 1"]);
});

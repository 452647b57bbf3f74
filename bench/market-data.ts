import { WANT_ALL } from "../engine/pipelines/market-data/wanted.js";
import { raiseInliningBudget } from "../engine/runtime/inlining-budget.js";
import { Subscribe } from "../engine/wire/flyweights.js";
import { Channel } from "../engine/wire/generated/enums.js";
import * as Header from "../engine/wire/header.js";
import { BookBuilder } from "../gateway/client/book-builder.js";
import { FanOut } from "../gateway/fan-out.js";
import { Market } from "./market-data/market.js";
import { MemorySeat } from "./market-data/memory-seat.js";
import { type RecordedEvents, recordEvents } from "./market-data/recorded-events.js";
import type { BenchReport } from "./report.js";
import { percentile, type Row, rowOf } from "./ring/statistics.js";

const WARM_UP_SHARE = 0.2;

interface Sizes {
  readonly commands: number;
  readonly rounds: number;
  readonly subscribers: number;
  /** Commands that are told to all subscribers. */
  readonly told: number;
}

/**
 * Market data on one thread: from an event of the core to the built update, and from there into the outboxes of many subscribers.
 * Not in it: the way of the event through the ring, the gateway's other work, and the sockets, each of which costs some µs a message.
 */
export function run(options: { size: "tiny" | "full" }): BenchReport {
  raiseInliningBudget();
  const sizes: Sizes =
    options.size === "tiny"
      ? { commands: 6_000, rounds: 2, subscribers: 20, told: 500 }
      : { commands: 400_000, rounds: 7, subscribers: 1_000, told: 5_000 };
  const events = recordEvents(sizes.commands);
  const rows = [...buildRows(events, sizes, "top and trades", 0), ...buildRows(events, sizes, "all channels", WANT_ALL)];
  for (const channel of ["top", "depth", "book", "orders"] as const) rows.push(...fanOutRows(events, sizes, channel));
  return {
    name: "market-data",
    rows,
    checked: [
      "Behind every round the market data has exactly the levels of the core's book.",
      "Every subscriber of a channel got as many records and bytes as every other.",
      "A book built from what a subscriber of depth, book and orders was sent has no hole, and the levels of the market data's.",
    ],
  };
}

/** From an event to the update that is built and in the output ring, event by event; the clock's own 50 ns are in it. */
function buildRows(events: RecordedEvents, { rounds }: Sizes, name: string, wanted: number): Row[] {
  const p50: number[] = [];
  const p99: number[] = [];
  const p999: number[] = [];
  const rates: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const { ns, tookMs } = buildAll(events, wanted);
    if (round < 0) continue; // The first round warms up.
    p50.push(percentile(ns, 0.5) / 1000);
    p99.push(percentile(ns, 0.99) / 1000);
    p999.push(percentile(ns, 0.999) / 1000);
    rates.push(events.offsets.length / tookMs / 1000);
  }
  return [
    rowOf(`${name}: event to built update, p50`, "µs", p50),
    rowOf(`${name}: event to built update, p99`, "µs", p99, "< 10"),
    rowOf(`${name}: event to built update, p99.9`, "µs", p999),
    rowOf(`${name}: events`, "M/s", rates),
  ];
}

/** Two runs: one by the clock of each event, one by the clock of all. */
function buildAll(events: RecordedEvents, wanted: number): { ns: number[]; tookMs: number } {
  const count = events.offsets.length;
  const timed = new Float64Array(count);
  const market = newMarket(events, wanted);
  for (let nth = 0; nth < count; nth++) {
    const startMs = performance.now();
    market.tell(nth, ignore);
    timed[nth] = (performance.now() - startMs) * 1e6;
  }
  assertLevels(market, events);
  const whole = newMarket(events, wanted);
  const startMs = performance.now();
  for (let nth = 0; nth < count; nth++) whole.tell(nth, ignore);
  const tookMs = performance.now() - startMs;
  assertLevels(whole, events);
  return { ns: [...timed.subarray(Math.floor(count * WARM_UP_SHARE))], tookMs };
}

/** Events to the outboxes of all subscribers of one channel, and a flush of each after every command. */
function fanOutRows(events: RecordedEvents, sizes: Sizes, channel: keyof typeof Channel): Row[] {
  const perUpdate: number[] = [];
  const perRecord: number[] = [];
  for (let round = -1; round < Math.min(3, sizes.rounds); round++) {
    const { tookMs, updates, records } = fanOutOnce(events, sizes, channel);
    if (round < 0) continue;
    perUpdate.push((tookMs / updates) * 1000);
    perRecord.push((tookMs / records) * 1e6);
  }
  return [
    rowOf(`${channel}: one update to ${sizes.subscribers} subscribers`, "µs", perUpdate),
    rowOf(`${channel}: a record to one subscriber, flush included`, "ns", perRecord),
  ];
}

function fanOutOnce(events: RecordedEvents, sizes: Sizes, channel: keyof typeof Channel) {
  const market = new Market(events);
  const fanOut = new FanOut(market, { lagBytes: 1 << 20, onWritten: () => {} });
  const seats = Array.from({ length: sizes.subscribers }, () => new MemorySeat());
  const onRecord = (words: Int32Array, at: number): void => fanOut.publish(words, at);
  const { length } = events.offsets;
  // The book is filled first; then everybody comes, and the last events are told to all.
  const from = Math.max(0, length - sizes.told);
  for (let nth = 0; nth < from; nth++) market.tell(nth, ignore);
  const builder = channel === "top" || channel === "trades" ? undefined : followBook(seats[0], channel as "depth" | "book" | "orders");
  for (const seat of seats) if (fanOut.subscribe(seat, subscribeWords(channel), 0, 1) !== 0) throw new Error("a subscription was refused");
  for (const seat of seats) seat.flush();
  const before = seats[0].records;
  let updates = 0;
  const startMs = performance.now();
  for (let nth = from; nth < length; nth++) {
    const records = seats[0].records;
    market.tell(nth, onRecord);
    if (!market.marketData.isBetweenCommands || seats[0].records === records) continue;
    updates++;
    for (const seat of seats) seat.flush();
  }
  const tookMs = performance.now() - startMs;
  for (const seat of seats) seat.flush();
  fanOut.close();
  if (seats.some((seat) => seat.records !== seats[0].records || seat.bytes !== seats[0].bytes)) throw new Error("subscribers differ");
  if (builder !== undefined) assertBook(builder(), market, channel === "depth" ? 10 : Number.POSITIVE_INFINITY);
  return { tookMs, updates, records: (seats[0].records - before) * seats.length };
}

/** Builds a book from what one seat is sent. */
function followBook(seat: MemorySeat, channel: "depth" | "book" | "orders"): () => BookBuilder {
  const builder = new BookBuilder(0, channel);
  seat.onFlush = (words, usedWords) => {
    for (let at = 0; at < usedWords; at += Header.length(words, at) >> 2) {
      if (builder.take(words, at) === "broken") throw new Error(builder.fault);
    }
  };
  return () => builder;
}

function assertBook(builder: BookBuilder, { marketData: { books } }: Market, depth: number): void {
  if (builder.status !== "live") throw new Error(`the built book is ${builder.status}`);
  for (const [side, { levels }] of [builder.bids, builder.asks].entries()) {
    let count = 0;
    for (let level = books.bestLevel(side); level !== 0 && count < depth; level = books.nextLevel(level)) {
      const built = levels[count++];
      if (built?.price !== books.levelPrice(level) || built.qty !== books.levelQty(level)) throw new Error("the built book is another one");
    }
    if (count !== levels.length) throw new Error("the built book has other levels");
  }
}

function assertLevels({ marketData: { books } }: Market, { levels }: RecordedEvents): void {
  let nth = 0;
  for (let side = 0; side < 2; side++) {
    for (let level = books.bestLevel(side); level !== 0; level = books.nextLevel(level)) {
      const [price, qty] = levels[nth++] ?? [];
      if (price !== books.levelPrice(level) || qty !== books.levelQty(level)) throw new Error("the book is not the core's");
    }
  }
  if (nth !== levels.length) throw new Error("the book has not as many levels as the core's");
}

function newMarket(events: RecordedEvents, wanted: number): Market {
  const market = new Market(events);
  market.marketData.want(0, wanted);
  return market;
}

function subscribeWords(channel: keyof typeof Channel): Int32Array {
  const words = new Int32Array(Subscribe.RECORD_BYTES / 4);
  Subscribe.init(words, 0, 1, 1);
  Subscribe.setInstrument(words, 0, 0);
  Subscribe.setChannel(words, 0, Channel[channel]);
  Subscribe.setIntervalMs(words, 0, 0);
  Subscribe.setDepth(words, 0, 0);
  return words;
}

function ignore(): void {}

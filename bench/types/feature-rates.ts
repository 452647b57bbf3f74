import * as Wire from "../../engine/wire/flyweights.js";
import { OrdType, Side, TimeInForce, TradingState } from "../../engine/wire/generated/enums.js";
import type { MarketRules } from "../flows/set-up-records.js";
import { BenchCore } from "./bench-core.js";
import { Draws } from "./draws.js";
import { OrderSheet } from "./order-sheet.js";

const ACCEPTED = Wire.OrderAccepted.TEMPLATE_ID;
const ACCEPTED_FULL = Wire.OrderAcceptedFull.TEMPLATE_ID;
const CANCELED = Wire.OrderCanceled.TEMPLATE_ID;
const TRIGGERED = Wire.OrderTriggered.TEMPLATE_ID;
const TRADE = Wire.Trade.TEMPLATE_ID;
const STATE = Wire.InstrumentState.TEMPLATE_ID;
const SHOWN = Wire.OrderShown.TEMPLATE_ID;
const INDICATION = Wire.AuctionIndication.TEMPLATE_ID;

/** One part of a round: records, how many things they do that are counted a second, and every event that they must give. */
interface Part {
  readonly sheet: OrderSheet;
  readonly events: readonly (readonly [templateId: number, count: number])[];
  /** Absent: not timed. */
  readonly metric?: { readonly name: string; readonly count: number };
}

/** A feature at work: its parts are played in their order on a new core in every round. */
export interface Feature {
  readonly name: string;
  readonly orders: number;
  readonly rules?: MarketRules;
  readonly parts: readonly Part[];
}

/** Plays a feature once; gives the thousands a second of each timed part. Throws when an event is missing or too many. */
export function playFeature(feature: Feature): Map<string, number> {
  const bench = new BenchCore({ orders: feature.orders, levels: feature.orders }, feature.rules);
  const rates = new Map<string, number>();
  for (const { sheet, events, metric } of feature.parts) {
    const tookMs = bench.play(sheet);
    bench.expect(metric?.name ?? feature.name, new Map(events));
    if (metric !== undefined) rates.set(metric.name, metric.count / tookMs);
  }
  bench.core.assertConsistent();
  return rates;
}

/** Stops that wait: entered and canceled in a jumble, at a tenth as many prices. */
export function dormantStops(count: number): Feature {
  const draws = new Draws(1);
  const ids = Int32Array.from({ length: count }, (_, i) => 1 + i);
  const [entry, cancels] = [new OrderSheet(), new OrderSheet()];
  for (const id of draws.shuffled(ids)) {
    entry.fullOrder({ id, side: Side.buy, qty: 1, ordType: OrdType.stop }, { stopPrice: 1_000 + draws.below(count / 10) });
  }
  for (const id of draws.shuffled(ids)) cancels.cancel(id);
  const parts: Part[] = [
    { sheet: entry, events: [[ACCEPTED_FULL, count]], metric: { name: "dormant stops entered", count } },
    { sheet: cancels, events: [[CANCELED, count]], metric: { name: "dormant stops canceled", count } },
  ];
  return { name: "dormant stops", orders: count, parts };
}

/** One order sets off all stops: each buys the next ask, and the price of that fires the next stop. */
export function cascade(count: number): Feature {
  const [book, spark] = [new OrderSheet(), new OrderSheet()];
  for (let i = 0; i <= count; i++) book.order({ id: 1 + i, side: Side.sell, qty: 1, price: 1_000 + i });
  const stops = new OrderSheet();
  const draws = new Draws(2);
  for (const i of draws.shuffled(Int32Array.from({ length: count }, (_, index) => index))) {
    stops.fullOrder({ id: 2 * count + i, side: Side.buy, qty: 1, ordType: OrdType.stop }, { stopPrice: 1_000 + i });
  }
  spark.order({ id: 4 * count, side: Side.buy, qty: 1, ordType: OrdType.market });
  const fired: Part["events"] = [
    [ACCEPTED, 1],
    [TRADE, count + 1],
    [TRIGGERED, count],
  ];
  const parts: Part[] = [
    { sheet: book, events: [[ACCEPTED, count + 1]] },
    { sheet: stops, events: [[ACCEPTED_FULL, count]] },
    { sheet: spark, events: fired, metric: { name: "stops fired in one cascade", count } },
  ];
  return { name: "cascade", orders: 2 * count + 2, parts };
}

/** Everything trades with everything: buys above all sells, on a thousand levels each, entered before the opening. */
export function uncross(count: number): Feature {
  const [entry, opening] = [new OrderSheet(), new OrderSheet()];
  const half = count / 2;
  for (let i = 0; i < half; i++) {
    entry.order({ id: 1 + 2 * i, side: Side.buy, qty: 10, price: 2_000 + ((i * 7) % 1_000) });
    entry.order({ id: 2 + 2 * i, side: Side.sell, qty: 10, price: 1_000 + ((i * 11) % 1_000) });
  }
  opening.state(TradingState.open);
  const events: Part["events"] = [
    [STATE, 1],
    [INDICATION, 1],
    [TRADE, half],
  ];
  const parts: Part[] = [
    { sheet: entry, events: [[ACCEPTED, count]], metric: { name: "orders entered before the opening", count } },
    { sheet: opening, events, metric: { name: `trades of one uncross of ${count} orders`, count: half } },
  ];
  return { name: "uncross", orders: count, rules: { state: "preOpen" }, parts };
}

/** Orders in an auction call whose book is crossed over so many levels a side; each changes the indication. */
export function indication(levels: number, count: number): Feature {
  const [book, more] = [new OrderSheet(), new OrderSheet()];
  for (let i = 0; i < levels; i++) book.order({ id: 1 + i, side: Side.buy, qty: 10_000, price: 20_000 + i });
  for (let i = 0; i < levels; i++) book.order({ id: 1 + levels + i, side: Side.sell, qty: 10, price: 1 + i });
  for (let i = 0; i < count; i++) more.order({ id: 1 + 2 * levels + i, side: Side.sell, qty: 10, price: 1 + ((i * 7) % levels) });
  const enter = new OrderSheet();
  enter.state(TradingState.auctionCall);
  const parts: Part[] = [
    { sheet: book, events: [[ACCEPTED, 2 * levels]] },
    {
      sheet: enter,
      events: [
        [STATE, 1],
        [INDICATION, 1],
      ],
    },
    {
      sheet: more,
      events: [
        [ACCEPTED, count],
        [INDICATION, count],
      ],
      metric: { name: `orders in an auction call, ${levels} crossed levels a side`, count },
    },
  ];
  return { name: "indication", orders: 2 * levels + count, rules: { state: "preOpen" }, parts };
}

/** All-or-nothing orders for one lot more than the book has, over so many levels. */
export function feasibility(levels: number, count: number): Feature {
  const [book, orders] = [new OrderSheet(), new OrderSheet()];
  for (let i = 0; i < levels; i++) book.order({ id: 1 + i, side: Side.sell, qty: 10, price: 1_000 + i });
  for (let i = 0; i < count; i++)
    orders.order({ id: 1 + levels, side: Side.buy, qty: 10 * levels + 1, price: 1_000 + levels, tif: TimeInForce.fok });
  const parts: Part[] = [
    { sheet: book, events: [[ACCEPTED, levels]] },
    {
      sheet: orders,
      events: [
        [ACCEPTED, count],
        [CANCELED, count],
      ],
      metric: { name: `fok orders that fail after ${levels} levels`, count },
    },
  ];
  return { name: "feasibility", orders: levels + 1, parts };
}

/** Two icebergs of one lot a tranche at one price, so that each tranche goes to the tail behind the other. */
export function tranches(count: number): Feature {
  const [book, takers] = [new OrderSheet(), new OrderSheet()];
  const half = count / 2;
  for (const id of [1, 2]) book.fullOrder({ id, side: Side.sell, qty: half, price: 1_000 }, { displayQty: 1 });
  const orders = count / 100;
  for (let i = 0; i < orders; i++) takers.order({ id: 3 + i, side: Side.buy, qty: 100, ordType: OrdType.market });
  const parts: Part[] = [
    {
      sheet: book,
      events: [
        [ACCEPTED_FULL, 2],
        [SHOWN, 2],
      ],
    },
    {
      sheet: takers,
      events: [
        [ACCEPTED, orders],
        [TRADE, count],
        [SHOWN, count - 2],
      ],
      metric: { name: "tranches traded", count },
    },
  ];
  return { name: "tranches", orders: 16, parts };
}

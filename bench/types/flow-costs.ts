import { deepStrictEqual } from "node:assert/strict";
import { OrdType, Side, TimeInForce } from "../../engine/wire/generated/enums.js";
import { NULL_INT64 } from "../../engine/wire/numbers.js";
import { CoreFlow, type RecordedFlow, type RestingStyle, recordFlow } from "../book/core-flow.js";
import type { Flow, FlowResult } from "../flows/flow.js";
import { writeFullOrder } from "../flows/flow-records.js";
import { type MarketRules, SET_UP_COMMANDS } from "../flows/set-up-records.js";
import { type Row, ratioOf, rowOf } from "../ring/statistics.js";

/** Prices of the flow lie around 100,000 ticks: what these stops wait for never comes. */
const HIGH_STOP = 10_000_000;
const STOP_PRICES = 1_000;
const BEYOND_ANY_PRICE_BPS = 1_000_000;

interface Variant {
  readonly name: string;
  readonly style?: RestingStyle;
  readonly rules?: MarketRules;
  readonly stops?: number;
}

/**
 * The flow `normal` with features that change none of its answers, so that every round can be compared with the published trades
 * and books: what each costs is the ratio to the plain flow of the same round.
 */
export function flowCosts(flow: Flow, expected: FlowResult, rounds: number, stops: number): Row[] {
  const variants: Variant[] = [
    { name: "nothing special" },
    {
      name: "a band and market protection",
      rules: { bandBps: BEYOND_ANY_PRICE_BPS, marketProtectionBps: BEYOND_ANY_PRICE_BPS, lastPrice: 100_000 },
    },
    { name: `${stops} dormant stops that nothing reaches`, stops },
    { name: "1 in 10 resting orders an iceberg", style: "iceberg" },
    { name: "resting orders day", style: "day" },
    { name: "resting orders gtd", style: "gtd" },
  ];
  const recorded = new Map<string, RecordedFlow>();
  const rates = variants.map((): number[] => []);
  for (let round = -2; round < rounds; round++) {
    for (const [index, variant] of variants.entries()) {
      const rate = play(variant, flow, expected, recorded);
      if (round >= 0) rates[index].push(rate); // The first rounds warm up.
    }
  }
  return variants.flatMap(({ name }, index) => {
    const row = rowOf(`normal, ${name}`, "M commands/s", rates[index]);
    return index === 0 ? [row] : [row, ratioOf(`normal, ${name}, over nothing special`, rates[index], rates[0])];
  });
}

function play({ name, style, rules, stops = 0 }: Variant, flow: Flow, expected: FlowResult, recorded: Map<string, RecordedFlow>): number {
  const records = recorded.get(name) ?? recordFlow(flow, style, SET_UP_COMMANDS + stops);
  recorded.set(name, records);
  const player = new CoreFlow(stops === 0 ? 2 ** 18 : 2 ** 18 + stops, 2 ** 15, rules);
  enterStops(player, flow.highestId, stops);
  player.play(records, 0, records.setupRecords);
  const startMs = performance.now();
  player.play(records, records.setupRecords, records.offsets.length);
  const tookMs = performance.now() - startMs;
  deepStrictEqual(player.result(), expected, name);
  if (player.core.book.pool.size !== expected.bids + expected.asks + stops) throw new Error(`${name}: a stop is missing`);
  return flow.timedCount / tookMs / 1000;
}

/** Buys far above and sells far below the market, with ids behind those of the flow. */
function enterStops(player: CoreFlow, highestId: number, stops: number): void {
  const words = new Int32Array(64);
  for (let i = 1; i <= stops; i++) {
    const side = i % 2 === 0 ? Side.buy : Side.sell;
    const stopPrice = side === Side.buy ? HIGH_STOP + (i % STOP_PRICES) : 1 + (i % STOP_PRICES);
    const order = { id: highestId + i, side, ordType: OrdType.stop, tif: TimeInForce.gtc, price: NULL_INT64, qty: 10 };
    writeFullOrder(words, 0, player.core.lastSeq + 1, order, { stopPrice });
    player.core.apply(words, 0);
    if (i % 256 === 0) player.drain();
  }
  player.drain();
}

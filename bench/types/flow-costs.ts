import { deepStrictEqual } from "node:assert/strict";
import { OrdType, Side, TimeInForce } from "../../engine/wire/generated/enums.js";
import { NULL_INT64 } from "../../engine/wire/numbers.js";
import { CoreFlow, type RecordedFlow, type RestingStyle, recordFlow } from "../book/core-flow.js";
import type { Flow, FlowResult } from "../flows/flow.js";
import { writeFullOrder, writeNewOrder } from "../flows/flow-records.js";
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
  /** So many orders that nothing reaches stand there before: stops, or limits far from the market. */
  readonly far?: number;
  readonly farType?: OrdType;
  /** Which variant it is compared with; the plain flow by default. */
  readonly over?: number;
}

/** Variants by their place. */
const PLAIN = 0;
const FAR_LIMITS = 2;

/**
 * The flow `normal` with features that change none of its answers, so that every round can be compared with the published trades
 * and books: what each costs is the ratio to the plain flow of the same round.
 */
export function flowCosts(flow: Flow, expected: FlowResult, rounds: number, stops: number): Row[] {
  const variants: Variant[] = [
    { name: "nothing special" },
    {
      name: "a band and market protection",
      rules: { bandBps: BEYOND_ANY_PRICE_BPS, marketProtectionBps: BEYOND_ANY_PRICE_BPS, lastPrice: "0.1" },
    },
    // A million more live orders take the cache from the index of client ids, whatever they are: stops are compared with limits.
    { name: `${stops} limits far from the market`, far: stops, farType: OrdType.limit },
    { name: `${stops} dormant stops that nothing reaches`, far: stops, farType: OrdType.stop, over: FAR_LIMITS },
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
  return variants.flatMap(({ name, over = PLAIN }, index) => {
    const row = rowOf(`normal, ${name}`, "M commands/s", rates[index]);
    return index === PLAIN ? [row] : [row, ratioOf(`normal, ${name}, over ${variants[over].name}`, rates[index], rates[over])];
  });
}

function play(variant: Variant, flow: Flow, expected: FlowResult, recorded: Map<string, RecordedFlow>): number {
  const { name, style, rules, far = 0, farType = OrdType.stop } = variant;
  const records = recorded.get(name) ?? recordFlow(flow, style, SET_UP_COMMANDS + far);
  recorded.set(name, records);
  const player = new CoreFlow(2 ** 18 + far, 2 ** 15, rules);
  enterFar(player, flow.highestId, far, farType);
  player.play(records, 0, records.setupRecords);
  const startMs = performance.now();
  player.play(records, records.setupRecords, records.offsets.length);
  const tookMs = performance.now() - startMs;
  const result = player.result();
  if (far > 0 && farType === OrdType.limit) deepStrictEqual(tradesOf(result), tradesOf(expected), name);
  else deepStrictEqual(result, expected, name);
  if (player.core.book.pool.size !== expected.bids + expected.asks + far) throw new Error(`${name}: an order is missing`);
  return flow.timedCount / tookMs / 1000;
}

/** What a book with further orders in it must have in common with the flow's own. */
function tradesOf({ trades, tradedQty, tradedNotional, tradeHash }: FlowResult): Partial<FlowResult> {
  return { trades, tradedQty, tradedNotional, tradeHash };
}

/** Stops or limits that no price of the flow comes near, with ids behind those of the flow. */
function enterFar(player: CoreFlow, highestId: number, count: number, ordType: OrdType): void {
  const words = new Int32Array(64);
  for (let i = 1; i <= count; i++) {
    const side = i % 2 === 0 ? Side.buy : Side.sell;
    const isHigh = (side === Side.buy) === (ordType === OrdType.stop);
    const far = (isHigh ? HIGH_STOP : 1) + (i % STOP_PRICES);
    const order = { id: highestId + i, side, ordType, tif: TimeInForce.gtc, qty: 10 };
    if (ordType === OrdType.limit) writeNewOrder(words, 0, player.core.lastSeq + 1, { ...order, price: far });
    else writeFullOrder(words, 0, player.core.lastSeq + 1, { ...order, price: NULL_INT64 }, { stopPrice: far });
    player.core.apply(words, 0);
    if (i % 256 === 0) player.drain();
  }
  player.drain();
}

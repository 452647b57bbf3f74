import type { Client, Outcome, Report } from "../../gateway/client/index.js";
import { type DemoInstrument, decimal } from "./demo-market.js";
import type { FairPrice } from "./fair-price.js";
import type { Xorshift } from "./xorshift.js";

/** Something that sends one request at a time when it is its turn. */
export interface Bot {
  /** The request that it makes, or undefined when it has none to make now. */
  act(): Promise<Outcome> | undefined;
}

interface Quote {
  readonly side: "buy" | "sell";
  /** Distance from the fair price in ticks. */
  readonly offsetTicks: number;
  clOrdId: number;
  priceTicks: number;
  isWaiting: boolean;
}

const LEVELS = 8;
const LEVEL_TICKS = 4;
/** One quote in so many is an iceberg, of which this part is seen. */
const ICEBERG_ONCE_IN = 4;
const SHOWN_PART = 5;
/** A taker's stop is this far from the fair price at most, and gone after this time when nothing fires it. */
const STOP_TICKS_MAX = 40;
const STOP_LIFE_MS = 10_000;
/** A quote is left alone while it is this close to where it should be. */
const TOLERANCE_TICKS = 3;

/** Keeps quotes on both sides around the fair price, post-only, and moves them as it moves. Some show a part of themselves only. */
export class Maker implements Bot {
  private readonly quotes: Quote[] = [];
  private lastClOrdId = 0;

  constructor(
    private readonly client: Client,
    private readonly instrument: DemoInstrument,
    private readonly fair: FairPrice,
    private readonly random: Xorshift,
  ) {
    for (let level = 1; level <= LEVELS; level++) {
      for (const side of ["buy", "sell"] as const)
        this.quotes.push({ side, offsetTicks: level * LEVEL_TICKS, clOrdId: 0, priceTicks: 0, isWaiting: false });
    }
  }

  /** Whether at least half of its quotes are out. */
  get isQuoting(): boolean {
    return this.quotes.filter(({ clOrdId, isWaiting }) => clOrdId !== 0 && !isWaiting).length >= LEVELS;
  }

  act(): Promise<Outcome> | undefined {
    const quote = this.quotes[this.random.below(this.quotes.length)] as Quote;
    if (quote.isWaiting) return undefined;
    const distance = quote.offsetTicks + this.random.below(LEVEL_TICKS);
    const target = Math.max(1, this.fair.ticks + (quote.side === "buy" ? -distance : distance));
    if (quote.clOrdId === 0) return this.place(quote, target);
    if (this.random.onceIn(16)) return this.wait(quote, this.client.cancel({ clOrdId: quote.clOrdId }));
    if (Math.abs(quote.priceTicks - target) <= TOLERANCE_TICKS) return undefined;
    quote.priceTicks = target;
    const { symbol, tickDigits } = this.instrument;
    return this.wait(quote, this.client.replace({ symbol, clOrdId: quote.clOrdId, price: decimal(target, tickDigits) }));
  }

  /** Reports of this account: quotes that are filled or canceled are free again. */
  onReport(report: Report): void {
    const isGone = report.event === "canceled" || (report.event === "filled" && Number(report.leavesQty) === 0);
    const quote = isGone ? this.quotes.find(({ clOrdId }) => clOrdId === report.clOrdId) : undefined;
    if (quote !== undefined) quote.clOrdId = 0;
  }

  private place(quote: Quote, target: number): Promise<Outcome> {
    const { symbol, tickDigits, lotDigits, lotsMax } = this.instrument;
    const clOrdId = ++this.lastClOrdId;
    const lots = 1 + this.random.below(lotsMax);
    const seen = this.random.onceIn(ICEBERG_ONCE_IN) ? { displayQty: decimal(Math.ceil(lots / SHOWN_PART), lotDigits) } : {};
    const terms = { price: decimal(target, tickDigits), qty: decimal(lots, lotDigits), ...seen };
    quote.clOrdId = clOrdId;
    quote.priceTicks = target;
    return this.wait(quote, this.client.submit({ clOrdId, symbol, side: quote.side, postOnly: true, ...terms }));
  }

  private async wait(quote: Quote, answer: Promise<Outcome>): Promise<Outcome> {
    const { clOrdId } = quote;
    quote.isWaiting = true;
    try {
      const outcome = await answer;
      const isRefused = outcome.status === "rejected";
      const wasNew = outcome.reports.some((report) => report.event === "rejected" && report.request.startsWith("NewOrder"));
      if (isRefused && (wasNew || outcome.reason === "UNKNOWN_ORDER") && quote.clOrdId === clOrdId) quote.clOrdId = 0;
      return outcome;
    } finally {
      quote.isWaiting = false;
    }
  }
}

/**
 * Takes what is there, a little at a time: mostly with a limit near the fair price, sometimes at the market, and sometimes
 * once the market has moved on: with a stop, which the engine's clock takes back when it has not. It stays away
 * from a market without makers, where a market order would trade at any price.
 */
export class Taker implements Bot {
  private lastClOrdId = 0;

  constructor(
    private readonly client: Client,
    private readonly instrument: DemoInstrument,
    private readonly fair: FairPrice,
    private readonly random: Xorshift,
    private readonly makers: readonly Maker[],
  ) {}

  act(): Promise<Outcome> | undefined {
    if (!this.makers.every(({ isQuoting }) => isQuoting)) return undefined;
    const { symbol, tickDigits, lotDigits, lotsMax } = this.instrument;
    const side = this.random.onceIn(2) ? "buy" : "sell";
    const order = { clOrdId: ++this.lastClOrdId, symbol, side, qty: decimal(1 + this.random.below(lotsMax), lotDigits) } as const;
    if (this.random.onceIn(8)) return this.client.submit({ ...order, type: "market" });
    if (this.random.onceIn(16)) return this.client.submit({ ...order, ...this.stop(side) });
    const reach = this.random.below(4 * LEVEL_TICKS);
    const limit = Math.max(1, this.fair.ticks + (side === "buy" ? reach : -reach));
    return this.client.submit({ ...order, tif: "ioc", price: decimal(limit, tickDigits) });
  }

  private stop(side: "buy" | "sell") {
    const distance = 1 + this.random.below(STOP_TICKS_MAX);
    const stopTicks = Math.max(1, this.fair.ticks + (side === "buy" ? distance : -distance));
    const expireTime = (Date.now() + STOP_LIFE_MS) * 1000;
    return { type: "stop", tif: "gtd", expireTime, stopPrice: decimal(stopTicks, this.instrument.tickDigits) } as const;
  }
}

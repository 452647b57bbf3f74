import { triggered } from "./events.js";
import type { Matching, Passage } from "./matching.js";
import { trailingStopPrice } from "./risk-price.js";
import type { Instrument, Order } from "./state.js";
import { isReached, SIDES, takeOut } from "./state.js";
import type { StepFour } from "./step-four.js";
import type { Tape } from "./tape.js";

/** SEMANTICS 5: aggressors, the stops that their prints reach, and what those do in turn, until nothing fires. */
export class Flow {
  /** Reached stops in the order in which they fire (T1). */
  #queue: Order[] = [];

  constructor(
    readonly matching: Matching,
    readonly stepFour: StepFour,
  ) {}

  get #tape(): Tape {
    return this.matching.desk.tape;
  }

  /** An order enters the book, and everything that follows from it happens. */
  run(order: Order): void {
    this.#aggress(order);
    this.drain();
  }

  /** K10: the engine's own order. */
  runLiquidation(order: Order): void {
    if (this.stepFour.mayLiquidate(order)) this.#follow(order.instrument, this.matching.work(order));
    else this.matching.desk.cancel(order, "noLiquidity");
    this.drain();
  }

  /** A stop enters: C16: it fires at once when the last trade has reached it, and sleeps else. Then everything that follows. */
  runStop(stop: Order): void {
    this.#wake(stop);
    this.drain();
  }

  /** C21: the limit leg, then the stop leg if it still lives, then what was reached meanwhile. */
  runPair(limit: Order, stop: Order): void {
    takeOut(limit);
    this.#aggress(limit);
    if (stop.place !== "dead") {
      startTrailing(stop); // C16: from the last trade at its entry.
      this.#wake(stop);
    }
    this.drain();
  }

  /** C14: collects the stops that these prints reach, buys first, and lets trailing stops follow them. T2: print by print. */
  test(instrument: Instrument, prints: readonly bigint[]): void {
    for (const side of SIDES) {
      for (const print of prints) {
        const asleep = [...instrument.dormant].filter((order) => order.side === side);
        const reached = asleep.filter((order) => isReached(order, print)).sort(byStopPriceThenAge);
        for (const stop of reached) {
          takeOut(stop);
          stop.place = "queued";
          this.#queue.push(stop);
        }
        for (const stop of asleep) if (stop.place === "dormant") ratchet(stop, print);
      }
    }
  }

  /** T1: the head of the queue fires until the queue is empty. */
  drain(): void {
    for (let stop = this.#queue.shift(); stop !== undefined; stop = this.#queue.shift()) {
      // The other leg may have taken it along while it waited.
      if (stop.place !== "dead") this.#fire(stop);
    }
  }

  #aggress(order: Order): void {
    this.#follow(order.instrument, this.matching.enter(order));
  }

  #wake(stop: Order): void {
    const { instrument } = stop;
    takeOut(stop);
    if (instrument.state === "open" && isReached(stop, instrument.lastPrice)) return this.#fire(stop);
    sleep(stop);
  }

  #fire(stop: Order): void {
    const { instrument } = stop;
    const { desk } = this.matching;
    takeOut(stop);
    this.#tape.emit(triggered(this.#tape.seq, stop));
    if (!this.stepFour.mayFire(stop)) return desk.cancel(stop, "riskOnTrigger");
    if (!desk.cutToRoom(stop)) return; // T5, RISK.md: cut first, then checked for the rest.
    if (!this.stepFour.passesFiring(stop)) return desk.cancel(stop, "riskOnTrigger"); // T6.
    this.#follow(instrument, this.matching.work(stop));
  }

  #follow(instrument: Instrument, { fills, stoppedBy }: Passage): void {
    const prints = fills.map(({ price }) => price);
    if (stoppedBy === undefined) return this.test(instrument, prints);
    // C13: its prints fire nothing, and N8: who was queued is tested anew at the opening.
    for (const print of prints) for (const stop of instrument.dormant) ratchet(stop, print);
    for (const stop of this.#queue) if (stop.place === "queued") sleep(stop);
    this.#queue = [];
  }
}

function isTrailing(order: Order): boolean {
  return order.type === "trailingStop";
}

/** A buy follows the trades down, a sell up; never back. */
function ratchet(stop: Order, print: bigint): void {
  if (!isTrailing(stop) || stop.watermark === undefined) return;
  if (stop.side === "buy" ? print < stop.watermark : print > stop.watermark) trailFrom(stop, print);
}

/** C16: a trailing stop begins at the last trade. A pending one shows where it would stand, though it follows nothing yet. */
export function startTrailing(stop: Order): void {
  if (!isTrailing(stop)) return;
  if (stop.instrument.lastPrice === undefined) throw new Error("a trailing stop comes after a trade");
  trailFrom(stop, stop.instrument.lastPrice);
}

function trailFrom(stop: Order, lastPrice: bigint): void {
  stop.watermark = lastPrice;
  stop.stopPrice = trailingStopPrice(stop, lastPrice);
}

function sleep(stop: Order): void {
  stop.place = "dormant";
  stop.instrument.dormant.add(stop);
}

/** Buys by stop price ascending, sells descending; then the older first (SEMANTICS 5). */
function byStopPriceThenAge(a: Order, b: Order): number {
  const difference = (a.stopPrice ?? 0n) - (b.stopPrice ?? 0n);
  if (difference !== 0n) return difference > 0n === (a.side === "buy") ? 1 : -1;
  return a.age - b.age;
}

import type { Command, Event, TradeEvent } from "../../engine/edge/types.js";

/** Counts what a run of commands has shown: kinds of events, reasons, codes, and how they come together. */
export class Coverage {
  readonly counts = new Map<string, number>();

  /** A command and all that it caused. */
  note(command: Command, events: readonly Event[]): void {
    for (const event of events) this.#noteEvent(command, event);
    const triggers = events.filter((event) => event.event === "triggered").length;
    if (triggers >= 3) this.#count("cascade");
    if (triggers > 0) this.#count(`triggered by ${command.cmd}`);
    const trades = events.filter((event) => event.event === "trade");
    if (trades.length > 0) this.#count(`trade by ${command.cmd}`);
    if (events.filter((event) => event.event === "auction" && event.final).length > 1 && command.cmd === "state")
      this.#count("uncross repeated");
    if (hasTranches(trades)) this.#count("tranches");
    for (let i = 1; i < events.length; i++) this.#notePair(events[i - 1] as Event, events[i] as Event);
    this.#noteRun(events);
  }

  noteError(): void {
    this.#count("error");
  }

  #noteEvent(command: Command, event: Event): void {
    this.#count("reason" in event ? `${event.event} ${event.reason}` : event.event);
    if (event.event === "rejected") this.#count(`${command.cmd} ${event.reason}`);
    if (event.event === "canceled") this.#count(`canceled ${event.reason} by ${command.cmd}`);
    if (event.event === "canceled" && event.quoteQty !== undefined) this.#count(`canceled ${event.reason} with quoteQty`);
    if (event.event === "reduced" && event.leavesQty === undefined) this.#count("reduced without leavesQty");
    if (event.event === "state") this.#count(`state to ${event.state}`);
    if (event.event === "trade" && event.aggressor === undefined) this.#count("trade of an uncross");
    if (event.event === "auction")
      this.#count(event.final ? "auction final" : event.price === undefined ? "auction of nothing" : "auction");
    if (event.event === "replaced") this.#noteReplaced(event);
    if (event.event === "orders") for (const { status, type } of event.orders) this.#count(`${status} ${type}`);
    if (event.event === "alert") this.#count(`alert ${event.kind} ${event.limit ?? (event.symbol === undefined ? "account" : "symbol")}`);
    if (event.event === "alert" && event.kind === "limit")
      this.#count(`alert at ${event.percent}${event.symbol === undefined ? "" : " with symbol"}`);
    if (event.event === "pendingReview") this.#count(`pendingReview ${event.cmd}`);
    if (event.event === "ok") this.#count(`ok ${command.cmd}`);
    if (event.event === "liquidation") this.#count(`liquidation ${event.side}`);
    if (event.event === "trade") this.#noteFees(event);
    if (event.event === "balances") this.#noteBalances(event);
    if (event.event !== "accepted") return;
    this.#count(`accepted ${event.type} ${event.tif}`);
    for (const key of Object.keys(event)) this.#count(`accepted with ${key}`);
  }

  #noteFees({ maker, taker }: TradeEvent): void {
    for (const fee of [maker.fee, taker.fee]) this.#count(fee === undefined ? "no fee" : fee.startsWith("-") ? "rebate" : "fee");
    if (maker.clOrdId === 0 || taker.clOrdId === 0) this.#count("trade of a liquidation");
    if (maker.account === taker.account) this.#count("trade with oneself");
  }

  #noteBalances({ balances, positions }: Event & { event: "balances" }): void {
    if (balances.some(({ held }) => held !== "0")) this.#count("balances with holds");
    if (balances.some(({ free }) => free.startsWith("-"))) this.#count("balances below nought");
    if (positions.some(({ realised, unrealised }) => realised !== "0" && unrealised !== "0")) this.#count("balances with profits");
  }

  #noteReplaced(event: Event & { event: "replaced" }): void {
    this.#count(event.keptPriority ? "replaced in place" : "replaced to the tail");
    for (const key of Object.keys(event)) this.#count(`replaced with ${key}`);
  }

  /** What comes directly after what. */
  #notePair(before: Event, after: Event): void {
    const name = (event: Event) => ("reason" in event ? `${event.event} ${event.reason}` : event.event);
    this.#count(`${name(before)}, ${name(after)}`);
  }

  /** What comes somewhere behind what. */
  #noteRun(events: readonly Event[]): void {
    const interruption = events.findIndex((event) => event.event === "state" && event.reason === "volatility");
    if (interruption < 0) return;
    const before = events.slice(0, interruption);
    this.#count(before.some(({ event }) => event === "trade") ? "interrupted after trades" : "interrupted without a trade");
    if (before.some(({ event }) => event === "triggered")) this.#count("interrupted by a fired stop");
    if (before.some((event) => event.event === "state")) this.#count("interrupted at the opening");
  }

  #count(key: string): void {
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }
}

/** An iceberg came back behind another order: the same maker twice, and another one between. */
function hasTranches(trades: readonly TradeEvent[]): boolean {
  const makers = trades.map(({ maker }) => `${maker.account} ${maker.clOrdId}`);
  return makers.some((maker, i) => i >= 2 && makers[i - 1] !== maker && makers.indexOf(maker) < i - 1);
}

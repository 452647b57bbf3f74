import type { Command, Event } from "../../engine/edge/types.js";
import { indicationOf } from "./auction.js";
import { parseDecimal, wholeSteps } from "./decimal.js";
import { LedgerAudit } from "./ledger-audit.js";
import type { Instrument, Order } from "./state.js";
import { bestPrice, executed, isReached, isStop, limitOf, SIDES } from "./state.js";
import type { Twin } from "./twin.js";

/** What the events have said of an order so far, in lots. */
interface Account {
  readonly lot: Instrument["lotSize"];
  total: bigint;
  filled: bigint;
  leaves: bigint;
}

/**
 * Checks after each command what must always be true, from the events alone and from the twin's objects: SEMANTICS 9, and
 * whatever else no run of commands may break. Throws an Error that says what is wrong.
 */
export class Audit {
  readonly #books = new Map<string, Account>();
  readonly #byMoney = new Set<string>();
  #tradeId = 0;

  readonly #ledger: LedgerAudit;

  constructor(readonly twin: Twin) {
    this.#ledger = new LedgerAudit(twin);
  }

  check(command: Command, events: readonly Event[]): void {
    for (const event of events) this.#follow(event);
    // An order by quoteQty that has spent everything says nothing more (C11); it never outlives its command.
    for (const key of this.#byMoney) this.#books.delete(key);
    this.#byMoney.clear();
    const live = this.twin.directory.accounts.flatMap(({ live: orders }) => [...orders.values()]);
    must(live.length === this.#books.size, `${live.length} orders live, ${this.#books.size} by the events`);
    for (const order of live) this.#checkOrder(order);
    for (const instrument of this.twin.directory.instruments) checkInstrument(instrument, this.twin.tape.clock);
    this.#ledger.check(command, events);
  }

  /** filled + open + canceled = quantity, order by order, by what was told. */
  #follow(event: Event): void {
    switch (event.event) {
      case "accepted": {
        must(!this.#books.has(keyOf(event)), `${keyOf(event)} is accepted and lives already`);
        const lot = this.#instrument(event.symbol).lotSize;
        const total = event.qty === undefined ? 0n : units(event.qty, lot);
        this.#books.set(keyOf(event), { lot, total, filled: 0n, leaves: total });
        if (event.quoteQty !== undefined) this.#byMoney.add(keyOf(event));
        return;
      }
      case "liquidation": {
        const lot = this.#instrument(event.symbol).lotSize;
        const total = units(event.qty, lot);
        this.#books.set(keyOf({ account: event.account, clOrdId: 0 }), { lot, total, filled: 0n, leaves: total });
        return;
      }
      case "trade": {
        must(event.tradeId === ++this.#tradeId, "trades are counted without gaps");
        for (const party of [event.maker, event.taker]) {
          const order = this.#book(keyOf(party));
          order.filled += units(event.qty, order.lot);
          order.leaves -= units(event.qty, order.lot);
          if (party.leavesQty === undefined) continue;
          must(units(party.leavesQty, order.lot) === order.leaves, `leavesQty of ${keyOf(party)}`);
          if (order.leaves === 0n) this.#books.delete(keyOf(party));
        }
        return;
      }
      case "canceled": {
        const order = this.#book(keyOf(event));
        if (event.qty !== undefined) must(units(event.qty, order.lot) === order.leaves, `canceled qty of ${keyOf(event)}`);
        this.#books.delete(keyOf(event));
        return;
      }
      case "reduced": {
        const order = this.#book(keyOf(event));
        order.total -= units(event.by, order.lot);
        order.leaves -= units(event.by, order.lot);
        if (event.leavesQty === undefined) return;
        must(units(event.leavesQty, order.lot) === order.leaves && order.leaves > 0n, `reduced leavesQty of ${keyOf(event)}`);
        return;
      }
      case "replaced": {
        const old = keyOf({ account: event.account, clOrdId: event.origClOrdId });
        const order = this.#book(old);
        this.#books.delete(old);
        order.total = units(event.qty, order.lot);
        order.leaves = order.total - order.filled;
        must(units(event.leavesQty, order.lot) === order.leaves, `replaced leavesQty of ${keyOf(event)}`);
        this.#books.set(keyOf(event), order);
        return;
      }
      case "triggered":
        this.#book(keyOf(event));
    }
  }

  #checkOrder(order: Order): void {
    const name = keyOf({ account: order.account.name, clOrdId: order.clOrdId });
    const told = this.#book(name);
    must(told.leaves === order.leaves && told.total === order.total && told.filled === executed(order), `${name} is as it was told`);
    must(order.leaves > 0n, `${name} has something left`);
    must(order.expireTime === undefined || order.expireTime > this.twin.tape.clock, `${name} has not expired`);
    const { instrument, partner, place } = order;
    const home = { resting: instrument.resting[order.side].includes(order), dormant: instrument.dormant.has(order) };
    if (place === "resting" || place === "dormant") must(home[place] && home.resting !== home.dormant, `${name} is where it says`);
    else must(place === "pending" && instrument.pending.has(order), `${name} is nowhere`);
    if (partner !== undefined)
      must(partner.partner === order && partner.place !== "dead" && isStop(partner) !== isStop(order), `${name} is paired`);
    if (place === "resting" && order.displayQty !== undefined) {
      must(order.tranche > 0n && order.tranche <= order.displayQty && order.tranche <= order.leaves, `${name} shows a tranche`);
    }
  }

  #book(key: string): Account {
    const found = this.#books.get(key);
    if (found === undefined) throw new Error(`an event about ${key}, which does not live`);
    return found;
  }

  #instrument(symbol: string): Instrument {
    return this.twin.directory.instrument(symbol);
  }
}

function checkInstrument(instrument: Instrument, clock: number): void {
  const { symbol, state, lastPrice, reopenAt, told } = instrument;
  const bid = bestPrice(instrument, "buy");
  const ask = bestPrice(instrument, "sell");
  if (state === "open" && bid !== undefined && ask !== undefined) must(bid < ask, `${symbol} is open and crossed`);
  must(state === "auctionCall" ? reopenAt === 0 || reopenAt > clock : reopenAt === 0, `${symbol} has a timer only while interrupted`);
  const now = indicationOf(instrument);
  const isTold = state === "auctionCall" ? now.price === told.price && now.qty === told.qty : told.qty === 0n;
  must(isTold, `the indication of ${symbol} is told`);
  for (const stop of instrument.dormant) {
    must(state !== "open" || !isReached(stop, lastPrice), `#${stop.orderId} sleeps although it is reached`);
    if (stop.type === "trailingStop") must(stop.watermark !== undefined, `#${stop.orderId} trails something`);
  }
  for (const side of SIDES) {
    const prices = instrument.resting[side].map(limitOf);
    must(
      prices.every((price, i) => i === 0 || (side === "buy" ? price <= (prices[i - 1] as bigint) : price >= (prices[i - 1] as bigint))),
      `${side}s of ${symbol} are sorted`,
    );
    if (state === "closed")
      must(
        instrument.resting[side].every(({ tif }) => tif !== "day"),
        `no day order outlives the close of ${symbol}`,
      );
  }
}

function keyOf(event: { account: string; clOrdId: number }): string {
  return `${event.account} ${event.clOrdId}`;
}

function units(text: string, step: Instrument["lotSize"]): bigint {
  const value = parseDecimal(text);
  const lots = value === undefined ? undefined : wholeSteps(value, step);
  if (lots === undefined) throw new Error(`${text} is no whole number of lots`);
  return lots;
}

function must(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(`not true: ${what}`);
}

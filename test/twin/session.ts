import type { KillCommand, ReasonName, StateCommand, StateReasonName } from "../../engine/edge/types.js";
import { forgetDay } from "./alerts.js";
import { indicationOf, uncross } from "./auction.js";
import type { Desk } from "./desk.js";
import type { Directory } from "./directory.js";
import { auction } from "./events.js";
import type { Flow } from "./flow.js";
import { Rejection } from "./input.js";
import { dayNumber } from "./measures.js";
import type { Instrument, Order } from "./state.js";
import { asleepByAge, bestPrice, inMassCancelOrder, SIDES } from "./state.js";
import { changeState } from "./states.js";
import type { Tape } from "./tape.js";

/** SEMANTICS 7: trading states, the clock with what it brings about, and kill switches. */
export class Session {
  constructor(
    readonly directory: Directory,
    readonly flow: Flow,
  ) {}

  get #desk(): Desk {
    return this.flow.matching.desk;
  }

  get #tape(): Tape {
    return this.#desk.tape;
  }

  /** C24, A5: the state first, then what it brings, then the cancels that were asked for (N10). */
  setState(command: StateCommand): void {
    const instrument = this.directory.instrument(command.symbol);
    if (instrument.state === command.state) throw new Rejection("STATE_UNCHANGED"); // S18.
    if (command.state === "open") this.#open(instrument, "admin");
    else changeState(this.#tape, instrument, command.state, "admin");
    if (command.state === "closed") this.#expireDay(instrument);
    if (command.cancel === true) this.#cancelAll(ordersOf(instrument), "halt");
  }

  /** C1, S4: `ok` first, also when nothing changes (S17). */
  kill(command: KillCommand): void {
    const { on } = command;
    const instruments = command.symbol === undefined ? this.directory.instruments : [this.directory.instrument(command.symbol)];
    const account = command.account === undefined ? undefined : this.directory.account(command.account);
    if (command.scope === "global") this.#tape.globalKill = on;
    if (command.scope === "instrument") for (const instrument of instruments) instrument.killed = on;
    if (account !== undefined) account.killed = on;
    this.#tape.emit({ event: "ok", seq: this.#tape.seq, cmd: "kill" });
    if (!on || command.cancel !== true) return; // N10.
    const orders = instruments.flatMap(ordersOf).filter((order) => account === undefined || order.account === account);
    this.#cancelAll(orders, "killSwitch");
  }

  /** C26: `ok`, then what is due by its time: expiries by expire time and age, before reopenings by symbol id. */
  setTime(at: number): void {
    // S18: time backwards is rejected; the same time again is not backwards.
    if (at < this.#tape.clock) throw new Rejection("TIME_BACKWARDS");
    if (dayNumber(at) !== dayNumber(this.#tape.clock)) forgetDay(this.directory.accounts);
    this.#tape.clock = at;
    this.#tape.emit({ event: "ok", seq: this.#tape.seq, cmd: "time" });
    for (;;) {
      const order = this.#firstToExpire(at);
      const instrument = this.#firstToReopen(at);
      if (order !== undefined && (instrument === undefined || (order.expireTime ?? 0) <= instrument.reopenAt)) {
        this.#desk.cancel(order, "expired");
      } else if (instrument !== undefined) this.#open(instrument, "timer");
      else return;
    }
  }

  /** S12, C24: last of all, the indications that changed, and those of instruments that came into auctionCall. */
  tellIndications(): void {
    for (const instrument of this.directory.instruments) {
      if (instrument.state !== "auctionCall") continue;
      const now = indicationOf(instrument);
      const isNews = now.price !== instrument.told.price || now.qty !== instrument.told.qty;
      if (isNews || instrument.entered) this.#tape.emit(auction(this.#tape.seq, instrument, now, false));
      instrument.told = now;
      instrument.entered = false;
    }
  }

  /** A4: every entry into open: reduce-only cuts, uncross, and the stops by the last trade and then by the uncross (C17). */
  #open(instrument: Instrument, reason: StateReasonName): void {
    const prints = instrument.lastPrice === undefined ? [] : [instrument.lastPrice];
    changeState(this.#tape, instrument, "open", reason);
    // N2: first each reduce-only order by itself. The cuts between the prints can leave a crossed book, which there must not be in open.
    for (this.#cutReduceOnly(instrument); isCrossed(instrument); ) {
      const price = uncross(this.#desk, instrument, (sell, at, qty) => this.flow.stepFour.mayPrint(sell, at, qty));
      if (price !== undefined) prints.push(price);
      if (isCrossed(instrument)) this.#cutReduceOnly(instrument);
    }
    this.flow.test(instrument, prints);
    this.flow.drain();
  }

  #cutReduceOnly(instrument: Instrument): void {
    for (const side of SIDES) {
      for (const order of [...instrument.resting[side]]) if (order.place !== "dead") this.#desk.cutToRoom(order);
    }
  }

  /** A5, C29: buys best first, sells best first, then dormant and pending ones of both sides by age. */
  #expireDay(instrument: Instrument): void {
    const { buy, sell } = instrument.resting;
    const orders = [...buy, ...sell, ...asleepByAge(instrument)];
    this.#cancelAll(
      orders.filter((order) => order.tif === "day"),
      "expired",
    );
  }

  /** Those that the cancel of another has not taken along (C22). */
  #cancelAll(orders: readonly Order[], reason: ReasonName): void {
    for (const order of orders) if (order.place !== "dead") this.#desk.cancel(order, reason);
  }

  #firstToExpire(at: number): Order | undefined {
    const due = this.directory.instruments.flatMap(ordersOf).filter(({ expireTime }) => expireTime !== undefined && expireTime <= at);
    return due.sort((a, b) => (a.expireTime ?? 0) - (b.expireTime ?? 0) || a.age - b.age)[0];
  }

  #firstToReopen(at: number): Instrument | undefined {
    const due = this.directory.instruments.filter(({ reopenAt }) => reopenAt > 0 && reopenAt <= at);
    return due.sort((a, b) => a.reopenAt - b.reopenAt || a.id - b.id)[0];
  }
}

function isCrossed(instrument: Instrument): boolean {
  const bid = bestPrice(instrument, "buy");
  const ask = bestPrice(instrument, "sell");
  return bid !== undefined && ask !== undefined && bid >= ask;
}

function ordersOf(instrument: Instrument): Order[] {
  return SIDES.flatMap((side) => inMassCancelOrder(instrument, side));
}

import type {
  Command,
  Event,
  LimitsCommand,
  MarkCommand,
  MassCancelCommand,
  NewCommand,
  OrderRef,
  Query,
  ReduceCommand,
  ReplaceCommand,
} from "../../engine/edge/types.js";
import { Alerts } from "./alerts.js";
import { forgetSurplus, noteRiskReject, noteSent } from "./breakers.js";
import { Desk } from "./desk.js";
import { Directory } from "./directory.js";
import { accepted, replaced } from "./events.js";
import { Flow, startTrailing } from "./flow.js";
import { Funding } from "./funding.js";
import { checkWords, echoId, Rejection, readDecimal, readId, TwinError, unitsOf } from "./input.js";
import { givenLimits, noSymbolLimits } from "./limit-set.js";
import { UNITS } from "./limits.js";
import { Liquidation } from "./liquidation.js";
import { Matching } from "./matching.js";
import { Measures } from "./measures.js";
import { checkedNew } from "./new-order.js";
import { balancesOf, bookOf, ordersOf } from "./queries.js";
import { checkedReplace } from "./replace.js";
import { Risk } from "./risk.js";
import { Session } from "./session.js";
import type { Instrument, Order } from "./state.js";
import { inMassCancelOrder, isStop, SIDES, smaller, takeOut } from "./state.js";
import { StepFour } from "./step-four.js";
import { Tape } from "./tape.js";
import { twinDigest } from "./twin-state.js";

/**
 * The plain, slow twin of the core: SEMANTICS 1–9 with SETTLED and docs/RISK.md, written down as straight as they read, over objects,
 * arrays and BigInt. It shares no code with the engine but the list of reject codes, the shape of commands and events, and the
 * state writer.
 */
export class Twin {
  readonly directory = new Directory();
  readonly tape = new Tape();
  readonly measures = new Measures(this.directory);
  readonly #desk = new Desk(this.tape);
  readonly #matching = new Matching(this.#desk);
  readonly #stepFour = new StepFour(new Risk(this.measures, this.tape), this.#matching);
  readonly #flow = new Flow(this.#matching, this.#stepFour);
  readonly #funding = new Funding(this.directory, this.measures, this.tape);
  readonly #liquidation = new Liquidation(this.directory, this.measures, this.#flow);
  readonly #alerts = new Alerts(this.measures, this.tape);
  readonly #session = new Session(this.directory, this.#flow);

  /** Everything that the command causes, in order. Throws TwinError for what SCRIPT calls `error`. */
  apply(command: Command): Event[] {
    if (command.cmd === "book" || command.cmd === "orders" || command.cmd === "balances" || command.cmd === "hash")
      return this.#query(command);
    checkWords(command);
    this.tape.seq++;
    this.tape.events = [];
    for (const instrument of this.directory.instruments) instrument.bandReference = instrument.lastPrice; // A6.
    try {
      this.#change(command);
      this.#liquidation.run();
      this.#alerts.look();
      this.#session.tellIndications();
    } catch (error) {
      if (!(error instanceof Rejection)) throw error;
      if (this.tape.events.length > 0) throw new Error(`rejected with ${error.reason} after events`, { cause: error });
      this.tape.emit(this.#rejected(command, error));
      if (command.cmd === "new" || command.cmd === "replace") this.#noteReject(command.account, error);
    }
    return this.tape.events;
  }

  #change(command: Exclude<Command, Query>): void {
    switch (command.cmd) {
      case "new":
        return this.#new(command);
      case "cancel":
        return this.#desk.cancel(this.#owned(command), "user");
      case "reduce":
        return this.#reduce(command);
      case "replace":
        return this.#replace(command);
      case "massCancel":
        return this.#massCancel(command);
      case "state":
        return this.#session.setState(command);
      case "kill":
        return this.#session.kill(command);
      case "time":
        return this.#session.setTime(command.at);
      case "deposit":
      case "withdraw":
      case "transfer":
        return this.#funding.move(command);
      case "review":
        return this.#funding.review(command);
      case "mark":
        this.#mark(command);
        break;
      case "limits":
        this.#limit(command);
        break;
      case "kyc":
        this.directory.account(command.account).kyc = command.kyc;
        break;
      case "accountState":
        this.directory.account(command.account).state = command.state;
        break;
      default:
        this.directory.declare(command);
    }
    // S4: `ok` answers what succeeds.
    this.tape.emit({ event: "ok", seq: this.tape.seq, cmd: command.cmd });
  }

  /** K9, N19; RISK.md: one tick at least. */
  #mark(command: MarkCommand): void {
    const instrument = this.directory.instrument(command.symbol);
    const price = unitsOf(readDecimal(command.price), instrument.tickSize, UNITS.price);
    if (price < 1n) throw new Rejection("PRICE_OUT_OF_RANGE");
    instrument.marked = price;
  }

  /** S20: key by key. */
  #limit(command: LimitsCommand): void {
    const account = command.account === undefined ? undefined : this.directory.account(command.account);
    const instrument = command.symbol === undefined ? undefined : this.directory.instrument(command.symbol);
    const given = givenLimits(command, instrument !== undefined);
    if (account === undefined) Object.assign(instrument as Instrument, { limitsGiven: true, limits: { ...instrument?.limits, ...given } });
    else if (instrument === undefined) forgetSurplus(Object.assign(account, { limits: { ...account.limits, ...given } }));
    else account.limitsIn.set(instrument, { ...(account.limitsIn.get(instrument) ?? noSymbolLimits()), ...given });
  }

  /** N7: the one case in which a rejected command changes something. */
  #noteReject(name: string, rejection: Rejection): void {
    const account = this.directory.accounts.find((known) => known.name === name);
    if (account !== undefined) noteRiskReject(this.tape, account, rejection);
  }

  /** SEMANTICS 2, step by step; the first failure wins. */
  #new(command: NewCommand): void {
    const account = this.directory.account(command.account); // Step 1.
    const instrument = this.directory.instrument(command.symbol);
    const { order, first, terms } = checkedNew(command, account, instrument, this.tape, this.#stepFour);
    this.tape.orderCount++; // N17: order ids have no gaps.
    noteSent(account, { at: this.tape.clock, order: { ...order }, terms });
    account.live.set(order.clOrdId, order);
    this.tape.emit(accepted(this.tape.seq, order, command));
    startTrailing(order);
    if (command.oco === undefined) return isStop(order) ? this.#flow.runStop(order) : this.#flow.run(order);
    if (first !== undefined) return this.#pair(first, order);
    // T7: the first leg waits.
    order.place = "pending";
    instrument.pending.add(order);
  }

  /** T7, T8: both enter when the second is in. */
  #pair(first: Order, second: Order): void {
    first.partner = second;
    second.partner = first;
    if (isStop(first)) this.#flow.runPair(second, first);
    else this.#flow.runPair(first, second);
  }

  #reduce(command: ReduceCommand): void {
    const order = this.#owned(command);
    const by = unitsOf(readDecimal(command.by), order.instrument.lotSize, UNITS.qty); // R10.
    if (by <= 0n) throw new Rejection("QTY_OUT_OF_RANGE"); // N19.
    // SEMANTICS 4: n ≥ remaining cancels.
    if (by >= order.leaves) return this.#desk.cancel(order, "user");
    this.#desk.reduce(order, by, "user");
  }

  #replace(command: ReplaceCommand): void {
    const order = this.#owned(command);
    const asked = checkedReplace(command, order, this.#stepFour);
    if (asked === "belowFilled") return this.#desk.cancel(order, "replacedBelowFilled");
    const { keptPriority, ...terms } = asked;
    const { account, clOrdId: origClOrdId, place } = order;
    if (!keptPriority && place !== "pending") takeOut(order);
    account.live.delete(origClOrdId);
    account.live.set(terms.clOrdId, order);
    Object.assign(order, terms);
    order.tranche = smaller(order.tranche, order.leaves); // R5.
    if (!keptPriority) order.age = this.tape.seq; // C15.
    this.tape.emit(replaced(this.tape.seq, order, origClOrdId, keptPriority, command));
    if (keptPriority || place === "pending") return;
    // SEMANTICS 4: to the tail as of now, and it may match at once; R6: a stop may fire at once.
    if (place === "dormant") this.#flow.runStop(order);
    else this.#flow.run(order);
  }

  /** R11, S9: by symbol id, side (buy first), priority; the count comes last. */
  #massCancel(command: MassCancelCommand): void {
    const account = this.directory.account(command.account);
    const only = command.symbol === undefined ? undefined : this.directory.instrument(command.symbol);
    const instruments = only === undefined ? this.directory.instruments : [only];
    const sides = command.side === undefined ? SIDES : [command.side];
    const orders = instruments
      .flatMap((instrument) => sides.flatMap((side) => inMassCancelOrder(instrument, side)))
      .filter((order) => order.account === account);
    for (const order of orders) this.#desk.cancel(order, "massCancel");
    this.tape.emit({ event: "massCanceled", seq: this.tape.seq, account: account.name, count: orders.length });
  }

  /** SEMANTICS 4: by the owner only; unknown or dead: UNKNOWN_ORDER. */
  #owned(reference: OrderRef): Order {
    const account = this.directory.account(reference.account);
    if (reference.clOrdId !== undefined) {
      const clOrdId = readId(reference.clOrdId);
      if (clOrdId === undefined) throw new Rejection("BAD_CLORDID"); // S1.
      const order = account.live.get(clOrdId);
      if (order === undefined) throw new Rejection("UNKNOWN_ORDER");
      return order;
    }
    const orderId = readId(reference.orderId as string | number);
    for (const order of account.live.values()) if (order.orderId === orderId) return order;
    throw new Rejection("UNKNOWN_ORDER");
  }

  #query(query: Query): Event[] {
    if (query.cmd === "hash") return [{ event: "hash", seq: this.tape.seq, hash: this.digest() }];
    if (query.cmd === "book") return [this.book(query.symbol, query.depth)];
    const account = this.directory.accounts.find((known) => known.name === query.account);
    if (account === undefined) throw new TwinError(`unknown account ${query.account}`); // S8.
    if (query.cmd === "balances") return [balancesOf(account, this.measures)];
    return [ordersOf(account, this.directory.instruments)];
  }

  /** SHA-256 of the state, as the core's `stateHash`. */
  digest(): string {
    return twinDigest(this);
  }

  /** The book as SCRIPT prints it. S8: without depth the whole; an unknown symbol is an error. N15: depth ≤ 0: no rows. */
  book(symbol: string, depth = Number.MAX_SAFE_INTEGER): Event & { event: "book" } {
    const instrument = this.directory.instruments.find((known) => known.symbol === symbol);
    if (instrument === undefined) throw new TwinError(`unknown symbol ${symbol}`);
    return bookOf(instrument, Math.max(depth, 0));
  }

  #rejected(command: Exclude<Command, Query>, rejection: Rejection): Event {
    const clOrdId = "clOrdId" in command && command.clOrdId !== undefined ? echoId(command.clOrdId) : undefined;
    return {
      event: "rejected",
      seq: this.tape.seq,
      cmd: command.cmd,
      // C1: only a command that names an account has one here.
      ...("account" in command && command.account !== undefined ? { account: command.account } : {}),
      ...(clOrdId === undefined ? {} : { clOrdId }),
      code: rejection.code,
      reason: rejection.reason,
      text: "",
    };
  }
}

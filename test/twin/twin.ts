import type {
  Command,
  Event,
  MassCancelCommand,
  NewCommand,
  OrderRef,
  Query,
  ReduceCommand,
  ReplaceCommand,
} from "../../engine/edge/types.js";
import { Desk } from "./desk.js";
import { Directory } from "./directory.js";
import { accepted, replaced } from "./events.js";
import { Flow, startTrailing } from "./flow.js";
import { checkWords, echoId, Rejection, readDecimal, readId, TwinError, unitsOf } from "./input.js";
import { UNITS } from "./limits.js";
import { Matching } from "./matching.js";
import { checkedNew } from "./new-order.js";
import { bookOf, ordersOf } from "./queries.js";
import { checkedReplace } from "./replace.js";
import { Session } from "./session.js";
import type { Order } from "./state.js";
import { inMassCancelOrder, isStop, SIDES, smaller, takeOut } from "./state.js";
import { Tape } from "./tape.js";
import { twinDigest } from "./twin-state.js";

/**
 * The plain, slow twin of the core: SEMANTICS 1–7 with SETTLED, written down as straight as they read, over objects,
 * arrays and BigInt. It shares no code with the engine but the list of reject codes, the shape of commands and events, and the
 * state writer.
 */
export class Twin {
  readonly directory = new Directory();
  readonly tape = new Tape();
  readonly #desk = new Desk(this.tape);
  readonly #flow = new Flow(new Matching(this.#desk));
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
      this.#session.tellIndications();
    } catch (error) {
      if (!(error instanceof Rejection)) throw error;
      if (this.tape.events.length > 0) throw new Error(`rejected with ${error.reason} after events`, { cause: error });
      this.tape.emit(this.#rejected(command, error));
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
      case "currency":
      case "instrument":
      case "account":
        this.directory.declare(command);
        // S4: `ok` answers what succeeds.
        return this.tape.emit({ event: "ok", seq: this.tape.seq, cmd: command.cmd });
      default:
        throw new Error(`the twin does not know ${command.cmd} yet`);
    }
  }

  /** SEMANTICS 2, step by step; the first failure wins. */
  #new(command: NewCommand): void {
    const account = this.directory.account(command.account); // Step 1.
    const instrument = this.directory.instrument(command.symbol);
    const { order, first } = checkedNew(command, account, instrument, this.tape);
    this.tape.orderCount++; // N17: order ids have no gaps.
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
    const asked = checkedReplace(command, order, this.tape);
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
    if (query.cmd === "balances") throw new Error("the twin does not know balances yet");
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

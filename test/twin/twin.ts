import type {
  Command,
  Event,
  LiveOrder,
  MassCancelCommand,
  NewCommand,
  OrderRef,
  Query,
  ReduceCommand,
  ReplaceCommand,
  SetUpCommand,
  SideName,
} from "../../engine/edge/types.js";
import type { Decimal } from "./decimal.js";
import { formatSteps } from "./decimal.js";
import { Directory } from "./directory.js";
import { echoId, Rejection, readDecimal, readId, TwinError, unitsOf } from "./input.js";
import { Matching, wouldCross } from "./matching.js";
import type { Account, Instrument, Order } from "./state.js";
import { executed, inPriority, levelTotal, limitOf, rest, SAFE_MAX, unrest } from "./state.js";
import { twinDigest } from "./twin-state.js";

const PRICE_CODES = { off: "PRICE_OFF_TICK", outside: "PRICE_OUT_OF_RANGE" } as const;
const QTY_CODES = { off: "QTY_OFF_LOT", outside: "QTY_OUT_OF_RANGE" } as const;

/**
 * The plain, slow twin of the core: SEMANTICS 1–4 and 6 with SETTLED, written down as straight as they read, over objects,
 * arrays and BigInt. It shares no code with the engine but the list of reject codes and the shape of commands and events.
 */
export class Twin {
  readonly directory = new Directory();
  readonly #matching = new Matching();
  #seq = 0;
  #orderCount = 0;
  #time = 0;

  /** Number of the last command, orders accepted, trades made, clock: what the state has beside books and names. */
  get counters(): { seq: number; orders: number; trades: number; time: number } {
    return { seq: this.#seq, orders: this.#orderCount, trades: this.#matching.tradeCount, time: this.#time };
  }

  /** Everything that the command causes, in order. Throws TwinError for what SCRIPT calls `error`. */
  apply(command: Command): Event[] {
    if (command.cmd === "book" || command.cmd === "orders" || command.cmd === "hash") return this.#query(command);
    checkWords(command);
    this.#seq++;
    const events: Event[] = [];
    this.#matching.begin(this.#seq, events);
    try {
      this.#change(command);
    } catch (error) {
      if (!(error instanceof Rejection)) throw error;
      if (events.length > 0) throw new Error(`rejected with ${error.reason} after events`, { cause: error });
      events.push(this.#rejected(command, error));
    }
    return events;
  }

  #change(command: Exclude<Command, Query>): void {
    switch (command.cmd) {
      case "new":
        return this.#new(command);
      case "cancel":
        return this.#matching.cancelResting(this.#owned(command), "user");
      case "reduce":
        return this.#reduce(command);
      case "replace":
        return this.#replace(command);
      case "massCancel":
        return this.#massCancel(command);
      default:
        this.#setUp(command);
        // S4: `ok` answers what succeeds.
        return this.#matching.emit({ event: "ok", seq: this.#seq, cmd: command.cmd });
    }
  }

  #setUp(command: SetUpCommand): void {
    switch (command.cmd) {
      case "currency":
        return this.directory.addCurrency(command);
      case "instrument":
        return this.directory.addInstrument(command);
      case "account":
        return this.directory.addAccount(command);
      case "time":
        // S18: time backwards is rejected; the same time again is not backwards.
        if (command.at < this.#time) throw new Rejection("TIME_BACKWARDS");
        this.#time = command.at;
    }
  }

  /** SEMANTICS 2, step by step; the first failure wins. */
  #new(command: NewCommand): void {
    const account = this.directory.account(command.account); // Step 1.
    const instrument = this.directory.instrument(command.symbol);
    const clOrdId = freshId(account, readId(command.clOrdId));
    const shape = newShape(command, instrument); // Step 3; step 2 passes while every instrument is open.
    const { side, stp } = command;
    const { type, tif, price, total } = shape;
    const postOnly = command.postOnly ?? false;
    if (type === "limit" && tif === "gtc") checkLevel(instrument, side, price as bigint, total); // Step 4: N14.
    if (postOnly && wouldCross({ instrument, side, price })) throw new Rejection("POST_ONLY_WOULD_CROSS"); // Step 5: O6.
    const orderId = ++this.#orderCount; // N17: order ids have no gaps.
    const mode = stp ?? account.stp;
    const order: Order = { orderId, account, instrument, side, type, tif, postOnly, stp: mode, clOrdId, price, total, leaves: total };
    account.live.set(clOrdId, order);
    this.#matching.emit({
      event: "accepted",
      seq: this.#seq,
      account: account.name,
      clOrdId,
      orderId: String(orderId),
      symbol: instrument.symbol,
      side,
      type,
      tif,
      ...(price === undefined ? {} : { price: formatSteps(price, instrument.tickSize) }),
      qty: formatSteps(total, instrument.lotSize),
      // S5, N18: further keys when given, as given.
      ...(command.postOnly === undefined ? {} : { postOnly: command.postOnly }),
      ...(stp === undefined ? {} : { stp }),
    });
    this.#matching.enter(order); // Steps 6 and 7.
  }

  #reduce(command: ReduceCommand): void {
    const order = this.#owned(command);
    const by = unitsOf(readDecimal(command.by), order.instrument.lotSize, QTY_CODES); // R10.
    if (by <= 0n) throw new Rejection("QTY_OUT_OF_RANGE"); // N19.
    // SEMANTICS 4: n ≥ remaining cancels.
    if (by >= order.leaves) return this.#matching.cancelResting(order, "user");
    this.#matching.reduce(order, by, "user");
  }

  /** R8: unknown order, new id, state, shape, kill, risk on the difference, post-only; nothing moves before all have passed. */
  #replace(command: ReplaceCommand): void {
    const order = this.#owned(command);
    const { account, instrument, side } = order;
    // R2, N6: a new total ≤ executed decides alone and passes like a cancel. R1: but it must be a total, one lot at least.
    const wanted = command.qty === undefined ? undefined : readDecimal(command.qty);
    if (wanted !== undefined && isBelowFilled(wanted, order)) return this.#matching.cancelResting(order, "replacedBelowFilled");
    const origClOrdId = order.clOrdId;
    const clOrdId = command.newClOrdId === undefined ? origClOrdId : newId(order, readId(command.newClOrdId));
    const price = command.price === undefined ? limitOf(order) : checkedPrice(readDecimal(command.price), instrument);
    // R3: what does not change is not tested again; a reduced order may have fallen below the instrument's minQty.
    const changes = wanted !== undefined && wholeLots(wanted, instrument) !== order.total;
    const total = changes ? checkedTotal(wanted, instrument) : order.total;
    checkNotional(price, total, instrument);
    const leaves = total - executed(order);
    const moves = price !== limitOf(order);
    checkLevel(instrument, side, price, moves ? leaves : leaves - order.leaves);
    if (order.postOnly && wouldCross({ instrument, side, price })) throw new Rejection("POST_ONLY_WOULD_CROSS");
    // SEMANTICS 4 and R3: a lower quantity, or no change, keeps priority.
    const keptPriority = !moves && total <= order.total;
    if (!keptPriority) unrest(order);
    account.live.delete(origClOrdId);
    account.live.set(clOrdId, order);
    Object.assign(order, { clOrdId, price, total, leaves });
    this.#matching.emit({
      event: "replaced",
      seq: this.#seq,
      account: account.name,
      clOrdId,
      origClOrdId, // R4: always written.
      symbol: instrument.symbol,
      price: formatSteps(price, instrument.tickSize),
      qty: formatSteps(total, instrument.lotSize),
      leavesQty: formatSteps(leaves, instrument.lotSize), // R4: before its match.
      keptPriority,
    });
    if (keptPriority) return;
    this.#matching.match(order);
    if (order.leaves > 0n) rest(order);
  }

  /** R11, S9: by symbol id, side (buy first), priority; the count comes last. */
  #massCancel(command: MassCancelCommand): void {
    const account = this.directory.account(command.account);
    const only = command.symbol === undefined ? undefined : this.directory.instrument(command.symbol);
    const orders = this.#ordersOf(account).filter(
      (order) => (only === undefined || order.instrument === only) && (command.side === undefined || order.side === command.side),
    );
    for (const order of orders) this.#matching.cancelResting(order, "massCancel");
    this.#matching.emit({ event: "massCanceled", seq: this.#seq, account: account.name, count: orders.length });
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

  /** The live orders of an account in mass-cancel order (R11, S6). */
  #ordersOf(account: Account): Order[] {
    return this.directory.instruments.flatMap((instrument) =>
      [...inPriority(instrument, "buy"), ...inPriority(instrument, "sell")].filter((order) => order.account === account),
    );
  }

  #query(query: Query): Event[] {
    if (query.cmd === "hash") return [{ event: "hash", seq: this.#seq, hash: this.digest() }];
    if (query.cmd === "book") return [this.book(query.symbol, query.depth)];
    const account = this.directory.accounts.find((known) => known.name === query.account);
    if (account === undefined) throw new TwinError(`unknown account ${query.account}`); // S8.
    return [{ event: "orders", account: account.name, orders: this.#ordersOf(account).map(liveOrder) }];
  }

  /** SHA-256 of the state, as the core's `stateHash`. */
  digest(): string {
    return twinDigest(this);
  }

  /** The book as SCRIPT prints it. S8: without depth the whole; an unknown symbol is an error. N15: depth ≤ 0: no rows. */
  book(symbol: string, depth = Number.MAX_SAFE_INTEGER): Event & { event: "book" } {
    const instrument = this.directory.instruments.find((known) => known.symbol === symbol);
    if (instrument === undefined) throw new TwinError(`unknown symbol ${symbol}`);
    const rows = (side: SideName) => bookRows(instrument, side).slice(0, Math.max(depth, 0));
    return { event: "book", symbol, bids: rows("buy"), asks: rows("sell") };
  }

  #rejected(command: Exclude<Command, Query>, rejection: Rejection): Event {
    const clOrdId = "clOrdId" in command && command.clOrdId !== undefined ? echoId(command.clOrdId) : undefined;
    return {
      event: "rejected",
      seq: this.#seq,
      cmd: command.cmd,
      ...("account" in command ? { account: command.account } : {}),
      ...(clOrdId === undefined ? {} : { clOrdId }),
      code: rejection.code,
      reason: rejection.reason,
      text: "",
    };
  }
}

/** S1: what must be an error is one before anything is looked at. */
function checkWords(command: Exclude<Command, Query>): void {
  const values: Record<string, unknown> = { ...command };
  for (const key of ["tickSize", "lotSize", "minQty", "maxQty", "minPrice", "maxPrice", "price", "qty", "by"]) {
    if (values[key] !== undefined) readDecimal(values[key] as string | number);
  }
  for (const key of ["clOrdId", "orderId", "newClOrdId"]) if (values[key] !== undefined) readId(values[key] as string | number);
  if (command.cmd !== "cancel" && command.cmd !== "reduce" && command.cmd !== "replace") return;
  if ((command.clOrdId === undefined) === (command.orderId === undefined)) throw new TwinError("clOrdId or orderId, exactly one"); // S22.
}

/** Step 1, last: S1's BAD_CLORDID, then the duplicate. */
function freshId(account: Account, clOrdId: number | undefined): number {
  if (clOrdId === undefined) throw new Rejection("BAD_CLORDID");
  if (account.live.has(clOrdId)) throw new Rejection("DUPLICATE_CLORDID");
  return clOrdId;
}

/** An order may keep its own id; any other live one of the account is a duplicate (SEMANTICS 1). */
function newId(order: Order, clOrdId: number | undefined): number {
  return clOrdId === order.clOrdId ? clOrdId : freshId(order.account, clOrdId);
}

/** Step 3 in the order of its sentence, overflow last (O3). C11: `type` defaults to limit; SCRIPT: `tif` to gtc. */
function newShape(command: NewCommand, instrument: Instrument) {
  const type = command.type ?? "limit";
  const tif = command.tif ?? "gtc";
  if (command.postOnly === true && (type !== "limit" || tif !== "gtc")) throw new Rejection("BAD_FLAGS"); // O2.
  if ((command.price !== undefined) !== (type === "limit")) throw new Rejection("BAD_FLAGS"); // O2, N4.
  if (command.qty === undefined) throw new Rejection("BAD_FLAGS"); // N4.
  const price = command.price === undefined ? undefined : checkedPrice(readDecimal(command.price), instrument);
  const total = checkedTotal(readDecimal(command.qty), instrument);
  if (price !== undefined) checkNotional(price, total, instrument);
  return { type, tif, price, total };
}

/** On tick, then within the instrument's limits; O4: one tick at least. */
function checkedPrice(value: Decimal, instrument: Instrument): bigint {
  const price = unitsOf(value, instrument.tickSize, PRICE_CODES);
  if (price < 1n || price < instrument.minPrice || price > instrument.maxPrice) throw new Rejection("PRICE_OUT_OF_RANGE");
  return price;
}

/** On lot, then within the instrument's limits; one lot at least. */
function checkedTotal(value: Decimal, instrument: Instrument): bigint {
  const total = unitsOf(value, instrument.lotSize, QTY_CODES);
  if (total < 1n || total < instrument.minQty || total > instrument.maxQty) throw new Rejection("QTY_OUT_OF_RANGE");
  return total;
}

/** ARCHITECTURE 5: refused, never rounded. */
function checkNotional(price: bigint, total: bigint, instrument: Instrument): void {
  if (price * total * instrument.atomsPerTickLot > SAFE_MAX) throw new Rejection("NOTIONAL_OVERFLOW");
}

/** N14: a level total that would leave 2^53−1 is refused in step 4. */
function checkLevel(instrument: Instrument, side: SideName, price: bigint, added: bigint): void {
  if (levelTotal(instrument, side, price) + added > SAFE_MAX) throw new Rejection("NOTIONAL_OVERFLOW");
}

function isBelowFilled(wanted: Decimal, order: Order): boolean {
  const lots = wholeLots(wanted, order.instrument);
  return lots !== undefined && lots >= 1n && lots <= executed(order);
}

function wholeLots(value: Decimal, instrument: Instrument): bigint | undefined {
  try {
    return unitsOf(value, instrument.lotSize, QTY_CODES);
  } catch {
    return undefined;
  }
}

function bookRows(instrument: Instrument, side: SideName): [string, string, number][] {
  const rows: [string, string, number][] = [];
  instrument.levels[side].each((level) => {
    const sum = level.orders.reduce((total, order) => total + order.leaves, 0n);
    rows.push([formatSteps(level.price, instrument.tickSize), formatSteps(sum, instrument.lotSize), level.orders.length]);
  });
  return rows;
}

/** S6: type as entered, status behind. */
function liveOrder(order: Order): LiveOrder {
  return {
    clOrdId: order.clOrdId,
    symbol: order.instrument.symbol,
    side: order.side,
    type: order.type,
    price: formatSteps(limitOf(order), order.instrument.tickSize),
    leavesQty: formatSteps(order.leaves, order.instrument.lotSize),
    status: "resting",
  };
}

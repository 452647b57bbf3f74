import { Slot } from "../../engine/core/book/order-pool.js";
import { TradingCore } from "../../engine/core/core.js";
import { NIL } from "../../engine/flat/level-tree.js";
import type { GateReader } from "../../engine/ring/gate-reader.js";
import type { SingleProducer } from "../../engine/ring/single-producer.js";
import { SpscRing } from "../../engine/ring/spsc-ring.js";
import { Cancel, Header, NewOrder, NewOrderFull, Reduce, Trade } from "../../engine/wire/flyweights.js";
import { OrdType, TimeInForce } from "../../engine/wire/generated/enums.js";
import { NULL_INT64 } from "../../engine/wire/numbers.js";
import { type Flow, type FlowResult, OP_ADD, OP_CANCEL, OP_IOC, OP_MARKET, OP_REDUCE, OP_REPLACE } from "../flows/flow.js";
import { BookTally, TradeTally } from "../flows/flow-hash.js";
import { type FlowOrder, type OrderExtras, writeCancel, writeFullOrder, writeNewOrder, writeReduce } from "../flows/flow-records.js";
import { type MarketRules, SET_UP_COMMANDS, setUpCore } from "../flows/set-up-records.js";

/** A flow as command records, ready to apply; a REPLACE of the flow is a cancel and a new order. */
export interface RecordedFlow {
  readonly words: Int32Array;
  /** Word index of each record. */
  readonly offsets: Int32Array;
  /** Records of the set-up part. */
  readonly setupRecords: number;
  readonly timedCommands: number;
}

/**
 * What becomes of the flow's orders that rest: plain ones; good for the day; good till a day that never comes; or one in ten of
 * them an iceberg, which shows all that it has, so that every answer stays the flow's.
 */
export type RestingStyle = "gtc" | "day" | "gtd" | "iceberg";

const NEVER_US = 2 ** 52;
const ICEBERG_SHARE = 10;

/** Writes a flow as records for a core that has seen `seqBefore` commands: `setUpCore`, unless told otherwise. */
export function recordFlow(flow: Flow, style: RestingStyle = "gtc", seqBefore = SET_UP_COMMANDS): RecordedFlow {
  const count = flow.ops.length;
  const recordBytes = style === "gtc" || style === "day" ? NewOrder.RECORD_BYTES : NewOrderFull.RECORD_BYTES;
  const words = new Int32Array(2 * count * (recordBytes >> 2));
  const offsets = new Int32Array(2 * count);
  const writer = new FlowWriter(words, offsets, style, seqBefore);
  let setupRecords = 0;
  for (let i = 0; i < count; i++) {
    if (i === flow.setupCount) setupRecords = writer.records;
    writer.command(flow.ops[i], flow.sides[i], flow.ids[i], flow.prices[i], flow.quantities[i]);
  }
  return { words, offsets: offsets.subarray(0, writer.records), setupRecords, timedCommands: flow.timedCount };
}

class FlowWriter {
  records = 0;
  private position = 0;

  constructor(
    private readonly words: Int32Array,
    private readonly offsets: Int32Array,
    private readonly style: RestingStyle,
    private readonly seqBefore: number,
  ) {}

  command(op: number, side: number, id: number, price: number, qty: number): void {
    const order: FlowOrder = { id, side, ordType: OrdType.limit, tif: TimeInForce.gtc, price, qty };
    if (op === OP_ADD) this.restingOrder(order);
    else if (op === OP_CANCEL) this.cancel(id);
    else if (op === OP_IOC) this.newOrder({ ...order, tif: TimeInForce.ioc });
    else if (op === OP_MARKET) this.newOrder({ ...order, ordType: OrdType.market, price: NULL_INT64 });
    else if (op === OP_REDUCE) this.reduce(id, qty);
    else if (op === OP_REPLACE) {
      this.cancel(id);
      this.restingOrder(order);
    } else throw new RangeError(`unknown op ${op}`);
  }

  private restingOrder(order: FlowOrder): void {
    if (this.style === "day") this.newOrder({ ...order, tif: TimeInForce.day });
    else if (this.style === "gtd") this.fullOrder({ ...order, tif: TimeInForce.gtd }, { expireTime: NEVER_US });
    else if (this.style === "iceberg" && order.id % ICEBERG_SHARE === 0) this.fullOrder(order, { displayQty: order.qty });
    else this.newOrder(order);
  }

  private fullOrder(order: FlowOrder, extras: OrderExtras): void {
    const at = this.next(NewOrderFull.RECORD_BYTES);
    writeFullOrder(this.words, at, this.seq, order, extras);
  }

  private newOrder(order: FlowOrder): void {
    const at = this.next(NewOrder.RECORD_BYTES);
    writeNewOrder(this.words, at, this.seq, order);
  }

  private cancel(id: number): void {
    const at = this.next(Cancel.RECORD_BYTES);
    writeCancel(this.words, at, this.seq, id);
  }

  private reduce(id: number, by: number): void {
    const at = this.next(Reduce.RECORD_BYTES);
    writeReduce(this.words, at, this.seq, id, by);
  }

  /** That of the record which was begun last. */
  private get seq(): number {
    return this.seqBefore + this.records;
  }

  private next(bytes: number): number {
    const at = this.position;
    this.offsets[this.records++] = at;
    this.position += bytes >> 2;
    return at;
  }
}

const EVENT_RING_BYTES = 1 << 20;
const BATCH_RECORDS = 256;
const POLL_LIMIT = 1 << 20;

/** A core that plays a recorded flow, with every event in a ring that is read after each batch. */
export class CoreFlow {
  readonly core: TradingCore;
  private readonly tally = new TradeTally();
  private readonly producer: SingleProducer;
  private readonly reader: GateReader;
  private events = 0;
  private readonly onEvent = (words: Int32Array, at: number): void => {
    this.events++;
    if (Header.templateId(words, at) !== Trade.TEMPLATE_ID) return;
    this.tally.add(Trade.makerClOrdId(words, at), Trade.price(words, at), Trade.qty(words, at));
  };

  constructor(orders = 2 ** 18, levels = 2 ** 15, rules: MarketRules = {}) {
    const ring = SpscRing.create({ capacityBytes: EVENT_RING_BYTES });
    this.producer = ring.producer();
    this.reader = ring.gate();
    const capacities = { orders, levels, instruments: 16, accounts: 128, currencies: 16 };
    this.core = new TradingCore({ ring: this.producer, makeRoom: () => this.drain() }, capacities);
    setUpCore(this.core, rules);
  }

  /** Applies records `from` to `to` − 1 in batches, as a shard does. */
  play(flow: RecordedFlow, from: number, to: number): void {
    const { words, offsets } = flow;
    const core = this.core;
    for (let start = from; start < to; start += BATCH_RECORDS) {
      const end = Math.min(to, start + BATCH_RECORDS);
      for (let index = start; index < end; index++) core.apply(words, offsets[index]);
      this.drain();
    }
  }

  /** Events that were read so far. */
  get eventCount(): number {
    return this.events;
  }

  /** What trades and book come to; the trades are those read from the ring. */
  result(): FlowResult {
    const book = new BookTally();
    this.eachOrder(0, (id, price, qty) => book.bid(id, price, qty));
    this.eachOrder(1, (id, price, qty) => book.ask(id, price, qty));
    const { trades, tradedQty, tradedNotional, tradeHash } = this.tally;
    const { bidNotional, askNotional, bids, asks, bookHash } = book;
    return { trades, tradedQty, tradedNotional, tradeHash, bidNotional, askNotional, bids, asks, bookHash };
  }

  /** Publishes what is committed and reads it. */
  drain(): void {
    this.producer.publish();
    this.reader.poll(this.onEvent, POLL_LIMIT);
  }

  private eachOrder(bookSide: number, visit: (id: number, price: number, qty: number) => void): void {
    const { levels, pool } = this.core.book;
    for (let level = levels.first(bookSide); level !== NIL; level = levels.next(level)) {
      for (let slot = levels.headOf(level); slot !== 0; slot = pool.words[slot * Slot.WORDS + Slot.NEXT]) {
        const at = slot * Slot.DOUBLES;
        visit(pool.clOrdIdOf(slot), Math.abs(levels.keyOf(level)), pool.doubles[at + Slot.LEAVES]);
      }
    }
  }
}

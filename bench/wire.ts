/**
 * Encode and decode of one record by flyweight, against MessagePack and JSON in the same interleaved rounds.
 *
 * What is timed: a batch of 1,024 different orders, all fields written from or summed out of the encoded form. Left out: copying a frame
 * from the socket, and for JSON the step between bytes and string, which favours JSON. Every batch checks its sum.
 */

import { Decoder, Encoder } from "@msgpack/msgpack";
import { raiseInliningBudget } from "../engine/runtime/inlining-budget.js";
import { Header, NewOrder, OrderAccepted } from "../engine/wire/flyweights.js";
import type { BenchReport } from "./report.js";

type Row = BenchReport["rows"][number];

const BATCH = 1024;
const SIZES = {
  tiny: { rounds: 3, batches: 8 },
  full: { rounds: 25, batches: 100 },
} as const;

interface NewOrderFields {
  seq: number;
  time: number;
  clientSeq: number;
  clOrdId: number;
  price: number;
  qty: number;
  account: number;
  session: number;
  instrument: number;
  flags: number;
  side: number;
  ordType: number;
  tif: number;
  stp: number;
}

interface AcceptedFields extends NewOrderFields {
  orderId: number;
}

/** One way of writing and reading a batch. `decode` gives the sum of all fields of all orders. */
interface Codec {
  readonly name: string;
  encode(): void;
  decode(): number;
}

/**
 * Orders like an exchange's: ids and times beyond 32 bits, prices and quantities within. A sum over a batch stays a safe integer.
 * One literal makes them all, so that they share one shape: objects of an outdated shape would cost heap numbers when they are read.
 */
function makeNewOrders(): NewOrderFields[] {
  return Array.from({ length: BATCH }, (_, i) => ({
    seq: 2 ** 33 + i,
    time: 1_753_400_000_000_000 % 2 ** 40,
    clientSeq: i + 1,
    clOrdId: 2 ** 40 + i * 7,
    price: 100_000 + ((i * 7919) % 4096),
    qty: 1 + ((i * 31) % 500),
    account: 3 + (i % 17),
    session: 100 + (i % 13),
    instrument: i % 5,
    flags: i & 1,
    side: (i >> 1) & 1,
    ordType: 0,
    tif: i % 3,
    stp: 1 + (i % 4),
  }));
}

function makeAccepted(): AcceptedFields[] {
  return makeNewOrders().map((order, i) => Object.assign(order, { orderId: 2 ** 34 + i * 3 }));
}

function sumOfNewOrder(o: NewOrderFields): number {
  const ids = o.seq + o.time + o.clientSeq + o.clOrdId;
  return ids + o.price + o.qty + o.account + o.session + o.instrument + o.flags + o.side + o.ordType + o.tif + o.stp;
}

function sumOfAccepted(o: AcceptedFields): number {
  return sumOfNewOrder(o) + o.orderId;
}

function writeNewOrder(words: Int32Array, at: number, o: NewOrderFields): void {
  NewOrder.init(words, at, o.seq, o.time);
  NewOrder.setClientSeq(words, at, o.clientSeq);
  NewOrder.setClOrdId(words, at, o.clOrdId);
  NewOrder.setPrice(words, at, o.price);
  NewOrder.setQty(words, at, o.qty);
  NewOrder.setAccount(words, at, o.account);
  NewOrder.setSession(words, at, o.session);
  NewOrder.setInstrument(words, at, o.instrument);
  NewOrder.setFlags(words, at, o.flags);
  NewOrder.setSide(words, at, o.side);
  NewOrder.setOrdType(words, at, o.ordType);
  NewOrder.setTif(words, at, o.tif);
  NewOrder.setStp(words, at, o.stp);
}

function sumNewOrder(words: Int32Array, at: number): number {
  let sum = Header.seq(words, at) + Header.time(words, at);
  sum += NewOrder.clientSeq(words, at) + NewOrder.clOrdId(words, at) + NewOrder.price(words, at) + NewOrder.qty(words, at);
  sum += NewOrder.account(words, at) + NewOrder.session(words, at) + NewOrder.instrument(words, at) + NewOrder.flags(words, at);
  return sum + NewOrder.side(words, at) + NewOrder.ordType(words, at) + NewOrder.tif(words, at) + NewOrder.stp(words, at);
}

function writeOrderAccepted(words: Int32Array, at: number, o: AcceptedFields): void {
  OrderAccepted.init(words, at, o.seq, o.time);
  OrderAccepted.setClientSeq(words, at, o.clientSeq);
  OrderAccepted.setClOrdId(words, at, o.clOrdId);
  OrderAccepted.setOrderId(words, at, o.orderId);
  OrderAccepted.setPrice(words, at, o.price);
  OrderAccepted.setQty(words, at, o.qty);
  OrderAccepted.setAccount(words, at, o.account);
  OrderAccepted.setSession(words, at, o.session);
  OrderAccepted.setInstrument(words, at, o.instrument);
  OrderAccepted.setFlags(words, at, o.flags);
  OrderAccepted.setSide(words, at, o.side);
  OrderAccepted.setOrdType(words, at, o.ordType);
  OrderAccepted.setTif(words, at, o.tif);
  OrderAccepted.setStp(words, at, o.stp);
}

function sumOrderAccepted(words: Int32Array, at: number): number {
  let sum = Header.seq(words, at) + Header.time(words, at) + OrderAccepted.orderId(words, at);
  sum +=
    OrderAccepted.clientSeq(words, at) + OrderAccepted.clOrdId(words, at) + OrderAccepted.price(words, at) + OrderAccepted.qty(words, at);
  sum +=
    OrderAccepted.account(words, at) +
    OrderAccepted.session(words, at) +
    OrderAccepted.instrument(words, at) +
    OrderAccepted.flags(words, at);
  return (
    sum + OrderAccepted.side(words, at) + OrderAccepted.ordType(words, at) + OrderAccepted.tif(words, at) + OrderAccepted.stp(words, at)
  );
}

// Two classes and not one with functions as parameters: a call through a parameter would not be inlined, as it is in the engine.
class NewOrderFlyweight implements Codec {
  readonly name = "flyweight";
  readonly #words = new Int32Array((BATCH * NewOrder.RECORD_BYTES) / 4);
  readonly #orders: NewOrderFields[];

  constructor(orders: NewOrderFields[]) {
    this.#orders = orders;
  }

  encode(): void {
    const words = this.#words;
    const orders = this.#orders;
    for (let i = 0; i < BATCH; i++) writeNewOrder(words, i * (NewOrder.RECORD_BYTES / 4), orders[i]);
  }

  decode(): number {
    const words = this.#words;
    let sum = 0;
    for (let i = 0; i < BATCH; i++) sum += sumNewOrder(words, i * (NewOrder.RECORD_BYTES / 4));
    return sum;
  }
}

class OrderAcceptedFlyweight implements Codec {
  readonly name = "flyweight";
  readonly #words = new Int32Array((BATCH * OrderAccepted.RECORD_BYTES) / 4);
  readonly #orders: AcceptedFields[];

  constructor(orders: AcceptedFields[]) {
    this.#orders = orders;
  }

  encode(): void {
    const words = this.#words;
    const orders = this.#orders;
    for (let i = 0; i < BATCH; i++) writeOrderAccepted(words, i * (OrderAccepted.RECORD_BYTES / 4), orders[i]);
  }

  decode(): number {
    const words = this.#words;
    let sum = 0;
    for (let i = 0; i < BATCH; i++) sum += sumOrderAccepted(words, i * (OrderAccepted.RECORD_BYTES / 4));
    return sum;
  }
}

class MessagePack<Order> implements Codec {
  readonly name = "MessagePack";
  readonly #encoder = new Encoder();
  readonly #decoder = new Decoder();
  readonly #orders: Order[];
  readonly #sum: (order: Order) => number;
  readonly #encoded: Uint8Array[];
  /** Bytes of one encoded order, on average. */
  readonly bytes: number;

  constructor(orders: Order[], sum: (order: Order) => number) {
    this.#orders = orders;
    this.#sum = sum;
    this.#encoded = orders.map((order) => this.#encoder.encode(order));
    this.bytes = this.#encoded.reduce((sum, one) => sum + one.length, 0) / BATCH;
  }

  encode(): void {
    let bytes = 0;
    // The shared reference spares a copy: it is the fastest way that the library offers.
    for (let i = 0; i < BATCH; i++) bytes += this.#encoder.encodeSharedRef(this.#orders[i]).length;
    expectEqual("MessagePack bytes", bytes, this.bytes * BATCH);
  }

  decode(): number {
    let sum = 0;
    for (let i = 0; i < BATCH; i++) sum += this.#sum(this.#decoder.decode(this.#encoded[i]) as Order);
    return sum;
  }
}

class Json<Order> implements Codec {
  readonly name = "JSON";
  readonly #orders: Order[];
  readonly #sum: (order: Order) => number;
  readonly #encoded: string[];
  readonly bytes: number;

  constructor(orders: Order[], sum: (order: Order) => number) {
    this.#orders = orders;
    this.#sum = sum;
    this.#encoded = orders.map((order) => JSON.stringify(order));
    this.bytes = this.#encoded.reduce((sum, one) => sum + one.length, 0) / BATCH;
  }

  encode(): void {
    let bytes = 0;
    for (let i = 0; i < BATCH; i++) bytes += JSON.stringify(this.#orders[i]).length;
    expectEqual("JSON bytes", bytes, this.bytes * BATCH);
  }

  decode(): number {
    let sum = 0;
    for (let i = 0; i < BATCH; i++) sum += this.#sum(JSON.parse(this.#encoded[i]) as Order);
    return sum;
  }
}

function expectEqual(what: string, found: number, wanted: number): void {
  if (found !== wanted) throw new Error(`${what} must be ${wanted}, was ${found}`);
}

interface Samples {
  readonly metric: string;
  readonly run: () => void;
  readonly ns: number[];
}

/** Times each case once a round, so that a noisy moment falls on all of them alike. */
function measure(samples: Samples[], rounds: number, batches: number): void {
  for (let round = -1; round < rounds; round++) {
    for (const sample of samples) {
      const start = process.hrtime.bigint();
      for (let i = 0; i < batches; i++) sample.run();
      const elapsedNs = Number(process.hrtime.bigint() - start);
      // The first round warms up.
      if (round >= 0) sample.ns.push(elapsedNs / (batches * BATCH));
    }
  }
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

function samplesOf(message: string, codecs: Codec[], wantedSum: number): Samples[] {
  return codecs.flatMap((codec) => {
    const decode = (): void => expectEqual(`${message}, ${codec.name}: sum of all fields`, codec.decode(), wantedSum);
    return [
      { metric: `${message} encode, ${codec.name}`, run: () => codec.encode(), ns: [] },
      { metric: `${message} decode, ${codec.name}`, run: decode, ns: [] },
    ];
  });
}

function timeRows(samples: Samples[]): Row[] {
  return samples.map(({ metric, ns }) => {
    return { metric, value: rounded(median(ns)), unit: "ns", low: rounded(Math.min(...ns)), high: rounded(Math.max(...ns)) };
  });
}

function ratioRows(rows: Row[]): Row[] {
  const flyweights = rows.filter((row) => row.metric.endsWith(", flyweight"));
  return flyweights.flatMap((own) => {
    const stem = own.metric.replace(/flyweight$/, "");
    const peers = rows.filter((row) => row !== own && row.metric.startsWith(stem));
    return peers.map((peer) => ({ metric: `${peer.metric} ÷ flyweight`, value: rounded(peer.value / own.value), unit: "×" }));
  });
}

const CHUNK_BATCHES = 100;
const CHUNK_GROWTH_BYTES_MAX = 16_384;
const QUIET_CHUNKS = 10;
const CHUNKS_MAX = 400;

/**
 * Heap growth in bytes a record once the code is compiled, as the worst of ten chunks in a row. A chunk is too small to fill the young
 * generation, so a collection cannot hide what it allocates: one double a record would be 1.6 MB. Throws when it never gets quiet.
 */
export function steadyHeapGrowth(work: () => void): number {
  let quiet = 0;
  let worst = 0;
  for (let chunk = 0; chunk < CHUNKS_MAX; chunk++) {
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < CHUNK_BATCHES; i++) work();
    const growth = process.memoryUsage().heapUsed - before;
    const isQuiet = growth >= 0 && growth < CHUNK_GROWTH_BYTES_MAX;
    worst = isQuiet ? Math.max(worst, growth) : 0;
    quiet = isQuiet ? quiet + 1 : 0;
    if (quiet === QUIET_CHUNKS) return worst / (CHUNK_BATCHES * BATCH);
  }
  throw new Error(
    `the flyweights allocate: no ${QUIET_CHUNKS} chunks of ${CHUNK_BATCHES * BATCH} records in a row below ${CHUNK_GROWTH_BYTES_MAX} bytes`,
  );
}

function heapRow(message: string, codec: Codec): Row {
  let sum = 0;
  const growth = steadyHeapGrowth(() => {
    codec.encode();
    sum += codec.decode() > 0 ? 1 : 0;
  });
  if (sum === 0) throw new Error("nothing was decoded");
  return {
    metric: `${message}, flyweight: heap growth`,
    value: rounded(growth),
    unit: "bytes/record",
    target: "0, of less than 0.2 from measuring itself",
  };
}

/** Measures on the calling thread, blocks it for the time that the size takes (tiny: under a second; full: under a minute). */
export async function run(options: { size: "tiny" | "full" }): Promise<BenchReport> {
  // As `ringbook start` does. With V8's own budget one run in twenty ends with a getter that is not inlined, and its double is boxed.
  raiseInliningBudget();
  const { rounds, batches } = SIZES[options.size];
  const newOrders = makeNewOrders();
  const acceptances = makeAccepted();
  const messagePack = new MessagePack(acceptances, sumOfAccepted);
  const json = new Json(acceptances, sumOfAccepted);
  const newOrder = new NewOrderFlyweight(newOrders);
  const accepted = new OrderAcceptedFlyweight(acceptances);
  newOrder.encode();
  accepted.encode();
  const newOrderCodecs = [newOrder, new MessagePack(newOrders, sumOfNewOrder), new Json(newOrders, sumOfNewOrder)];
  const newOrderSum = newOrders.reduce((sum, order) => sum + sumOfNewOrder(order), 0);
  const acceptedSum = acceptances.reduce((sum, order) => sum + sumOfAccepted(order), 0);
  const samples = samplesOf("NewOrder", newOrderCodecs, newOrderSum);
  samples.push(...samplesOf("OrderAccepted", [accepted, messagePack, json], acceptedSum));
  measure(samples, rounds, batches);
  const times = timeRows(samples);
  const sizes = [
    { metric: "OrderAccepted size, flyweight", value: OrderAccepted.RECORD_BYTES, unit: "bytes" },
    { metric: "OrderAccepted size, MessagePack", value: rounded(messagePack.bytes), unit: "bytes" },
    { metric: "OrderAccepted size, JSON", value: rounded(json.bytes), unit: "bytes" },
  ];
  const heap = [heapRow("NewOrder", newOrder), heapRow("OrderAccepted", accepted)];
  const checked = [
    `every decoded batch of ${BATCH} orders has the sum of all its fields, for every codec`,
    "every encoded batch of MessagePack and JSON has the wanted bytes; flyweight batches are decoded behind each encoding",
    `the flyweights allocate nothing: ${QUIET_CHUNKS} runs of ${CHUNK_BATCHES * BATCH} records in a row without heap growth`,
  ];
  return { name: "wire", rows: [...times, ...ratioRows(times), ...sizes, ...heap], checked };
}

import { afterEach, describe, expect, it, vi } from "vitest";
import { BookSnapshot, Channel, ResyncRequired } from "../../engine/wire/index.js";
import { BookBuilder, type BookChannel } from "../../gateway/client/book-builder.js";
import { FanOut } from "../../gateway/fan-out.js";
import { Random } from "../twin/random.js";
import { WORLDS } from "../twin/world.js";
import { BookPort } from "./book-port.js";
import { queuesOf, recordOf, rowsOf, SlowSession, subscribe } from "./market-data-client.js";

// Long by nature; a busy machine must not fail it.
vi.setConfig({ testTimeout: 120_000 });

const COMMANDS = 700;
const LAG_BYTES = 3_000;
const CLIENTS = 9;
const CHANNELS: readonly BookChannel[] = ["depth", "book", "orders"];

/** What has happened to all clients of a run, so that a run without any of it fails. */
interface Tally {
  updates: number;
  joins: number;
  lost: number;
  broken: number;
  resyncs: number;
  checked: number;
  /** Snapshots in several parts, and books that were brought up to date without a new one. */
  parts: number;
  conflated: number;
}

const NOTHING: Tally = { updates: 0, joins: 0, lost: 0, broken: 0, resyncs: 0, checked: 0, parts: 0, conflated: 0 };
const total: Tally = { ...NOTHING };

/** The levels, and the queues, of the port's books as they are now. */
function levelsOf(port: BookPort, instrument: number): string[] {
  const { books } = port.marketData;
  const rows: string[] = [];
  for (let side = 0; side < 2; side++) {
    for (let level = books.bestLevel(2 * instrument + side); level !== 0; level = books.nextLevel(level))
      rows.push(`${side} ${books.levelPrice(level)}: ${books.levelQty(level)} ${books.levelOrders(level)}`);
  }
  return rows;
}

function ordersOf(port: BookPort, instrument: number): string[] {
  const { books } = port.marketData;
  const rows: string[] = [];
  for (let side = 0; side < 2; side++) {
    for (let level = books.bestLevel(2 * instrument + side); level !== 0; level = books.nextLevel(level)) {
      const orders: string[] = [];
      for (let slot = books.firstSlot(level); slot !== 0; slot = books.nextSlot(slot))
        orders.push(`${books.orderIdOf(slot)}×${books.visibleOf(slot)}`);
      rows.push(`${side} ${books.levelPrice(level)}: ${orders.join(" ")}`);
    }
  }
  return rows;
}

/** The first `depth` rows of each side. */
function firstRows(rows: readonly string[], depth: number): string[] {
  return ["0 ", "1 "].flatMap((side) => rows.filter((row) => row.startsWith(side)).slice(0, depth));
}

/** One subscription of one client, which joins, leaves, reads slowly, loses records, and always comes back. */
class Client {
  session = new SlowSession();
  builder: BookBuilder;
  isIn = false;
  #hasLost = false;

  constructor(
    readonly fanOut: FanOut,
    readonly channel: BookChannel,
    readonly instrument: number,
    readonly depth: number,
    /** By engine seq: the levels of the instrument behind that command. */
    readonly history: ReadonlyMap<number, string[]>,
    readonly tally: Tally,
  ) {
    this.builder = new BookBuilder(instrument, channel);
  }

  join(): void {
    const depth = this.channel === "depth" ? this.depth : 0;
    expect(subscribe(this.fanOut, this.session, { instrument: this.instrument, channel: Channel[this.channel], depth })).toBe(0);
    this.isIn = true;
    this.#hasLost = false;
    this.builder.reset();
    this.tally.joins++;
  }

  /** The socket breaks; what was not read is gone. */
  leave(): void {
    this.fanOut.drop(this.session);
    this.session = new SlowSession();
    this.isIn = false;
    this.builder.reset();
  }

  /** Reads up to so many records. Of every thousand, `lossPermille` never arrive. */
  read(count: number, random: Random, lossPermille: number): void {
    for (let index = 0; index < count; index++) {
      const record = this.session.read();
      if (record === undefined) return;
      if (lossPermille > 0 && this.builder.status === "live" && random.permille(lossPermille)) {
        this.#hasLost = true;
        this.tally.lost++;
      } else this.#take(record);
    }
  }

  #take(record: Int32Array): void {
    const { templateId } = recordOf(record);
    if (templateId === ResyncRequired.TEMPLATE_ID) this.tally.resyncs++;
    if (templateId === BookSnapshot.TEMPLATE_ID) {
      const isComplete = BookSnapshot.complete(record, 0) === 1;
      if (!isComplete) this.tally.parts++;
      else if (BookSnapshot.reset(record, 0) === 0) this.tally.conflated++;
    }
    const step = this.builder.take(record, 0);
    if (step === "checked") this.tally.checked++;
    if (step === "broken") {
      expect(this.#hasLost, this.builder.fault).toBe(true);
      this.tally.broken++;
      // What is on its way to it still is of the old subscription: it is skipped up to the new snapshot.
      return this.join();
    }
    if (step !== "updated" || this.channel === "orders") return;
    this.tally.updates++;
    const rows = this.history.get(this.builder.engineSeq);
    expect(rows).toBeDefined();
    expect(rowsOf(this.builder)).toEqual(this.channel === "depth" ? firstRows(rows ?? [], this.depth) : rows);
  }
}

const fanOuts: FanOut[] = [];

afterEach(() => {
  vi.useRealTimers();
  for (const fanOut of fanOuts.splice(0)) fanOut.close();
});

function start(world: (typeof WORLDS)[number], seed: number) {
  vi.useFakeTimers();
  const port = new BookPort(world, seed);
  const fanOut = new FanOut(port, { lagBytes: LAG_BYTES, partRecords: 3, onWritten: () => {} });
  fanOuts.push(fanOut);
  return { port, fanOut };
}

describe.each(WORLDS)("books over the fan-out in world $name", (world) => {
  it("equal the engine's at every sequence, with joins, leaves, losses, slow reads and partial reads of commands", () => {
    const random = new Random(31);
    const { port, fanOut } = start(world, 17);
    const tally: Tally = { ...NOTHING };
    const histories = port.twin.symbols.map(() => new Map<number, string[]>());
    const clients = Array.from({ length: CLIENTS }, (_, index) => {
      const instrument = index % histories.length;
      return new Client(fanOut, CHANNELS[index % 3], instrument, 1 + (index % 4), histories[instrument], tally);
    });
    const note = (): void => {
      for (const [instrument, history] of histories.entries()) history.set(port.marketData.lastSeq, levelsOf(port, instrument));
    };
    const poll = (limit: number): void => {
      for (let left = limit; left > 0 && port.waiting > 0; left--) {
        port.poll((words, at) => fanOut.publish(words, at), 1);
        if (port.isBetweenCommands) note();
      }
      fanOut.settle();
    };
    note();
    port.play(COMMANDS, () => {
      poll(random.below(8));
      for (const [index, client] of clients.entries()) {
        if (!client.isIn && random.permille(200)) client.join();
        else if (client.isIn && random.permille(5)) client.leave();
        // The last one of each channel is slow.
        if (index < 6 || random.permille(150)) client.read(1 + random.below(60), random, index % 2 === 0 ? 4 : 0);
      }
      if (random.permille(20)) vi.advanceTimersByTime(1_000);
    });
    poll(Number.POSITIVE_INFINITY);
    for (const client of clients) if (!client.isIn) client.join();
    for (let turn = 0; turn < 2_000; turn++) {
      fanOut.settle();
      for (const client of clients) client.read(50, random, 0);
    }
    vi.advanceTimersByTime(1_000);
    for (const client of clients) {
      client.read(Number.POSITIVE_INFINITY, random, 0);
      expect([client.channel, client.builder.status, client.builder.fault]).toEqual([client.channel, "live", client.builder.fault]);
      const rows = levelsOf(port, client.instrument);
      expect(rowsOf(client.builder)).toEqual(client.channel === "depth" ? firstRows(rows, client.depth) : rows);
      if (client.channel === "orders") expect(queuesOf(client.builder)).toEqual(ordersOf(port, client.instrument));
    }
    expect(tally.updates).toBeGreaterThan(150);
    expect(tally.checked).toBeGreaterThan(CLIENTS - 1);
    for (const name of Object.keys(total) as (keyof Tally)[]) total[name] += tally[name];
  });
});

it("has met all of it", () => {
  for (const name of Object.keys(total) as (keyof Tally)[]) expect(total[name], name).toBeGreaterThan(15);
});

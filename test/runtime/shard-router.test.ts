import { describe, expect, it } from "vitest";
import { lastIdBefore, shardOfId } from "../../engine/runtime/shard-ids.js";
import { EVERY_SHARD, type ShardPort, ShardRouter } from "../../engine/runtime/shard-router.js";
import { CODES } from "../../engine/wire/codes.js";
import { Header, InstrumentState, MassCancel, OrderCanceled } from "../../engine/wire/flyweights.js";

/** A shard's port that keeps what is sent, and tells events as they are put in. */
class FakeShard {
  readonly words = new Int32Array(64);
  readonly sent: number[][] = [];
  readonly events: Int32Array[] = [];
  readonly started = Promise.resolve();
  readonly instruments = [];
  readonly recovered = undefined;
  readonly marketData = undefined;
  hasStarted = true;
  hasRoom = true;
  isOpen = false;
  claims = 0;
  published = 0;
  fail: (error: Error) => void = () => {};
  ring: () => void = () => {};
  isClosed = false;

  get refusal() {
    return this.hasRoom ? CODES.NOT_READY : CODES.ENGINE_BUSY;
  }

  get isBetweenCommands(): boolean {
    return !this.isOpen;
  }

  tryClaim(): number {
    if (!this.hasRoom) return -1;
    this.claims++;
    return 8;
  }

  commit(): void {
    this.claims--;
    this.sent.push([...this.words.subarray(9, 8 + MassCancel.RECORD_BYTES / 4)]);
  }

  abort(): void {
    this.claims--;
  }

  publish(): void {
    this.published++;
  }

  poll(onRecord: (words: Int32Array, at: number, lengthBytes: number) => void, limit: number): number {
    const batch = this.events.splice(0, limit);
    for (const event of batch) {
      this.isOpen = (Header.flags(event, 0) & Header.FLAG_LAST_OF_BATCH) === 0;
      onRecord(event, 0, Header.length(event, 0));
    }
    return batch.length;
  }

  whenReady(): Promise<void> {
    return new Promise((resolve) => {
      this.ring = resolve;
    });
  }

  sleepOn(): boolean {
    return this.events.length === 0;
  }

  openSession(): number {
    return this.hasRoom ? 5 : 0;
  }

  joinSession(): boolean {
    return this.hasRoom;
  }

  onFailure(callback: (error: Error) => void): void {
    this.fail = callback;
  }

  close(): void {
    this.isClosed = true;
  }
}

function make() {
  const shards = [new FakeShard(), new FakeShard(), new FakeShard()] as const;
  return { shards, router: new ShardRouter(shards as unknown as ShardPort[]) };
}

function canceled(orderId: number, isLast: boolean): Int32Array {
  const words = new Int32Array(OrderCanceled.RECORD_BYTES / 4);
  OrderCanceled.init(words, 0, 1, 1);
  OrderCanceled.setOrderId(words, 0, orderId);
  Header.setFlags(words, 0, isLast ? Header.FLAG_LAST_OF_BATCH : 0);
  return words;
}

/** The ids of orders that were told of, and by which shard. */
function poll(router: ShardRouter, limit: number): string[] {
  const told: string[] = [];
  router.poll((words, at) => told.push(`${router.shardInHand}:${OrderCanceled.orderId(words, at)}`), limit);
  return told;
}

describe("a router over shards", () => {
  it("sends a record to its shard, or to every one, or to none", () => {
    const { shards, router } = make();
    const write = (shard: number): boolean => {
      const at = router.tryClaim(MassCancel.RECORD_BYTES, shard);
      if (at < 0) return false;
      MassCancel.initClaimed(router.words, at, 7, 8);
      MassCancel.setAccount(router.words, at, 3);
      router.commit();
      return true;
    };
    const counts = () => shards.map(({ sent, claims }) => [sent.length, claims]);
    expect(write(1)).toBe(true);
    expect(counts()).toEqual([
      [0, 0],
      [1, 0],
      [0, 0],
    ]);
    expect(write(EVERY_SHARD)).toBe(true);
    expect(counts()).toEqual([
      [1, 0],
      [2, 0],
      [1, 0],
    ]);
    expect(shards.map(({ sent }) => sent.at(-1))).toEqual(shards.map(() => shards[1].sent[0]));
    shards[2].hasRoom = false;
    expect([write(EVERY_SHARD), router.refusal]).toEqual([false, CODES.ENGINE_BUSY]);
    expect(counts()).toEqual([
      [1, 0],
      [2, 0],
      [1, 0],
    ]);
    expect([write(0), router.openSession("k")]).toEqual([true, 0]);
    shards[2].hasRoom = true;
    expect(router.openSession("k")).toBe(5);
  });

  it("hands on the events of a command in one piece, and of every shard in turn", () => {
    const { shards, router } = make();
    shards[0].events.push(canceled(1, false), canceled(2, false));
    shards[1].events.push(canceled(10, true), canceled(11, true));
    expect(poll(router, 100)).toEqual(["0:1", "0:2"]);
    // The rest of it has not come yet.
    expect(poll(router, 100)).toEqual([]);
    shards[0].events.push(canceled(3, true), canceled(4, true));
    expect(poll(router, 1)).toEqual(["0:3"]);
    expect(poll(router, 2)).toEqual(["1:10", "1:11"]);
    expect(poll(router, 100)).toEqual(["0:4"]);
  });

  it("leaves out the states of instruments that are traded elsewhere", () => {
    const { shards, router } = make();
    for (const instrument of [0, 1, 4]) {
      const words = new Int32Array(InstrumentState.RECORD_BYTES / 4);
      InstrumentState.init(words, 0, 1, 1);
      InstrumentState.setInstrument(words, 0, instrument);
      Header.setFlags(words, 0, Header.FLAG_LAST_OF_BATCH);
      shards[1].events.push(words);
    }
    const told: number[] = [];
    router.poll((words, at) => told.push(InstrumentState.instrument(words, at)), 10);
    expect(told).toEqual([1, 4]);
  });

  it("wakes when one of them rings, and not before all have started", async () => {
    const { shards, router } = make();
    let woken = 0;
    const sleep = async (): Promise<void> => {
      await router.whenReady(1_000);
      woken++;
    };
    const first = sleep();
    await new Promise((resolve) => setImmediate(resolve));
    expect([woken, router.sleepOn()]).toEqual([0, true]);
    shards[2].ring();
    await first;
    expect(woken).toBe(1);
    // The bells of the others still wait; what they have by now is found at once.
    shards[1].events.push(canceled(1, true));
    await sleep();
    shards[0].hasStarted = false;
    expect(router.hasStarted).toBe(false);
  });

  it("fails once, with the first that does", () => {
    const { shards, router } = make();
    const errors: string[] = [];
    router.onFailure(({ message }) => errors.push(message));
    shards[1].fail(new Error("one"));
    shards[0].fail(new Error("two"));
    expect(errors).toEqual(["one"]);
    router.close();
    expect(shards.map(({ isClosed }) => isClosed)).toEqual([true, true, true]);
  });

  it("knows a shard by the ids that it gives", () => {
    expect([1, 2 ** 40, 2 ** 40 + 1, 3 * 2 ** 40 + 5].map(shardOfId)).toEqual([0, 0, 1, 3]);
    expect([0, 1, 63].map((shard) => shardOfId(lastIdBefore(shard) + 1))).toEqual([0, 1, 63]);
    expect([0, -1, 2 ** 52].map((id) => make().router.shardOfOrder(id))).toEqual([0, 0, 0]);
  });
});

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { BoundedQueue } from "../../engine/edge/bounded-queue.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const tooFull = (countMax: number): Error => new Error(`more than ${countMax}`);

function queue<T>(countMax = 4): BoundedQueue<T> {
  return new BoundedQueue(countMax, tooFull, () => {});
}

describe("a bounded queue", () => {
  it("keeps nothing of what was taken, also when it never runs empty", async () => {
    const items = queue<{ readonly index: number }>(64);
    const taken: WeakRef<object>[] = [];
    for (let index = 0; index < 10; index++) items.push({ index });
    for (let index = 10; index < 2_000; index++) {
      items.push({ index });
      const { value } = await items.next();
      expect(value?.index).toBe(index - 10);
      if (value !== undefined) taken.push(new WeakRef(value));
    }
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    expect(taken.filter((item) => item.deref() !== undefined).length).toBeLessThan(100);
  });

  it("serves calls that wait in order, and settles all of them at the end", async () => {
    const items = queue<number>();
    const waiting = [items.next(), items.next(), items.next(), items.next()];
    items.push(1);
    items.push(2);
    items.end(new Error("over"));
    expect(await waiting[0]).toEqual({ done: false, value: 1 });
    expect(await waiting[1]).toEqual({ done: false, value: 2 });
    await expect(waiting[2]).rejects.toThrow("over");
    expect(await waiting[3]).toEqual({ done: true, value: undefined });
    expect(await items.next()).toEqual({ done: true, value: undefined });
  });

  it("delivers what is buffered before the error of an overflow, which comes once", async () => {
    const items = queue<number>(2);
    for (const item of [1, 2, 3, 4]) items.push(item);
    expect([(await items.next()).value, (await items.next()).value]).toEqual([1, 2]);
    await expect(items.next()).rejects.toThrow("more than 2");
    expect((await items.next()).done).toBe(true);
  });

  it("ends once, whatever ends it", async () => {
    let ends = 0;
    const controller = new AbortController();
    const items = new BoundedQueue<number>(2, tooFull, () => {
      ends += 1;
    });
    items.leaveOn(controller.signal);
    items.push(1);
    controller.abort();
    items.end(new Error("late"));
    items.push(2);
    expect([(await items.next()).done, ends]).toEqual([true, 1]);
  });
});

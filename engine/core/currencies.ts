import type { StateReader, StateWriter } from "../step.js";

export const SCALE_MAX = 15;

/** The currencies: dense ids in order of declaration. Shard thread only. */
export class Currencies {
  private readonly names: string[] = [];
  private readonly scales: number[] = [];
  private readonly amlThresholds: number[] = [];
  private readonly ids = new Map<string, number>();
  /** 1: goods of an unchecked account have been at ±(2^53−1), so what there is of the currency no longer adds up. */
  readonly wasClamped: Uint8Array;

  constructor(readonly capacity: number) {
    this.wasClamped = new Uint8Array(capacity);
  }

  get count(): number {
    return this.names.length;
  }

  /** The id of a name, or undefined. */
  idOf(name: string): number | undefined {
    return this.ids.get(name);
  }

  nameOf(id: number): string {
    return this.names[id];
  }

  scaleOf(id: number): number {
    return this.scales[id];
  }

  /** Atoms above which a movement waits for review; −1: none does. */
  amlThresholdOf(id: number): number {
    return this.amlThresholds[id];
  }

  /** Adds a currency that is not there yet and returns its id. The caller has checked the capacity. */
  add(name: string, scale: number, amlThreshold = -1): number {
    const id = this.names.length;
    this.names.push(name);
    this.scales.push(scale);
    this.amlThresholds.push(amlThreshold);
    this.ids.set(name, id);
    return id;
  }

  /** `saveSums` writes what there is of a currency, behind how it was declared. */
  save(out: StateWriter, saveSums: (id: number) => void): void {
    out.uint32(this.count);
    for (let id = 0; id < this.count; id++) {
      out.text(this.names[id]);
      out.uint32(this.scales[id]);
      out.int64(this.amlThresholds[id]);
      out.uint8(this.wasClamped[id]);
      saveSums(id);
    }
  }

  /** `loadSums` reads what `saveSums` has written. */
  load(input: StateReader, loadSums: (id: number) => void): void {
    const count = input.uint32();
    if (count > this.capacity) throw new RangeError(`capacities.currencies is ${this.capacity}, the saved state has ${count}`);
    for (let id = 0; id < count; id++) {
      const name = input.text();
      const scale = input.uint32();
      const id = this.add(name, scale, input.int64());
      this.wasClamped[id] = input.uint8();
      if (this.wasClamped[id] > 1) throw new RangeError(`this is no saved state: whether goods of ${name} were clamped`);
      loadSums(id);
    }
  }
}

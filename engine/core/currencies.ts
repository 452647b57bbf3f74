import type { StateReader, StateWriter } from "../step.js";

export const SCALE_MAX = 15;

/** The currencies: dense ids in order of declaration. Shard thread only. */
export class Currencies {
  private readonly names: string[] = [];
  private readonly scales: number[] = [];
  private readonly ids = new Map<string, number>();

  constructor(readonly capacity: number) {}

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

  /** Adds a currency that is not there yet and returns its id. The caller has checked the capacity. */
  add(name: string, scale: number): number {
    const id = this.names.length;
    this.names.push(name);
    this.scales.push(scale);
    this.ids.set(name, id);
    return id;
  }

  save(out: StateWriter): void {
    out.uint32(this.count);
    for (let id = 0; id < this.count; id++) {
      out.text(this.names[id]);
      out.uint32(this.scales[id]);
    }
  }

  load(input: StateReader): void {
    const count = input.uint32();
    if (count > this.capacity) throw new RangeError(`capacities.currencies is ${this.capacity}, the saved state has ${count}`);
    for (let id = 0; id < count; id++) {
      const name = input.text();
      this.add(name, input.uint32());
    }
  }
}

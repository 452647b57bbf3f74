import { Interest, type Table, TOO_OLD } from "../../engine/table/index.js";

interface Entry {
  version: number;
  isGone: boolean;
  value: number;
}

/** The table as a plain list per group in order of change, with everything looked for from the front. */
export class TableTwin {
  version = 0;
  readonly groups: Map<number, Entry>[];
  readonly #floors: number[];

  constructor(
    groups: number,
    readonly keys: number,
  ) {
    this.groups = Array.from({ length: groups }, () => new Map<number, Entry>());
    this.#floors = this.groups.map(() => 0);
  }

  /** False: full. */
  put(group: number, key: number, value: number): boolean {
    if (!this.groups[group].has(key) && this.#count() === this.keys && !this.#forgetOldest()) return false;
    this.groups[group].delete(key);
    this.groups[group].set(key, { version: ++this.version, isGone: false, value });
    return true;
  }

  remove(group: number, key: number): boolean {
    const entry = this.groups[group].get(key);
    if (entry === undefined || entry.isGone) return false;
    this.groups[group].delete(key);
    this.groups[group].set(key, { version: ++this.version, isGone: true, value: entry.value });
    return true;
  }

  since(version: number, group: number, emptyAt: number): [key: number, entry: Entry][] | undefined {
    if (Math.max(version, emptyAt) < this.#floors[group]) return undefined;
    return [...this.groups[group]].filter(([, entry]) => entry.version > version && (!entry.isGone || entry.version > emptyAt));
  }

  live(group: number): [key: number, value: number][] {
    return [...this.groups[group]]
      .filter(([, { isGone }]) => !isGone)
      .map(([key, { value }]): [number, number] => [key, value])
      .sort(([a], [b]) => a - b);
  }

  #count(): number {
    return this.groups.reduce((sum, group) => sum + group.size, 0);
  }

  #forgetOldest(): boolean {
    let oldest: { group: number; key: number; version: number } | undefined;
    for (const [group, entries] of this.groups.entries()) {
      for (const [key, { version, isGone }] of entries)
        if (isGone && version < (oldest?.version ?? Number.POSITIVE_INFINITY)) oldest = { group, key, version };
    }
    if (oldest === undefined) return false;
    this.groups[oldest.group].delete(oldest.key);
    this.#floors[oldest.group] = Math.max(this.#floors[oldest.group], oldest.version);
    return true;
  }
}

/** Somebody who follows one group in parts, and starts anew when it is too late. */
export class Reader {
  readonly known = new Map<number, number>();
  restarts = 0;
  #version = 0;
  #emptyAt = 0;

  constructor(
    readonly table: Table,
    readonly group: number,
  ) {
    this.#emptyAt = table.version;
  }

  /** Reads one part. Returns whether it is up to date. */
  read(budget: number): boolean {
    const { table } = this;
    const count = table.since(this.#version, Interest.ofGroup(this.group), budget, this.#emptyAt);
    if (count === TOO_OLD) {
      this.known.clear();
      this.#version = 0;
      this.#emptyAt = table.version;
      this.restarts++;
      return false;
    }
    for (let index = 0; index < count; index++) this.#take(table.found[index]);
    this.#version = table.reached;
    return this.#version === table.version;
  }

  #take(slot: number): void {
    const { table } = this;
    if (table.isGone(slot)) this.known.delete(table.keyOf(slot));
    else this.known.set(table.keyOf(slot), table.rows[slot * table.rowWords]);
  }
}

import type { StateReader, StateWriter } from "../step.js";

/**
 * The accounts: dense ids in order of declaration, self-trade groups, and how many live orders each has. Shard thread only.
 */
export class Accounts {
  /** Self-trade mode when the order names none. */
  readonly selfTradeModes: Uint8Array;
  /** Two accounts with the same number never trade with each other unless the mode is `none`. */
  readonly groups: Int32Array;
  /** Live orders of each account. */
  readonly orderCounts: Int32Array;
  /** 1: the account's kill switch is on. */
  readonly killed: Uint8Array;
  private readonly modes: Uint8Array;
  private readonly names: string[] = [];
  private readonly groupNames: string[] = [];
  private readonly ids = new Map<string, number>();
  private used = 0;
  private readonly groupIds = new Map<string, number>();

  constructor(readonly capacity: number) {
    this.selfTradeModes = new Uint8Array(capacity);
    this.groups = new Int32Array(capacity);
    this.orderCounts = new Int32Array(capacity);
    this.killed = new Uint8Array(capacity);
    this.modes = new Uint8Array(capacity);
  }

  get count(): number {
    return this.used;
  }

  idOf(name: string): number | undefined {
    return this.ids.get(name);
  }

  nameOf(id: number): string {
    return this.names[id];
  }

  modeOf(id: number): number {
    return this.modes[id];
  }

  /** "" when it is its own group. */
  groupNameOf(id: number): string {
    return this.groupNames[id];
  }

  /**
   * Adds an account and returns its id. `groupName` "" makes it its own group. Group names are a name space of their
   * own (SETTLED S26), so named groups are numbered behind every possible account.
   */
  add(name: string, mode: number, selfTradeMode: number, groupName: string): number {
    const id = this.used++;
    this.names.push(name);
    this.groupNames.push(groupName);
    this.ids.set(name, id);
    this.modes[id] = mode;
    this.selfTradeModes[id] = selfTradeMode;
    this.groups[id] = groupName === "" ? id : this.groupOf(groupName);
    return id;
  }

  save(out: StateWriter): void {
    out.uint32(this.count);
    for (let id = 0; id < this.count; id++) {
      out.text(this.names[id]);
      out.uint8(this.modes[id]);
      out.uint8(this.selfTradeModes[id]);
      out.text(this.groupNames[id]);
      out.uint8(this.killed[id]);
    }
  }

  load(input: StateReader): void {
    const count = input.uint32();
    if (count > this.capacity) throw new RangeError(`capacities.accounts is ${this.capacity}, the saved state has ${count}`);
    for (let id = 0; id < count; id++) {
      const name = input.text();
      const mode = input.uint8();
      const selfTradeMode = input.uint8();
      this.add(name, mode, selfTradeMode, input.text());
      this.killed[id] = input.uint8();
    }
  }

  private groupOf(name: string): number {
    const known = this.groupIds.get(name);
    if (known !== undefined) return known;
    const group = this.capacity + this.groupIds.size;
    this.groupIds.set(name, group);
    return group;
  }
}

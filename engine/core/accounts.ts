import type { StateReader, StateWriter } from "../step.js";
import { MAX_SAFE } from "../wire/numbers.js";
import type { AccountMode, AccountState } from "./match/order-types.js";

/** What makes an account more than one that simply trades; 0 is the order path's fast way. */
export const enum Care {
  /** Suspended, or reducing only. */
  STATE = 1,
  /** Orders or duplicates are counted in a window. */
  WINDOWS = 2,
  /** It demands a reference price. */
  REFERENCE = 4,
  /** It has an exposure limit. */
  EXPOSURE = 8,
  /** It has limits of which alerts are given. */
  ALERTS = 16,
  /** Risk rejects are counted. */
  BREAKER = 32,
  /** It has limits of any kind, or may meet an instrument's. */
  LIMITS = 64,
  /** Every new order takes the long way. */
  ENTRY = 5,
}

/** Times of movements that a risk score counts (SETTLED F5). */
export const COUNTED_MOVEMENTS = 4;

/** What an account is declared with. */
export interface AccountSpec {
  readonly name: string;
  readonly mode: AccountMode;
  readonly selfTradeMode: number;
  /** "" makes it its own group. */
  readonly groupName: string;
  readonly kyc: number;
  readonly riskLevel: number;
}

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
  /** `AccountMode`. */
  readonly modes: Uint8Array;
  /** Bits of `Care`. */
  readonly care: Uint8Array;
  /** `AccountState`. */
  readonly states: Uint8Array;
  /** 1: verified. */
  readonly kyc: Uint8Array;
  /** 1: high. */
  readonly riskLevels: Uint8Array;
  /** Live orders that an account may have, Infinity for no limit. */
  readonly maxOpenOrders: Float64Array;
  /** Of each account, its first row of positions and of balances. */
  readonly firstPositions: Int32Array;
  readonly firstBalances: Int32Array;
  /** Two bits: which alert was given of its open orders. */
  readonly alerts: Uint8Array;
  /** When its last movements were, the newest first; −Infinity for none. */
  readonly movementTimes: Float64Array;
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
    this.care = new Uint8Array(capacity);
    this.states = new Uint8Array(capacity);
    this.kyc = new Uint8Array(capacity);
    this.riskLevels = new Uint8Array(capacity);
    this.maxOpenOrders = new Float64Array(capacity).fill(Number.POSITIVE_INFINITY);
    this.firstPositions = new Int32Array(capacity);
    this.firstBalances = new Int32Array(capacity);
    this.alerts = new Uint8Array(capacity);
    this.movementTimes = new Float64Array(COUNTED_MOVEMENTS * capacity).fill(Number.NEGATIVE_INFINITY);
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
   * Adds an account and returns its id. Group names are a name space of their own (SETTLED S26), so named groups are numbered behind
   * every possible account.
   */
  add({ name, mode, selfTradeMode, groupName, kyc, riskLevel }: AccountSpec): number {
    const id = this.used++;
    this.names.push(name);
    this.groupNames.push(groupName);
    this.ids.set(name, id);
    this.modes[id] = mode;
    this.selfTradeModes[id] = selfTradeMode;
    this.groups[id] = groupName === "" ? id : this.groupOf(groupName);
    this.kyc[id] = kyc;
    this.riskLevels[id] = riskLevel;
    return id;
  }

  setState(id: number, state: AccountState): void {
    this.states[id] = state;
    this.mark(id, Care.STATE, state !== 0);
  }

  mark(id: number, bit: Care, on: boolean): void {
    if (on) this.care[id] |= bit;
    else this.care[id] &= ~bit;
  }

  /** A movement of the account at this time, µs. */
  countMovement(id: number, time: number): void {
    const at = id * COUNTED_MOVEMENTS;
    this.movementTimes.copyWithin(at + 1, at, at + COUNTED_MOVEMENTS - 1);
    this.movementTimes[at] = time;
  }

  /** How many movements, at most 4, were later than this time. */
  movementsSince(id: number, time: number): number {
    let count = 0;
    for (let at = id * COUNTED_MOVEMENTS; at < (id + 1) * COUNTED_MOVEMENTS; at++) if (this.movementTimes[at] > time) count++;
    return count;
  }

  /** `saveLimits` writes what an account is limited to, behind how it is. */
  save(out: StateWriter, saveLimits: (id: number) => void): void {
    out.uint32(this.count);
    for (let id = 0; id < this.count; id++) {
      out.text(this.names[id]);
      out.uint8(this.modes[id]);
      out.uint8(this.selfTradeModes[id]);
      out.text(this.groupNames[id]);
      out.uint8(this.kyc[id]);
      out.uint8(this.riskLevels[id]);
      out.uint8(this.killed[id]);
      out.uint8(this.states[id]);
      out.uint8(this.alerts[id]);
      this.saveMovementTimes(id, out);
      saveLimits(id);
    }
  }

  /** `loadLimits` reads what `saveLimits` has written. */
  load(input: StateReader, loadLimits: (id: number) => void): void {
    const count = input.uint32();
    if (count > this.capacity) throw new RangeError(`capacities.accounts is ${this.capacity}, the saved state has ${count}`);
    for (let index = 0; index < count; index++) {
      const id = this.add({
        name: input.text(),
        mode: input.uint8(),
        selfTradeMode: input.uint8(),
        groupName: input.text(),
        kyc: input.uint8(),
        riskLevel: input.uint8(),
      });
      this.killed[id] = input.uint8();
      this.setState(id, input.uint8());
      this.alerts[id] = input.uint8();
      this.loadMovementTimes(id, input);
      loadLimits(id);
    }
  }

  /** Only those that there were, the newest first. */
  private saveMovementTimes(id: number, out: StateWriter): void {
    const count = this.movementsSince(id, Number.NEGATIVE_INFINITY);
    out.uint8(count);
    for (let index = 0; index < count; index++) out.int64(this.movementTimes[id * COUNTED_MOVEMENTS + index]);
  }

  private loadMovementTimes(id: number, input: StateReader): void {
    const count = input.uint8();
    if (count > COUNTED_MOVEMENTS) throw new RangeError(`this is no saved state: an account counts ${count} movements`);
    let last = MAX_SAFE;
    for (let index = 0; index < count; index++) {
      const time = input.int64();
      if (!(time >= 0 && time <= last)) throw new RangeError(`this is no saved state: an account had a movement at ${time}`);
      this.movementTimes[id * COUNTED_MOVEMENTS + index] = time;
      last = time;
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

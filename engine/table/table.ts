import { Memory } from "../flat/memory.js";
import { NO_SLOT, SlotIndex } from "../flat/slot-index.js";
import type { Interest } from "./interest.js";
import { sortByVersion } from "./sort-by-version.js";

/** What `since` answers when keys that the reader may know were removed and forgotten: it must start again from 0. */
export const TOO_OLD = -1;

const TWO_POW_32 = 2 ** 32;
const TWO_POW_MINUS_32 = 2 ** -32;
const PRESENT = 1;
const GONE = 2;

/** Words of a slot's links: its place in its group, by age of the last change, and among what is gone. */
const enum Link {
  WORDS = 4,
  OLDER = 0,
  NEWER = 1,
  GONE_OLDER = 2,
  GONE_NEWER = 3,
}

export interface TableOptions {
  /** Keys at a time, those that are gone and still remembered included. 1 to 2^25 - 1. */
  readonly keys: number;
  /** Groups that keys belong to, 1 to 2^24. */
  readonly groups: number;
  /** Words of a key's row, 0 to 1024. */
  readonly rowWords: number;
  /** Versions go on behind this one: for a table that is made anew under readers who know versions of the old one. */
  readonly firstVersion?: number;
}

/**
 * The latest state per key, each key stamped with the version that last changed it, and one question: what has changed
 * since a version. That is what a slow subscriber of market data, the shadow of a device and the delta of a game client
 * have in common; since 0 is the snapshot.
 *
 * A version counts the changes of the table: the first is 1, and no two keys have the same one. A key is a safe integer
 * in a group; its slot, from 1 up, is where its row lies, and stays the same as long as the key is there. A key that is
 * removed is remembered as gone, so that readers hear of it, until its room is needed: then the oldest of them is
 * forgotten, and readers that are older than that are told so (TOO_OLD), never left with a key that is not there.
 *
 * Flat arrays, nothing is allocated after construction. Put, touch and remove take constant time. One thread.
 */
export class Table {
  /** The rows: a slot's begins at word `slot × rowWords`. After a write to it, `touch`. */
  readonly rows: Int32Array;
  readonly rowWords: number;
  /** The slots that the last `since` has found. */
  readonly found: Int32Array;
  private readonly keyMax: number;
  private readonly index: SlotIndex;
  private readonly keys: Int32Array;
  private readonly groups: Int32Array;
  private readonly versions: Float64Array;
  private readonly links: Int32Array;
  private readonly states: Uint8Array;
  /** By group: the slots that were changed first and last; and how many keys are there. */
  private readonly oldest: Int32Array;
  private readonly newest: Int32Array;
  private readonly counts: Int32Array;
  /** By group: the newest version of a key that is forgotten. */
  private readonly floors: Float64Array;
  /** The version now, and what the last `since` has reached. */
  private readonly now = new Float64Array(2);
  private goneOldest = NO_SLOT;
  private goneNewest = NO_SLOT;
  private fresh = 1;

  /** Throws RangeError on options out of range. */
  constructor(options: TableOptions, memory = new Memory()) {
    check("groups", options.groups, 1, 2 ** 24);
    check("rowWords", options.rowWords, 0, 1024);
    check("firstVersion", options.firstVersion ?? 0, 0, Number.MAX_SAFE_INTEGER);
    check("keys", options.keys, 1, 2 ** 25 - 1);
    const { keys, groups, rowWords } = options;
    this.keyMax = keys;
    this.rowWords = rowWords;
    this.rows = memory.int32(rowWords * (keys + 1));
    this.found = memory.int32(keys);
    this.keys = memory.int32(2 * (keys + 1));
    this.groups = memory.int32(keys + 1);
    this.versions = memory.float64(keys + 1);
    this.links = memory.int32(Link.WORDS * (keys + 1));
    this.states = memory.uint8(keys + 1);
    this.oldest = memory.int32(groups);
    this.newest = memory.int32(groups);
    this.counts = memory.int32(groups);
    this.floors = memory.float64(groups);
    this.index = new SlotIndex(
      keys,
      { words: this.keys, stride: 2, offset: 0, owners: this.groups, ownerStride: 1, ownerOffset: 0 },
      memory,
    );
    this.now[VERSION] = options.firstVersion ?? 0;
    this.floors.fill(this.now[VERSION]);
  }

  /** The version of the last change. */
  get version(): number {
    return this.now[VERSION];
  }

  /** With which version to ask next, after a `since`. */
  get reached(): number {
    return this.now[REACHED];
  }

  /** Keys of a group that are there. */
  size(group: number): number {
    return this.counts[group];
  }

  /** The slot of a key that is there, or NO_SLOT (0). */
  find(group: number, key: number): number {
    const slot = this.index.get(group, key | 0, Math.floor(key * TWO_POW_MINUS_32) | 0);
    return slot !== NO_SLOT && this.states[slot] === PRESENT ? slot : NO_SLOT;
  }

  /** Changes a key, and adds it with a row of zeros if it is not there. Returns its slot; NO_SLOT when the table is full of keys that are there. */
  put(group: number, key: number): number {
    const low = key | 0;
    const high = Math.floor(key * TWO_POW_MINUS_32) | 0;
    let slot = this.index.get(group, low, high);
    if (slot === NO_SLOT) {
      slot = this.takeSlot();
      if (slot === NO_SLOT) return NO_SLOT;
      this.keys[2 * slot] = low;
      this.keys[2 * slot + 1] = high;
      this.groups[slot] = group;
      this.index.add(slot);
      this.appear(slot);
      this.stampNew(slot);
      return slot;
    }
    if (this.states[slot] === GONE) {
      this.leaveGone(slot);
      this.appear(slot);
    }
    this.touch(slot);
    return slot;
  }

  /** The key in a slot has changed. */
  touch(slot: number): void {
    const group = this.groups[slot];
    this.now[VERSION] += 1;
    this.versions[slot] = this.now[VERSION];
    if (this.newest[group] === slot) return;
    this.unlink(slot, group);
    this.link(slot, group);
  }

  /** Takes out the key in a slot. Its row stays readable until the key is forgotten. */
  remove(slot: number): void {
    if (this.states[slot] !== PRESENT) throw new Error(`slot ${slot} holds no key that is there`);
    this.touch(slot);
    this.states[slot] = GONE;
    this.counts[this.groups[slot]]--;
    const links = this.links;
    links[slot * Link.WORDS + Link.GONE_OLDER] = this.goneNewest;
    links[slot * Link.WORDS + Link.GONE_NEWER] = NO_SLOT;
    if (this.goneNewest === NO_SLOT) this.goneOldest = slot;
    else links[this.goneNewest * Link.WORDS + Link.GONE_NEWER] = slot;
    this.goneNewest = slot;
  }

  /** Of a slot with a key: the key. */
  keyOf(slot: number): number {
    return this.keys[2 * slot + 1] * TWO_POW_32 + (this.keys[2 * slot] >>> 0);
  }

  groupOf(slot: number): number {
    return this.groups[slot];
  }

  /** The version that last changed the key in a slot. */
  versionOf(slot: number): number {
    return this.versions[slot];
  }

  /** Whether the key in a slot was removed. */
  isGone(slot: number): boolean {
    return this.states[slot] === GONE;
  }

  /**
   * What of `interest` has changed behind `version`: the slots, at most `budget` of them, are then in `found`; returns how
   * many. Ask next with `reached`. With a budget the oldest changes come first, so whoever goes on asking gets them all, and a
   * key that changes meanwhile once more. Since 0 is the snapshot, without keys that are gone.
   *
   * `emptyAt`: at which version the reader knew nothing. Whoever reads a snapshot in parts gives the version at which the
   * first part was read, with all parts; then keys that were gone by then are neither told nor missed. Others leave it out.
   *
   * Returns TOO_OLD when it cannot be said what has gone since. A list of slots never is too old: its owner knows what is gone.
   */
  since(version: number, interest: Interest, budget: number, emptyAt = version === 0 ? this.now[VERSION] : 0): number {
    if (interest.group < 0) return this.sinceOfSlots(version, interest, budget, emptyAt);
    const { group } = interest;
    if (Math.max(version, emptyAt) < this.floors[group]) return TOO_OLD;
    return this.sinceOfGroup(version, group, budget, emptyAt);
  }

  /** Visits every slot and throws Error on any broken invariant. Tests only. */
  assertConsistent(): void {
    for (let group = 0; group < this.counts.length; group++) {
      let last = 0;
      let present = 0;
      for (let slot = this.oldest[group]; slot !== NO_SLOT; slot = this.links[slot * Link.WORDS + Link.NEWER]) {
        if (this.versions[slot] <= last) throw new Error(`slot ${slot} is not in order of its version`);
        last = this.versions[slot];
        if (this.groups[slot] !== group) throw new Error(`slot ${slot} is in another group's list`);
        if (this.states[slot] === PRESENT) present++;
        else if (this.versions[slot] <= this.floors[group]) throw new Error(`slot ${slot} is gone and below the floor`);
      }
      if (present !== this.counts[group]) throw new Error(`group ${group} counts ${this.counts[group]} keys and has ${present}`);
    }
  }

  private sinceOfGroup(version: number, group: number, budget: number, emptyAt: number): number {
    const { found, versions, links, states } = this;
    let slot = this.firstBehind(version, group);
    let count = 0;
    let reached = version;
    while (slot !== NO_SLOT && count < budget) {
      reached = versions[slot];
      if (states[slot] === PRESENT || reached > emptyAt) found[count++] = slot;
      slot = links[slot * Link.WORDS + Link.NEWER];
    }
    this.now[REACHED] = slot === NO_SLOT ? this.now[VERSION] : reached;
    return count;
  }

  /** The oldest change behind a version. Looks from both ends, so it is quick for who is up to date and for who has just begun. */
  private firstBehind(version: number, group: number): number {
    const { versions, links } = this;
    let older = this.oldest[group];
    let newer = this.newest[group];
    if (newer === NO_SLOT || versions[newer] <= version) return NO_SLOT;
    for (;;) {
      if (versions[older] > version) return older;
      older = links[older * Link.WORDS + Link.NEWER];
      const before = links[newer * Link.WORDS + Link.OLDER];
      if (before === NO_SLOT || versions[before] <= version) return newer;
      newer = before;
    }
  }

  private sinceOfSlots(version: number, interest: Interest, budget: number, emptyAt: number): number {
    const { found, versions, states } = this;
    const { slots, count: wanted } = interest;
    let count = 0;
    for (let index = 0; index < wanted; index++) {
      const slot = slots[index];
      const at = versions[slot];
      if (at > version && (states[slot] === PRESENT || at > emptyAt)) found[count++] = slot;
    }
    this.now[REACHED] = this.now[VERSION];
    if (count <= budget) return count;
    sortByVersion(found, count, versions);
    this.now[REACHED] = budget === 0 ? version : versions[found[budget - 1]];
    return budget;
  }

  private appear(slot: number): void {
    this.states[slot] = PRESENT;
    this.counts[this.groups[slot]]++;
    const { rows, rowWords } = this;
    for (let word = slot * rowWords; word < (slot + 1) * rowWords; word++) rows[word] = 0;
  }

  private stampNew(slot: number): void {
    this.now[VERSION] += 1;
    this.versions[slot] = this.now[VERSION];
    this.link(slot, this.groups[slot]);
  }

  private takeSlot(): number {
    if (this.fresh <= this.keyMax) return this.fresh++;
    const slot = this.goneOldest;
    if (slot === NO_SLOT) return NO_SLOT;
    const group = this.groups[slot];
    this.floors[group] = Math.max(this.floors[group], this.versions[slot]);
    this.leaveGone(slot);
    this.unlink(slot, group);
    this.index.remove(slot);
    return slot;
  }

  private leaveGone(slot: number): void {
    const links = this.links;
    const older = links[slot * Link.WORDS + Link.GONE_OLDER];
    const newer = links[slot * Link.WORDS + Link.GONE_NEWER];
    if (older === NO_SLOT) this.goneOldest = newer;
    else links[older * Link.WORDS + Link.GONE_NEWER] = newer;
    if (newer === NO_SLOT) this.goneNewest = older;
    else links[newer * Link.WORDS + Link.GONE_OLDER] = older;
  }

  private link(slot: number, group: number): void {
    const links = this.links;
    const before = this.newest[group];
    links[slot * Link.WORDS + Link.OLDER] = before;
    links[slot * Link.WORDS + Link.NEWER] = NO_SLOT;
    if (before === NO_SLOT) this.oldest[group] = slot;
    else links[before * Link.WORDS + Link.NEWER] = slot;
    this.newest[group] = slot;
  }

  private unlink(slot: number, group: number): void {
    const links = this.links;
    const older = links[slot * Link.WORDS + Link.OLDER];
    const newer = links[slot * Link.WORDS + Link.NEWER];
    if (older === NO_SLOT) this.oldest[group] = newer;
    else links[older * Link.WORDS + Link.NEWER] = newer;
    if (newer === NO_SLOT) this.newest[group] = older;
    else links[newer * Link.WORDS + Link.OLDER] = older;
  }
}

const VERSION = 0;
const REACHED = 1;

function check(name: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max)
    throw new RangeError(`${name} must be an integer from ${min} to ${max}, was ${value}`);
}

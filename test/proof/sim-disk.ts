import type { Disk, DiskFile } from "../../engine/journal/disk.js";
import type { Random } from "../fuzz/random.js";

export const SECTOR_BYTES = 512;

/** What happens at one call of a disk's life, and what it does from there on. */
export interface DiskFault {
  /** Number of the call, from 1. */
  readonly at: number;
  /**
   * `powerCut`: the machine stops within it. `EIO`: it fails, a write half done. `ENOSPC`: the disk is full for `calls` calls. `lie`: syncs do nothing for `calls`
   * calls. `misdirect`: a write goes somewhere else. `badSync`: the first sync from there on fails.
   */
  readonly kind: "powerCut" | "EIO" | "ENOSPC" | "lie" | "misdirect" | "badSync";
  readonly calls: number;
}

/** The machine is off: nobody hears this but whoever runs the simulation. */
export class PowerCut extends Error {}

interface Content {
  /** As processes see it. */
  bytes: Uint8Array;
  /** As the platter has it. */
  durable: Uint8Array;
  readonly dirty: Set<number>;
}

/**
 * A disk in memory that behaves as badly as real ones may. What was not synced survives a power cut, vanishes, or tears, sector by sector;
 * names survive up to some moment after the last sync of their folder. Same seed, same fate.
 */
export class SimDisk implements Disk {
  /** Calls so far, of this life. */
  calls = 0;
  fault: DiskFault | undefined;
  /** Writes may take a part only. */
  takesParts = false;
  /** Told each write before it happens, whatever becomes of it. */
  onWrite: (path: string, bytes: Uint8Array, offset: number) => void = () => {};
  /** Whether a fault has done something. */
  hasFailed = false;
  private isOff = false;
  private names = new Map<string, Content>();
  private durableNames = new Map<string, Content>();
  private pending: ((names: Map<string, Content>) => void)[] = [];

  constructor(private readonly random: Random) {}

  makeDirectory(): void {
    this.step();
  }

  list(path: string): string[] {
    this.step();
    return [...this.names.keys()].filter((name) => name.startsWith(`${path}/`)).map((name) => name.slice(path.length + 1));
  }

  openToRead(path: string): DiskFile {
    this.step();
    return this.fileAt(path);
  }

  openToWrite(path: string): DiskFile {
    this.step();
    return this.fileAt(path);
  }

  create(path: string): DiskFile {
    this.step();
    this.refuseWhenFull();
    const content: Content = { bytes: new Uint8Array(0), durable: new Uint8Array(0), dirty: new Set() };
    this.change((names) => names.set(path, content));
    return this.fileAt(path);
  }

  rename(from: string, to: string): void {
    this.step();
    const content = this.contentOf(from);
    this.change((names) => {
      names.delete(from);
      names.set(to, content);
    });
  }

  remove(path: string): void {
    this.step();
    this.contentOf(path);
    this.change((names) => names.delete(path));
  }

  syncDirectory(): void {
    this.step();
    if (this.isLying()) return;
    this.durableNames = new Map(this.names);
    this.pending = [];
  }

  /** What processes see of a file, to look at and to damage; undefined: it is not there. */
  peek(path: string): Uint8Array | undefined {
    return this.names.get(path)?.bytes;
  }

  /** Damages a file as a disk does: in what it has for good. */
  damage(path: string, act: (bytes: Uint8Array) => void): void {
    const content = this.contentOf(path);
    act(content.bytes);
    content.durable = content.bytes.slice();
    content.dirty.clear();
  }

  paths(): string[] {
    return [...this.names.keys()].sort();
  }

  /** Another process on the same machine: it sees all that was written. */
  reopen(): SimDisk {
    const disk = new SimDisk(this.random);
    disk.names = this.names;
    disk.durableNames = this.durableNames;
    disk.pending = this.pending;
    return disk;
  }

  /** What processes see, on a disk of its own that nothing is wrong with. */
  copy(): SimDisk {
    const disk = new SimDisk(this.random);
    for (const [path, { bytes }] of this.names) disk.names.set(path, { bytes: bytes.slice(), durable: bytes.slice(), dirty: new Set() });
    disk.durableNames = new Map(disk.names);
    return disk;
  }

  /** After the machine was off. */
  reboot(): SimDisk {
    const disk = new SimDisk(this.random);
    const names = new Map(this.durableNames);
    for (const act of this.pending.slice(0, this.random.below(this.pending.length + 1))) act(names);
    const luck = this.random.below(4);
    for (const [path, content] of names) {
      const bytes = this.survivors(content, luck);
      disk.names.set(path, { bytes, durable: bytes.slice(), dirty: new Set() });
    }
    disk.durableNames = new Map(disk.names);
    return disk;
  }

  /** `luck` 0: nothing unsynced survives, 1: all of it, else each sector by itself. */
  private survivors({ bytes, durable, dirty }: Content, luck: number): Uint8Array {
    const { random } = this;
    const grown = bytes.length - durable.length;
    const sizeBytes = luck === 1 ? bytes.length : luck === 0 ? durable.length : durable.length + random.below(Math.max(0, grown) + 1);
    const left = new Uint8Array(sizeBytes);
    left.set(durable.subarray(0, sizeBytes));
    for (const sector of dirty) {
      const start = sector * SECTOR_BYTES;
      const end = Math.min(start + SECTOR_BYTES, sizeBytes, bytes.length);
      if (start >= end) continue;
      const fate = luck < 2 ? luck : random.below(4);
      const tear = start + random.below(end - start);
      if (fate === 1) left.set(bytes.subarray(start, end), start);
      else if (fate === 2) left.set(bytes.subarray(start, tear), start);
      else if (fate === 3) left.set(bytes.subarray(tear, end), tear);
    }
    return left;
  }

  private change(act: (names: Map<string, Content>) => void): void {
    act(this.names);
    this.pending.push(act);
  }

  /** Each call of the disk comes through here. */
  private step(): void {
    if (this.isOff) throw new PowerCut("the machine is off");
    this.calls++;
    if (this.fault === undefined || this.calls !== this.fault.at || this.fault.kind === "badSync") return;
    this.hasFailed = true;
    if (this.fault.kind === "powerCut") this.turnOff();
    if (this.fault.kind === "EIO") throw failure("EIO");
  }

  private failSync(): void {
    const { fault, calls } = this;
    if (fault?.kind !== "badSync" || calls < fault.at || this.hasFailed) return;
    this.hasFailed = true;
    throw failure("EIO");
  }

  private turnOff(): never {
    this.isOff = true;
    throw new PowerCut("the machine is off");
  }

  private isWithin(kind: DiskFault["kind"]): boolean {
    const { fault, calls } = this;
    return fault?.kind === kind && calls >= fault.at && calls < fault.at + fault.calls;
  }

  private isLying(): boolean {
    return this.isWithin("lie");
  }

  private refuseWhenFull(): void {
    if (this.isWithin("ENOSPC")) throw failure("ENOSPC");
  }

  private contentOf(path: string): Content {
    const content = this.names.get(path);
    if (content === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: "ENOENT" });
    return content;
  }

  private fileAt(path: string): DiskFile {
    const content = this.contentOf(path);
    return {
      path,
      sizeBytes: () => content.bytes.length,
      read: (into, offset) => {
        this.step();
        const found = content.bytes.subarray(offset, offset + into.length);
        into.set(found);
        return found.length;
      },
      write: (bytes, offset) => {
        this.onWrite(path, bytes, offset);
        return this.write(content, bytes, offset);
      },
      sync: () => this.sync(content),
      close: () => {},
    };
  }

  private write(content: Content, bytes: Uint8Array, offset: number): number {
    const part = this.random.below(bytes.length + 1);
    try {
      this.step();
    } catch (error) {
      // It fails in the middle of it.
      put(content, bytes.subarray(0, part), offset);
      throw error;
    }
    if (this.isWithin("ENOSPC")) {
      if (part === 0 || this.calls !== this.fault?.at) throw failure("ENOSPC");
      put(content, bytes.subarray(0, part), offset);
      return part;
    }
    if (this.isWithin("misdirect")) this.misdirect(content, bytes, offset);
    else {
      const taken = this.takesParts ? Math.max(1, part) : bytes.length;
      put(content, bytes.subarray(0, taken), offset);
      return taken;
    }
    return bytes.length;
  }

  /** To another sector of the same file or of another one, which is no shorter for it. */
  private misdirect(content: Content, bytes: Uint8Array, offset: number): void {
    const { random } = this;
    const other = random.oneIn(3) ? random.pick([...this.names.values()]) : content;
    const sectors = Math.floor(Math.max(0, other.bytes.length - bytes.length) / SECTOR_BYTES);
    const wrong = (random.below(sectors + 1) * SECTOR_BYTES + (offset % SECTOR_BYTES)) & ~7;
    if (wrong + bytes.length <= other.bytes.length) put(other, bytes, wrong);
  }

  /** One that fails leaves what was not durable as if it were: processes see it, no later sync writes it, and a power cut takes it. */
  private sync(content: Content): void {
    try {
      this.step();
      this.failSync();
    } catch (error) {
      if (!this.isOff) content.dirty.clear();
      throw error;
    }
    if (this.isLying()) return;
    if (content.durable.length !== content.bytes.length) {
      const longer = new Uint8Array(content.bytes.length);
      longer.set(content.durable.subarray(0, longer.length));
      content.durable = longer;
    }
    for (const sector of content.dirty) {
      const start = sector * SECTOR_BYTES;
      content.durable.set(content.bytes.subarray(start, start + SECTOR_BYTES), start);
    }
    content.dirty.clear();
  }
}

function put(content: Content, bytes: Uint8Array, offset: number): void {
  const end = offset + bytes.length;
  if (end > content.bytes.length) {
    const longer = new Uint8Array(end);
    longer.set(content.bytes);
    content.bytes = longer;
  }
  content.bytes.set(bytes, offset);
  for (let sector = Math.floor(offset / SECTOR_BYTES); sector * SECTOR_BYTES < end; sector++) content.dirty.add(sector);
}

function failure(code: "EIO" | "ENOSPC"): Error {
  return Object.assign(new Error(`${code}: a simulated disk`), { code });
}

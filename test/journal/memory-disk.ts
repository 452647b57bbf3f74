import type { Disk, DiskFile } from "../../engine/journal/disk.js";

interface Content {
  bytes: Uint8Array;
  /** As of the last sync. */
  durable: Uint8Array;
}

/** Is asked before each call that changes something, by name: what it throws, the call throws. */
export type Fault = (call: "write" | "sync" | "create" | "rename", path: string) => void;

/**
 * A disk in memory. It knows what was synced, so a test can pull the plug; it can be short of room, take writes in pieces, and fail when it is told to.
 */
export class MemoryDisk implements Disk {
  files = new Map<string, Content>();
  /** Bytes that all files together may have. */
  roomBytes = Number.POSITIVE_INFINITY;
  /** The most that one write takes. */
  writeBytesMax = Number.POSITIVE_INFINITY;
  fault: Fault = () => {};
  syncs = 0;

  makeDirectory(): void {}

  list(path: string): string[] {
    return [...this.files.keys()].filter((name) => name.startsWith(`${path}/`)).map((name) => name.slice(path.length + 1));
  }

  openToRead(path: string): DiskFile {
    return this.fileAt(path);
  }

  openToWrite(path: string): DiskFile {
    return this.fileAt(path);
  }

  create(path: string): DiskFile {
    this.fault("create", path);
    this.files.set(path, { bytes: new Uint8Array(0), durable: new Uint8Array(0) });
    return this.fileAt(path);
  }

  rename(from: string, to: string): void {
    this.fault("rename", from);
    this.files.set(to, this.contentOf(from));
    this.files.delete(from);
  }

  remove(path: string): void {
    this.contentOf(path);
    this.files.delete(path);
  }

  syncDirectory(): void {}

  bytesOf(path: string): Uint8Array {
    return this.contentOf(path).bytes;
  }

  /** A copy that shares nothing. */
  clone(): MemoryDisk {
    const copy = new MemoryDisk();
    for (const [path, { bytes, durable }] of this.files) copy.files.set(path, { bytes: bytes.slice(), durable: durable.slice() });
    return copy;
  }

  /** What is there after the power has failed and nothing that was not synced has survived. */
  afterPowerCut(): MemoryDisk {
    const copy = this.clone();
    for (const content of copy.files.values()) content.bytes = content.durable.slice();
    return copy;
  }

  private contentOf(path: string): Content {
    const content = this.files.get(path);
    if (content === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: "ENOENT" });
    return content;
  }

  private fileAt(path: string): DiskFile {
    const content = this.contentOf(path);
    return {
      path,
      sizeBytes: () => content.bytes.length,
      read: (into, offset) => {
        const found = content.bytes.subarray(offset, offset + into.length);
        into.set(found);
        return found.length;
      },
      write: (bytes, offset) => {
        this.fault("write", path);
        return this.write(content, bytes, offset);
      },
      sync: () => {
        this.fault("sync", path);
        this.syncs++;
        content.durable = content.bytes.slice();
      },
      close: () => {},
    };
  }

  /** A disk that is nearly full takes what fits, and says that it is full only when nothing does. */
  private write(content: Content, bytes: Uint8Array, offset: number): number {
    const used = [...this.files.values()].reduce((sum, other) => sum + other.bytes.length, 0);
    const endMax = content.bytes.length + this.roomBytes - used;
    const taken = Math.min(bytes.length, this.writeBytesMax, Math.max(0, endMax - offset));
    if (taken === 0) throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
    if (offset + taken > content.bytes.length) {
      const longer = new Uint8Array(offset + taken);
      longer.set(content.bytes);
      content.bytes = longer;
    }
    content.bytes.set(bytes.subarray(0, taken), offset);
    return taken;
  }
}

import type { Disk, DiskFile } from "../../engine/journal/disk.js";
import { isFrame, readFrame, sealFrame } from "../../engine/journal/frame.js";
import { segmentOf } from "../../engine/journal/journal-files.js";
import { PowerCut, type SimDisk } from "./sim-disk.js";

/** Passes everything on; what a plant gets wrong, it overrides. */
class PassingDisk implements Disk {
  constructor(protected readonly disk: Disk) {}

  makeDirectory(path: string): void {
    this.disk.makeDirectory(path);
  }

  list(path: string): string[] {
    return this.disk.list(path);
  }

  openToRead(path: string): DiskFile {
    return this.disk.openToRead(path);
  }

  openToWrite(path: string): DiskFile {
    return this.disk.openToWrite(path);
  }

  create(path: string): DiskFile {
    return this.disk.create(path);
  }

  rename(from: string, to: string): void {
    this.disk.rename(from, to);
  }

  remove(path: string): void {
    this.disk.remove(path);
  }

  syncDirectory(path: string): void {
    this.disk.syncDirectory(path);
  }
}

/** A journal that acknowledges before it syncs: each sync of a segment only happens when the next one is asked for. */
class EarlyDisk extends PassingDisk {
  override openToWrite(path: string): DiskFile {
    const file = this.disk.openToWrite(path);
    let isDue = false;
    return {
      ...file,
      sync: () => {
        if (isDue) file.sync();
        isDue = !isDue;
      },
    };
  }
}

/** A journal that does not check the chain: whatever whole frame lies in its place is read as if it followed the one before it. */
class UnchainedDisk extends PassingDisk {
  private readonly crcOf = new Map<number, number>();

  override openToRead(path: string): DiskFile {
    const file = this.disk.openToRead(path);
    const segment = segmentOf(path.slice(path.lastIndexOf("/") + 1));
    if (segment === undefined) return file;
    return {
      ...file,
      read: (into, offset) => {
        const got = file.read(into, offset);
        this.relink(into, segment);
        return got;
      },
    };
  }

  private relink(bytes: Uint8Array, segment: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < bytes.length; ) {
      const frame = readFrame(bytes, view, at, bytes.length, segment, at);
      if (!isFrame(frame)) return;
      const previousCrc = frame.number === 1 ? 0 : (this.crcOf.get(frame.number - 1) ?? frame.previousCrc);
      this.crcOf.set(frame.number, sealFrame(bytes, view, at, { ...frame, previousCrc }));
      at += 64 + frame.payloadBytes;
    }
  }
}

/** A journal that goes on after a sync that has failed. */
class DeafDisk extends PassingDisk {
  override openToWrite(path: string): DiskFile {
    const file = this.disk.openToWrite(path);
    return {
      ...file,
      sync: () => {
        try {
          file.sync();
        } catch (error) {
          if (error instanceof PowerCut) throw error;
        }
      },
    };
  }
}

export const PLANTS = {
  "an acknowledgement before the sync": (disk: SimDisk): Disk => new EarlyDisk(disk),
  "a sync that has failed, unheard": (disk: SimDisk): Disk => new DeafDisk(disk),
  "no check of the chain": (disk: SimDisk): Disk => new UnchainedDisk(disk),
} as const;

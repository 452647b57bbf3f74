import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import type { Disk, DiskFile } from "./disk.js";

/** The real file system. Blocking calls only: it is for threads that have nothing else to do. */
export class NodeDisk implements Disk {
  makeDirectory(path: string): void {
    mkdirSync(path, { recursive: true });
  }

  list(path: string): string[] {
    try {
      return readdirSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error;
    }
  }

  openToRead(path: string): DiskFile {
    return new NodeFile(path, openSync(path, "r"));
  }

  openToWrite(path: string): DiskFile {
    return new NodeFile(path, openSync(path, "r+"));
  }

  create(path: string): DiskFile {
    return new NodeFile(path, openSync(path, "w+"));
  }

  rename(from: string, to: string): void {
    renameSync(from, to);
  }

  remove(path: string): void {
    unlinkSync(path);
  }

  syncDirectory(path: string): void {
    const directory = openSync(path, "r");
    try {
      fsyncSync(directory);
    } catch (error) {
      // Windows has no such call for folders, and needs none.
      if (process.platform !== "win32") throw error;
    } finally {
      closeSync(directory);
    }
  }
}

class NodeFile implements DiskFile {
  constructor(
    readonly path: string,
    private readonly descriptor: number,
  ) {}

  sizeBytes(): number {
    return fstatSync(this.descriptor).size;
  }

  read(into: Uint8Array, offset: number): number {
    let done = 0;
    while (done < into.length) {
      const got = readSync(this.descriptor, into, done, into.length - done, offset + done);
      if (got === 0) break;
      done += got;
    }
    return done;
  }

  write(bytes: Uint8Array, offset: number): number {
    return writeSync(this.descriptor, bytes, 0, bytes.length, offset);
  }

  sync(): void {
    fdatasyncSync(this.descriptor);
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

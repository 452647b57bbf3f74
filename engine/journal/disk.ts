/**
 * What the journal needs of a file system, and nothing more: so that tests put a disk of their own below it, which tears, forgets and lies.
 * Everything is synchronous; a call that fails throws an Error with the `code` of the operating system (`ENOSPC`, `EIO`, …).
 */
export interface Disk {
  /** Makes a folder, and those above it. It is no error when it is there. */
  makeDirectory(path: string): void;
  /** Names in a folder, in any order; none when there is no such folder. */
  list(path: string): string[];
  /** A file that is there, to read. Throws `ENOENT`. */
  openToRead(path: string): DiskFile;
  /** A file that is there, to read and write. Throws `ENOENT`. */
  openToWrite(path: string): DiskFile;
  /** A new and empty file to write; one of that name is emptied. */
  create(path: string): DiskFile;
  /** Takes the place of a file of the new name. Durable after `syncDirectory`. */
  rename(from: string, to: string): void;
  /** Durable after `syncDirectory`. */
  remove(path: string): void;
  /** Makes what was created, renamed or removed in a folder durable. */
  syncDirectory(path: string): void;
}

export interface DiskFile {
  readonly path: string;
  sizeBytes(): number;
  /** Fills `into` from `offset` of the file on, as far as there is file. Returns how many bytes that were. */
  read(into: Uint8Array, offset: number): number;
  /** Writes at `offset` and returns how many bytes were taken, which may be fewer than there are: a disk that is full says so only then. */
  write(bytes: Uint8Array, offset: number): number;
  /** Makes what was written durable. When it throws, nobody knows what is: whoever goes on from there loses data. */
  sync(): void;
  close(): void;
}

/** Joins a folder and a name; the journal's folders are plain paths. */
export function pathOf(dir: string, name: string): string {
  return `${dir}/${name}`;
}

/** Writes all of `bytes`. Throws what the disk throws, and an Error with code `EIO` when the disk takes nothing and does not say why. */
export function writeAll(file: DiskFile, bytes: Uint8Array, offset: number): void {
  let done = 0;
  while (done < bytes.length) {
    const taken = file.write(done === 0 ? bytes : bytes.subarray(done), offset + done);
    if (taken <= 0) throw Object.assign(new Error(`${file.path}: the disk took none of ${bytes.length - done} bytes`), { code: "EIO" });
    done += taken;
  }
}

/** Whether an error says that the disk is full. */
export function isDiskFull(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return code === "ENOSPC" || code === "EDQUOT";
}

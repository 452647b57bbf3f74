/**
 * A snapshot: a saved state, and the place in the journal behind the last command that is in it. It is the only file that knows these offsets.
 *
 * ```
 *  0       4     8         10      12       16    24            32        36       40       48    52      56         64       128
 * | magic | CRC | version | flags | chunks | seq | state bytes | segment | offset | number | CRC | epoch | reserved | digest | chunks
 * ```
 *
 * Little-endian. The first CRC-32 is over the header behind it; segment to epoch are the place. A chunk is `raw bytes, stored bytes, CRC-32
 * of what is stored, its number`, 16 bytes, then what is stored, padded to a multiple of 8.
 */
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { StateWriter } from "../step.js";
import { crc32 } from "./crc32.js";
import { type Disk, type DiskFile, pathOf, writeAll } from "./disk.js";
import { getUint64, hex, setUint64 } from "./frame.js";
import { JournalError } from "./journal-error.js";
import { SNAPSHOT_UNFINISHED_NAME, snapshotName } from "./journal-files.js";
import type { JournalPlace } from "./segment-reader.js";

const MAGIC = 0x4e534252; // "RBSN"
export const SNAPSHOT_VERSION = 1;
const FLAG_DEFLATED = 1;
const HEADER_BYTES = 128;
const CHUNK_HEADER_BYTES = 16;
const CHUNK_BYTES = 1 << 20;
const DIGEST_OFFSET = 64;
const DIGEST_BYTES_MAX = 64;
/** What a state may have at most: more does not fit in one array. */
const STATE_BYTES_MAX = 2 ** 32 - 8;

/** What a snapshot says about itself. */
export interface SnapshotHeader {
  readonly path: string;
  /** Where the journal goes on; its seq is that of the last command in the state. */
  readonly place: JournalPlace;
  /** Of the Step, as it gives it. */
  readonly digest: string;
  readonly stateBytes: number;
  readonly chunks: number;
  readonly isDeflated: boolean;
}

/** One chunk, as `inspect` shows it. */
export interface SnapshotChunk {
  readonly offset: number;
  readonly rawBytes: number;
  readonly storedBytes: number;
  readonly crc: number;
}

/** Writes what `save` writes, durable and under its name when this returns; its path. Throws what the disk throws. */
export function writeSnapshot(
  disk: Disk,
  dir: string,
  save: (out: StateWriter) => void,
  about: { readonly place: JournalPlace; readonly digest: string; readonly deflate: boolean },
): string {
  const unfinished = pathOf(dir, SNAPSHOT_UNFINISHED_NAME);
  const file = disk.create(unfinished);
  try {
    const chunks = new ChunkWriter(file, about.deflate);
    const out = new StateWriter((bytes) => chunks.add(bytes));
    save(out);
    out.finish();
    chunks.finish();
    writeAll(file, headerOf(about, chunks), 0);
    file.sync();
  } catch (error) {
    file.close();
    disk.remove(unfinished);
    throw error;
  }
  file.close();
  const path = pathOf(dir, snapshotName(about.place.seq));
  disk.rename(unfinished, path);
  disk.syncDirectory(dir);
  return path;
}

class ChunkWriter {
  count = 0;
  stateBytes = 0;
  private readonly chunk = new Uint8Array(CHUNK_BYTES);
  private used = 0;
  private offset = HEADER_BYTES;

  constructor(
    private readonly file: DiskFile,
    readonly deflate: boolean,
  ) {}

  add(bytes: Uint8Array): void {
    let from = 0;
    while (from < bytes.length) {
      const taken = Math.min(bytes.length - from, CHUNK_BYTES - this.used);
      this.chunk.set(bytes.subarray(from, from + taken), this.used);
      this.used += taken;
      from += taken;
      if (this.used === CHUNK_BYTES) this.finish();
    }
  }

  /** Writes the chunk that is begun. */
  finish(): void {
    if (this.used === 0) return;
    const raw = this.chunk.subarray(0, this.used);
    const stored = this.deflate ? deflateRawSync(raw, { level: constants.Z_BEST_SPEED }) : raw;
    const record = new Uint8Array(CHUNK_HEADER_BYTES + Math.ceil(stored.length / 8) * 8);
    const view = new DataView(record.buffer);
    view.setUint32(0, raw.length, true);
    view.setUint32(4, stored.length, true);
    view.setUint32(8, crc32(stored, 0, stored.length), true);
    view.setUint32(12, this.count, true);
    record.set(stored, CHUNK_HEADER_BYTES);
    writeAll(this.file, record, this.offset);
    this.offset += record.length;
    this.stateBytes += raw.length;
    this.count++;
    this.used = 0;
  }
}

function headerOf({ place, digest }: { readonly place: JournalPlace; readonly digest: string }, chunks: ChunkWriter): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint16(8, SNAPSHOT_VERSION, true);
  view.setUint16(10, chunks.deflate ? FLAG_DEFLATED : 0, true);
  view.setUint32(12, chunks.count, true);
  setUint64(view, 16, place.seq);
  setUint64(view, 24, chunks.stateBytes);
  view.setUint32(32, place.segment, true);
  view.setUint32(36, place.offset, true);
  setUint64(view, 40, place.number);
  view.setUint32(48, place.crc, true);
  view.setUint32(52, place.epoch, true);
  const text = new TextEncoder().encode(digest);
  if (text.length > DIGEST_BYTES_MAX) throw new RangeError(`a digest must have at most ${DIGEST_BYTES_MAX} characters, had ${text.length}`);
  bytes.set(text, DIGEST_OFFSET);
  view.setUint32(4, crc32(bytes, 8, HEADER_BYTES), true);
  return bytes;
}

/** A snapshot that was found whole. */
export interface ReadSnapshot {
  readonly header: SnapshotHeader;
  readonly state: Uint8Array;
}

/**
 * Reads a snapshot and checks every byte of it. Throws JournalError JOURNAL_CORRUPT or JOURNAL_VERSION, with the offset, and what the disk throws.
 * `onChunk` sees each chunk once it was found whole.
 */
export function readSnapshot(disk: Disk, path: string, onChunk: (chunk: SnapshotChunk) => void = () => {}): ReadSnapshot {
  const file = disk.openToRead(path);
  try {
    const header = readHeader(file);
    const state = new Uint8Array(header.stateBytes);
    let offset = HEADER_BYTES;
    let filled = 0;
    for (let chunk = 0; chunk < header.chunks; chunk++) {
      const raw = readChunk(file, offset, chunk, header.isDeflated);
      if (filled + raw.bytes.length > state.length) throw damaged(path, offset, "its chunks make more than the state it names");
      state.set(raw.bytes, filled);
      filled += raw.bytes.length;
      onChunk(raw.chunk);
      offset += CHUNK_HEADER_BYTES + Math.ceil(raw.chunk.storedBytes / 8) * 8;
    }
    if (filled !== state.length) throw damaged(path, offset, `its chunks make ${filled} bytes of the ${state.length} that it names`);
    return { header, state };
  } finally {
    file.close();
  }
}

/** What a snapshot says about itself. Throws as `readSnapshot` does. */
export function readSnapshotHeader(disk: Disk, path: string): SnapshotHeader {
  const file = disk.openToRead(path);
  try {
    return readHeader(file);
  } finally {
    file.close();
  }
}

function readHeader(file: DiskFile): SnapshotHeader {
  const { path } = file;
  const bytes = new Uint8Array(HEADER_BYTES);
  const got = file.read(bytes, 0);
  const view = new DataView(bytes.buffer);
  const magic = view.getUint32(0, true);
  if (got < HEADER_BYTES || magic !== MAGIC) throw damaged(path, 0, `it must begin with ${hex(MAGIC)}, began with ${hex(magic)}`);
  const sum = crc32(bytes, 8, HEADER_BYTES);
  if (sum !== view.getUint32(4, true)) throw damaged(path, 0, "the checksum of its header is not that of its bytes");
  const version = view.getUint16(8, true);
  if (version !== SNAPSHOT_VERSION) {
    const text = `${path}: snapshot version ${version}: this program knows version ${SNAPSHOT_VERSION} only. Start the newer ringbook that wrote it`;
    throw new JournalError("JOURNAL_VERSION", text);
  }
  const stateBytes = getUint64(view, 24);
  if (stateBytes > STATE_BYTES_MAX) throw damaged(path, 24, `a state has at most ${STATE_BYTES_MAX} bytes, it names ${stateBytes}`);
  return {
    path,
    place: {
      seq: getUint64(view, 16),
      segment: view.getUint32(32, true),
      offset: view.getUint32(36, true),
      number: getUint64(view, 40),
      crc: view.getUint32(48, true),
      epoch: view.getUint32(52, true),
    },
    digest: new TextDecoder().decode(bytes.subarray(DIGEST_OFFSET)).replaceAll("\0", ""),
    stateBytes,
    chunks: view.getUint32(12, true),
    isDeflated: (view.getUint16(10, true) & FLAG_DEFLATED) !== 0,
  };
}

interface RawChunk {
  readonly chunk: SnapshotChunk;
  readonly bytes: Uint8Array;
}

function readChunk(file: DiskFile, offset: number, number: number, isDeflated: boolean): RawChunk {
  const head = new Uint8Array(CHUNK_HEADER_BYTES);
  const got = file.read(head, offset);
  const view = new DataView(head.buffer);
  const [rawBytes, storedBytes, crc, found] = [0, 4, 8, 12].map((at) => view.getUint32(at, true));
  if (got < CHUNK_HEADER_BYTES || found !== number) throw damaged(file.path, offset, `chunk ${number} must be here`);
  if (rawBytes > CHUNK_BYTES || storedBytes > 2 * CHUNK_BYTES) throw damaged(file.path, offset, `chunk ${number} is too long`);
  const stored = new Uint8Array(storedBytes);
  if (file.read(stored, offset + CHUNK_HEADER_BYTES) < storedBytes) throw damaged(file.path, offset, `chunk ${number} is cut off`);
  if (crc32(stored, 0, storedBytes) !== crc) throw damaged(file.path, offset, `the checksum of chunk ${number} is not that of its bytes`);
  const bytes = isDeflated ? inflated(stored, rawBytes, file.path, offset) : stored;
  if (bytes.length !== rawBytes) throw damaged(file.path, offset, `chunk ${number} makes ${bytes.length} bytes, it names ${rawBytes}`);
  return { chunk: { offset, rawBytes, storedBytes, crc }, bytes };
}

function inflated(stored: Uint8Array, rawBytes: number, path: string, offset: number): Uint8Array {
  try {
    return inflateRawSync(stored, { maxOutputLength: Math.max(1, rawBytes) });
  } catch (error) {
    throw damaged(path, offset, `it cannot be unpacked: ${(error as Error).message}`);
  }
}

function damaged(path: string, offset: number, text: string): JournalError {
  return new JournalError(
    "JOURNAL_CORRUPT",
    `${path} at offset ${offset}: the snapshot is damaged: ${text}. Remove the file: an older one, or the journal's beginning, serves as well`,
  );
}

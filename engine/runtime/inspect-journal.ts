import { hex, KIND_START } from "../journal/frame.js";
import { JournalError } from "../journal/journal-error.js";
import { listJournal, segmentName, segmentOf, snapshotSeqOf } from "../journal/journal-files.js";
import { type JournalScan, scanJournal } from "../journal/journal-scan.js";
import { NodeDisk } from "../journal/node-disk.js";
import { eachRecord, type FrameStep, JOURNAL_BEGINNING, type JournalPlace, SegmentReader } from "../journal/segment-reader.js";
import { readSnapshot, type SnapshotChunk } from "../journal/snapshot-file.js";
import * as Flyweights from "../wire/flyweights.js";
import { templateName } from "../wire/generated/templates.js";
import { NULL_INT64 } from "../wire/numbers.js";
import { aboutOf } from "./journal-about.js";

/** One line of what `inspectJournal` tells. */
export type InspectLine = Readonly<Record<string, unknown>>;

/**
 * Everything that lies in a journal's folder, in one of its segments, or in a snapshot, in order: frames, each followed by its records, and how it ends. The
 * last line has `end`: `clean`, `torn`, `corrupt` or `newer`. Throws JournalError when there is no journal or the snapshot is damaged, and what the
 * disk throws.
 */
export function* inspectJournal(path: string): Generator<InspectLine> {
  const { dir, name } = split(path);
  if (snapshotSeqOf(name) !== undefined) return yield* snapshotLines(path);
  const disk = new NodeDisk();
  const segment = segmentOf(name);
  const where = segment === undefined ? path : dir;
  const files = listJournal(disk, where);
  const reader = new SegmentReader(disk, where);
  const only = segment === undefined ? files : { ...files, segments: [segment] };
  const [first] = only.segments;
  if (first === undefined) throw new JournalError("JOURNAL_MISSING", `${where}: there is no journal here, not one segment`);
  reader.open(first);
  const begin = beginOf(reader, first);
  yield* frameLines(reader, only.segments, begin);
  yield endLine(scanJournal(reader, only, begin));
}

function split(path: string): { readonly dir: string; readonly name: string } {
  const at = path.lastIndexOf("/");
  return { dir: at < 0 ? "." : path.slice(0, at), name: path.slice(at + 1) };
}

/** The first frame of the first segment is believed. */
function beginOf(reader: SegmentReader, segment: number): JournalPlace {
  const step = reader.step({ ...JOURNAL_BEGINNING, segment }, false);
  if ("fault" in step) return { ...JOURNAL_BEGINNING, segment };
  const { frame } = step;
  const epoch = frame.kind === KIND_START ? frame.epoch - 1 : frame.epoch;
  return { segment, offset: 0, number: frame.number - 1, crc: frame.previousCrc, epoch, seq: frame.firstSeq - 1 };
}

function* frameLines(reader: SegmentReader, segments: readonly number[], begin: JournalPlace): Generator<InspectLine> {
  let place = begin;
  for (const segment of segments) {
    if (segment !== place.segment) {
      reader.open(segment);
      place = { ...place, segment, offset: 0 };
    }
    for (;;) {
      const step = reader.step(place);
      if ("fault" in step) break;
      place = step.behind;
      yield frameLine(step);
      const records: InspectLine[] = [];
      eachRecord(step.frame, step.words, step.at, (words, at) => records.push(recordLine(words, at)));
      yield* records;
    }
  }
}

function frameLine({ frame, behind, words, at }: FrameStep): InspectLine {
  const about = aboutOf({ frame, words, at });
  return {
    frame: frame.number,
    file: segmentName(frame.segment),
    offset: frame.offset,
    bytes: behind.offset - frame.offset,
    crc: hex(frame.crc),
    previousCrc: hex(frame.previousCrc),
    epoch: frame.epoch,
    firstSeq: frame.firstSeq,
    lastSeq: behind.seq,
    records: frame.records,
    syncedFrame: frame.syncedNumber,
    ...(about === undefined ? {} : { start: about }),
  };
}

interface Flyweight {
  readonly TEMPLATE_ID: number;
  readonly [name: string]: unknown;
}

/** Names of a template's fields, in alphabetical order. */
const FIELDS = new Map<number, readonly (readonly [name: string, read: (words: Int32Array, at: number) => unknown])[]>(
  (Object.values(Flyweights) as unknown as Flyweight[])
    .filter((fly) => fly.TEMPLATE_ID !== undefined)
    .map((fly) => [
      fly.TEMPLATE_ID,
      Object.entries(fly)
        .filter(([name, value]) => typeof value === "function" && `set${name[0].toUpperCase()}${name.slice(1)}` in fly)
        .filter(([name]) => !name.startsWith("reserved"))
        .map(([name, value]) => [name, value as (words: Int32Array, at: number) => unknown] as const),
    ]),
);

function recordLine(words: Int32Array, at: number): InspectLine {
  const { Header } = Flyweights;
  const templateId = Header.templateId(words, at);
  const fields = (FIELDS.get(templateId) ?? []).map(([name, read]) => [name, plainValue(read(words, at))] as const);
  const present = fields.filter(([, value]) => value !== null);
  return {
    record: templateName(templateId) ?? templateId,
    seq: Header.seq(words, at),
    time: Header.time(words, at),
    offset: 4 * at,
    bytes: words[at],
    fields: Object.fromEntries(present),
  };
}

/** A null of the wire is none of JSON's business. */
function plainValue(value: unknown): unknown {
  if (value === NULL_INT64) return null;
  return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value;
}

function endLine(scan: JournalScan): InspectLine {
  const { end, verdict, text, later } = scan;
  return {
    end: verdict,
    file: segmentName(end.segment),
    offset: end.offset,
    frame: end.number,
    seq: end.seq,
    ...(verdict === "clean" ? {} : { text }),
    ...(later === undefined ? {} : { laterFrame: later.frame.number, laterFile: later.path, laterOffset: later.frame.offset }),
  };
}

function* snapshotLines(path: string): Generator<InspectLine> {
  const chunks: SnapshotChunk[] = [];
  const { header } = readSnapshot(new NodeDisk(), path, (chunk) => chunks.push(chunk));
  const { place, digest, stateBytes, isDeflated } = header;
  yield {
    snapshot: place.seq,
    digest,
    stateBytes,
    deflated: isDeflated,
    chunks: chunks.length,
    next: {
      file: segmentName(place.segment),
      offset: place.offset,
      frame: place.number + 1,
      previousCrc: hex(place.crc),
      epoch: place.epoch,
    },
  };
  for (const [chunk, { offset, rawBytes, storedBytes, crc }] of chunks.entries())
    yield { chunk, offset, rawBytes, storedBytes, crc: hex(crc) };
  yield { end: "clean" };
}

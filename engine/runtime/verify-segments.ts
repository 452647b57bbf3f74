import { availableParallelism } from "node:os";
import { Piscina } from "piscina";
import type { Disk } from "../journal/disk.js";
import { JournalError } from "../journal/journal-error.js";
import type { JournalFiles } from "../journal/journal-files.js";
import type { ReplayProgress } from "../journal/recovery.js";
import { SegmentReader } from "../journal/segment-reader.js";
import type { SegmentReport } from "../journal/segment-report.js";
import type { JournalTask } from "./journal-task-worker.js";

/** Checks every byte of every segment, on all processors at once, and that each goes on where the one before it ends. Rejects with JournalError. */
export async function verifySegments(
  disk: Disk,
  dir: string,
  files: JournalFiles,
  onProgress: (progress: ReplayProgress) => void,
): Promise<void> {
  const { segments } = files;
  const pool = new Piscina({
    filename: new URL("./journal-task-worker.js", import.meta.url).href,
    minThreads: 0,
    maxThreads: Math.min(segments.length, availableParallelism()),
    atomics: "disabled",
  });
  let done = 0;
  try {
    const reports = await Promise.all(
      segments.map(async (segment) => {
        const report = (await pool.run({ kind: "verify", dir, segment } satisfies JournalTask, { name: "run" })) as SegmentReport;
        onProgress({ phase: "verify", done: ++done, of: segments.length });
        return report;
      }),
    );
    checkLinks(new SegmentReader(disk, dir), reports);
  } finally {
    await pool.destroy();
  }
}

function checkLinks(reader: SegmentReader, reports: readonly SegmentReport[]): void {
  for (let index = 1; index < reports.length; index++) {
    const { end } = reports[index - 1];
    const { begin, segment } = reports[index];
    if (begin === undefined) return; // What is behind the journal's end is judged with the replay.
    if (segment === end.segment + 1 && begin.number === end.number && begin.crc === end.crc && begin.seq === end.seq) continue;
    throw new JournalError(
      "JOURNAL_CORRUPT",
      `${reader.pathOf(segment)} at offset 0: it goes on behind frame ${begin.number} and seq ${begin.seq}, but ${reader.pathOf(end.segment)} has ` +
        `no whole frames beyond frame ${end.number} and seq ${end.seq}, at offset ${end.offset}. Put the files back from a copy`,
    );
  }
}

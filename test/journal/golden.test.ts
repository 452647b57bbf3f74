import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { recover } from "../../engine/journal/recovery.js";
import { MemoryDisk } from "./memory-disk.js";
import { TapeReplica } from "./tape-replica.js";

const GOLDEN = "test/journal/golden";

/** What each released format must be read as, for good. */
const EXPECTED = [{ version: 1, digest: "1156 -699692332", epoch: 3, snapshotSeq: 1134, segments: 2 }] as const;

function golden(version: number): MemoryDisk {
  const disk = new MemoryDisk();
  const dir = `${GOLDEN}/version-${version}`;
  for (const name of readdirSync(dir)) {
    const bytes = new Uint8Array(readFileSync(`${dir}/${name}`));
    disk.files.set(`data/${name}`, { bytes, durable: bytes.slice() });
  }
  return disk;
}

describe.each(EXPECTED)("the golden journal of format version $version", ({ version, digest, epoch, snapshotSeq, segments }) => {
  it("is replayed to its digest", () => {
    const disk = golden(version);
    expect(disk.list("data").filter((name) => name.startsWith("segment"))).toHaveLength(segments);
    for (const name of disk.list("data")) if (name.startsWith("snapshot")) disk.remove(`data/${name}`);
    const replica = new TapeReplica();
    const { place, digestsCompared, cut, snapshot } = recover(disk, "data", replica);
    expect({ digest: replica.digest(), epoch: place.epoch, digestsCompared, cut, snapshot }).toEqual({
      digest,
      epoch,
      digestsCompared: 3,
      cut: false,
      snapshot: undefined,
    });
  });

  it("is recovered from its snapshot to the same", () => {
    const replica = new TapeReplica();
    const { snapshot, digestsCompared } = recover(golden(version), "data", replica);
    expect(replica.digest()).toBe(digest);
    expect(snapshot?.place.seq).toBe(snapshotSeq);
    expect(digestsCompared).toBe(1);
  });
});

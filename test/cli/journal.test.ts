import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { main } from "../../dist/cli/main.js";
import { type CliResult, linesOf, runCliWith } from "./run-cli.js";

vi.setConfig({ testTimeout: 60_000 });

/** Of the build: pools start threads, and those start from what is compiled. */
const run = (args: readonly string[], input = ""): Promise<CliResult> => runCliWith(main, args, input);

const folder = mkdtempSync(join(tmpdir(), "ringbook-cli-journal-"));
afterAll(() => rmSync(folder, { recursive: true }));
let folders = 0;
const newDir = (): string => join(folder, String(folders++));

const SET_UP = [
  '{"cmd":"instrument","symbol":"ABC","base":"ABC","quote":"USD","tickSize":"0.01","lotSize":"1"}',
  '{"cmd":"account","account":"alice","mode":"unchecked"}',
  '{"cmd":"account","account":"bob","mode":"unchecked"}',
];
const order = (account: string, clOrdId: number, side: string, price: string): string =>
  JSON.stringify({ cmd: "new", account, clOrdId, symbol: "ABC", side, price, qty: "5" });
const FIRST = [...SET_UP, order("alice", 1, "buy", "100"), order("bob", 1, "sell", "100"), order("alice", 2, "buy", "99")].join("\n");
const SECOND = ['{"cmd":"time","at":5}', order("bob", 2, "sell", "98"), order("alice", 3, "buy", "97")].join("\n");

function hashOf({ stdout }: CliResult): string {
  return (JSON.parse(linesOf(stdout).at(-1) as string) as { hash: string }).hash;
}

describe("ringbook run --journal", () => {
  it("goes on where the journal ends, with the same events as one run of everything", async () => {
    const dir = newDir();
    const whole = await run(["run"], `${FIRST}\n${SECOND}\n{"cmd":"hash"}`);
    const first = await run(["run", "--journal", dir], FIRST);
    const second = await run(["run", "--journal", dir], `${SECOND}\n{"cmd":"hash"}`);
    expect([first.exitCode, second.exitCode]).toEqual([0, 0]);
    expect(first.stdout + second.stdout).toBe(whole.stdout);
    expect(readdirSync(dir)).not.toContain("LOCK");
    const replayed = await run(["replay", dir, "--verify"]);
    expect(replayed.exitCode).toBe(0);
    expect(JSON.parse(replayed.stdout)).toEqual({ seq: 9, digest: hashOf(whole), replayed: 9, digestsCompared: 2 });
    const half = await run(["replay", dir, "--to", "6"]);
    expect(JSON.parse(half.stdout)).toMatchObject({ seq: 6, replayed: 6, digestsCompared: 1 });
    expect(JSON.parse(half.stdout).digest).toBe(hashOf(await run(["run"], `${FIRST}\n{"cmd":"hash"}`)));
  });
});

describe("ringbook inspect", () => {
  it("prints every frame and record with offset, checksum and seq, and how it ends", async () => {
    const dir = newDir();
    await run(["run", "--journal", dir], FIRST);
    const { stdout, exitCode } = await run(["inspect", dir]);
    expect(exitCode).toBe(0);
    const lines = linesOf(stdout).map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines[0]).toMatchObject({ frame: 1, offset: 0, epoch: 1, firstSeq: 1, records: 0, start: { program: "ringbook run" } });
    expect(lines[1]).toMatchObject({ frame: 2, previousCrc: lines[0]["crc"], firstSeq: 1, lastSeq: 6, records: 7, syncedFrame: 1 });
    const records = lines.filter((line) => "record" in line);
    expect(records.map(({ record, seq }) => [record, seq])).toEqual([
      ["DefineInstrument", 1],
      ["DefineAccount", 2],
      ["DefineAccount", 3],
      ["NewOrder", 4],
      ["NewOrder", 5],
      ["NewOrder", 6],
      ["DigestMark", 6],
    ]);
    expect(records[3]).toMatchObject({ fields: { clOrdId: 1, price: 10000, qty: 5, side: 0 } });
    const file = readFileSync(join(dir, "segment-0000000001.rbj"));
    for (const { offset, bytes } of records) expect(file.readUInt32LE(offset as number)).toBe(bytes);
    expect(lines.at(-1)).toMatchObject({ end: "clean", frame: 2, seq: 6 });
    expect((await run(["inspect", join(dir, "segment-0000000001.rbj")])).stdout).toBe(stdout);
  });

  it("says where a journal is damaged, and so does replay, with exit code 1", async () => {
    const dir = newDir();
    await run(["run", "--journal", dir], FIRST);
    await run(["run", "--journal", dir], SECOND);
    const path = join(dir, "segment-0000000001.rbj");
    const bytes = readFileSync(path);
    bytes[500] ^= 1;
    writeFileSync(path, bytes);
    const inspected = await run(["inspect", dir]);
    expect(inspected.exitCode).toBe(1);
    const end = JSON.parse(linesOf(inspected.stdout).at(-1) as string) as { offset: number };
    expect(end).toMatchObject({ end: "corrupt", frame: 1, laterFrame: 3 });
    for (const args of [[], ["--verify"]]) {
      const replayed = await run(["replay", dir, ...args]);
      expect(replayed).toMatchObject({ exitCode: 1, stdout: "" });
      expect(replayed.stderr).toContain(`${path} at offset ${end.offset}`);
      expect(replayed.stderr).toContain("Put the file back from a copy");
      expect(replayed.stderr).toContain("--cut-damage");
    }
    expect(await run(["run", "--journal", dir], SECOND)).toMatchObject({ exitCode: 1, stdout: "" });
  });

  it("says what is missing", async () => {
    for (const args of [
      ["replay", newDir()],
      ["inspect", newDir()],
      ["inspect", join(newDir(), "segment-0000000001.rbj")],
    ]) {
      const { exitCode, stdout, stderr } = await run(args);
      expect([exitCode, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(/no journal here|no such file/);
    }
    const other = join(folder, "other.txt");
    writeFileSync(other, "no journal");
    for (const command of ["replay", "inspect"]) {
      const { exitCode, stderr } = await run([command, other]);
      expect(exitCode).toBe(1);
      expect(stderr).toContain(`${other} is no folder of a journal`);
    }
  });
});

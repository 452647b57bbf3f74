import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it, vi } from "vitest";
import { LINE_BYTES_MAX } from "../../cli/script/line-reader.js";
import { Core } from "../../engine/edge/core.js";
import { linesOf, runCli } from "./run-cli.js";

const folder = mkdtempSync(join(tmpdir(), "ringbook-run-"));
afterAll(() => rmSync(folder, { recursive: true }));

const OK_LINE = '{"event":"ok","seq":1,"cmd":"currency"}\n';
const CURRENCY = '{"cmd":"currency","currency":"USD"}';

describe("input", () => {
  it("comes from a file, or from stdin as - or without a name", async () => {
    const file = join(folder, "script.jsonl");
    writeFileSync(file, CURRENCY);
    expect(await runCli(["run", file])).toEqual({ exitCode: 0, stdout: OK_LINE, stderr: "" });
    expect((await runCli(["run", "-"], CURRENCY)).stdout).toBe(OK_LINE);
    expect((await runCli(["run"], CURRENCY)).stdout).toBe(OK_LINE);
  });

  it("a file that is not there ends with 1 and says which", async () => {
    const result = await runCli(["run", join(folder, "none.jsonl")]);
    expect(result).toMatchObject({ exitCode: 1, stdout: "" });
    expect(result.stderr).toContain("none.jsonl");
  });

  it("S24: a trailing CR is dropped, and the last line needs no newline", async () => {
    const { stdout } = await runCli(["run"], `${CURRENCY}\r\n\r\n# comment\r\nbad\r\n{"cmd":"hash"}\r`);
    expect(linesOf(stdout).map((line) => JSON.parse(line))).toMatchObject([
      { event: "ok" },
      { event: "error", line: 4 },
      { event: "hash" },
    ]);
  });

  it("may be cut into chunks anywhere, in the middle of a character too", async () => {
    const bytes = Buffer.from(`\uFEFF${CURRENCY}\n{"cmd":"account","account":"é€😀","mode":"unchecked"}\n\nbad\n`);
    const whole = await runCli(["run"], [bytes]);
    expect(linesOf(whole.stdout)).toHaveLength(3);
    expect(whole.stdout).toContain("é€😀");
    for (const size of [1, 2, 3, 7]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
      expect(await runCli(["run"], chunks)).toEqual(whole);
    }
  });

  it("a line that is too long is an error of that line, however it arrives", async () => {
    const long = `{"cmd":"currency","currency":"${"x".repeat(LINE_BYTES_MAX)}"}`;
    const script = Buffer.from(`${long}\n${CURRENCY}\n${long}`);
    const whole = await runCli(["run"], [script]);
    expect(linesOf(whole.stdout).map((line) => JSON.parse(line))).toMatchObject([
      { event: "error", line: 1 },
      { event: "ok" },
      { event: "error", line: 3 },
    ]);
    expect(whole.exitCode).toBe(1);
    const chunks = Array.from({ length: Math.ceil(script.length / 65536) }, (_, index) =>
      script.subarray(index * 65536, (index + 1) * 65536),
    );
    expect(await runCli(["run"], chunks)).toEqual(whole);
  });
});

it("JSON that is nested absurdly deep is an error like any other", async () => {
  const deep = (inner: string): string => `${"[".repeat(200_000)}${inner}${"]".repeat(200_000)}`;
  const lines = [deep("1"), deep("12345678901234567890"), `{"cmd":"new","clOrdId":${deep("1e9")}}`, "[".repeat(400_000), CURRENCY];
  const { stdout, exitCode } = await runCli(["run"], lines.join("\n"));
  expect(linesOf(stdout).map((line) => JSON.parse(line).line ?? "ok")).toEqual([1, 2, 3, 4, "ok"]);
  expect(exitCode).toBe(1);
});

it("--verify that fails says what and where, and ends with 1", async () => {
  const check = vi.spyOn(Core.prototype, "assertConsistent").mockImplementation(() => {
    throw new Error("level total is 5, its orders hold 4");
  });
  const result = await runCli(["run", "--verify"], `# one\n${CURRENCY}\n${CURRENCY}\n`);
  check.mockRestore();
  expect(result.exitCode).toBe(1);
  expect(result.stdout).toBe(OK_LINE);
  expect(result.stderr).toContain(`line 2: after ${CURRENCY}: level total is 5, its orders hold 4`);
});

it("a mistake of the engine is no error event: it surfaces", async () => {
  const broken = vi.spyOn(Core.prototype, "apply").mockImplementation(() => {
    throw new Error("tree is torn");
  });
  await expect(runCli(["run"], CURRENCY)).rejects.toThrow("tree is torn");
  broken.mockRestore();
});

describe("usage", () => {
  it.each([
    [["run", "--evnts", "all"], "unknown option --evnts", "did you mean --events?"],
    [["run", "--events", "some"], "--events must be one of all, trades, none, was some", "--help"],
    [["run", "--events"], "--events", "ringbook run --help"],
    [["run", "a", "b"], "run takes one file", "--help"],
    [["run", "--journal", ""], "--journal must be a folder", "--help"],
    [["runn"], "unknown command runn", "did you mean run?"],
    [["replay"], "replay takes one journal, was given 0", "--help"],
    [["replay", "dir", "--to", "x"], "--to must be an integer from 0", "--help"],
    [["inspect", "a", "b"], "inspect takes one journal, segment or snapshot, was given 2", "--help"],
    [["--nothing"], "unknown option --nothing", "--help"],
    [[], "no command given", "--help"],
    [["convert"], "needs a format", "--help"],
    [["convert", "csv", "file"], "unknown format csv", "--help"],
    [["convert", "lobster", "one"], "expected MESSAGES ORDERBOOK", "--help"],
    [["convert", "flash", "a", "--books"], "convert flash has no --books", "--help"],
    [["convert", "flash", "a", "--limit", "-1"], "--limit", "--help"],
    [["convert", "flash", "a", "--limit=1.5"], "--limit must be an integer from 0", "--help"],
  ])("%j", async (args, message, hint) => {
    const result = await runCli(args);
    expect(result).toMatchObject({ exitCode: 2, stdout: "" });
    expect(result.stderr).toContain(message);
    expect(result.stderr).toContain(hint);
  });

  it("help lists what is built and nothing else", async () => {
    const { stdout, exitCode } = await runCli(["run", "--help"]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("--verify");
    expect(stdout).toContain("Examples:");
    expect(stdout).toContain("--market-data");
    expect((await runCli(["help", "run"])).stdout).toBe(stdout);
    const commands = [...(await runCli(["--help"])).stdout.matchAll(/^ {2}([a-z]+(?:-[a-z]+)*) {2,}/gm)].map(([, name]) => name);
    expect(commands).toEqual([
      ...["start", "run", "replay", "report", "inspect", "convert", "check-config", "load", "conformance", "bench"],
    ]);
  });

  it("--version prints the version of the package", async () => {
    expect((await runCli(["--version"])).stdout).toMatch(/^[0-9]+\.[0-9]+\.[0-9]+\n$/);
  });
});

it("a reader that goes away ends the run quietly: ringbook run | head", async () => {
  const file = join(folder, "long.jsonl");
  writeFileSync(file, '{"cmd":"hash"}\n'.repeat(20_000));
  const child = spawn(process.execPath, [fileURLToPath(new URL("../../dist/cli/ringbook.js", import.meta.url)), "run", file]);
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  await once(child.stdout, "data");
  child.stdout.destroy();
  const [code] = await once(child, "exit");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});

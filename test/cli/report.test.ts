import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { REPORT_COLUMNS, REPORT_SECTIONS } from "../../cli/report/report-columns.js";
import { main } from "../../dist/cli/main.js";
import { type Command, Core, type StateReport } from "../../engine/edge/index.js";
import { linesOf, runCli, runCliWith } from "./run-cli.js";

const folder = mkdtempSync(join(tmpdir(), "ringbook-report-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Every section has a row of this. */
const COMMANDS: readonly Command[] = [
  { cmd: "currency", currency: "USD", scale: 2, amlThreshold: "5000" },
  { cmd: "instrument", symbol: "ABC", base: "ABC", quote: "USD", tickSize: "0.01", lotSize: "1", takerFeePpm: 1000 },
  { cmd: "instrument", symbol: "PERP", base: "ABC", quote: "USD", tickSize: "0.01", lotSize: "1", kind: "margin", lastPrice: "10" },
  { cmd: "account", account: '=a"b,c', mode: "cash", limits: "unlimited", kyc: "verified" },
  { cmd: "account", account: "mia", mode: "margin", limits: "unlimited" },
  { cmd: "account", account: "una", mode: "unchecked", limits: { maxPosition: "100" } },
  { cmd: "deposit", account: '=a"b,c', currency: "USD", amount: "1000", ref: "1" },
  { cmd: "deposit", account: '=a"b,c', currency: "USD", amount: "5000.01", ref: "2" },
  { cmd: "deposit", account: "mia", currency: "USD", amount: "100", ref: "3" },
  { cmd: "new", account: '=a"b,c', clOrdId: 1, symbol: "ABC", side: "buy", price: "10", qty: "5" },
  { cmd: "new", account: "una", clOrdId: 1, symbol: "ABC", side: "sell", price: "10", qty: "2" },
  { cmd: "new", account: "mia", clOrdId: 1, symbol: "PERP", side: "buy", price: "10", qty: "3" },
  { cmd: "new", account: "una", clOrdId: 2, symbol: "PERP", side: "sell", price: "10", qty: "1" },
];
const SCRIPT = COMMANDS.map((command) => JSON.stringify(command));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** The state behind the first so many commands. */
function coreAfter(count: number): Core {
  const core = new Core();
  for (const command of COMMANDS.slice(0, count)) core.apply(command, () => {});
  return core;
}

const script = file("day.jsonl", `# a day\n\n${SCRIPT.join("\n")}\n`);
const state = file("day.state", coreAfter(COMMANDS.length).snapshot());

const empty = join(folder, "empty");
mkdirSync(empty);
const journal = join(folder, "journal");
beforeAll(async () => {
  // Of the build: a journal is written by threads, and those start from what is compiled.
  expect(await runCliWith(main, ["run", "--journal", journal, "--events", "none"], SCRIPT.join("\n"))).toMatchObject({ exitCode: 0 });
});

describe("ringbook report", () => {
  it("tells a script's last state, and that of any sequence, as JSON with a row a line", async () => {
    const { stdout, ...rest } = await runCli(["report", script]);
    expect(rest).toEqual({ exitCode: 0, stderr: "" });
    expect(JSON.parse(stdout)).toEqual({ source: script, ...coreAfter(COMMANDS.length).report() });
    const rows = REPORT_SECTIONS.flatMap<object>((section) => coreAfter(COMMANDS.length).report()[section]);
    expect(linesOf(stdout)).toHaveLength(1 + REPORT_SECTIONS.length + rows.length);
    for (const seq of [0, 1, 9, 10, COMMANDS.length]) {
      const at = await runCli(["report", script, "--at", String(seq)]);
      expect(JSON.parse(at.stdout), `seq ${seq}`).toEqual({ source: script, ...coreAfter(seq).report() });
    }
  });

  it("tells the same of a saved state", async () => {
    const saved = await runCli(["report", state, "--at", String(COMMANDS.length)]);
    expect({ ...JSON.parse(saved.stdout), source: script }).toEqual(JSON.parse((await runCli(["report", script])).stdout));
  });

  it("tells the same of a journal, at any sequence", async () => {
    for (const seq of [1, 9, COMMANDS.length]) {
      const { stdout, ...rest } = await runCli(["report", journal, "--at", String(seq)]);
      expect(rest).toEqual({ exitCode: 0, stderr: "" });
      expect(JSON.parse(stdout)).toEqual({ source: journal, ...coreAfter(seq).report() });
    }
    const last = await runCli(["report", journal, state]);
    expect(JSON.parse(last.stdout)).toEqual([journal, state].map((source) => ({ source, ...coreAfter(COMMANDS.length).report() })));
  });

  it("has rows in every section, with the keys of its columns in their order", () => {
    const report: StateReport = coreAfter(COMMANDS.length).report();
    for (const section of REPORT_SECTIONS) {
      const columns: readonly string[] = REPORT_COLUMNS[section];
      expect(report[section].length, section).toBeGreaterThan(0);
      for (const row of report[section]) {
        const keys = Object.keys(row);
        expect(keys, section).toEqual(columns.filter((column) => keys.includes(column)));
      }
    }
  });

  it("proves every currency", async () => {
    const { stdout } = await runCli(["report", script, "--section", "proof"]);
    expect(JSON.parse(stdout)).toEqual({
      source: script,
      seq: 13,
      timeUs: 0,
      proof: [
        {
          ...{ currency: "USD", scale: 2, deposits: "1100", withdrawals: "0", balances: "1099.98", fees: "0.02", openCost: "0" },
          ...{ difference: "0", isBalanced: true, isClamped: false },
        },
        {
          ...{ currency: "ABC", scale: 6, deposits: "0", withdrawals: "0", balances: "0", fees: "0", openCost: "0" },
          ...{ difference: "0", isBalanced: true, isClamped: false },
        },
      ],
    });
  });

  it("as CSV, one section", async () => {
    const { stdout } = await runCli(["report", script, "--format", "csv", "--section", "balances"]);
    expect(linesOf(stdout)).toEqual([
      "account,currency,total,held,free",
      '"=a""b,c",USD,980,30.03,949.97',
      '"=a""b,c",ABC,2,0,2',
      "mia,USD,100,30,70",
      "una,USD,19.98,0,19.98",
      "una,ABC,-2,0,-2",
    ]);
  });

  it("as CSV, all sections in one table", async () => {
    const { stdout } = await runCli(["report", script, "--format", "csv"]);
    const [header, ...lines] = linesOf(stdout) as [string, ...string[]];
    const columns = header.split(",");
    expect(columns.slice(0, 4)).toEqual(["section", "currency", "scale", "deposits"]);
    expect(new Set(columns).size).toBe(columns.length);
    expect(columns.toSorted()).toEqual(
      [...new Set(["section", ...REPORT_SECTIONS.flatMap<string>((section) => REPORT_COLUMNS[section])])].toSorted(),
    );
    const report = coreAfter(COMMANDS.length).report();
    for (const section of REPORT_SECTIONS) {
      expect(lines.filter((line) => line.startsWith(`${section},`)).length, section).toBe(report[section].length);
    }
    const review = lines.find((line) => line.startsWith("reviews,")) as string;
    expect(review).toMatch(/^reviews,USD,.*,"=a""b,c",.*,2,.*,deposit,,5000.01,0$/);
  });

  it("of several sources at once, on threads: an array, or a table with their names", async () => {
    const both = await runCli(["report", script, state]);
    expect(both).toMatchObject({ exitCode: 0, stderr: "" });
    const report = coreAfter(COMMANDS.length).report();
    expect(JSON.parse(both.stdout)).toEqual([
      { source: script, ...report },
      { source: state, ...report },
    ]);
    const table = await runCli(["report", state, script, "--format", "csv", "--section", "fees"]);
    expect(linesOf(table.stdout)).toEqual([
      "source,currency,fees",
      ...[`${state},USD,0.02`, `${state},ABC,0`],
      ...[`${script},USD,0.02`, `${script},ABC,0`],
    ]);
  });

  it("of a large source, on a thread", async () => {
    const comment = `# ${"x".repeat(1000)}\n`;
    const large = file("large.jsonl", `${comment.repeat(5000)}${SCRIPT.join("\n")}\n`);
    const { stdout, ...rest } = await runCli(["report", large]);
    expect(rest).toEqual({ exitCode: 0, stderr: "" });
    expect(JSON.parse(stdout)).toEqual({ source: large, ...coreAfter(COMMANDS.length).report() });
  });

  it("names the lines that are no commands, and exits with 1", async () => {
    const bad = file("bad.jsonl", `${SCRIPT.slice(0, 3).join("\n")}\nnonsense\n{"cmd":"fly"}\n${"[]\n".repeat(20)}`);
    const { exitCode, stdout, stderr } = await runCli(["report", bad]);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ seq: 3 });
    expect(stderr).toContain(`ringbook: ${bad}: line 4: bad JSON`);
    expect(stderr).toContain(`ringbook: ${bad}: line 5: unknown command: fly\n`);
    expect(stderr).toContain("and 12 more lines that are no commands\n");
    expect(linesOf(stderr)).toHaveLength(11);
    expect(await runCli(["report", bad, "--at", "3"])).toMatchObject({ exitCode: 0, stderr: "" });
  });

  const junk = file("junk.state", new Uint8Array([2, 0, 0, 0, 9]));
  const long = file("long.state", new Uint8Array([...new Core().snapshot(), 0]));

  it.each<[string, string[], string]>([
    ["a sequence that a script does not reach", [script, "--at", "14"], `${script} ends at seq 13, before seq 14`],
    [
      "another sequence than a state's",
      [state, "--at", "12"],
      `${state} is the state at seq 13: another one needs the script or the journal`,
    ],
    ["a file that is not there", [join(folder, "none")], "cannot read"],
    ["a folder that is no journal", [empty], `${empty}: there is no journal here`],
    ["a sequence that a journal does not reach", [journal, "--at", "14"], "the journal ends with seq 13, it has no 14"],
    ["bytes that are no state", [junk], `${junk}: `],
    ["a state with more behind it", [long], `${long}: this is no saved state: there are bytes behind its end`],
    ["one bad source of two", [script, junk], `${junk}: `],
  ])("%s ends it with 1 and the reason", async (_name, args, reason) => {
    const { exitCode, stderr } = await runCli(["report", ...args]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(reason);
    expect(linesOf(stderr)).toHaveLength(1);
  });

  it.each<[string, string[], string]>([
    ["no source", [], "report needs a journal, a saved state or a script"],
    ["another format", [script, "--format", "xml"], "--format must be one of json, csv, was xml"],
    ["another section", [script, "--section", "money"], "--section must be one of proof, accounts"],
    ["a sequence below nought", [script, "--at=-1"], "--at must be an integer from 0"],
    ["a sequence that is no integer", [script, "--at", "1.5"], "--at must be an integer from 0"],
  ])("%s is a usage error", async (_name, args, reason) => {
    const { exitCode, stdout, stderr } = await runCli(["report", ...args]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(reason);
  });

  it("of an empty script is a report of nothing", async () => {
    const { exitCode, stdout } = await runCli(["report", file("empty.jsonl", "")]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ seq: 0, proof: [], accounts: [] });
    const table = await runCli(["report", file("empty.jsonl", ""), "--format", "csv", "--section", "fees"]);
    expect(table.stdout).toBe("currency,fees\n");
  });
});

import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SCHEMA = "engine/wire/schema.xml";
let copy = "";

function generate(root: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [join(root, "scripts/generate-wire.mjs"), ...args], { cwd: root, encoding: "utf8", timeout: 30_000 });
}

function edit(path: string, change: (text: string) => string): void {
  const text = readFileSync(join(copy, path), "utf8");
  const changed = change(text);
  if (changed === text) throw new Error(`the edit of ${path} changed nothing`);
  writeFileSync(join(copy, path), changed);
}

/** Runs with a changed schema in the copy and puts the schema back. */
function generateWith(change: (schema: string) => string, ...args: string[]): { status: number | null; stderr: string } {
  const before = readFileSync(join(copy, SCHEMA), "utf8");
  edit(SCHEMA, change);
  try {
    return generate(copy, ...args);
  } finally {
    writeFileSync(join(copy, SCHEMA), before);
  }
}

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "ringbook-wire-"));
  for (const path of ["scripts", "engine/wire", "docs/WIRE.md", "docs/CODES.md", "test/wire/golden-vectors.json", "package.json"]) {
    cpSync(join(ROOT, path), join(copy, path), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

describe("generate-wire", () => {
  it("finds nothing stale in this repository", () => {
    const { status, stderr } = generate(ROOT, "--check");
    expect(stderr).toBe("");
    expect(status).toBe(0);
  });

  it("reports what was edited, changes nothing under --check, and restores it without", () => {
    const paths = [
      "engine/wire/flyweights.ts",
      "engine/wire/generated/new-order.ts",
      "engine/wire/generated/frame-table.ts",
      "docs/WIRE.md",
      "docs/CODES.md",
    ];
    paths.push("test/wire/golden-vectors.json");
    const before = paths.map((path) => readFileSync(join(copy, path), "utf8"));
    for (const path of paths) edit(path, (text) => `${text} `);
    const { status, stderr } = generate(copy, "--check");
    expect(status).toBe(1);
    expect(stderr.split("\n").toSorted()).toEqual(["", ...paths.map((path) => `stale: ${path}`)].toSorted());
    expect(paths.map((path) => readFileSync(join(copy, path), "utf8"))).toEqual(before.map((text) => `${text} `));
    expect(generate(copy).stdout).toContain("6 written, 0 removed");
    expect(paths.map((path) => readFileSync(join(copy, path), "utf8"))).toEqual(before);
  });

  it("reports and removes the flyweight of a message that is gone", () => {
    const orphan = "engine/wire/generated/old-message.ts";
    writeFileSync(join(copy, orphan), "");
    expect(generate(copy, "--check")).toMatchObject({ status: 1, stderr: `stale: ${orphan}\n` });
    expect(generate(copy).stdout).toContain("0 written, 1 removed");
    expect(generate(copy, "--check").status).toBe(0);
  });

  it("reports what depends on a field that was renamed in the schema", () => {
    const { status, stderr } = generateWith((schema) => schema.replace('name="leavesQty"', 'name="restQty"'), "--check");
    expect(status).toBe(1);
    for (const path of ["engine/wire/generated/order-filled.ts", "docs/WIRE.md", "test/wire/golden-vectors.json"])
      expect(stderr).toContain(`stale: ${path}\n`);
  });

  it.each<[string, RegExp, string, string]>([
    [
      "a block that is no multiple of 8",
      /<field name="reserved2" id="14" type="uint32"\/>/,
      "",
      "NewOrder: the block must be a multiple of 8 bytes, was 52",
    ],
    ["a template id that is used twice", /name="Cancel" id="21"/, 'name="Cancel" id="20"', "template id 20 is used twice"],
    ["a field id that is used twice", /name="orderId" id="3"/, 'name="orderId" id="2"', "Cancel: field id 2 is used twice"],
    ["a field name that is used twice", /name="by" id="4"/, 'name="orderId" id="4"', "Reduce: field name orderId is used twice"],
    [
      "a wrong blockLength",
      /name="Heartbeat" id="4"/,
      'name="Heartbeat" id="4" blockLength="16"',
      "Heartbeat: blockLength is 16, the fields have 8 bytes",
    ],
    [
      "a message without a sender",
      /name="Heartbeat" id="4" semanticType="either"/,
      'name="Heartbeat" id="4"',
      "Heartbeat: semanticType must name the sender",
    ],
    [
      "a misaligned int64",
      /name="heartbeatMs" id="4" type="uint32"/,
      'name="heartbeatMs" id="4" type="uint16"',
      "Logon: cancelGraceMs must be aligned to 4 bytes, was at 26",
    ],
    [
      "a large field behind a smaller one",
      /name="reserved3" id="9" type="uint32"\/>/,
      'name="late" id="9" type="uint32"/><field name="later" id="12" type="int64"/>',
      "Logon: later is larger than a field in front of it",
    ],
    [
      "an enumeration beyond 31",
      /<validValue name="decrement">4</,
      '<validValue name="decrement">32<',
      "SelfTradeMode.decrement must be 0 to 31, was 32",
    ],
    ["another byte order", /byteOrder="littleEndian"/, 'byteOrder="bigEndian"', "byteOrder must be littleEndian, was bigEndian"],
    ["another header", /<type name="seq" primitiveType="uint64"/, '<type name="seq" primitiveType="uint32"', "recordHeader must be"],
    ["an unknown type", /name="stp" id="13" type="SelfTradeMode"/, 'name="stp" id="13" type="Stp"', "NewOrder.stp: no such type Stp"],
  ])("refuses a schema with %s", (_, find, replacement, message) => {
    const { status, stderr } = generateWith((schema) => schema.replace(find, replacement));
    expect(stderr).toContain(message);
    expect(status).toBe(1);
  });

  it("has written nothing for a schema that it refused", () => {
    expect(generate(copy, "--check")).toMatchObject({ status: 0, stderr: "" });
  });

  it("refuses a code without a meaning", () => {
    const before = readFileSync(join(copy, "engine/wire/code-meanings.ts"), "utf8");
    edit("engine/wire/code-meanings.ts", (text) => text.replace(/^ {2}BOOK_FULL: .*$/m, ""));
    expect(generate(copy, "--check")).toMatchObject({ status: 1, stderr: expect.stringContaining("BOOK_FULL has no meaning") });
    writeFileSync(join(copy, "engine/wire/code-meanings.ts"), before);
  });

  it("refuses an unknown argument", () => {
    expect(generate(copy, "--chekc")).toMatchObject({ status: 2, stderr: expect.stringContaining("unknown argument --chekc") });
  });
});

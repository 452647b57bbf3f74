import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const README = readFileSync("README.md", "utf8");
// Beside package.json, so that "ringbook" resolves to this package itself.
const SCRATCH = join(process.cwd(), `.readme-example.${process.pid}.mjs`);

function example(name: string): string {
  const found = new RegExp(`<!-- example: ${name} -->\\n\`\`\`\\w+\\n([\\s\\S]*?)\`\`\``).exec(README);
  if (found === null) throw new Error(`README has no example ${name}`);
  return found[1];
}

afterAll(() => rmSync(SCRATCH, { force: true }));

describe("the README", () => {
  it("has a first example that prints what its comments say", () => {
    const code = example("place-an-order");
    writeFileSync(SCRATCH, code);
    const printed = execFileSync(process.execPath, [SCRATCH], { encoding: "utf8", timeout: 30_000 });
    const promised = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, comment]) => comment);
    expect(promised).toHaveLength(2);
    expect(printed.trim().split("\n")).toEqual(promised);
  });

  it("has a script that runs as it stands", () => {
    const result = spawnSync("bash", ["-c", example("run-a-script")], { encoding: "utf8", timeout: 30_000 });
    expect(result.status).toBe(0);
    expect(result.stdout.trim().split("\n").at(-1)).toBe('{"event":"book","symbol":"ABC","bids":[["100.01","5",1]],"asks":[]}');
  });

  it("has its figures, and so have the pages beside it", () => {
    for (const page of ["README.md", "bench/README.md", "native-notes.md"]) expect(readFileSync(page, "utf8")).not.toMatch(/^[A-Z_]{5,}$/m);
    expect(README).toMatch(/p50 [0-9]+ µs/);
  });

  it("names only files and npm scripts that exist", () => {
    const scripts = (JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> }).scripts;
    for (const text of [README, readFileSync("CONTRIBUTING.md", "utf8")]) {
      for (const [, file] of text.matchAll(/`((?:docs|bench|engine|test|cli|scripts)\/[\w./-]+|[\w-]+\.md)`/g)) {
        expect(existsSync(file), file).toBe(true);
      }
      for (const [, script] of text.matchAll(/npm run ([\w-]+)/g)) expect(scripts, script).toHaveProperty(script);
    }
  });
});

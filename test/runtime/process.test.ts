import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { sleep, within } from "./start.js";

const SCRIPT = fileURLToPath(new URL("../workers/idle-engine.mjs", import.meta.url));
/** Of 1000 ms. Idle engines were seen at 3 to 10; one that polls is at several hundred. */
const IDLE_CPU_MS_MAX = 150;

function run(...args: string[]): { child: ChildProcess; out: () => string; exit: Promise<number | null> } {
  const child = spawn(process.execPath, [SCRIPT, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (text += chunk.toString()));
  return { child, out: () => text, exit: new Promise((resolve) => child.once("exit", resolve)) };
}

describe("a process with an engine", () => {
  it("idles without burning a processor, and ends by itself after close", async () => {
    const { child, out, exit } = run();
    try {
      expect(await within(exit, 15_000)).toBe(0);
      expect(Number(out())).toBeGreaterThan(0);
      expect(Number(out())).toBeLessThan(IDLE_CPU_MS_MAX);
    } finally {
      child.kill("SIGKILL");
    }
  }, 20_000);

  it("stays alive while the engine is open", async () => {
    const { child, out, exit } = run("stay");
    try {
      const deadline = Date.now() + 10_000;
      while (!out().includes("open") && Date.now() < deadline) await sleep(20);
      await sleep(700);
      expect(child.exitCode).toBeNull();
      expect(out().trim()).toBe("open");
    } finally {
      child.kill("SIGKILL");
      await exit;
    }
  }, 20_000);
});

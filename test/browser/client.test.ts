import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { Gateway } from "../../dist/gateway/index.js";
import { sleep, startEngine, within } from "../runtime/start.js";
import { CuttableWire, PageServer } from "./page-server.js";

const CHROMIUM = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
const FLAGS = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];
const RESULT_MS_MAX = 60_000;
const missing = existsSync(CHROMIUM) ? undefined : `there is no ${CHROMIUM} here: apt-get install chromium`;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A browser in a process group of its own, which ends as a whole. */
function browse(url: string): void {
  const profile = mkdtempSync(join(tmpdir(), "ringbook-chromium-"));
  const child = spawn(CHROMIUM, [...FLAGS, `--user-data-dir=${profile}`, url], { stdio: "ignore", detached: true });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  closing.push(async () => {
    process.kill(-Number(child.pid), "SIGKILL");
    await exited;
    // Its children take a moment more, and write until then.
    while (existsSync(profile)) {
      await sleep(50);
      try {
        rmSync(profile, { recursive: true, force: true });
      } catch {}
    }
  });
}

describe.skipIf(missing !== undefined)(`the client in a browser${missing === undefined ? "" : `: ${missing}`}`, () => {
  it.each([
    ["ws", "sbe"],
    ["uws", "msgpack"],
  ] as const)(
    "logs on over %s in %s, trades, loses its socket, resumes, and has missed nothing",
    { timeout: 120_000 },
    async (transport, encoding) => {
      const engine = await startEngine();
      closing.push(() => engine.close());
      const keys = [{ id: "page", secret: "s", account: "alice", permissions: ["trade", "marketData"] as const }];
      const gateway = await Gateway.listen(engine, { port: 0, transport, keys });
      closing.push(() => gateway.close());
      const wire = await CuttableWire.to(gateway.port);
      closing.push(() => wire.close());
      let onResult: (seen: Record<string, unknown>) => void = () => {};
      const result = new Promise<Record<string, unknown>>((resolve) => {
        onResult = resolve;
      });
      const page = await PageServer.start({
        "/sell": () => engine.submit({ account: "bob", clOrdId: 1, symbol: "ABC", side: "sell", price: "10.01", qty: 2 }),
        "/cut": async () => {
          wire.cut();
          while (gateway.sessionCount > 0) await sleep(5);
          await engine.submit({ account: "bob", clOrdId: 2, symbol: "ABC", side: "sell", price: "10.01", qty: 1 });
          wire.mend();
        },
        "/result": (seen) => onResult(seen as Record<string, unknown>),
      });
      closing.push(() => page.close());
      browse(`${page.url}/test/browser/page.html?encoding=${encoding}&gateway=${encodeURIComponent(`ws://127.0.0.1:${wire.port}`)}`);
      const seen = await within(result, RESULT_MS_MAX);
      expect(seen["failed"]).toBeUndefined();
      expect(seen).toMatchObject({
        userAgent: expect.stringContaining("Chrome/"),
        symbols: ["ABC", "BTC-USD"],
        accepted: { status: "accepted", leavesQty: "5" },
        nextTop: { bidPrice: "10.01", bidQty: "5" },
        rejected: { status: "rejected", reason: "BAD_FLAGS" },
        canceled: { status: "canceled", cumQty: "3" },
        closed: { code: 4000 },
      });
      const reports = (seen["reports"] as { event: string }[]).filter(({ event }) => event === "filled" || event === "connection");
      expect(reports).toMatchObject([
        { event: "filled", qty: "2", price: "10.01", leavesQty: "3" },
        { event: "connection", state: "lost" },
        { event: "connection", state: "resumed" },
        { event: "filled", qty: "1", price: "10.01", leavesQty: "2" },
      ]);
      expect(await engine.account("alice")).toMatchObject({ openOrders: 0 });
    },
  );
});

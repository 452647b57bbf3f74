import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { connect } from "../../gateway/client/index.js";

const CLI = fileURLToPath(new URL("../../dist/cli/ringbook.js", import.meta.url));
const TIMEOUT_MS = 60_000;
const folder = mkdtempSync(join(tmpdir(), "ringbook-start-"));
const children = new Set<ChildProcess>();
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  children.clear();
});

interface Running {
  readonly child: ChildProcess;
  readonly stdout: Promise<string>;
  readonly stderr: Promise<string>;
  /** The gateway's URL, once it is in the log. */
  readonly url: Promise<string>;
  readonly adminUrl: Promise<string>;
  /** Resolves with its exit code and signal. */
  readonly exited: Promise<unknown[]>;
}

/** In a folder of its own, unless one is given: the journal goes there. */
function start(args: readonly string[], env: Record<string, string> = {}, cwd = mkdtempSync(join(folder, "cwd-"))): Running {
  const child = spawn(process.execPath, [CLI, "start", ...args], { cwd, env: { ...process.env, ...env } });
  children.add(child);
  const exited = once(child, "exit");
  const urlOf = (protocol: string, message: string): Promise<string> =>
    new Promise((resolve) => {
      let log = "";
      child.stderr.on("data", (chunk: Buffer) => {
        log += chunk.toString();
        const listening = log.split("\n").find((line) => line.includes(message) && line.endsWith("}"));
        if (listening !== undefined) resolve(`${protocol}://127.0.0.1:${JSON.parse(listening).port}`);
      });
    });
  const url = urlOf("ws", '"gateway listening"');
  const adminUrl = urlOf("http", '"admin listening"');
  return { child, stdout: text(child.stdout), stderr: text(child.stderr), url, adminUrl, exited };
}

const CONFIG = {
  engine: {
    instruments: [{ symbol: "ABC", base: "ABC", quote: "USD", tickSize: "0.01", lotSize: "1" }],
    accounts: [
      { name: "alice", mode: "unchecked" },
      { name: "bob", mode: "unchecked" },
    ],
  },
  gateway: {
    port: 1,
    keys: [
      { id: "a", secret: "secret of a", account: "alice", permissions: ["trade"] },
      { id: "b", secret: "secret of b", account: "bob", permissions: ["trade"] },
    ],
  },
};

describe("ringbook start --config", () => {
  it.each(["ws", "uws"])(
    "serves what the file declares over %s, and stops cleanly on SIGTERM",
    { timeout: TIMEOUT_MS },
    async (transport) => {
      const path = join(folder, "serve.json");
      writeFileSync(path, JSON.stringify(CONFIG));
      // The port of the file is overruled by the variable, the variable's transport by the flag.
      const server = start(["--config", path, "--transport", transport], { RINGBOOK_PORT: "0", RINGBOOK_TRANSPORT: "auto" });
      const url = await server.url;
      const alice = await connect(url, { key: "a", secret: "secret of a" });
      const bob = await connect(url, { key: "b", secret: "secret of b" });
      expect(await alice.submit({ clOrdId: 1, symbol: "ABC", side: "buy", price: "100.01", qty: 5 })).toMatchObject({ status: "accepted" });
      expect(await bob.submit({ clOrdId: 1, symbol: "ABC", side: "sell", price: "100", qty: 5 })).toMatchObject({
        status: "filled",
        cumQty: "5",
      });
      server.child.kill("SIGTERM");
      expect((await alice.closed).code).toBe(4010);
      expect(await server.exited).toEqual([0, null]);
      expect(await server.stdout).toBe("");
      expect(await server.stderr).toContain('"stopping"');
    },
  );

  it("serves the admin API beside it, and an admin's shutdown ends the process as SIGTERM does", { timeout: TIMEOUT_MS }, async () => {
    const path = join(folder, "admin.json");
    const tokens = [{ name: "ops", token: "a token of sixteen".replaceAll(" ", "-"), roles: ["admin"] }];
    writeFileSync(path, JSON.stringify({ ...CONFIG, admin: { port: 1, tokens } }));
    const server = start(["--config", path, "--port", "0"], { RINGBOOK_ADMIN_PORT: "0" });
    const alice = await connect(await server.url, { key: "a", secret: "secret of a" });
    const base = await server.adminUrl;
    expect((await fetch(`${base}/readyz`)).status).toBe(200);
    expect(((await (await fetch(`${base}/version`)).json()) as { version: string }).version).toMatch(/^[0-9]+\.[0-9]+\.[0-9]+/);
    expect((await fetch(`${base}/v1/shutdown`, { method: "POST" })).status).toBe(401);
    const headers = { authorization: `Bearer ${tokens[0]?.token}` };
    expect((await fetch(`${base}/v1/shutdown`, { method: "POST", headers })).status).toBe(202);
    expect((await alice.closed).code).toBe(4010);
    expect(await server.exited).toEqual([0, null]);
    expect(await server.stderr).toContain('"operation":"shutDown"');
  });

  it("exits with 78 when the admin configuration is wrong, and with 1 when its port is taken", { timeout: TIMEOUT_MS }, async () => {
    const path = join(folder, "bad-admin.json");
    const token = { name: "ops", token: "a-token-of-sixteen", roles: ["admin"] };
    writeFileSync(path, JSON.stringify({ ...CONFIG, admin: { port: 0, tokens: [token, token] } }));
    const twice = start(["--config", path, "--port", "0"]);
    expect(await twice.exited).toEqual([78, null]);
    expect(await twice.stderr).toContain("admin.tokens[1].name: ops is there twice");
    writeFileSync(path, JSON.stringify({ ...CONFIG, admin: { port: 0, tokens: [{ ...token, roles: ["king"] }] } }));
    const king = start(["--config", path, "--port", "0"]);
    expect(await king.exited).toEqual([78, null]);
    expect(await king.stderr).toContain("admin.tokens[0].roles[0]: must be one of viewer, operator, risk, compliance, admin");
    writeFileSync(path, JSON.stringify(CONFIG));
    const first = start(["--config", path, "--port", "0", "--admin-port", "0"]);
    const { port } = new URL(await first.adminUrl);
    const second = start(["--config", path, "--port", "0", "--admin-port", port]);
    expect(await second.exited).toEqual([1, null]);
    expect(await second.stderr).toContain(`admin: cannot listen on 127.0.0.1 port ${port}`);
    first.child.kill("SIGTERM");
    expect(await first.exited).toEqual([0, null]);
  });

  it("exits with 1 when the port is taken, and says so", { timeout: TIMEOUT_MS }, async () => {
    const path = join(folder, "taken.json");
    writeFileSync(path, JSON.stringify(CONFIG));
    const first = start(["--config", path, "--port", "0"]);
    const { port } = new URL(await first.url);
    const second = start(["--config", path, "--port", port]);
    expect(await second.exited).toEqual([1, null]);
    expect(await second.stderr).toContain(port);
    first.child.kill("SIGINT");
    expect(await first.exited).toEqual([0, null]);
  });
});

describe("ringbook start --demo", () => {
  it("trades by itself, prints a line a second, and stops after --seconds with a summary", { timeout: TIMEOUT_MS }, async () => {
    const demo = start(["--demo", "--seconds", "3", "--port", "0", "--log-level", "error"]);
    expect(await demo.exited).toEqual([0, null]);
    expect(await demo.stderr).toBe("");
    const lines = (await demo.stdout).trimEnd().split("\n");
    const summary = /^ran ([0-9,]+) orders and ([0-9,]+) trades in [0-9.]+ s over (uws|ws); order→report p50 .* p99 .* p99\.9 .* max /.exec(
      lines.pop() as string,
    );
    expect(summary).not.toBeNull();
    const [orders, trades] = [summary?.[1], summary?.[2]].map((figure) => Number(figure?.replaceAll(",", "")));
    expect(orders).toBeGreaterThan(200);
    expect(trades).toBeGreaterThan(20);
    expect(lines.length).toBeGreaterThanOrEqual(2);
    for (const line of lines)
      expect(line).toMatch(
        /^0:0[0-9] {2}BTC-USD [0-9.]+\/[0-9.]+ {2}ETH-USD [0-9.]+\/[0-9.]+ {2}[0-9,]+ orders\/s {2}[0-9,]+ trades {2}order→report p50/,
      );
  });

  it("lets a guest trade along, and stops cleanly on Ctrl-C", { timeout: TIMEOUT_MS }, async () => {
    const demo = start(["--demo", "--port", "0", "--transport", "ws"]);
    const guest = await connect(await demo.url, { key: "demo", secret: "demo" });
    // The makers need a moment to fill the book.
    let outcome = await guest.submit({ clOrdId: 1, symbol: "BTC-USD", side: "buy", type: "market", qty: "0.001" });
    for (let clOrdId = 2; outcome.status !== "filled" && clOrdId < 500; clOrdId++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      outcome = await guest.submit({ clOrdId, symbol: "BTC-USD", side: "buy", type: "market", qty: "0.001" });
    }
    expect(outcome).toMatchObject({ status: "filled", cumQty: "0.001" });
    demo.child.kill("SIGINT");
    expect(await demo.exited).toEqual([0, null]);
    expect((await demo.stdout).trimEnd().split("\n").at(-1)).toMatch(/^ran /);
  });
});

describe("ringbook start, again", () => {
  it("goes on where it was killed, with every order that was acknowledged, once", { timeout: TIMEOUT_MS }, async () => {
    const cwd = mkdtempSync(join(folder, "again-"));
    const path = join(folder, "again.json");
    writeFileSync(path, JSON.stringify(CONFIG));
    const order = { symbol: "ABC", side: "buy", price: "100", qty: 5 } as const;
    for (let life = 1; life <= 3; life++) {
      const server = start(["--config", path, "--port", "0"], {}, cwd);
      const alice = await connect(await server.url, { key: "a", secret: "secret of a" });
      for (let earlier = 1; earlier < life; earlier++) {
        expect(await alice.submit({ ...order, clOrdId: earlier })).toMatchObject({ status: "rejected", reason: "DUPLICATE_CLORDID" });
      }
      expect(await alice.submit({ ...order, clOrdId: life })).toMatchObject({ status: "accepted", orderId: String(life) });
      server.child.kill("SIGKILL");
      await server.exited;
    }
    expect(readdirSync(join(cwd, "ringbook-data/main"))).toContain("segment-0000000001.rbj");
    const last = start(["--config", path, "--port", "0"], {}, cwd);
    await last.url;
    last.child.kill("SIGTERM");
    expect(await last.exited).toEqual([0, null]);
    expect(await last.stderr).toContain('"journal recovered"');
  });

  it("refuses a damaged journal with exit code 1, naming file and offset, and cuts it when it is told to", {
    timeout: TIMEOUT_MS,
  }, async () => {
    const path = join(folder, "damaged.json");
    writeFileSync(path, JSON.stringify(CONFIG));
    const dir = mkdtempSync(join(folder, "damaged-"));
    const args = ["--config", path, "--port", "0", "--journal", dir];
    const first = start(args);
    await first.url;
    first.child.kill("SIGTERM");
    await first.exited;
    const segment = join(dir, "segment-0000000001.rbj");
    const bytes = readFileSync(segment);
    bytes[100] ^= 1;
    writeFileSync(segment, bytes);
    const refused = start(args);
    expect(await refused.exited).toEqual([1, null]);
    expect(await refused.stderr).toContain(`${segment} at offset 0`);
    const cut = start([...args, "--cut-damage"]);
    await cut.url;
    cut.child.kill("SIGTERM");
    expect(await cut.exited).toEqual([0, null]);
  });

  it("can be stopped while it starts, and leaves the journal to the next start", { timeout: TIMEOUT_MS }, async () => {
    const path = join(folder, "stopped.json");
    writeFileSync(path, JSON.stringify(CONFIG));
    const dir = mkdtempSync(join(folder, "stopped-"));
    const args = ["--config", path, "--port", "0", "--journal", dir];
    const stopped = start(args);
    while (!existsSync(join(dir, "LOCK"))) await new Promise((resolve) => setTimeout(resolve, 1));
    stopped.child.kill("SIGTERM");
    expect(await stopped.exited).toEqual([0, null]);
    expect(await stopped.stderr).toContain("stopped before it had started");
    expect(await stopped.stderr).not.toContain("gateway listening");
    const next = start(args);
    await next.url;
    next.child.kill("SIGTERM");
    expect(await next.exited).toEqual([0, null]);
  });

  it("keeps nothing with --no-journal, and says so", { timeout: TIMEOUT_MS }, async () => {
    const cwd = mkdtempSync(join(folder, "none-"));
    const demo = start(["--demo", "--plain", "--seconds", "1", "--port", "0", "--no-journal"], {}, cwd);
    expect(await demo.exited).toEqual([0, null]);
    expect(readdirSync(cwd)).toEqual([]);
    expect(await demo.stderr).toContain("nothing is kept");
  });

  it("runs the demo a second time on the journal of the first, which was killed", { timeout: TIMEOUT_MS }, async () => {
    const cwd = mkdtempSync(join(folder, "demo-"));
    const first = start(["--demo", "--plain", "--port", "0"], {}, cwd);
    await first.url;
    await new Promise((resolve) => setTimeout(resolve, 1500));
    first.child.kill("SIGKILL");
    await first.exited;
    const second = start(["--demo", "--plain", "--seconds", "3", "--port", "0"], {}, cwd);
    expect(await second.exited).toEqual([0, null]);
    const recovered = (await second.stderr).split("\n").find((line) => line.includes('"journal recovered"')) as string;
    expect(JSON.parse(recovered).lastSeq).toBeGreaterThan(100);
    const summary = (await second.stdout).trimEnd().split("\n").at(-1) as string;
    expect(Number(/^ran ([0-9,]+) orders and/.exec(summary)?.[1].replaceAll(",", ""))).toBeGreaterThan(200);
    expect(summary).not.toContain("and 0 trades");
  });
});

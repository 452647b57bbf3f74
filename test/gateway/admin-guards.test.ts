import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type JWTPayload, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import WebSocket from "ws";
import { type Engine, EngineFailedError } from "../../dist/engine/index.js";
import type { AdminEngine } from "../../dist/gateway/admin/index.js";
import { Gateway } from "../../dist/gateway/index.js";
import { sleep, startEngine, within } from "../runtime/start.js";
import { AdminHarness } from "./admin-client.js";

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.close());

describe("the audit trail", () => {
  it("has every call that changes something or tries to: who, what, and what became of it", async () => {
    await using admin = await AdminHarness.start(engine, { auditEntries: 3 });
    await admin.call("GET", "/v1/status", { as: "viewer" });
    const done = await admin.call("PUT", "/v1/kill", { as: "risk", body: { scope: "global", on: false } });
    await admin.call("PUT", "/v1/kill", { as: "viewer", body: { scope: "global", on: true } });
    await admin.call("PUT", "/v1/kill", { token: "nobody-has-this-one", body: { scope: "global", on: true } });
    await admin.call("POST", "/v1/instruments/ABC/open", { as: "operator" });
    const entries = (await admin.call("GET", "/v1/audit", { as: "compliance" })).json;
    expect(entries).toMatchObject([
      { id: 4, who: "the-operator", operation: "openInstrument", path: "/v1/instruments/ABC/open", status: 409, reason: "STATE_UNCHANGED" },
      { id: 3, who: "", operation: "setKillSwitch", status: 401, reason: "NOT_AUTHENTICATED" },
      { id: 2, who: "the-viewer", roles: ["viewer"], operation: "setKillSwitch", status: 403, reason: "NOT_PERMITTED" },
    ]);
    expect(admin.audited).toMatchObject([
      {
        id: 1,
        who: "the-risk",
        operation: "setKillSwitch",
        status: 200,
        seq: done.json.seq,
        body: { scope: "global", on: false },
        address: "127.0.0.1",
      },
      { id: 2 },
      { id: 3 },
      { id: 4 },
    ]);
    expect(JSON.stringify(admin.audited)).not.toContain("token-of");
    expect((await admin.call("GET", "/v1/audit?limit=1", { as: "admin" })).json).toHaveLength(1);
  });
});

describe("too many requests of one address", () => {
  it("are 429 with a time to wait, and probes are not counted", async () => {
    await using admin = await AdminHarness.start(engine, { requestsPerMinute: 5 });
    const statuses: number[] = [];
    for (let call = 0; call < 7; call++) statuses.push((await admin.call("GET", "/v1/status", { as: "viewer" })).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
    const refused = await admin.call("GET", "/v1/status", { token: "guessing-a-token-here" });
    expect(refused).toMatchObject({ status: 429, json: { code: "RATE_LIMITED" } });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await admin.call("GET", "/livez")).status).toBe(200);
  });
});

describe("JSON Web Tokens", () => {
  const secret = "a secret of thirty-two characters";
  const sign = (claims: JWTPayload, expires: string | undefined = "1m", key = secret): Promise<string> => {
    const jwt = new SignJWT(claims).setProtectedHeader({ alg: "HS256" });
    return (expires === "" ? jwt : jwt.setExpirationTime(expires)).sign(new TextEncoder().encode(key));
  };
  const good = { sub: "erin", roles: ["viewer", "no such role"], iss: "us", aud: "ringbook" };

  it("let in whom they name with the roles that they claim, beside the fixed tokens", async () => {
    await using admin = await AdminHarness.start(engine, { jwt: { secret, issuer: "us", audience: "ringbook" } });
    const statusOf = async (token: string, method = "GET", path = "/v1/status"): Promise<number> =>
      (await admin.call(method, path, { token, ...(method === "GET" ? {} : { body: { scope: "global", on: false } }) })).status;
    expect(await statusOf(await sign(good))).toBe(200);
    expect(await statusOf(await sign(good), "PUT", "/v1/kill")).toBe(403);
    expect(await statusOf(await sign({ ...good, roles: ["risk"] }), "PUT", "/v1/kill")).toBe(200);
    expect(admin.audited.at(-1)).toMatchObject({ who: "erin", roles: ["risk"] });
    expect((await admin.call("GET", "/v1/status", { as: "viewer" })).status).toBe(200);
    const { roles: _roles, ...roleless } = good;
    expect(await statusOf(await sign(roleless))).toBe(403);
    const bad = await Promise.all([
      sign(good, "-1m"),
      sign(good, ""),
      sign({ ...good, iss: "them" }),
      sign({ ...good, aud: "other" }),
      sign({ roles: ["admin"], iss: "us", aud: "ringbook" }),
      sign(good, "1m", "another secret of thirty-two chars"),
    ]);
    for (const token of bad) expect(await statusOf(token)).toBe(401);
    const none = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${Buffer.from(JSON.stringify({ ...good, exp: 9e9 })).toString("base64url")}.`;
    expect(await statusOf(none)).toBe(401);
  });

  it("may be signed with a key whose public half is known here", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const pem = publicKey.export({ type: "spki", format: "pem" }) as string;
    await using admin = await AdminHarness.start(engine, { jwt: { publicKey: pem } });
    const token = await new SignJWT({ sub: "erin", roles: ["admin"] })
      .setProtectedHeader({ alg: "EdDSA" })
      .setExpirationTime("1m")
      .sign(privateKey);
    expect((await admin.call("GET", "/v1/audit", { token })).status).toBe(200);
    // The public key is no secret: nobody may sign with it.
    const forged = await new SignJWT({ sub: "eve", roles: ["admin"] })
      .setProtectedHeader({ alg: "HS256" })
      .setExpirationTime("1m")
      .sign(new TextEncoder().encode(pem));
    expect((await admin.call("GET", "/v1/audit", { token: forged })).status).toBe(401);
  });

  it("of keys that cannot be fetched are nobody's fault: 503", async () => {
    await using admin = await AdminHarness.start(engine, { jwt: { jwksUrl: "http://127.0.0.1:9/keys" } });
    const { privateKey } = generateKeyPairSync("ed25519");
    const token = await new SignJWT(good).setProtectedHeader({ alg: "EdDSA", kid: "1" }).setExpirationTime("1m").sign(privateKey);
    expect(await admin.call("GET", "/v1/status", { token })).toMatchObject({ status: 503, json: { code: "KEYS_UNAVAILABLE" } });
  });
});

describe("probes, metrics and drain", () => {
  it("say what the engine is not ready for", async () => {
    await using admin = await AdminHarness.start(engine, {});
    const readiness = vi.spyOn(engine, "readiness", "get").mockReturnValue("journalFull");
    expect(await admin.call("GET", "/readyz")).toMatchObject({ status: 503, json: { checks: { engine: "journalFull" } } });
    expect((await admin.call("GET", "/livez")).status).toBe(200);
    readiness.mockRestore();
    expect((await admin.call("GET", "/readyz")).status).toBe(200);
  });

  it("need no token, and a drain turns connections away until it ends", async () => {
    await using gateway = await Gateway.listen(engine, { port: 0, transport: "ws" });
    await using admin = await AdminHarness.start(engine, { gateways: [gateway], version: "9.9.9" });
    expect((await admin.call("GET", "/livez")).json).toEqual({ status: "ok" });
    expect((await admin.call("GET", "/readyz")).json).toEqual({
      status: "ok",
      checks: { engine: "ok", [`gateway ${gateway.port}`]: "ok" },
    });
    expect((await admin.call("GET", "/version")).json).toMatchObject({ name: "ringbook", version: "9.9.9", node: process.version });
    const staying = await upgrade(gateway.port);
    expect(staying).toBeInstanceOf(WebSocket);
    const drained = await admin.call("PUT", "/v1/drain", { as: "operator", body: { on: true } });
    expect((await admin.call("GET", "/metrics")).text).toMatch(/^ringbook_gateway_connections\{gateway="\d+",transport="ws"\} 1$/m);
    expect(drained.json).toMatchObject({ draining: true, gateways: [{ port: gateway.port, draining: true }] });
    expect(await admin.call("GET", "/readyz")).toMatchObject({
      status: 503,
      json: { checks: { [`gateway ${gateway.port}`]: "draining" } },
    });
    expect(await upgrade(gateway.port)).toBe(503);
    expect((staying as WebSocket).readyState).toBe(WebSocket.OPEN);
    await admin.call("PUT", "/v1/drain", { as: "operator", body: { on: false } });
    const back = await upgrade(gateway.port);
    expect(back).toBeInstanceOf(WebSocket);
    for (const socket of [staying, back]) (socket as WebSocket).terminate();
  });

  it("reads the shard's counters and the percentiles of what the engine takes to answer", async () => {
    await using admin = await AdminHarness.start(engine);
    await sleep(50);
    const { commands } = engine.counters();
    const { text, headers } = await admin.call("GET", "/metrics");
    expect(headers.get("content-type")).toContain("text/plain");
    const read = (name: string): number =>
      Number(
        text
          .split("\n")
          .find((line) => line.startsWith(`${name} `))
          ?.split(" ")[1],
      );
    expect(read('ringbook_shard_commands_total{shard="0"}')).toBe(commands);
    expect(read("ringbook_engine_up")).toBe(1);
    expect(read("ringbook_engine_probes")).toBeGreaterThan(0);
    expect(read('ringbook_engine_probe_seconds{quantile="0.99"}')).toBeGreaterThan(0);
    expect(read('ringbook_engine_probe_seconds{quantile="0.99"}')).toBeLessThan(10);
    expect((await admin.call("GET", "/metrics")).text).toContain(`ringbook_shard_commands_total{shard="0"} ${commands}`);
    await using closed = await AdminHarness.start(engine, { metrics: "roles" });
    expect((await closed.call("GET", "/metrics")).status).toBe(401);
    expect((await closed.call("GET", "/metrics", { as: "viewer" })).status).toBe(200);
  });

  it("know the journal, and a snapshot can be asked for", async () => {
    const dir = mkdtempSync(join(tmpdir(), "ringbook-admin-"));
    const journaled = await startEngine({ journal: { dir } });
    try {
      await using admin = await AdminHarness.start(journaled);
      await journaled.submit({ account: "alice", clOrdId: 1, symbol: "ABC", side: "buy", price: "1", qty: 1 });
      const { json } = await admin.call("GET", "/v1/status", { as: "viewer" });
      expect(json).toMatchObject({ readiness: "ready", journal: { isFull: false, syncedSeq: json.seq } });
      const { text } = await admin.call("GET", "/metrics");
      expect(text).toMatch(new RegExp(`^ringbook_journal_synced_seq ${json.seq}$`, "m"));
      expect(text).toMatch(/^ringbook_journal_full 0$/m);
      expect(text).toMatch(/^ringbook_engine_ready 1$/m);
      expect((await admin.call("POST", "/v1/snapshot", { as: "risk" })).status).toBe(403);
      expect(await admin.call("POST", "/v1/snapshot", { as: "operator" })).toMatchObject({ status: 200, json: { seq: json.seq } });
      expect(await admin.call("POST", "/v1/snapshot", { as: "operator" })).toMatchObject({ status: 409, json: { code: "NO_SNAPSHOT" } });
    } finally {
      await journaled.close();
      rmSync(dir, { recursive: true });
    }
  });

  it("says so when the engine has failed or does not answer", async () => {
    let fail: (error: EngineFailedError) => void = () => {};
    const failed = new Promise<EngineFailedError>((resolve) => {
      fail = resolve;
    });
    const silent = {
      counters: () => ({}),
      failed,
      readiness: "ready",
      journal: () => undefined,
      status: () => Promise.reject(new EngineFailedError("gone")),
    } as unknown as AdminEngine;
    await using admin = await AdminHarness.start(silent);
    expect((await admin.call("GET", "/livez")).status).toBe(200);
    expect(await admin.call("GET", "/v1/status", { as: "viewer" })).toMatchObject({ status: 503, json: { code: "ENGINE_FAILED" } });
    fail(new EngineFailedError("the shard is broken"));
    await sleep(10);
    for (const path of ["/livez", "/readyz"]) {
      const { status, text } = await admin.call("GET", path);
      expect([status, text]).toEqual([503, expect.stringContaining("the shard is broken")]);
    }
    expect((await admin.call("GET", "/metrics")).text).toContain("ringbook_engine_up 0");
  });

  it("shuts down once the answer is out, and only for an admin", async () => {
    let calls = 0;
    const asked = new Promise<void>((resolve) => {
      void AdminHarness.start(engine, {
        onShutdown: () => {
          calls += 1;
          resolve();
        },
      }).then(async (admin) => {
        expect((await admin.call("POST", "/v1/shutdown", { as: "operator" })).status).toBe(403);
        expect(calls).toBe(0);
        expect((await admin.call("POST", "/v1/shutdown", { as: "admin" })).status).toBe(202);
        await admin.server.close();
      });
    });
    await within(asked);
    expect(calls).toBe(1);
  });
});

/** The open socket, or the status that it was refused with. */
function upgrade(port: number): Promise<WebSocket | number> {
  return within(
    new Promise((resolve, reject) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}`, "ringbook.sbe.v1");
      socket.once("open", () => resolve(socket));
      socket.once("unexpected-response", (_request, response) => resolve(response.statusCode ?? 0));
      socket.once("error", reject);
    }),
  );
}

import { Validator } from "@seriousme/openapi-schema-validator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../dist/engine/index.js";
import { AdminError, AdminServer, ROLES } from "../../dist/gateway/admin/index.js";
import { CODES } from "../../engine/wire/codes.js";
import { startEngine } from "../runtime/start.js";
import { AdminHarness } from "./admin-client.js";

let engine: Engine;
let admin: AdminHarness;
beforeAll(async () => {
  engine = await startEngine();
  admin = await AdminHarness.start(engine, { requestsPerMinute: 100_000, version: "1.2.3" });
});
afterAll(async () => {
  await admin.server.close();
  await engine.close();
});

describe("instruments over HTTP", () => {
  it("are declared, listed, moved between states and traded", async () => {
    const body = { symbol: "ETH/USD", base: "ETH", quote: "USD", tickSize: "0.01", lotSize: 0.001, state: "preOpen" };
    const created = await admin.call("POST", "/v1/instruments", { as: "operator", body });
    expect(created).toMatchObject({ status: 201, json: { status: "done", events: [{ event: "ok", cmd: "instrument" }] } });
    const path = "/v1/instruments/ETH%2FUSD";
    expect((await admin.call("GET", path, { as: "viewer" })).json).toEqual({
      symbol: "ETH/USD",
      base: "ETH",
      quote: "USD",
      tickSize: "0.01",
      lotSize: "0.001",
      state: "preOpen",
      killed: false,
    });
    const opened = await admin.call("POST", `${path}/open`, { as: "operator" });
    expect(opened.json.events[0]).toMatchObject({ event: "state", symbol: "ETH/USD", state: "open", reason: "admin" });
    const order = { clOrdId: 1, symbol: "ETH/USD", price: "100", qty: "2" } as const;
    await engine.submit({ ...order, account: "alice", side: "buy" });
    expect((await admin.call("GET", `${path}/book?depth=1`, { as: "viewer" })).json.bids).toEqual([["100", "2", 1]]);
    const halted = await admin.call("POST", `${path}/halt`, { as: "risk", body: { cancel: true } });
    expect(halted.json.events).toMatchObject([{ event: "state" }, { event: "canceled", reason: "halt" }]);
    expect(await engine.submit({ ...order, account: "alice", side: "buy" })).toMatchObject({ reason: "STATE_NOT_ALLOWED" });
    await admin.call("POST", `${path}/auction`, { as: "operator" });
    expect(await engine.instrument("ETH/USD")).toMatchObject({ state: "auctionCall" });
    await admin.call("PUT", `${path}/state`, { as: "operator", body: { state: "closed" } });
    expect(await engine.instrument("ETH/USD")).toMatchObject({ state: "closed" });
  });

  it("are listed by pages, in order of declaration", async () => {
    const all = (await admin.call("GET", "/v1/instruments", { as: "viewer" })).json as { symbol: string }[];
    expect(all.map(({ symbol }) => symbol).slice(0, 2)).toEqual(["ABC", "BTC-USD"]);
    expect((await admin.call("GET", "/v1/instruments?from=1&limit=1", { as: "viewer" })).json).toEqual([all[1]]);
    expect((await admin.call("GET", "/v1/instruments?from=5000", { as: "viewer" })).json).toEqual([]);
    expect((await admin.call("GET", "/v1/instruments?limit=1001", { as: "viewer" })).status).toBe(400);
    await expect(engine.listInstruments({ limit: 0 })).rejects.toThrow("limit must be an integer from 1 to 1000, was 0");
    await expect(engine.listAccounts({ from: -1 })).rejects.toThrow("from must be an integer from 0 on, was -1");
  });
});

/** Everything that an admin can change. */
async function holdings(): Promise<unknown[]> {
  const { killed, instruments, accounts } = await engine.status();
  return [killed, instruments, accounts, await engine.listInstruments(), await engine.listAccounts()];
}

describe("accounts and kill switches over HTTP", () => {
  it("declares, lists and kills an account, and cancels its orders", async () => {
    const created = await admin.call("POST", "/v1/accounts", {
      as: "operator",
      body: { account: "dave", mode: "unchecked", stpGroup: "g" },
    });
    expect(created.status).toBe(201);
    for (const clOrdId of [1, 2])
      await engine.submit({ account: "dave", clOrdId, symbol: "ABC", side: clOrdId === 1 ? "buy" : "sell", price: "9", qty: 1 });
    const found = await admin.call("GET", "/v1/accounts/dave", { as: "viewer" });
    expect(found.json).toMatchObject({ account: "dave", mode: "unchecked", killed: false, stpGroup: "g" });
    const canceled = await admin.call("POST", "/v1/accounts/dave/cancel-orders", { as: "risk", body: { side: "buy" } });
    expect(canceled.status).toBe(200);
    const killed = await admin.call("PUT", "/v1/kill", { as: "risk", body: { scope: "account", account: "dave", on: true, cancel: true } });
    expect(killed.json.events[0]).toMatchObject({ event: "ok", cmd: "kill" });
    expect((await admin.call("GET", "/v1/accounts/dave", { as: "viewer" })).json).toMatchObject({ killed: true, openOrders: 0 });
    const names = ((await admin.call("GET", "/v1/accounts?limit=1000", { as: "viewer" })).json as { account: string }[]).map(
      ({ account }) => account,
    );
    expect(names).toEqual(["alice", "bob", "carol", "dave"]);
  });

  it("stops everything and says so in the status", async () => {
    await admin.call("PUT", "/v1/kill", { as: "risk", body: { scope: "global", on: true } });
    const { json } = await admin.call("GET", "/v1/status", { as: "viewer" });
    expect(json).toMatchObject({ killed: true, seq: expect.any(Number), accounts: 4 });
    expect(json.counters.commands).toBeGreaterThan(5);
    expect(await engine.submit({ account: "alice", clOrdId: 9, symbol: "ABC", side: "buy", price: "1", qty: 1 })).toMatchObject({
      reason: "KILL_SWITCH",
    });
    await admin.call("PUT", "/v1/kill", { as: "risk", body: { scope: "global", on: false } });
  });
});

describe("refusals over HTTP are problems", () => {
  const instrument = { symbol: "ABC", base: "ABC", quote: "USD", tickSize: "0.01", lotSize: "1" };
  it.each([
    ["what is there already", "POST", "/v1/instruments", instrument, 409, CODES.ALREADY_EXISTS],
    ["a bad tick", "POST", "/v1/instruments", { ...instrument, symbol: "Q", tickSize: "0" }, 422, CODES.BAD_INSTRUMENT],
    ["the state it is in", "POST", "/v1/instruments/ABC/open", undefined, 409, CODES.STATE_UNCHANGED],
    ["a symbol that is not there, in a command", "POST", "/v1/instruments/NONE/halt", {}, 404, CODES.UNKNOWN_INSTRUMENT],
    ["a symbol that is not there, in a query", "GET", "/v1/instruments/NONE", undefined, 404, CODES.UNKNOWN_INSTRUMENT],
    ["a book that is not there", "GET", "/v1/instruments/NONE/book", undefined, 404, CODES.UNKNOWN_INSTRUMENT],
    ["an account that is not there", "GET", "/v1/accounts/nobody", undefined, 404, CODES.UNKNOWN_ACCOUNT],
    ["an unknown key", "PUT", "/v1/kill", { scope: "global", on: true, of: 1 }, 400, "BAD_REQUEST"],
    ["a missing key", "PUT", "/v1/kill", { scope: "global" }, 400, "BAD_REQUEST"],
    ["a number where a boolean belongs", "PUT", "/v1/kill", { scope: "global", on: 1 }, 400, "BAD_REQUEST"],
    ["a scope without its name", "PUT", "/v1/kill", { scope: "account", on: true }, 400, "BAD_COMMAND"],
    ["a name that nobody can have", "POST", "/v1/accounts", { account: "a b", mode: "unchecked" }, 400, "BAD_REQUEST"],
    ["a path that is not there", "GET", "/v1/nothing", undefined, 404, "NOT_FOUND"],
    ["a method that is not there", "DELETE", "/v1/instruments/ABC", undefined, 404, "NOT_FOUND"],
    ["a shutdown where there is none", "POST", "/v1/shutdown", undefined, 501, "NOT_AVAILABLE"],
  ] as const)("%s", async (_what, method, path, body, status, code) => {
    const before = await holdings();
    const answer = await admin.call(method, path, { as: "admin", ...(body === undefined ? {} : { body }) });
    expect(answer).toMatchObject({ status, json: { status, code, type: expect.stringMatching(/^urn:ringbook:problem:[A-Z_]+$/) } });
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    expect(answer.json.reason).toBe(Object.entries(CODES).find(([, number]) => number === code)?.[0] ?? code);
    expect(answer.json.detail.length).toBeGreaterThan(5);
    expect(await holdings()).toEqual(before);
  });

  it("bodies that are no JSON, too long, or of another type", async () => {
    const text = await admin.call("PUT", "/v1/kill", { as: "admin", raw: "{" });
    expect(text).toMatchObject({ status: 400, json: { code: "BAD_JSON" } });
    const long = await admin.call("PUT", "/v1/kill", { as: "admin", raw: JSON.stringify({ scope: "x".repeat(20_000) }) });
    expect(long).toMatchObject({ status: 413, json: { code: "BODY_TOO_LARGE" } });
    const form = await fetch(`http://127.0.0.1:${admin.server.port}/v1/kill`, {
      method: "PUT",
      headers: { authorization: "Bearer token-of-the-admin", "content-type": "text/csv" },
      body: "on",
    });
    expect([form.status, ((await form.json()) as { code: string }).code]).toEqual([415, "UNSUPPORTED_MEDIA_TYPE"]);
  });
});

describe("the OpenAPI document", () => {
  it("is valid, and its operations keep to their roles", async () => {
    const { json: document } = await admin.call("GET", "/openapi.json");
    const result = await new Validator().validate(structuredClone(document));
    expect(result).toMatchObject({ valid: true });
    expect(document.info.version).toBe("1.2.3");
    for (const probe of ["/livez", "/readyz"]) expect(Object.keys(document.paths[probe].get.responses)).toEqual(["200", "503"]);
    const operations = Object.entries(
      document.paths as Record<string, Record<string, { summary: string; operationId: string; security?: unknown }>>,
    ).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })),
    );
    const secured = operations.filter(({ path }) => path.startsWith("/v1"));
    expect(secured.length).toBeGreaterThanOrEqual(18);
    expect(secured.map(({ security }) => security)).toEqual(secured.map(() => [{ bearer: [] }]));
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const { path, method, summary } of secured) {
      const allowed = /Roles: (.*)\.$/.exec(summary)?.[1]?.split(", ") ?? [];
      const url = path.replaceAll(/\{\w+\}/g, "%20");
      expect((await admin.call(method, url)).status, `${method} ${url}`).toBe(401);
      for (const role of ROLES) {
        // A body that nothing takes: whoever may call is told so, and nothing happens.
        const { status } = await admin.call(method, url, { as: role, ...(method === "GET" ? {} : { body: { nothing: 1 } }) });
        if (allowed.includes(role)) expect([200, 400, 404], `${role} ${method} ${url}`).toContain(status);
        else expect(status, `${role} ${method} ${url}`).toBe(403);
      }
    }
  });

  it("lets nobody but the named roles do the dangerous things", async () => {
    const { json } = await admin.call("GET", "/openapi.json");
    const rolesOf = (path: string, method: string): string => /Roles: (.*)\.$/.exec(json.paths[path][method].summary)?.[1] ?? "";
    expect(rolesOf("/v1/shutdown", "post")).toBe("admin");
    expect(rolesOf("/v1/kill", "put")).toBe("risk, admin");
    expect(rolesOf("/v1/audit", "get")).toBe("compliance, admin");
    expect(rolesOf("/v1/instruments", "post")).toBe("operator, admin");
  });
});

describe("the options of the admin server", () => {
  const token = { name: "a", token: "sixteen-characters", roles: ["viewer"] } as const;
  it.each([
    [{ port: -1 }, "port must be an integer from 0 to 65535, was -1"],
    [{ requestsPerMinute: 0 }, "requestsPerMinute must be"],
    [{ tokens: [{ ...token, token: "short" }] }, "the token of a must be 16 to 512 characters"],
    [{ tokens: [token, token] }, "the token a is given twice"],
    [{ tokens: [token, { ...token, name: "b" }] }, "the token of b is somebody else's too"],
    [{ tokens: [{ ...token, roles: ["king"] }] }, "were king"],
    [{ tokens: [{ ...token, roles: [] }] }, "were none"],
    [{ jwt: {} }, "exactly one of secret, publicKey and jwksUrl, was given 0"],
    [{ jwt: { secret: "short" } }, "at least 32 characters, had 5"],
    [{ jwt: { publicKey: "no key" } }, "no SPKI key in PEM"],
  ])("%j: %s", async (options, message) => {
    const listening = AdminServer.listen(engine, { port: 0, ...options } as Parameters<typeof AdminServer.listen>[1]);
    await expect(listening).rejects.toThrow(AdminError);
    await expect(listening).rejects.toMatchObject({ code: "BAD_OPTION", message: expect.stringContaining(message) });
  });

  it("says when the port is taken", async () => {
    const listening = AdminServer.listen(engine, { port: admin.server.port });
    await expect(listening).rejects.toMatchObject({ code: "LISTEN_FAILED", message: expect.stringContaining(String(admin.server.port)) });
  });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { checkConfigText } from "../../cli/config/check-file.js";
import { ConfigProblems } from "../../cli/config/config-problems.js";
import { mergeConfig } from "../../cli/config/start-config.js";
import { readVariables } from "../../cli/config/variables.js";
import { DEFAULT_CAPACITIES } from "../../engine/core/capacities.js";
import { checkConfig, shardsOf } from "../../engine/runtime/engine-config.js";
import { checkOptions, DEFAULT_LIMITS } from "../../gateway/options.js";
import { runCli } from "./run-cli.js";

const folder = mkdtempSync(join(tmpdir(), "ringbook-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

const GOOD = {
  $schema: "./config.schema.json",
  log: { level: "warn" },
  engine: {
    currencies: { USD: { scale: 6 } },
    instruments: [{ symbol: "ABC", base: "ABC", quote: "USD", tickSize: "0.01", lotSize: 1, maxQty: "1000" }],
    accounts: [
      { name: "alice", mode: "unchecked", stp: "decrement" },
      { name: "bob", mode: "unchecked", stpGroup: "desk" },
    ],
    capacities: { orders: 1000 },
    waitStrategy: "park",
  },
  gateway: { host: "::1", port: 9010, transport: "ws", keys: [{ id: "k1", secret: "s", account: "alice", permissions: ["trade"] }] },
};

const ABC = GOOD.engine.instruments[0];
/** Every trading rule that an instrument may have. */
const RULES = { minNotional: "10.50", bandBps: 500, marketProtectionBps: 0, auctionUs: 60_000_000, state: "preOpen", lastPrice: 100.25 };

function problemsOf(config: unknown): readonly string[] {
  try {
    checkConfigText(typeof config === "string" ? config : JSON.stringify(config), "test.json");
  } catch (error) {
    if (error instanceof ConfigProblems) return error.problems;
    throw error;
  }
  return [];
}

/** GOOD with one section changed. */
function engine(change: object): object {
  return { ...GOOD, engine: { ...GOOD.engine, ...change } };
}
function gateway(change: object): object {
  return { ...GOOD, gateway: { ...GOOD.gateway, ...change } };
}

describe("the file", () => {
  it("a good one is taken as it is, and so is an empty one", () => {
    expect(checkConfigText(JSON.stringify(GOOD), "test.json")).toEqual(GOOD);
    expect(checkConfigText("{}", "test.json")).toEqual({});
    const ruled = engine({ instruments: [{ ...ABC, ...RULES }] });
    expect(checkConfigText(JSON.stringify(ruled), "test.json")).toEqual(ruled);
  });

  it.each<[string, unknown, readonly string[]]>([
    ["no JSON", "{", ["bad JSON"]],
    ["a key that stands twice", '{"log":{},"log":{}}', ["duplicate key: log"]],
    ["no object", [], ["the file: must be object"]],
    ["an unknown key, with the known ones", { ...GOOD, extra: 1 }, ["extra: unknown key; known are $schema, log, engine, gateway"]],
    [
      "a mistyped key deep down",
      engine({ instruments: [{ ...GOOD.engine.instruments[0], tickSze: 1 }] }),
      ["engine.instruments[0].tickSze: unknown key, did you mean tickSize?"],
    ],
    ["a journal without a folder", engine({ journal: { durability: "group" } }), ["engine.journal.dir: is missing"]],
    [
      "a durability that there is not",
      engine({ journal: { dir: "x", durability: "most" } }),
      ['engine.journal.durability: must be one of none, async, group, was "most"'],
    ],
    [
      "limits of an account that are no limits",
      engine({
        accounts: [
          { name: "alice", mode: "unchecked", limits: "none" },
          {
            name: "bob",
            mode: "unchecked",
            limits: { maxOrderQyt: "1", maxOrderQty: "much", maxOpenOrders: 1.5, maxOrders: "few", windowUs: 0 },
          },
        ],
      }),
      [
        "engine.accounts[0].limits: must match pattern",
        "engine.accounts[1].limits.maxOrderQyt: unknown key, did you mean maxOrderQty?",
        "engine.accounts[1].limits.maxOrderQty: must match pattern",
        "engine.accounts[1].limits.maxOpenOrders: must be integer",
        "engine.accounts[1].limits.maxOrders: must match pattern",
        "engine.accounts[1].limits.windowUs: must be >= 1",
      ],
    ],
    [
      "an account that is neither known nor rated",
      engine({ accounts: [{ name: "alice", mode: "unchecked", kyc: "yes", riskLevel: "medium" }] }),
      ["engine.accounts[0].kyc: must be one of unverified, verified", "engine.accounts[0].riskLevel: must be one of low, high"],
    ],
    [
      "fees, margins and breakers out of range",
      engine({
        instruments: [{ ...ABC, makerFeePpm: -1_000_000, takerFeePpm: 1_000_000, kind: "future", initialMarginPpm: -1, breakerBps: -1 }],
      }),
      [
        "engine.instruments[0].makerFeePpm: must be >= -999999",
        "engine.instruments[0].takerFeePpm: must be <= 999999",
        "engine.instruments[0].kind: must be one of spot, margin",
        "engine.instruments[0].initialMarginPpm: must be >= 0",
        "engine.instruments[0].breakerBps: must be >= 0",
      ],
    ],
    [
      "a missing key",
      engine({ instruments: [{ symbol: "ABC", base: "ABC", quote: "USD", tickSize: "1" }] }),
      ["engine.instruments[0].lotSize: is missing"],
    ],
    [
      "another mode",
      engine({ accounts: [{ name: "alice", mode: "credit" }] }),
      ['engine.accounts[0].mode: must be one of unchecked, cash, margin, was "credit"'],
    ],
    [
      "no decimal",
      engine({ instruments: [{ ...GOOD.engine.instruments[0], tickSize: "1e2" }] }),
      ["engine.instruments[0].tickSize: must match pattern"],
    ],
    ["a port out of range", gateway({ port: 65_536 }), ["gateway.port: must be <= 65535, was 65536"]],
    ["a ring that is no power of two", engine({ eventCapacityBytes: 5000 }), ["engine.eventCapacityBytes: must be one of 4096, 8192"]],
    [
      "an instrument that the engine refuses",
      engine({ instruments: [{ ...GOOD.engine.instruments[0], tickSize: "0.0000001" }] }),
      ["engine.instruments[0]: BAD_INSTRUMENT"],
    ],
    [
      "trading rules of an instrument out of range",
      engine({ instruments: [{ ...ABC, bandBps: -1, marketProtectionBps: 1_000_001, auctionUs: 2 ** 53, state: "paused" }] }),
      [
        "engine.instruments[0].bandBps: must be >= 0, was -1",
        "engine.instruments[0].marketProtectionBps: must be <= 1000000, was 1000001",
        "engine.instruments[0].auctionUs: must be <= 9007199254740991",
        "engine.instruments[0].state: must be one of preOpen, auctionCall, open, halted, closed",
      ],
    ],
    [
      "trading rules of the wrong type",
      engine({ instruments: [{ ...ABC, bandBps: "5", auctionUs: 1.5, minNotional: "1e2", lastPrice: true }] }),
      [
        "engine.instruments[0].minNotional: must match pattern",
        "engine.instruments[0].bandBps: must be integer",
        "engine.instruments[0].auctionUs: must be integer",
        "engine.instruments[0].lastPrice: must be string,number",
      ],
    ],
    [
      "a smallest notional below nought, and one that is no whole amount",
      engine({
        instruments: [
          { ...ABC, minNotional: "-1" },
          { ...ABC, symbol: "DEF", minNotional: "0.0000001" },
        ],
      }),
      ["engine.instruments[0]: BAD_INSTRUMENT", "engine.instruments[1]: BAD_INSTRUMENT"],
    ],
    [
      "a last price off the tick, and one out of the limits",
      engine({
        instruments: [
          { ...ABC, lastPrice: "1.001" },
          { ...ABC, symbol: "DEF", maxPrice: 5, lastPrice: "5.01" },
        ],
      }),
      ["engine.instruments[0]: BAD_INSTRUMENT", "engine.instruments[1]: BAD_INSTRUMENT"],
    ],
    [
      "an account that is there twice",
      engine({ accounts: [...GOOD.engine.accounts, { name: "bob", mode: "unchecked" }] }),
      ["engine.accounts[2]: ALREADY_EXISTS"],
    ],
    ["more accounts than fit", engine({ capacities: { accounts: 1 } }), ["engine.accounts[1]: CAPACITY_REACHED"]],
    [
      "a key for an account that is not there",
      gateway({ keys: [{ ...GOOD.gateway.keys[0], account: "zoe" }] }),
      ["gateway.keys[0].account: there is no account zoe"],
    ],
    [
      "a key that is there twice",
      gateway({ keys: [GOOD.gateway.keys[0], GOOD.gateway.keys[0]] }),
      ["gateway.keys[1].id: k1 is there twice"],
    ],
    [
      "a key that trades for nobody",
      gateway({ keys: [{ id: "k1", secret: "s", permissions: ["read"] }] }),
      ["gateway.keys[0].account: is missing"],
    ],
    [
      "a drop copy of an account that is not there",
      gateway({ keys: [{ id: "k1", secret: "s", permissions: ["dropCopy"], dropCopyAccounts: ["alice", "zoe"] }] }),
      ["gateway.keys[0].dropCopyAccounts: there is no account zoe"],
    ],
    [
      "sizes that are no powers of two",
      { engine: { journal: { dir: "x", ringCapacityBytes: 100_000 } }, gateway: { limits: { replayBytes: 5000, maxRequestsKept: 65 } } },
      [
        "engine.journal.ringCapacityBytes: must be a power of two, was 100000",
        "gateway.limits.replayBytes: must be a power of two, was 5000",
        "gateway.limits.maxRequestsKept: must be a power of two, was 65",
      ],
    ],
    [
      "tokens without the key to check them",
      gateway({ token: { algorithm: "HS256", issuer: "i", audience: "a" } }),
      ["gateway.token.secret: is missing, HS256 needs it"],
    ],
    [
      "tokens with a key that is none",
      gateway({ token: { algorithm: "EdDSA", publicKey: "none", issuer: "i", audience: "a" } }),
      ["gateway.token.publicKey: must be a public key in PEM for EdDSA"],
    ],
    [
      "several at once",
      { engine: { maxPorts: 0 }, gateway: { port: -1, hots: "x" } },
      ["engine.maxPorts: must be >= 1", "gateway.hots: unknown key, did you mean host?", "gateway.port: must be >= 0"],
    ],
  ])("%s", (_name, config, expected) => {
    const problems = problemsOf(config);
    for (const [index, start] of expected.entries()) expect(problems[index]?.slice(0, start.length)).toBe(start);
    expect(problems).toHaveLength(expected.length);
  });

  it("keeps secrets out of what it says", () => {
    const token = { algorithm: "HS256", secret: "hush", issuer: "i", audience: "a" };
    const admin = { port: 0, tokens: [{ name: "x", token: "hush", roles: ["viewer"] }], jwt: { secret: "hush".repeat(9), publicKey: "k" } };
    const problems = problemsOf({ gateway: { token }, admin });
    expect(problems.map((problem) => problem.slice(0, problem.indexOf(":")))).toEqual([
      ...["gateway.token.secret", "admin.tokens[0].token", "admin.jwt"],
    ]);
    expect(problems.join()).not.toContain("hush");
  });
});

describe("the schema", () => {
  const schema = JSON.parse(readFileSync(new URL("../../cli/config.schema.json", import.meta.url), "utf8"));

  /** Defaults by key, as the schema tells them. */
  function defaultsOf(section: { properties: Record<string, { default?: unknown }> }): Record<string, unknown> {
    const entries = Object.entries(section.properties).filter(([, property]) => property.default !== undefined);
    return Object.fromEntries(entries.map(([key, property]) => [key, property.default]));
  }

  it("tells the defaults that engine and gateway have", () => {
    const { properties } = schema.properties.engine;
    expect(defaultsOf(properties.capacities)).toEqual(DEFAULT_CAPACITIES);
    const { ingressCapacityBytes, eventCapacityBytes, maxPorts, maxOutstanding, waitStrategy, evictAfterMs } = checkConfig({});
    expect(defaultsOf(schema.properties.engine)).toEqual({
      shards: shardsOf({}),
      ingressCapacityBytes,
      eventCapacityBytes,
      maxPorts,
      maxOutstanding,
      waitStrategy,
      evictAfterMs,
    });
    expect(defaultsOf(schema.properties.gateway.properties.limits)).toEqual(DEFAULT_LIMITS);
    const { host, port, transport, logLevel } = mergeConfig({}, {}, {});
    expect(defaultsOf(schema.properties.gateway)).toEqual({ host, port, transport });
    expect(defaultsOf(schema.properties.log)).toEqual({ level: logLevel });
  });

  it("lets nothing through that the gateway's own check refuses at its edges, and nothing less", () => {
    const limits: Record<string, { minimum: number; maximum: number }> = schema.properties.gateway.properties.limits.properties;
    for (const [name, { minimum, maximum }] of Object.entries(limits)) {
      for (const edge of [minimum, maximum])
        expect(checkOptions({ port: 0, limits: { [name]: edge } }).limits).toMatchObject({ [name]: edge });
      for (const beyond of [minimum - 1, maximum + 1]) expect(() => checkOptions({ port: 0, limits: { [name]: beyond } })).toThrow(name);
    }
  });

  it("lets nothing through that the engine's own check refuses at its edges", () => {
    const { maxPorts, maxOutstanding, evictAfterMs, ingressCapacityBytes } = schema.properties.engine.properties;
    for (const edge of ["minimum", "maximum"] as const) {
      const config = { maxPorts: maxPorts[edge], maxOutstanding: maxOutstanding[edge], evictAfterMs: evictAfterMs[edge] };
      expect(checkConfig(config)).toMatchObject(config);
    }
    for (const bytes of ingressCapacityBytes.enum)
      expect(checkConfig({ ingressCapacityBytes: bytes, eventCapacityBytes: bytes })).toMatchObject({ ingressCapacityBytes: bytes });
  });
});

describe("precedence", () => {
  it("flags, then variables, then the file, then the defaults", () => {
    const file = { gateway: { host: "file", port: 1, transport: "ws" }, log: { level: "debug" } } as const;
    expect(mergeConfig({}, {}, {})).toMatchObject({ host: "127.0.0.1", port: 9001, transport: "auto", logLevel: "info" });
    const ofFile = { engine: { journal: { dir: "file", durability: "async" as const, digestEvery: 5 } } };
    expect(mergeConfig({}, {}, {}).engine.journal).toEqual({ dir: "ringbook-data/main" });
    expect(mergeConfig({}, {}, ofFile).engine.journal).toEqual(ofFile.engine.journal);
    const variables = { journalDir: "env", durability: "none" as const };
    expect(mergeConfig({}, variables, ofFile).engine.journal).toEqual({ dir: "env", durability: "none", digestEvery: 5 });
    expect(mergeConfig({ journalDir: "flag" }, variables, ofFile).engine.journal).toMatchObject({ dir: "flag", durability: "none" });
    expect(mergeConfig({ noJournal: true }, variables, ofFile).engine.journal).toBeUndefined();
    expect(mergeConfig({}, {}, file)).toMatchObject({ host: "file", port: 1, transport: "ws", logLevel: "debug" });
    expect(mergeConfig({}, { host: "env", port: 2, logLevel: "warn" }, file)).toMatchObject({
      host: "env",
      port: 2,
      transport: "ws",
      logLevel: "warn",
    });
    expect(mergeConfig({ port: 3, transport: "uws" }, { host: "env", port: 2 }, file)).toMatchObject({
      host: "env",
      port: 3,
      transport: "uws",
    });
  });

  it("variables are read, and bad ones are all listed", () => {
    expect(
      readVariables({
        RINGBOOK_HOST: "::",
        RINGBOOK_PORT: "0",
        RINGBOOK_TRANSPORT: "uws",
        RINGBOOK_LOG_LEVEL: "silent",
        RINGBOOK_DATA: "x",
        HOME: "y",
      }),
    ).toEqual({
      host: "::",
      port: 0,
      transport: "uws",
      logLevel: "silent",
    });
    expect(() => readVariables({ RINGBOOK_PROT: "1", RINGBOOK_PORT: "70000", RINGBOOK_TRANSPORT: "tcp" })).toThrow(
      /RINGBOOK_PROT: unknown variable, did you mean RINGBOOK_PORT\?[\s\S]*RINGBOOK_TRANSPORT: must be one of[\s\S]*RINGBOOK_PORT: must be an integer/,
    );
  });
});

describe("ringbook check-config", () => {
  const write = (name: string, config: unknown): string => {
    const path = join(folder, name);
    writeFileSync(path, typeof config === "string" ? config : JSON.stringify(config));
    return path;
  };

  it("says what is in a good file", async () => {
    const path = write("good.json", GOOD);
    expect(await runCli(["check-config", path])).toEqual({
      exitCode: 0,
      stdout: `${path} is good: 1 instrument, 2 accounts, 1 key\n`,
      stderr: "",
    });
  });

  it("exits with 78 and lists every problem", async () => {
    const result = await runCli(["check-config", write("bad.json", { extra: 1, gateway: { port: -1 } })]);
    expect(result).toMatchObject({ exitCode: 78, stdout: "" });
    expect(result.stderr).toContain("extra: unknown key");
    expect(result.stderr).toContain("gateway.port: must be >= 0, was -1");
  });

  it("a file that cannot be read exits with 78 and the reason, a wrong command line with 2", async () => {
    const missing = await runCli(["check-config", join(folder, "none.json")]);
    expect(missing).toMatchObject({ exitCode: 78, stdout: "" });
    expect(missing.stderr).toMatch(/cannot read .*none\.json: ENOENT/);
    expect(await runCli(["check-config", folder])).toMatchObject({ exitCode: 78, stderr: expect.stringContaining("EISDIR") });
    expect((await runCli(["check-config"])).exitCode).toBe(2);
    expect((await runCli(["check-config", "a", "b"])).exitCode).toBe(2);
  });

  it.each([
    [["start"], 2, "nothing to serve"],
    [["start", "--demo", "--config", "x.json"], 2, "--demo brings its own market"],
    [["start", "--plain", "--config", "x.json"], 2, "--plain belongs to --demo"],
    [["start", "extra"], 2, "start takes no extra"],
    [["start", "--demo", "--port", "70000"], 2, "--port must be an integer from 0 to 65535"],
    [["start", "--demo", "--seconds", "0"], 2, "--seconds must be an integer from 1"],
    [["start", "--demo", "--transport", "tcp"], 2, "--transport must be one of auto, uws, ws"],
    [["start", "--config", join(folder, "bad.json")], 78, "extra: unknown key"],
  ])("%j exits with %i before anything is started", async (args, exitCode, message) => {
    const result = await runCli(args);
    expect(result).toMatchObject({ exitCode, stdout: "" });
    expect(result.stderr).toContain(message);
  });

  it("RINGBOOK_CONFIG names the file when no flag does", async () => {
    const result = await runCli(["start"], "", { RINGBOOK_CONFIG: join(folder, "bad.json") });
    expect(result).toMatchObject({ exitCode: 78, stdout: "" });
    expect(result.stderr).toContain("gateway.port: must be >= 0, was -1");
    expect(
      (await runCli(["start", "--config", join(folder, "none.json")], "", { RINGBOOK_CONFIG: join(folder, "bad.json") })).stderr,
    ).toContain("cannot read");
  });

  it("start exits with 78 on a bad variable", async () => {
    const result = await runCli(["start", "--demo"], "", { RINGBOOK_PORT: "x" });
    expect(result).toMatchObject({ exitCode: 78, stdout: "" });
    expect(result.stderr).toContain("RINGBOOK_PORT: must be an integer from 0 to 65535, was x");
  });
});

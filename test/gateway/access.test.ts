import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { SignJWT } from "jose";
import { afterEach, describe, expect, it } from "vitest";
import {
  codeName,
  LogonAck,
  LogonReject,
  LogoutNotice,
  NULL_UINT32,
  OrderAccepted,
  OrderFilled,
  Permissions,
} from "../../engine/wire/index.js";
import type { GatewayKey, GatewayOptions, TokenOptions } from "../../gateway/index.js";
import { accepted, trade } from "./fake-port.js";
import { RawClient, type Upgrade } from "./raw-client.js";
import { logon, newOrder } from "./records.js";
import { ALICE, as, BOB, rejectOf, start } from "./started-gateway.js";
import { describeOverTransports } from "./transports.js";

const SECRET = "0123456789abcdef0123456789abcdef";
const TOKEN: TokenOptions = { algorithm: "HS256", secret: SECRET, issuer: "tests", audience: "ringbook" };

const clients: RawClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.drop();
});

function publicBytes(key: KeyObject): Uint8Array {
  return new Uint8Array(key.export({ format: "der", type: "spki" }).subarray(-32));
}

const pair = generateKeyPairSync("ed25519");
const other = generateKeyPairSync("ed25519");
const EVE: GatewayKey = { id: "eve-1", publicKey: publicBytes(pair.publicKey), account: "bob", permissions: ["trade"] };

describe("an Ed25519 key", () => {
  async function refusalOf(fields: Parameters<typeof logon>[0]): Promise<string> {
    const { port } = await start({}, { keys: [ALICE, EVE] });
    const client = await RawClient.connect(port);
    clients.push(client);
    client.send(logon(fields));
    return codeName(LogonReject.code((await client.next("LogonReject")).words, 0));
  }

  it.each([
    ["bytes", EVE],
    ["base64", { ...EVE, publicKey: Buffer.from(publicBytes(pair.publicKey)).toString("base64") }],
  ])("logs on with its signature, given as %s", async (_, key) => {
    const { port } = await start({}, { keys: [ALICE, key] });
    const client = await RawClient.logOn(port, { key: key.id, secret: "", sign: (block) => sign(null, block, pair.privateKey) });
    clients.push(client);
    expect(LogonAck.account(client.ack, 0)).toBe(2);
    clients.push(await RawClient.logOn(port, as(ALICE)));
  });

  it.each<[string, Parameters<typeof logon>[0]]>([
    ["another key's signature", { key: "eve-1", secret: "", sign: (block) => sign(null, block, other.privateKey) }],
    ["an HMAC with its public key", { key: "eve-1", secret: Buffer.from(publicBytes(pair.publicKey)).toString("latin1") }],
    ["an HMAC with nothing", { key: "eve-1", secret: "no such key" }],
    ["its signature for the key of somebody else", { key: "alice-1", secret: "", sign: (block) => sign(null, block, pair.privateKey) }],
    ["its signature for no key", { key: "nobody", secret: "", sign: (block) => sign(null, block, pair.privateKey) }],
    ["a signature of something else", { key: "eve-1", secret: "", sign: (block) => sign(null, block.slice(0, 71), pair.privateKey) }],
  ])("is refused with %s", async (_, fields) => {
    expect(await refusalOf(fields)).toBe("BAD_SIGNATURE");
  });

  it("that is none is refused at the start", async () => {
    await expect(start({}, { keys: [{ ...EVE, publicKey: "AAAA" }] })).rejects.toMatchObject({ code: "BAD_OPTION" });
  });
});

interface Claims {
  readonly sub?: string;
  readonly permissions?: unknown;
  readonly secret?: string;
  readonly issuer?: string;
  readonly audience?: string;
  readonly life?: string;
  readonly issuedAt?: number;
  readonly algorithm?: string;
}

async function token(claims: Claims = {}): Promise<string> {
  const jwt = new SignJWT(claims.permissions === undefined ? {} : { permissions: claims.permissions })
    .setProtectedHeader({ alg: claims.algorithm ?? "HS256" })
    .setIssuer(claims.issuer ?? "tests")
    .setAudience(claims.audience ?? "ringbook")
    .setIssuedAt(claims.issuedAt)
    .setExpirationTime(claims.life ?? "5m")
    .setSubject(claims.sub ?? "alice-1");
  return jwt.sign(new TextEncoder().encode(claims.secret ?? SECRET));
}

/** What a client with a token sends as Logon: nothing in it is secret. */
const plainLogon = () => logon({ key: "", secret: "" });

describeOverTransports("access", (transport) => {
  const open = (options: Partial<GatewayOptions> = {}) => start({}, { transport, token: TOKEN, ...options });

  describe(`a token at the upgrade`, () => {
    it.each<[string, (jwt: string) => Upgrade]>([
      ["the Authorization header", (jwt) => ({ headers: { Authorization: `Bearer ${jwt}` } })],
      ["a sub-protocol", (jwt) => ({ protocols: [`ringbook.jwt.${jwt}`] })],
      ["the query", (jwt) => ({ path: `/?access_token=${jwt}` })],
    ])("in %s opens the session of its key without a signature", async (_, upgrade) => {
      const { port } = await open();
      const client = await RawClient.connect(port, upgrade(await token()));
      clients.push(client);
      expect(client.socket.protocol).toBe("ringbook.sbe.v1");
      client.send(plainLogon());
      const { words } = await client.next("LogonAck");
      expect([LogonAck.account(words, 0), LogonAck.permissions(words, 0)]).toEqual([1, Permissions.trade | Permissions.marketData]);
      client.send(newOrder({ seq: 1 }));
      await client.next("OrderAccepted");
    });

    it.each<[string, Claims | string]>([
      ["another secret", { secret: "another secret of thirty-two byte" }],
      ["another issuer", { issuer: "elsewhere" }],
      ["another audience", { audience: "elsewhere" }],
      ["another algorithm", { algorithm: "HS512", secret: SECRET + SECRET }],
      ["a life that is over", { life: "-10s" }],
      ["a life that is too long ago begun", { issuedAt: Math.floor(Date.now() / 1000) - 4000 }],
      ["an unknown key", { sub: "nobody" }],
      ["permissions that are no list", { permissions: "trade" }],
      ["no token in it", "not.a.token"],
    ])("with %s is refused with 401", async (_, claims) => {
      const { port } = await open();
      const jwt = typeof claims === "string" ? claims : await token(claims);
      await expect(RawClient.connect(port, { headers: { Authorization: `Bearer ${jwt}` } })).rejects.toThrow("401");
    });

    it("is refused by a gateway that takes none", async () => {
      const { port } = await start({}, { transport });
      await expect(RawClient.connect(port, { headers: { Authorization: `Bearer ${await token()}` } })).rejects.toThrow("401");
    });

    it("may narrow what its key may do, and not widen it", async () => {
      const { port } = await open();
      const jwt = await token({ sub: "bob-1", permissions: ["read", "marketData", "admin"] });
      const client = await RawClient.connect(port, { headers: { Authorization: `Bearer ${jwt}` } });
      clients.push(client);
      client.send(plainLogon());
      expect(LogonAck.permissions((await client.next("LogonAck")).words, 0)).toBe(0);
      client.send(newOrder({ seq: 1 }));
      expect(rejectOf(await client.next("BusinessReject"))).toMatchObject({ code: "NOT_PERMITTED" });
    });

    it("ends the session when it expires", async () => {
      const { port } = await open();
      const client = await RawClient.connect(port, { headers: { Authorization: `Bearer ${await token({ life: "1s" })}` } });
      clients.push(client);
      client.send(plainLogon());
      await client.next("LogonAck");
      expect(codeName(LogoutNotice.code((await client.next("LogoutNotice")).words, 0))).toBe("TOKEN_EXPIRED");
      expect(await client.closed()).toBe(4013);
    });

    it("takes over the session that its key has opened with a signature", async () => {
      const { port } = await open();
      const older = await RawClient.logOn(port, as(ALICE));
      clients.push(older);
      const client = await RawClient.connect(port, { headers: { Authorization: `Bearer ${await token()}` } });
      clients.push(client);
      client.send(logon({ key: "", secret: "", nextServerSeq: 1 }));
      expect(LogonAck.resumed((await client.next("LogonAck")).words, 0)).toBe(1);
      expect(await older.closed()).toBe(4006);
    });
  });

  describe(`origins`, () => {
    it("other than those that are allowed are refused with 403; who sends none is no browser", async () => {
      const { port } = await start({}, { transport, origins: ["https://trade.example"] });
      clients.push(await RawClient.connect(port, { headers: { Origin: "https://trade.example" } }));
      clients.push(await RawClient.connect(port));
      await expect(RawClient.connect(port, { headers: { Origin: "https://evil.example" } })).rejects.toThrow("403");
      await expect(RawClient.connect(port, { headers: { Origin: "https://trade.example.evil.example" } })).rejects.toThrow("403");
    });
  });

  describe(`drop copy`, () => {
    const COPY: GatewayKey = { id: "copy-1", secret: "c1", permissions: ["dropCopy"] };

    it("tells the reports of all accounts, and takes no orders", async () => {
      const { port, engine } = await start({}, { transport, keys: [ALICE, BOB, COPY] });
      engine.respond = (words) => [accepted(words), trade(words, 2)];
      const copy = await RawClient.logOn(port, as(COPY));
      const alice = await RawClient.logOn(port, as(ALICE));
      clients.push(copy, alice);
      expect(LogonAck.account(copy.ack, 0)).toBe(NULL_UINT32);
      alice.send(newOrder({ seq: 1 }));
      const report = await copy.next("OrderAccepted");
      expect([
        OrderAccepted.account(report.words, 0),
        OrderAccepted.clientSeq(report.words, 0),
        OrderAccepted.session(report.words, 0),
      ]).toEqual([1, 0, 0]);
      const fills = [await copy.next("OrderFilled"), await copy.next("OrderFilled")];
      expect(fills.map(({ words }) => OrderFilled.account(words, 0))).toEqual([2, 1]);
      copy.send(newOrder({ seq: 1 }));
      expect(rejectOf(await copy.next("BusinessReject"))).toMatchObject({ code: "NOT_PERMITTED" });
      copy.drop();
      alice.send(newOrder({ seq: 2, clOrdId: 2 }));
      await alice.next("OrderAccepted");
      await alice.next("OrderFilled");
      await alice.next("OrderAccepted");
      const again = await RawClient.logOn(port, { ...as(COPY), nextServerSeq: 5 });
      clients.push(again);
      const missed = await again.next("OrderAccepted");
      expect([missed.seq, OrderAccepted.clOrdId(missed.words, 0)]).toEqual([5, 2]);
    });

    it("of chosen accounts tells nothing of others", async () => {
      const keys = [ALICE, BOB, { ...COPY, dropCopyAccounts: ["bob"] }];
      const { port, engine } = await start({}, { transport, keys });
      engine.respond = (words) => [accepted(words)];
      const copy = await RawClient.logOn(port, as(COPY));
      const alice = await RawClient.logOn(port, as(ALICE));
      const bob = await RawClient.logOn(port, as(BOB));
      clients.push(copy, alice, bob);
      alice.send(newOrder({ seq: 1 }));
      await alice.next("OrderAccepted");
      bob.send(newOrder({ seq: 1 }));
      expect(OrderAccepted.account((await copy.next("OrderAccepted")).words, 0)).toBe(2);
      expect(await copy.quiet()).toEqual([]);
    });
  });
});

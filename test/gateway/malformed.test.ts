import { afterAll, beforeAll, expect, it } from "vitest";
import { codeName, LogoutNotice, NewOrder } from "../../engine/wire/index.js";
import { CLOSE, Gateway } from "../../gateway/index.js";
import { FakeEngine } from "./fake-port.js";
import { RawClient } from "./raw-client.js";
import { concat, newOrder, testRequest } from "./records.js";
import { describeOverTransports } from "./transports.js";

const KEYS = [
  { id: "a", secret: "s", account: "alice", permissions: ["trade"] },
  { id: "b", secret: "s", account: "bob", permissions: ["trade"] },
] as const;
const MAX_FRAME_BYTES = 1 << 12;

function patched(change: (view: DataView) => void): Uint8Array {
  const bytes = newOrder({ seq: 2 });
  change(new DataView(bytes.buffer));
  return bytes;
}

const good = newOrder({ seq: 1 });
const CASES: [string, Uint8Array | string, string, number][] = [
  ["an empty frame", new Uint8Array(0), "TRUNCATED", 0],
  ["a few stray bytes", Uint8Array.of(1, 2, 3), "TRUNCATED", 0],
  ["a truncated record behind a good one", concat(good, newOrder({ seq: 2 })).subarray(0, good.length + 40), "TRUNCATED", good.length],
  [
    "a wrong magic behind a good record",
    concat(
      good,
      patched((view) => view.setUint16(4, 0x50eb, true)),
    ),
    "BAD_MAGIC",
    good.length,
  ],
  [
    "a wrong length behind a good record",
    concat(
      good,
      patched((view) => view.setUint32(0, 36, true)),
    ),
    "BAD_LENGTH",
    good.length,
  ],
  ["a length of nought", patched((view) => view.setUint32(0, 0, true)), "BAD_LENGTH", 0],
  ["a foreign schema", patched((view) => view.setUint16(12, 7, true)), "BAD_SCHEMA", 0],
  ["a block that is too short", patched((view) => view.setUint16(8, 8, true)), "BAD_BLOCK_LENGTH", 0],
  ["a frame above the limit", new Uint8Array(MAX_FRAME_BYTES + 8), "FRAME_TOO_LARGE", 0],
  ["a text frame", "buy 5 BTC", "TEXT_FRAME", 0],
];

describeOverTransports("a malformed frame", (transport) => {
  const engine = new FakeEngine();
  let gateway: Gateway;
  let witness: RawClient;

  beforeAll(async () => {
    gateway = await Gateway.listen(engine, { port: 0, transport, keys: KEYS, limits: { maxFrameBytes: MAX_FRAME_BYTES } });
    witness = await RawClient.logOn(gateway.port, { key: "b", secret: "s" });
  });

  afterAll(() => gateway.close());

  it.each(CASES)("%s ends its session, with nothing applied", async (_name, frame, code, offset) => {
    const client = await RawClient.logOn(gateway.port, { key: "a", secret: "s" });
    client.socket.send(frame);
    client.send(newOrder({ seq: 9 }));
    const { words } = await client.next("LogoutNotice");
    expect(codeName(LogoutNotice.code(words, 0))).toBe(code);
    expect(LogoutNotice.text(words, 0)).toBe(`${code} at offset ${offset}`);
    expect(await client.closed()).toBe(code === "TEXT_FRAME" ? CLOSE.TEXT_FRAME : CLOSE.MALFORMED_FRAME);
    expect(client.closeReason).toBe(`${code} at offset ${offset}`);
    expect(await client.quiet()).toEqual([]);
    expect(engine.commands).toHaveLength(0);
    witness.send(testRequest(1));
    await witness.next("TestReply");
  });

  it("far above the limit ends its session at once", async () => {
    const client = await RawClient.logOn(gateway.port, { key: "a", secret: "s" });
    client.send(new Uint8Array(MAX_FRAME_BYTES * 8));
    expect([1006, 1009]).toContain(await client.closed());
    witness.send(testRequest(1));
    await witness.next("TestReply");
  });

  it("of none of them hurts an honest client afterwards", async () => {
    const client = await RawClient.logOn(gateway.port, { key: "a", secret: "s" });
    client.send(newOrder({ seq: 1, clOrdId: 5 }));
    await client.next("OrderAccepted");
    expect(engine.commands.splice(0).map((words) => NewOrder.clOrdId(words, 0))).toEqual([5]);
  });
});

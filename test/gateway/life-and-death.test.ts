import { describe, expect, it } from "vitest";
import { codeName, Heartbeat, LogonReject, LogoutNotice, NewOrder, TestReply } from "../../engine/wire/index.js";
import { CLOSE, Gateway } from "../../gateway/index.js";
import { accepted, FakeEngine, trade } from "./fake-port.js";
import { MemoryTransport } from "./memory-transport.js";
import { RawClient } from "./raw-client.js";
import { concat, heartbeat, instrumentListRequest, logon, logout, newOrder, testRequest } from "./records.js";
import { ALICE, as, BOB, start } from "./started-gateway.js";
import { settle, until } from "./transport-contract.js";

describe("life and death", () => {
  it("sends heartbeats into silence, with the next seq, and answers tests", async () => {
    const { port } = await start();
    const client = await RawClient.logOn(port, { ...as(ALICE), heartbeatMs: 500 });
    client.send(newOrder({ seq: 1 }));
    await client.next("OrderAccepted");
    client.send(testRequest(42));
    expect(TestReply.token((await client.next("TestReply")).words, 0)).toBe(42);
    const before = Date.now();
    const beat = await client.next("Heartbeat");
    expect(Heartbeat.nextSeq(beat.words, 0)).toBe(2);
    expect(Date.now() - before).toBeGreaterThan(400);
  });

  it("ends a session that stays silent for two heartbeats", async () => {
    const { port } = await start();
    const client = await RawClient.logOn(port, { ...as(ALICE), heartbeatMs: 500 });
    const alive = await RawClient.logOn(port, { ...as(BOB), heartbeatMs: 500 });
    const beat = setInterval(() => alive.send(heartbeat(1)), 300);
    try {
      expect(await client.closed()).toBe(4005);
      const notice = client.received.at(-1);
      expect(notice?.name).toBe("LogoutNotice");
      expect(alive.closeCode).toBe(0);
    } finally {
      clearInterval(beat);
    }
  });

  it("answers what is under way before it says goodbye to a logout", async () => {
    const { port, engine } = await start();
    engine.respond = () => [];
    const client = await RawClient.logOn(port, as(ALICE));
    client.send(concat(newOrder({ seq: 1 }), logout()), newOrder({ seq: 2 }));
    expect(await client.quiet(120)).toEqual([]);
    const [order] = engine.commands;
    if (order === undefined) throw new Error("no command");
    engine.emit([accepted(order)]);
    await client.next("OrderAccepted");
    await client.next("LogoutNotice");
    expect(await client.closed()).toBe(4000);
    expect(engine.commands).toHaveLength(1);
  });

  it("does not wait for ever for an answer after a logout", async () => {
    const { port, engine } = await start();
    engine.respond = () => [];
    const client = await RawClient.logOn(port, as(ALICE));
    client.send(concat(newOrder({ seq: 1 }), logout()));
    await client.next("LogoutNotice");
    expect(await client.closed()).toBe(4000);
  });

  it("says goodbye to a logout", async () => {
    const { port } = await start();
    const client = await RawClient.logOn(port, as(ALICE));
    client.send(concat(newOrder({ seq: 1 }), logout(), newOrder({ seq: 2 })));
    const names = await client.closed().then(() => client.received.map((r) => r.name));
    expect(names).toEqual(["LogonAck", "OrderAccepted", "LogoutNotice"]);
    expect(client.closeCode).toBe(4000);
  });

  it("says SHUTTING_DOWN when it closes, and closes the port of the engine", async () => {
    const { port, gateway, engine } = await start();
    const client = await RawClient.logOn(port, as(ALICE));
    await gateway.close();
    expect(codeName(LogoutNotice.code((await client.next("LogoutNotice")).words, 0))).toBe("SHUTTING_DOWN");
    expect(await client.closed()).toBe(4010);
    expect(engine.isClosed).toBe(true);
  });

  it("says ENGINE_FAILED when the engine fails, and frees its port and the engine's", async () => {
    const { port, engine, gateway } = await start();
    const client = await RawClient.logOn(port, as(ALICE));
    const failure = new Error("an assertion in the shard");
    engine.fail(failure);
    expect(codeName(LogoutNotice.code((await client.next("LogoutNotice")).words, 0))).toBe("ENGINE_FAILED");
    expect(await client.closed()).toBe(4011);
    expect(await gateway.failed).toBe(failure);
    expect(engine.isClosed).toBe(true);
    await gateway.close();
    await expect(RawClient.connect(port)).rejects.toThrow("ECONNREFUSED");
  });

  it("comes to its end when the engine fails while it is closing", async () => {
    const { port, gateway, engine } = await start({ shutdownMs: 100 });
    const client = await RawClient.logOn(port, as(ALICE));
    const closed = gateway.close();
    await client.next("ShutdownNotice");
    engine.fail(new Error("the disk is broken"));
    expect(codeName(LogoutNotice.code((await client.next("LogoutNotice")).words, 0))).toBe("ENGINE_FAILED");
    await closed;
    expect(await gateway.failed).toMatchObject({ message: "the disk is broken" });
  });

  it("fails alone when reading the events throws", async () => {
    const { port, engine, gateway } = await start();
    const client = await RawClient.logOn(port, as(ALICE));
    engine.pollError = new Error("the feed is inconsistent");
    client.send(newOrder({ seq: 1 }));
    expect(await client.closed()).toBe(4011);
    expect(await gateway.failed).toBe(engine.pollError);
    expect(engine.isClosed).toBe(true);
  });

  it("gives the last answers before it says SHUTTING_DOWN for an engine that is closed", async () => {
    const { port, engine, gateway } = await start();
    engine.respond = () => [];
    const client = await RawClient.logOn(port, as(ALICE));
    client.send(newOrder({ seq: 1 }));
    await until(() => engine.commands.length === 1);
    const [order] = engine.commands;
    if (order === undefined) throw new Error("no command");
    engine.emit([accepted(order)]);
    engine.fail(Object.assign(new Error("the engine is closed"), { code: "ENGINE_CLOSED" }));
    await client.next("OrderAccepted");
    expect(codeName(LogoutNotice.code((await client.next("LogoutNotice")).words, 0))).toBe("SHUTTING_DOWN");
    expect(await client.closed()).toBe(4010);
    expect(await gateway.failed).toBe(undefined);
  });

  it("does not listen in front of an engine that is dead, slow, or given up", async () => {
    const options = { port: 0, transport: "ws" } as const;
    const dead = new FakeEngine();
    dead.fail(new Error("no memory"));
    await expect(Gateway.listen(dead, options)).rejects.toMatchObject({ code: "ENGINE_FAILED", cause: new Error("no memory") });
    const slow = new FakeEngine();
    slow.hasStarted = false;
    await expect(Gateway.listen(slow, options)).rejects.toMatchObject({ code: "ENGINE_NOT_READY" });
    const reason = new Error("changed my mind");
    const controller = new AbortController();
    const given = Gateway.listen(new FakeEngine(), { ...options, signal: controller.signal });
    controller.abort(reason);
    await expect(given).rejects.toBe(reason);
    await expect(Gateway.listen(new FakeEngine(), { ...options, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect([dead.isClosed, slow.isClosed]).toEqual([true, true]);
  });

  it("closes when its signal is aborted later", async () => {
    const controller = new AbortController();
    const { port, gateway, engine } = await start({}, { signal: controller.signal });
    const client = await RawClient.logOn(port, as(ALICE));
    controller.abort();
    expect(await client.closed()).toBe(4010);
    expect(await gateway.failed).toBe(undefined);
    expect(engine.isClosed).toBe(true);
  });

  it("bounds the connections", async () => {
    const { port } = await start({ maxConnections: 1 });
    await RawClient.connect(port);
    await expect(RawClient.connect(port)).rejects.toThrow("503");
  });

  it("bounds the sessions, but lets a key replace its own", async () => {
    const { port } = await start({ maxSessions: 1 });
    await RawClient.logOn(port, as(ALICE));
    const bob = await RawClient.connect(port);
    bob.send(logon(as(BOB)));
    expect(codeName(LogonReject.code((await bob.next("LogonReject")).words, 0))).toBe("TOO_MANY_SESSIONS");
    expect(await bob.closed()).toBe(CLOSE.TOO_MANY_SESSIONS);
    await RawClient.logOn(port, as(ALICE));
  });

  it("applies nothing more of a frame whose answers closed its session for slowness", async () => {
    const transport = new MemoryTransport();
    const { engine } = await start({}, { transport });
    const client = transport.connect();
    client.send(logon(as(ALICE)));
    client.isFull = true;
    client.send(
      concat(newOrder({ seq: 1 }), ...Array.from({ length: 600 }, (_, i) => instrumentListRequest(i + 2)), newOrder({ seq: 700 })),
    );
    client.send(newOrder({ seq: 701 }));
    expect(client.closeCode).toBe(4008);
    expect(engine.commands.map((words) => NewOrder.clientSeq(words, 0))).toEqual([1]);
  });

  it("ends a session whose refusals fill the room behind a command that is not complete", async () => {
    const { port, engine } = await start();
    engine.respond = () => [];
    const client = await RawClient.logOn(port, as(ALICE));
    client.send(newOrder({ seq: 1 }));
    await until(() => engine.commands.length === 1);
    const [order] = engine.commands;
    if (order === undefined) throw new Error("no command");
    engine.emitPart([accepted(order)]);
    await settle();
    const again = newOrder({ seq: 1 });
    for (let i = 0; i < 3; i++) client.send(concat(...Array.from({ length: 600 }, () => again)));
    expect(await client.closed()).toBe(4008);
    expect(await client.quiet()).toEqual([]);
  });

  it("ends a session that does not read", async () => {
    const { port, engine, gateway } = await start({ maxBackpressureBytes: 1 << 16 });
    const client = await RawClient.logOn(port, as(ALICE));
    const other = await RawClient.logOn(port, as(BOB));
    engine.respond = (words) => [accepted(words), ...Array.from({ length: 500 }, (_, i) => trade(words, 3, i + 1))];
    client.socket.pause();
    let seq = 0;
    const feed = setInterval(() => client.send(newOrder({ seq: ++seq })), 1);
    try {
      await until(() => gateway.sessionCount === 1, 10_000);
    } finally {
      clearInterval(feed);
    }
    client.socket.resume();
    expect(await client.closed()).toBe(4008);
    other.send(testRequest(1));
    await other.next("TestReply");
  });
});

import { expect, it } from "vitest";
import type { AccountStatement } from "../../engine/edge/statement.js";
import { Alert, Balance, Header, Liquidation, PendingReview, Position, RequestDone, TEMPLATES } from "../../engine/wire/index.js";
import { accepted } from "./fake-port.js";
import { balanceRequest, concat, newOrder, positionRequest } from "./records.js";
import { SessionWorld } from "./session-world.js";
import { FEED, rejectOf, statusOf } from "./started-gateway.js";
import { until } from "./transport-contract.js";
import { describeOverTransports } from "./transports.js";

const STATEMENT: AccountStatement = {
  seq: 1,
  balances: [
    { currency: "BTC", scale: 8, total: -5, held: 0, free: -5 },
    { currency: "USD", scale: 2, total: 2 ** 53 - 1, held: 1, free: 2 ** 53 - 2 },
  ],
  positions: [
    { instrument: 1, lots: -3, cost: -300, realised: 7, unrealised: -1 },
    { instrument: 2, lots: 0, cost: 0, realised: 9, unrealised: 0 },
  ],
};

describeOverTransports("balance and position requests", (transport) => {
  const world = new SessionWorld(transport);

  it("are answered with rows, the last of which is marked, and RequestDone", async () => {
    await world.open();
    world.engine.tellStatement = async (account) => (account === 1 ? STATEMENT : { seq: 0, balances: [], positions: [] });
    const client = await world.logOn();
    client.send(balanceRequest(1));
    const first = await client.next("Balance");
    expect([Balance.clientSeq(first.words, 0), Balance.currency(first.words, 0), Balance.total(first.words, 0)]).toEqual([1, "BTC", -5]);
    const { words, flags } = await client.next("Balance");
    expect([first.flags, flags]).toEqual([0, Header.FLAG_LAST_OF_BATCH]);
    expect([Balance.total(words, 0), Balance.held(words, 0), Balance.free(words, 0)]).toEqual([2 ** 53 - 1, 1, 2 ** 53 - 2]);
    expect([Balance.account(words, 0), Balance.scale(words, 0)]).toEqual([1, 2]);
    const done = (await client.next("RequestDone")).words;
    expect([RequestDone.clientSeq(done, 0), RequestDone.count(done, 0), RequestDone.refTemplateId(done, 0)]).toEqual([
      1,
      2,
      TEMPLATES.BalanceRequest,
    ]);
    client.send(concat(positionRequest(2), positionRequest(3, 2), positionRequest(4, 99)));
    expect(rejectOf(await client.next("BusinessReject"))).toMatchObject({ seq: 4, code: "UNKNOWN_INSTRUMENT" });
    const short = (await client.next("Position")).words;
    expect([Position.instrument(short, 0), Position.qty(short, 0), Position.cost(short, 0)]).toEqual([1, -3, -300]);
    expect([Position.realised(short, 0), Position.unrealised(short, 0), Position.account(short, 0)]).toEqual([7, -1, 1]);
    expect((await client.next("Position")).flags).toBe(Header.FLAG_LAST_OF_BATCH);
    await client.next("RequestDone");
    const chosen = await client.next("Position");
    expect([Position.clientSeq(chosen.words, 0), Position.instrument(chosen.words, 0), chosen.flags]).toEqual([
      3,
      2,
      Header.FLAG_LAST_OF_BATCH,
    ]);
    expect(RequestDone.count((await client.next("RequestDone")).words, 0)).toBe(1);
    client.send(balanceRequest(1));
    expect(statusOf(await client.next("RequestStatus"))).toMatchObject({ clientSeq: 1, state: "answered", ref: "BalanceRequest" });
  });

  it("wait for the commands in front of them; the answer stands behind the reports that are there", async () => {
    await world.open();
    let asked = 0;
    let tell: (statement: AccountStatement) => void = () => {};
    world.engine.tellStatement = () => {
      asked++;
      return new Promise((resolve) => {
        tell = resolve;
      });
    };
    world.engine.respond = () => [];
    const client = await world.logOn();
    client.send(concat(newOrder({ seq: 1 }), balanceRequest(2), newOrder({ seq: 3, clOrdId: 3 })), balanceRequest(2));
    expect(statusOf(await client.next("RequestStatus"))).toMatchObject({ clientSeq: 2, state: "pending" });
    expect(asked).toBe(0);
    world.engine.emit([accepted(world.engine.commands[0] as Int32Array)]);
    await client.next("OrderAccepted");
    await until(() => asked === 1);
    // The event is published before the answer, but nobody has polled for it.
    tell(STATEMENT);
    world.engine.emit([accepted(world.engine.commands[1] as Int32Array)]);
    expect(await client.quiet()).toEqual(["OrderAccepted", "Balance", "Balance", "RequestDone"]);
  });

  it("are bounded for each session, whether they wait or are asked", async () => {
    await world.open();
    const answers: ((statement: AccountStatement) => void)[] = [];
    world.engine.tellStatement = () => new Promise((resolve) => answers.push(resolve));
    world.engine.respond = () => [];
    const client = await world.logOn();
    const seqs = Array.from({ length: 17 }, (_, i) => i + 1);
    client.send(concat(...seqs.map((seq) => (seq % 2 === 0 ? balanceRequest(seq) : positionRequest(seq)))));
    expect(rejectOf(await client.next("BusinessReject"))).toMatchObject({ seq: 17, code: "TOO_MANY_IN_FLIGHT" });
    expect(answers.length).toBe(16);
    answers[0]?.(STATEMENT);
    for (const name of ["Position", "Position", "RequestDone"] as const) await client.next(name);
    client.send(concat(newOrder({ seq: 18 }), balanceRequest(19), balanceRequest(20)));
    expect(rejectOf(await client.next("BusinessReject"))).toMatchObject({ seq: 20, code: "TOO_MANY_IN_FLIGHT" });
    expect(answers.length).toBe(16);
  });

  it("are refused without the permission, and when the engine cannot answer", async () => {
    await world.open();
    const feed = await world.logOn({ key: FEED.id, secret: String(FEED.secret) });
    feed.send(balanceRequest(1), positionRequest(2));
    for (const seq of [1, 2]) expect(rejectOf(await feed.next("BusinessReject"))).toMatchObject({ seq, code: "NOT_PERMITTED" });
    world.engine.tellStatement = () => Promise.reject(new Error("gone"));
    const client = await world.logOn();
    client.send(balanceRequest(1));
    expect(rejectOf(await client.next("BusinessReject"))).toMatchObject({ seq: 1, code: "ENGINE_FAILED" });
    client.send(balanceRequest(1));
    expect(statusOf(await client.next("RequestStatus"))).toMatchObject({ clientSeq: 1, state: "refused" });
  });

  it("that were asked before a loss leave their numbers behind; the session that comes back asks anew", async () => {
    await world.open();
    const answers: ((statement: AccountStatement) => void)[] = [];
    world.engine.tellStatement = () => new Promise((resolve) => answers.push(resolve));
    const client = await world.logOn();
    client.send(balanceRequest(1));
    await until(() => answers.length === 1);
    await world.lose(client);
    answers[0]?.(STATEMENT);
    const again = await world.logOn({ nextServerSeq: 1 });
    expect(again.granted).toMatchObject({ resumed: 1, nextClientSeq: 2 });
    again.send(balanceRequest(1), balanceRequest(2));
    await until(() => answers.length === 2);
    answers[1]?.(STATEMENT);
    await until(() => again.received.some(({ name }) => name === "RequestDone"));
    const names = again.received.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["RequestStatus", "Balance", "Balance", "RequestDone"]));
    expect(names.filter((name) => name === "Balance").length).toBe(2);
  });

  it("the engine's own news is not for sockets, and ends its command as any event", async () => {
    await world.open();
    world.engine.respond = (words) => [accepted(words), alert(), review(), liquidation()];
    const client = await world.logOn();
    client.send(newOrder({ seq: 1 }));
    const { flags } = await client.next("OrderAccepted");
    expect(flags).toBe(Header.FLAG_LAST_OF_BATCH);
    world.engine.emit([alert()]);
    world.engine.emit([liquidation(), review()]);
    expect(await client.quiet()).toEqual([]);
    expect(world.gateway.stats().inFlight).toBe(0);
    client.send(newOrder({ seq: 2, clOrdId: 2 }));
    expect((await client.next("OrderAccepted")).seq).toBe(2);
  });
});

function alert(): Int32Array {
  const words = new Int32Array(Alert.RECORD_BYTES / 4);
  Alert.init(words, 0, 0, 1);
  Alert.setAccount(words, 0, 1);
  return words;
}

function review(): Int32Array {
  const words = new Int32Array(PendingReview.RECORD_BYTES / 4);
  PendingReview.init(words, 0, 0, 1);
  PendingReview.setAccount(words, 0, 1);
  return words;
}

function liquidation(): Int32Array {
  const words = new Int32Array(Liquidation.RECORD_BYTES / 4);
  Liquidation.init(words, 0, 0, 1);
  Liquidation.setAccount(words, 0, 1);
  return words;
}

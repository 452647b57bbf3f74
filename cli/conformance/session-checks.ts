import {
  CLOSE_CODES,
  Header,
  Heartbeat,
  InstrumentDefinition,
  NotApplied,
  OrderAccepted,
  OrderCanceled,
  OrderStatus,
  RequestState,
  RequestStatus,
  TestReply,
} from "../../engine/wire/index.js";
import type { CheckGroup } from "./check.js";
import type { ConformanceSession, Received } from "./conformance-session.js";
import type { ConformanceWorld } from "./conformance-world.js";
import { must, mustBe } from "./must.js";
import { cancel, heartbeat, instrumentList, logout, orderStatus, testRequest } from "./requests.js";

const HEARTBEAT_MS = 500;

export const SESSION_CHECKS: CheckGroup = {
  title: "session",
  checks: [
    { name: "a TestRequest is answered with its token", run: testReply },
    { name: "the gateway sends heartbeats, with the next server seq", run: heartbeats },
    { name: "a client that is silent for two intervals is closed: HEARTBEAT_TIMEOUT", run: silence },
    { name: "a client that sends heartbeats only is kept", run: keptAlive },
    { name: "a Logout is answered, behind the answers that are under way, and closed: LOGGED_OUT", run: loggedOut },
    { name: "the instruments are told, the last one marked", run: instruments },
  ],
};

export const SEQUENCE_CHECKS: CheckGroup = {
  title: "sequences: duplicates and gaps",
  checks: [
    { name: "an order is accepted and canceled under its client seq, and server seqs count from 1", run: acceptAndCancel },
    { name: "several records in a frame are answered in their order", run: manyInAFrame },
    { name: "server seqs have no gaps over a hundred orders", run: noGaps },
    { name: "a request that comes again is answered with its state, and not applied again", run: duplicate },
    { name: "a refused request that comes again is answered with its refusal", run: refusedDuplicate },
    { name: "client seq 0 is refused: DUPLICATE_SEQ", run: seqZero },
    { name: "a gap is told with NotApplied, and the request behind it is taken", run: gap },
    { name: "a Heartbeat with a next seq beyond tells of a gap too", run: gapByHeartbeat },
    { name: "what was in the gap is not applied when it comes late", run: lateRequest },
    { name: "an order that is not there: UNKNOWN_ORDER", run: unknownOrder },
  ],
};

async function testReply(world: ConformanceWorld): Promise<void> {
  const { session } = await world.logOn();
  for (const token of [1, Number.MAX_SAFE_INTEGER]) {
    session.send(testRequest(token));
    mustBe("the token", TestReply.token((await session.next("TestReply")).words, 0), token);
  }
}

async function heartbeats(world: ConformanceWorld): Promise<void> {
  const { session } = await world.logOn({ heartbeatMs: HEARTBEAT_MS });
  session.request(world.order().write);
  await session.next("OrderAccepted");
  const keepAlive = setInterval(() => session.send(heartbeat(session.nextSeq)), HEARTBEAT_MS / 2);
  try {
    const first = await session.sees("Heartbeat", 3 * HEARTBEAT_MS);
    must(first !== undefined, `a Heartbeat must come within ${3 * HEARTBEAT_MS} ms`);
    if (first !== undefined) mustBe("its next seq", Heartbeat.nextSeq(first.words, 0), 2);
  } finally {
    clearInterval(keepAlive);
  }
}

async function silence(world: ConformanceWorld): Promise<void> {
  const { session } = await world.logOn({ heartbeatMs: HEARTBEAT_MS });
  const startMs = performance.now();
  await session.mustClose(CLOSE_CODES.HEARTBEAT_TIMEOUT, "LogoutNotice", "HEARTBEAT_TIMEOUT", 5 * HEARTBEAT_MS);
  must(performance.now() - startMs > 1.5 * HEARTBEAT_MS, "a client may miss one heartbeat");
}

async function keptAlive(world: ConformanceWorld): Promise<void> {
  const { session } = await world.logOn({ heartbeatMs: HEARTBEAT_MS });
  for (let beat = 0; beat < 5; beat++) {
    session.send(heartbeat(session.nextSeq));
    await world.pause(HEARTBEAT_MS);
  }
  await session.mustGoOn(testRequest);
}

async function loggedOut(world: ConformanceWorld): Promise<void> {
  const { session } = await world.logOn();
  session.send(world.order().write(1), logout());
  await session.next("OrderAccepted");
  await session.mustClose(CLOSE_CODES.LOGGED_OUT, "LogoutNotice", "LOGGED_OUT");
}

async function instruments(world: ConformanceWorld): Promise<void> {
  const { session } = await world.logOn();
  session.request(instrumentList());
  let previous = -1;
  for (let isLast = false; !isLast; ) {
    const record = await session.any();
    // How it trades may come behind each, or behind all.
    if (record?.name === "InstrumentState") continue;
    mustBe("what comes", record?.name, "InstrumentDefinition");
    const { words, flags } = record as Received;
    must(InstrumentDefinition.instrument(words, 0) > previous, "instruments must come in order of their ids");
    previous = InstrumentDefinition.instrument(words, 0);
    isLast = (flags & Header.FLAG_LAST_OF_BATCH) !== 0;
  }
  for (let record = await session.any({ withinMs: 100 }); record !== undefined; record = await session.any({ withinMs: 100 }))
    mustBe("what follows the instruments", record.name, "InstrumentState");
}

async function acceptAndCancel(world: ConformanceWorld): Promise<void> {
  const { session } = await world.logOn();
  const { clOrdId } = await accepted(world, session);
  const seq = session.request(cancel(clOrdId));
  const canceled = await session.next("OrderCanceled");
  mustBe("client seq and id", [OrderCanceled.clientSeq(canceled.words, 0), OrderCanceled.clOrdId(canceled.words, 0)], [seq, clOrdId]);
  mustBe("the server seq", canceled.seq, 2);
}

async function accepted(world: ConformanceWorld, session: ConformanceSession) {
  const order = world.order();
  const seq = session.request(order.write);
  const { words, flags, seq: serverSeq } = await session.next("OrderAccepted");
  mustBe("client seq and id", [OrderAccepted.clientSeq(words, 0), OrderAccepted.clOrdId(words, 0)], [seq, order.clOrdId]);
  mustBe("the flag of a command's last report", flags & Header.FLAG_LAST_OF_BATCH, Header.FLAG_LAST_OF_BATCH);
  return { clOrdId: order.clOrdId, orderId: OrderAccepted.orderId(words, 0), seq, serverSeq };
}

async function manyInAFrame(world: ConformanceWorld): Promise<void> {
  const { session } = await world.logOn();
  const [first, second] = [world.order(), world.order()];
  session.request(first.write, second.write, cancel(first.clOrdId), cancel(second.clOrdId));
  const names: (string | undefined)[] = [];
  for (let i = 0; i < 4; i++) names.push((await session.any())?.name);
  mustBe("the answers", names, ["OrderAccepted", "OrderAccepted", "OrderCanceled", "OrderCanceled"]);
}

async function noGaps(world: ConformanceWorld): Promise<void> {
  const { session } = await world.logOn();
  for (let pair = 0; pair < 50; pair++) {
    const order = world.order();
    session.request(order.write, cancel(order.clOrdId));
  }
  for (let seq = 1; seq <= 100; seq++) mustBe("the server seq", (await session.any({ isNewsToo: true }))?.seq, seq);
}

async function duplicate(world: ConformanceWorld): Promise<void> {
  const { session } = await world.logOn();
  const order = world.order();
  const seq = session.request(order.write);
  const { words, seq: answerSeq } = await session.next("OrderAccepted");
  session.send(order.write(seq));
  const status = (await session.next("RequestStatus")).words;
  mustBe("what is known of it", stateOf(status), {
    seq,
    state: RequestState.answered,
    answerSeq,
    clOrdId: order.clOrdId,
    orderId: OrderAccepted.orderId(words, 0),
  });
  mustBe("live orders", await world.liveOrders(session), 1);
}

function stateOf(words: Int32Array) {
  return {
    seq: RequestStatus.clientSeq(words, 0),
    state: RequestStatus.state(words, 0),
    answerSeq: RequestStatus.answerSeq(words, 0),
    clOrdId: RequestStatus.clOrdId(words, 0),
    orderId: RequestStatus.orderId(words, 0),
  };
}

async function refusedDuplicate(world: ConformanceWorld): Promise<void> {
  const { session } = await world.logOn();
  const seq = session.request(cancel(1));
  await session.next("OrderRejected");
  session.send(cancel(1)(seq));
  const { words } = await session.next("RequestStatus");
  mustBe("its state", RequestStatus.state(words, 0), RequestState.refused);
  must(RequestStatus.code(words, 0) > 0, "the code must say why it was refused");
}

async function seqZero(world: ConformanceWorld): Promise<void> {
  const { session } = await world.logOn();
  session.send(world.order().write(0));
  await session.refused("DUPLICATE_SEQ");
  mustBe("live orders", await world.liveOrders(session), 0);
}

async function gap(world: ConformanceWorld): Promise<void> {
  const { session } = await world.logOn();
  await accepted(world, session);
  session.nextSeq += 2;
  const seq = session.request(world.order().write);
  await mustTellGap(session, seq - 2, 2);
  mustBe("the client seq", OrderAccepted.clientSeq((await session.next("OrderAccepted")).words, 0), seq);
}

async function mustTellGap(session: ConformanceSession, fromSeq: number, count: number): Promise<void> {
  const { words } = await session.next("NotApplied");
  mustBe("the gap", [NotApplied.fromSeq(words, 0), NotApplied.count(words, 0)], [fromSeq, count]);
}

async function gapByHeartbeat(world: ConformanceWorld): Promise<void> {
  const { session } = await world.logOn();
  session.send(heartbeat(4));
  await mustTellGap(session, 1, 3);
  session.nextSeq = 4;
  await accepted(world, session);
}

async function lateRequest(world: ConformanceWorld): Promise<void> {
  const { session } = await world.logOn();
  const late = world.order();
  session.nextSeq = 2;
  session.request(world.order().write);
  await mustTellGap(session, 1, 1);
  await session.next("OrderAccepted");
  session.send(late.write(1));
  mustBe("its state", RequestStatus.state((await session.next("RequestStatus")).words, 0), RequestState.notApplied);
  mustBe("live orders", await world.liveOrders(session), 1);
}

async function unknownOrder(world: ConformanceWorld): Promise<void> {
  const { session } = await world.logOn();
  session.request(orderStatus(1));
  await session.refused("UNKNOWN_ORDER");
  const { clOrdId, orderId } = await accepted(world, session);
  session.request(orderStatus(clOrdId));
  mustBe("the order id", OrderStatus.orderId((await session.next("OrderStatus")).words, 0), orderId);
}

import { CancelAllAfterAck, CancelScope, GapFill, Header, OrderAccepted, OrderCanceled, Reason } from "../../engine/wire/index.js";
import type { CheckGroup } from "./check.js";
import type { ConformanceSession } from "./conformance-session.js";
import type { ConformanceWorld } from "./conformance-world.js";
import { must, mustBe } from "./must.js";
import { cancelAllAfter, massCancel, orderStatus, resend, testRequest } from "./requests.js";

/** A gateway looks at its clocks now and then only. */
const CLOCK_MS = 400;
const DEAD_MAN_MS = 300;

export const RESUME_CHECKS: CheckGroup = {
  title: "resume",
  checks: [
    { name: "a session goes on where the client stopped: what it missed is sent again, marked, in order", run: resume },
    { name: "client seqs go on over a lost socket, and what was taken is not taken again", run: clientSeqs },
    { name: "nothing missed: nothing is sent again", run: nothingMissed },
    { name: "a seq that was never sent requires a reset, and the session goes on", run: resetRequired },
    { name: "server seq 0 asks for a new session", run: newSession },
    { name: "a ResendRequest brings records again, bit for bit but for the mark", run: resendSame },
    { name: "a ResendRequest for what was not sent is refused: BAD_RESEND", run: badResend },
  ],
};

export const DISCONNECT_CHECKS: CheckGroup = {
  title: "cancel on disconnect",
  checks: [
    { name: "scope session: the session's orders are canceled when its socket is lost, and told on resume", run: cancelSession },
    { name: "scope account: all orders of the account are", run: cancelAccount },
    { name: "scope none: orders stay", run: cancelNone },
    { name: "within the grace a client that comes back keeps its orders", run: withinGrace },
    { name: "after the grace its orders are gone", run: afterGrace },
    { name: "CancelAllAfter cancels all orders unless it comes again", run: deadMan },
    { name: "CancelAllAfter fires without a socket too", run: deadManWithoutSocket },
    { name: "CancelAllAfter 0 disarms it", run: deadManDisarmed },
  ],
};

const NONE = { cancelScope: CancelScope.none };

async function accepted(world: ConformanceWorld, session: ConformanceSession): Promise<number> {
  const order = world.order();
  session.request(order.write);
  await session.next("OrderAccepted");
  return order.clOrdId;
}

async function resume(world: ConformanceWorld): Promise<void> {
  const { session: first } = await world.logOn(NONE);
  const ids = [await accepted(world, first), await accepted(world, first), await accepted(world, first)];
  await first.drop();
  const { session, granted } = await world.logOn({ ...NONE, nextServerSeq: 2 });
  mustBe("LogonAck", [granted.resumed, granted.resetRequired, granted.nextServerSeq, granted.nextClientSeq], [true, false, 2, 4]);
  for (const [index, clOrdId] of ids.slice(1).entries()) {
    const { words, seq, flags } = await session.next("OrderAccepted");
    mustBe("server seq, id and mark", [seq, OrderAccepted.clOrdId(words, 0), flags & Header.FLAG_POSSIBLE_RESEND], [index + 2, clOrdId, 1]);
  }
  await session.quiet();
  await accepted(world, session);
  mustBe("live orders", await world.liveOrders(session), 4);
}

async function clientSeqs(world: ConformanceWorld): Promise<void> {
  const { session: first } = await world.logOn(NONE);
  const order = world.order();
  const seq = first.request(order.write);
  // It may be lost, or taken without its answer getting here: what LogonAck says decides.
  await world.pause(50);
  await first.drop();
  const { session, granted } = await world.logOn({ ...NONE, nextServerSeq: 1 });
  mustBe("the next client seq", granted.nextClientSeq, seq + 1);
  await session.next("OrderAccepted");
  session.send(order.write(seq));
  await session.next("RequestStatus");
  mustBe("live orders", await world.liveOrders(session), 1);
}

async function nothingMissed(world: ConformanceWorld): Promise<void> {
  const { session: first } = await world.logOn(NONE);
  await accepted(world, first);
  await first.drop();
  const { session, granted } = await world.logOn({ ...NONE, nextServerSeq: 2 });
  mustBe("resumed", [granted.resumed, granted.resetRequired], [true, false]);
  await session.quiet();
}

async function resetRequired(world: ConformanceWorld): Promise<void> {
  const { session: first } = await world.logOn(NONE);
  await accepted(world, first);
  await first.drop();
  const { session, granted } = await world.logOn({ ...NONE, nextServerSeq: 1_000_000_000 });
  mustBe("reset required", granted.resetRequired, true);
  await session.mustGoOn(testRequest);
  mustBe("live orders", await world.liveOrders(session), 1);
}

async function newSession(world: ConformanceWorld): Promise<void> {
  const { session: first } = await world.logOn(NONE);
  await accepted(world, first);
  await first.drop();
  const { granted } = await world.logOn(NONE);
  mustBe("LogonAck", [granted.resumed, granted.resetRequired, granted.nextClientSeq, granted.nextServerSeq], [false, false, 1, 1]);
}

async function resendSame(world: ConformanceWorld): Promise<void> {
  const { session } = await world.logOn();
  const order = world.order();
  session.request(order.write);
  const first = await session.next("OrderAccepted");
  await accepted(world, session);
  session.send(resend(1, 1));
  const again = await session.next("OrderAccepted");
  mustBe("the mark", again.flags & Header.FLAG_POSSIBLE_RESEND, Header.FLAG_POSSIBLE_RESEND);
  Header.setFlags(again.words, 0, first.flags);
  mustBe("the record", [...again.words], [...first.words]);
  await session.quiet();
  await world.pause(50);
  session.send(resend(1, 0));
  let next = 1;
  while (next < 3) {
    const record = await session.any();
    mustBe("the server seq", record?.seq, next);
    next = record?.name === "GapFill" ? GapFill.nextSeq(record.words, 0) : next + 1;
  }
}

async function badResend(world: ConformanceWorld): Promise<void> {
  const { session } = await world.logOn();
  session.send(resend(5, 9));
  await session.refused("BAD_RESEND");
  await session.mustGoOn(testRequest);
}

/** After a resume: the order was canceled because its session had gone. */
async function mustBeCanceled(session: ConformanceSession, clOrdId: number): Promise<void> {
  const { words } = await session.next("OrderCanceled");
  mustBe("id and reason", [OrderCanceled.clOrdId(words, 0), OrderCanceled.reason(words, 0)], [clOrdId, Reason.disconnect]);
}

async function cancelSession(world: ConformanceWorld): Promise<void> {
  const { session: first } = await world.logOn({ cancelScope: CancelScope.session });
  const clOrdId = await accepted(world, first);
  await first.drop();
  await world.pause(CLOCK_MS);
  const { session, granted } = await world.logOn({ nextServerSeq: 2 });
  mustBe("canceled orders", granted.canceledOrders, 1);
  await mustBeCanceled(session, clOrdId);
  session.request(orderStatus(clOrdId));
  await session.refused("UNKNOWN_ORDER");
}

async function cancelAccount(world: ConformanceWorld): Promise<void> {
  const { session: before } = await world.logOn(NONE);
  await accepted(world, before);
  await before.drop();
  const { session: first } = await world.logOn({ cancelScope: CancelScope.account });
  await accepted(world, first);
  await first.drop();
  await world.pause(CLOCK_MS);
  const { session } = await world.logOn();
  mustBe("live orders", await world.liveOrders(session), 0);
}

async function cancelNone(world: ConformanceWorld): Promise<void> {
  const { session: first } = await world.logOn(NONE);
  await accepted(world, first);
  await first.drop();
  await world.pause(CLOCK_MS);
  const { session, granted } = await world.logOn({ ...NONE, nextServerSeq: 2 });
  mustBe("canceled orders", granted.canceledOrders, 0);
  mustBe("live orders", await world.liveOrders(session), 1);
}

async function withinGrace(world: ConformanceWorld): Promise<void> {
  const terms = { cancelScope: CancelScope.session, cancelGraceMs: 3_000 };
  const { session: first } = await world.logOn(terms);
  await accepted(world, first);
  await first.drop();
  await world.pause(CLOCK_MS);
  const { session } = await world.logOn({ ...terms, nextServerSeq: 2 });
  mustBe("live orders", await world.liveOrders(session), 1);
}

async function afterGrace(world: ConformanceWorld): Promise<void> {
  const { session: first } = await world.logOn({ cancelScope: CancelScope.session, cancelGraceMs: CLOCK_MS });
  const clOrdId = await accepted(world, first);
  await first.drop();
  await world.pause(3 * CLOCK_MS);
  const { session, granted } = await world.logOn({ nextServerSeq: 2 });
  mustBe("canceled orders", granted.canceledOrders, 1);
  await mustBeCanceled(session, clOrdId);
}

async function arm(session: ConformanceSession, timeoutMs: number): Promise<number> {
  session.request(cancelAllAfter(timeoutMs));
  return CancelAllAfterAck.triggerTime((await session.next("CancelAllAfterAck")).words, 0);
}

async function deadMan(world: ConformanceWorld): Promise<void> {
  const { session } = await world.logOn();
  const clOrdId = await accepted(world, session);
  const triggerTimeUs = await arm(session, DEAD_MAN_MS);
  must(triggerTimeUs > 0, "the time when it fires must be told");
  await world.pause(DEAD_MAN_MS / 2);
  await arm(session, DEAD_MAN_MS);
  await world.pause(DEAD_MAN_MS * 0.6);
  mustBe("live orders while it is armed again", await world.liveOrders(session), 1);
  const canceled = await session.sees("OrderCanceled", DEAD_MAN_MS + CLOCK_MS);
  must(canceled !== undefined, `the order must be canceled ${DEAD_MAN_MS} ms after the last CancelAllAfter`);
  if (canceled !== undefined) mustBe("its id", OrderCanceled.clOrdId(canceled.words, 0), clOrdId);
}

async function deadManWithoutSocket(world: ConformanceWorld): Promise<void> {
  const { session: first } = await world.logOn(NONE);
  await accepted(world, first);
  await arm(first, DEAD_MAN_MS);
  await first.drop();
  await world.pause(DEAD_MAN_MS + CLOCK_MS);
  const { session } = await world.logOn(NONE);
  mustBe("live orders", await world.liveOrders(session), 0);
}

async function deadManDisarmed(world: ConformanceWorld): Promise<void> {
  const { session } = await world.logOn();
  await accepted(world, session);
  await arm(session, DEAD_MAN_MS);
  mustBe("the time when it fires", await arm(session, 0), 0);
  await world.pause(DEAD_MAN_MS + CLOCK_MS);
  mustBe("live orders", await world.liveOrders(session), 1);
  session.request(massCancel());
  await session.next("OrderCanceled");
}

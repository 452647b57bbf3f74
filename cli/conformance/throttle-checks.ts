import { BusinessReject, CLOSE_CODES, CODES, OrderAccepted } from "../../engine/wire/index.js";
import type { CheckGroup } from "./check.js";
import type { ConformanceSession, Received } from "./conformance-session.js";
import type { ConformanceWorld } from "./conformance-world.js";
import { must, mustBe, SkipCheck } from "./must.js";
import { cancel, orderStatus, type RequestWriter } from "./requests.js";

const FRAME_REQUESTS = 100;
const WAIT_MS_MAX = 30_000;

export const THROTTLE_CHECKS: CheckGroup = {
  title: "throttle",
  checks: [
    { name: "too many requests are refused with a time to wait, and taken after it: THROTTLED", run: throttled },
    { name: "orders can still be canceled when requests are throttled", run: cancelsWhileThrottled },
    { name: "who goes on regardless is logged out: THROTTLE_BREACH", run: breach },
  ],
};

/** Sends questions that change nothing until one is throttled. Returns that refusal. Throws SkipCheck when none is. */
async function untilThrottled(world: ConformanceWorld, session: ConformanceSession): Promise<Received> {
  const { throttleRequestsMax } = world.options;
  const question: RequestWriter = orderStatus(1);
  for (let sent = 0; sent < throttleRequestsMax; sent += FRAME_REQUESTS) {
    session.request(...Array.from({ length: FRAME_REQUESTS }, () => question));
    for (let i = 0; i < FRAME_REQUESTS; i++) {
      const record = await session.next("BusinessReject");
      if (BusinessReject.code(record.words, 0) === CODES.THROTTLED) return record;
    }
  }
  throw new SkipCheck(
    `${throttleRequestsMax} requests as fast as possible were not throttled: give more with --throttle-requests, or lower the gateway's rates`,
  );
}

async function throttled(world: ConformanceWorld): Promise<void> {
  const { session } = await world.logOn();
  const { words } = await untilThrottled(world, session);
  const waitMs = BusinessReject.retryAfterMs(words, 0);
  must(waitMs > 0 && waitMs <= WAIT_MS_MAX, `retryAfterMs must be 1 to ${WAIT_MS_MAX}, was ${waitMs}`);
  await drain(session);
  await world.pause(waitMs + 50);
  const order = world.order();
  const seq = session.request(order.write);
  mustBe("the client seq", OrderAccepted.clientSeq((await session.next("OrderAccepted")).words, 0), seq);
}

async function cancelsWhileThrottled(world: ConformanceWorld): Promise<void> {
  const { session } = await world.logOn();
  const order = world.order();
  session.request(order.write);
  await session.next("OrderAccepted");
  await untilThrottled(world, session);
  session.request(cancel(order.clOrdId));
  must((await session.sees("OrderCanceled", 3_000)) !== undefined, "the cancel must be taken");
}

async function breach(world: ConformanceWorld): Promise<void> {
  const { session } = await world.logOn();
  await untilThrottled(world, session);
  const question = orderStatus(1);
  for (let frames = 0; frames * FRAME_REQUESTS < world.options.throttleRequestsMax; frames++) {
    session.request(...Array.from({ length: FRAME_REQUESTS }, () => question));
    const notice = await session.sees("LogoutNotice", 5);
    if (notice === undefined) continue;
    mustBe("the close code", (await session.closing()).code, CLOSE_CODES.THROTTLE_BREACH);
    return;
  }
  throw new SkipCheck(`${world.options.throttleRequestsMax} requests more were not too many: give more with --throttle-requests`);
}

/** What is still on its way. */
async function drain(session: ConformanceSession): Promise<void> {
  while ((await session.any({ withinMs: 50 })) !== undefined);
}

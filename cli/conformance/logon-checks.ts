import { WebSocket } from "ws";
import { CancelScope, CLOSE_CODES, TEMPLATES } from "../../engine/wire/index.js";
import type { CheckGroup } from "./check.js";
import type { ConformanceWorld } from "./conformance-world.js";
import { must, mustBe } from "./must.js";
import { testRequest } from "./requests.js";

const { LOGON_REJECTED, LOGON_TIMEOUT } = CLOSE_CODES;
/** A logon has 5 seconds; a gateway may look at its clocks now and then only. */
const LOGON_MS_MAX = 7_000;

export const LOGON_CHECKS: CheckGroup = {
  title: "logon",
  checks: [
    { name: "an upgrade without a known sub-protocol is refused with HTTP 400", run: unknownSubprotocol },
    { name: "a signed logon opens a session: client seq 1, server seq 1, the heartbeat that was asked for", run: goodLogon },
    { name: "a record in front of the Logon ends the connection: NOT_LOGGED_ON", run: notLoggedOn },
    { name: "a wrong signature is refused: BAD_SIGNATURE", run: badSignature },
    { name: "a key that is not there is refused as a wrong signature is", run: unknownKey },
    { name: "a clock that is a minute off is refused: BAD_TIMESTAMP", run: badTimestamp },
    { name: "a Logon that is played again is refused: NONCE_REUSED", run: replayedLogon },
    { name: "a heartbeat interval out of range is refused: BAD_HEARTBEAT", run: badHeartbeat },
    { name: "a grace out of range is refused: BAD_CANCEL_GRACE", run: badGrace },
    { name: "a second Logon on a session is refused, and the session goes on: ALREADY_LOGGED_ON", run: secondLogon },
    { name: "a key has one session: a new one takes its place, or is refused", run: oneSession },
    { name: "a connection without a Logon is closed in time: LOGON_TIMEOUT", run: logonTimeout },
  ],
};

async function unknownSubprotocol(world: ConformanceWorld): Promise<void> {
  const status = await new Promise<number>((resolve) => {
    const socket = new WebSocket(world.options.url, ["no-such-protocol"], { handshakeTimeout: 3_000 });
    socket.once("open", () => {
      socket.terminate();
      resolve(101);
    });
    socket.once("unexpected-response", (request, response) => {
      request.destroy();
      resolve(response.statusCode ?? 0);
    });
    socket.once("error", () => resolve(0));
  });
  mustBe("the HTTP status", status, 400);
}

async function goodLogon(world: ConformanceWorld): Promise<void> {
  const { granted } = await world.logOn({ heartbeatMs: 12_345 });
  const wanted = { nextClientSeq: 1, nextServerSeq: 1, resumed: false, resetRequired: false, canceledOrders: 0, heartbeatMs: 12_345 };
  mustBe("LogonAck", granted, wanted);
}

async function notLoggedOn(world: ConformanceWorld): Promise<void> {
  const session = await world.connect();
  session.request(world.order().write);
  await session.mustClose(LOGON_REJECTED, "LogonReject", "NOT_LOGGED_ON");
}

async function badSignature(world: ConformanceWorld): Promise<void> {
  const session = await world.connect();
  session.send(world.logon({}, { secret: `not ${world.options.credentials.secret}` }));
  await session.mustClose(LOGON_REJECTED, "LogonReject", "BAD_SIGNATURE");
}

async function unknownKey(world: ConformanceWorld): Promise<void> {
  const session = await world.connect();
  session.send(world.logon({}, { id: "no-such-key-is-here" }));
  await session.mustClose(LOGON_REJECTED, "LogonReject", "BAD_SIGNATURE");
}

async function badTimestamp(world: ConformanceWorld): Promise<void> {
  for (const offMs of [-60_000, 60_000]) {
    const session = await world.connect();
    session.send(world.logon({ timestampUs: (Date.now() + offMs) * 1000 }));
    await session.mustClose(LOGON_REJECTED, "LogonReject", "BAD_TIMESTAMP");
  }
}

async function replayedLogon(world: ConformanceWorld): Promise<void> {
  const logon = world.logon();
  const first = await world.connect();
  first.send(logon);
  await first.next("LogonAck");
  const second = await world.connect();
  second.send(logon);
  await second.mustClose(LOGON_REJECTED, "LogonReject", "NONCE_REUSED");
  await first.mustGoOn(testRequest);
}

async function badHeartbeat(world: ConformanceWorld): Promise<void> {
  for (const heartbeatMs of [0, 499, 60_001]) {
    const session = await world.connect();
    session.send(world.logon({ heartbeatMs }));
    await session.mustClose(LOGON_REJECTED, "LogonReject", "BAD_HEARTBEAT");
  }
}

async function badGrace(world: ConformanceWorld): Promise<void> {
  const session = await world.connect();
  session.send(world.logon({ cancelScope: CancelScope.session, cancelGraceMs: 600_001 }));
  await session.mustClose(LOGON_REJECTED, "LogonReject", "BAD_CANCEL_GRACE");
}

async function secondLogon(world: ConformanceWorld): Promise<void> {
  const { session } = await world.logOn();
  session.send(world.logon());
  await session.refused("ALREADY_LOGGED_ON");
  await session.mustGoOn(testRequest);
}

async function oneSession(world: ConformanceWorld): Promise<void> {
  const { session: first } = await world.logOn();
  const second = await world.connect();
  second.send(world.logon());
  const answer = await second.any();
  if (answer?.name === "LogonReject") {
    await first.mustGoOn(testRequest);
    return;
  }
  mustBe("the answer to the second logon", answer?.name, "LogonAck");
  await first.mustClose(CLOSE_CODES.REPLACED_BY_NEW_LOGON, "LogoutNotice", "REPLACED_BY_NEW_LOGON");
  await second.mustGoOn(testRequest);
}

async function logonTimeout(world: ConformanceWorld): Promise<void> {
  const session = await world.connect();
  const startMs = performance.now();
  const notice = await session.any({ withinMs: LOGON_MS_MAX });
  must(notice !== undefined, `the connection must be closed within ${LOGON_MS_MAX} ms`);
  must(Object.hasOwn(TEMPLATES, notice?.name ?? ""), "a record must say why");
  mustBe("the close code", (await session.closing()).code, LOGON_TIMEOUT);
  must(performance.now() - startMs > 1_000, "a Logon must have more than a second");
}

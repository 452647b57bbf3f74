import { BusinessReject, CLOSE_CODES, NewOrder, OrderAccepted, TEMPLATES } from "../../engine/wire/index.js";
import type { Check, CheckGroup } from "./check.js";
import type { ConformanceSession } from "./conformance-session.js";
import type { ConformanceWorld } from "./conformance-world.js";
import { CheckFailure, must, mustBe } from "./must.js";
import { longerOrder, recordOf, testRequest } from "./requests.js";

const { MALFORMED_FRAME, TEXT_FRAME } = CLOSE_CODES;
/** WebSocket's own code for a message that is too big. */
const MESSAGE_TOO_BIG = 1009;
const OVERSIZED_BYTES = 2 << 20;
const UNKNOWN_TEMPLATE_ID = 60_000;

type Spoil = (bytes: DataView) => void;

/** A frame with one good order and one spoilt record ends the session, and the order is not applied. */
function malformed(what: string, code: "BAD_MAGIC" | "BAD_LENGTH" | "TRUNCATED" | "BAD_BLOCK_LENGTH" | "BAD_SCHEMA", spoil: Spoil): Check {
  return {
    name: `${what} ends the session, and nothing of its frame is applied: ${code}`,
    async run(world) {
      const { session } = await world.logOn();
      const good = world.order().write(1);
      const bad = world.order().write(2);
      spoil(new DataView(bad.buffer));
      session.sendRaw(good, bad);
      await session.mustClose(MALFORMED_FRAME, "LogoutNotice", code);
      const { reason } = await session.closing();
      must(reason.includes(String(good.length)), `the close reason must name the byte offset ${good.length}, was ${reason}`);
      await mustHaveNoOrders(world);
    },
  };
}

export async function mustHaveNoOrders(world: ConformanceWorld): Promise<void> {
  const { session } = await world.logOn();
  mustBe("live orders", await world.liveOrders(session), 0);
}

/** A record that can be walked but not taken is answered, and the frame goes on. */
function refused(
  what: string,
  code: "UNKNOWN_TEMPLATE" | "NOT_A_CLIENT_MESSAGE" | "UNSAFE_NUMBER" | "BAD_ENUM" | "BAD_SIDE",
  spoil: Spoil,
): Check {
  return {
    name: `${what} is refused by itself, and the rest of its frame is taken: ${code}`,
    async run(world) {
      const { session } = await world.logOn();
      const bad = world.order().write(1);
      spoil(new DataView(bad.buffer));
      session.sendRaw(bad, world.order().write(2));
      session.nextSeq = 3;
      await session.refused(code);
      mustBe("the client seq", OrderAccepted.clientSeq((await session.next("OrderAccepted")).words, 0), 2);
      mustBe("live orders", await world.liveOrders(session), 1);
    },
  };
}

/** Byte offsets of NewOrder's fields, found by writing them. */
const OFFSETS = offsetsOfNewOrder();

export const FRAME_CHECKS: CheckGroup = {
  title: "frames",
  checks: [
    malformed("a record without the magic number", "BAD_MAGIC", (bytes) => bytes.setUint16(4, 0x1234, true)),
    malformed("a length that is no multiple of 8", "BAD_LENGTH", (bytes) => bytes.setUint32(0, NewOrder.RECORD_BYTES - 4, true)),
    malformed("a length below the header", "BAD_LENGTH", (bytes) => bytes.setUint32(0, 24, true)),
    malformed("a record that is cut off", "TRUNCATED", (bytes) => bytes.setUint32(0, NewOrder.RECORD_BYTES + 8, true)),
    malformed("a length beyond everything", "TRUNCATED", (bytes) => bytes.setUint32(0, 0xfffffff8, true)),
    malformed("a block that is too short for its template", "BAD_BLOCK_LENGTH", (bytes) =>
      bytes.setUint16(8, NewOrder.BLOCK_BYTES - 8, true),
    ),
    malformed("a block that is longer than its record", "BAD_BLOCK_LENGTH", (bytes) => bytes.setUint16(8, NewOrder.BLOCK_BYTES + 8, true)),
    malformed("another schema", "BAD_SCHEMA", (bytes) => bytes.setUint16(12, 999, true)),
    malformed("version 0", "BAD_SCHEMA", (bytes) => bytes.setUint16(14, 0, true)),
    { name: "an empty frame ends the session: TRUNCATED", run: emptyFrame },
    { name: "a text frame ends the session: TEXT_FRAME", run: textFrame },
    { name: "a frame of 2 MiB ends the session", run: oversized },
    refused("an unknown template", "UNKNOWN_TEMPLATE", (bytes) => bytes.setUint16(10, UNKNOWN_TEMPLATE_ID, true)),
    refused("a message that only gateways send", "NOT_A_CLIENT_MESSAGE", (bytes) => {
      bytes.setUint16(10, TEMPLATES.MassCancelReport, true);
    }),
    refused("a number beyond 2^53", "UNSAFE_NUMBER", (bytes) => bytes.setInt32(OFFSETS.price + 4, 0x7fffffff, true)),
    refused("a null where none may be", "UNSAFE_NUMBER", (bytes) => bytes.setBigInt64(OFFSETS.clOrdId, -(2n ** 63n), true)),
    refused("a time in force that is not there", "BAD_ENUM", (bytes) => bytes.setUint8(OFFSETS.tif, 77)),
    refused("a side that is not there", "BAD_SIDE", (bytes) => bytes.setUint8(OFFSETS.side, 9)),
    { name: "a block that is longer than this schema's is taken as far as it is known", run: longerBlock },
    { name: "a refusal counts its client seq and names its offset", run: refusalNamesPlace },
  ],
};

function offsetsOfNewOrder(): { readonly price: number; readonly clOrdId: number; readonly tif: number; readonly side: number } {
  const MARK = 0x5a;
  const offsetOf = (set: (words: Int32Array, at: number, value: number) => void): number =>
    recordOf(NewOrder, 0, (words) => {
      words.fill(0, 8);
      set(words, 0, MARK);
    }).indexOf(MARK, 32);
  return {
    price: offsetOf(NewOrder.setPrice),
    clOrdId: offsetOf(NewOrder.setClOrdId),
    tif: offsetOf(NewOrder.setTif),
    side: offsetOf(NewOrder.setSide),
  };
}

async function emptyFrame(world: ConformanceWorld): Promise<void> {
  const { session } = await world.logOn();
  session.sendRaw();
  await session.mustClose(MALFORMED_FRAME, "LogoutNotice", "TRUNCATED");
}

export async function textFrame(world: ConformanceWorld): Promise<void> {
  const { session } = await world.logOn();
  session.sendText('{"cmd":"new"}');
  await session.mustClose(TEXT_FRAME, "LogoutNotice", "TEXT_FRAME");
}

/** Where the transport stops it, WebSocket's own code says so; else the gateway's. */
export async function oversized(world: ConformanceWorld): Promise<void> {
  const { session } = await world.logOn();
  session.sendRaw(new Uint8Array(OVERSIZED_BYTES));
  const { code } = await session.closing();
  // A transport that stops reading may not even get its close frame out.
  must(
    [MESSAGE_TOO_BIG, MALFORMED_FRAME, 1006].includes(code),
    `the close code must be ${MESSAGE_TOO_BIG} or ${MALFORMED_FRAME}, was ${code}`,
  );
  await mustHaveNoOrders(world);
}

async function longerBlock(world: ConformanceWorld): Promise<void> {
  const { session } = await world.logOn();
  const fields = world.orderFields();
  session.request(longerOrder(fields), world.order().write);
  mustBe("the id", OrderAccepted.clOrdId((await session.next("OrderAccepted")).words, 0), fields.clOrdId);
  await session.next("OrderAccepted");
}

async function refusalNamesPlace(world: ConformanceWorld): Promise<void> {
  const { session } = await world.logOn();
  const good = world.order().write(1);
  const bad = world.order().write(2);
  new DataView(bad.buffer).setUint16(10, UNKNOWN_TEMPLATE_ID, true);
  session.sendRaw(good, bad);
  session.nextSeq = 3;
  const answers = [await session.any(), await session.any()];
  must(
    answers.some((record) => record?.name === "OrderAccepted"),
    "the order must be accepted",
  );
  const refusal = answers.find((record) => record?.name === "BusinessReject")?.words;
  if (refusal === undefined) throw new CheckFailure("BusinessReject must come");
  const place = [BusinessReject.clientSeq(refusal, 0), BusinessReject.offset(refusal, 0), BusinessReject.refTemplateId(refusal, 0)];
  mustBe("client seq, offset and template", place, [2, good.length, UNKNOWN_TEMPLATE_ID]);
  await acceptedNext(session, world);
}

/** The refused record has used its seq: the next one is no gap. */
async function acceptedNext(session: ConformanceSession, world: ConformanceWorld): Promise<void> {
  session.request(world.order().write);
  await session.next("OrderAccepted");
  await session.mustGoOn(testRequest);
}

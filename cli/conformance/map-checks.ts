import { encode } from "@msgpack/msgpack";
import { BusinessReject, CLOSE_CODES, Header, OrderAccepted, TEMPLATES } from "../../engine/wire/index.js";
import type { Check, CheckGroup } from "./check.js";
import type { ConformanceWorld } from "./conformance-world.js";
import { mustHaveNoOrders, oversized, textFrame } from "./frame-checks.js";
import { mapOf, type WireMap } from "./map-records.js";
import { mustBe } from "./must.js";
import { testRequest } from "./requests.js";

const { MALFORMED_FRAME } = CLOSE_CODES;
const MAPS_MAX = 1_024;
const LONG_TEXT = 65;

/** A frame that is no list of maps ends the session, and nothing of it is applied. */
function malformed(what: string, frameOf: (good: WireMap) => Uint8Array): Check {
  return {
    name: `${what} ends the session, and nothing of its frame is applied: BAD_MESSAGEPACK`,
    async run(world) {
      const { session } = await world.logOn();
      session.sendRaw(frameOf(order(world, 1)));
      await session.mustClose(MALFORMED_FRAME, "LogoutNotice", "BAD_MESSAGEPACK");
      await mustHaveNoOrders(world);
    },
  };
}

type MapFault = "UNKNOWN_TEMPLATE" | "NOT_A_CLIENT_MESSAGE" | "UNSAFE_NUMBER" | "BAD_ENUM" | "BAD_SIDE" | "BAD_FIELD";

/** A map that is one but cannot be taken is answered with its place in the frame, and the frame goes on. */
function refused(what: string, code: MapFault, spoil: (good: WireMap) => WireMap): Check {
  return {
    name: `${what} is refused by itself, and the rest of its frame is taken: ${code}`,
    async run(world) {
      const { session } = await world.logOn();
      session.sendRaw(encode([spoil(order(world, 1)), order(world, 2)]));
      session.nextSeq = 3;
      const { words } = await session.refused(code);
      mustBe("client seq and offset", [BusinessReject.clientSeq(words, 0), BusinessReject.offset(words, 0)], [1, 0]);
      mustBe("the client seq", OrderAccepted.clientSeq((await session.next("OrderAccepted")).words, 0), 2);
      mustBe("live orders", await world.liveOrders(session), 1);
      await session.mustGoOn(testRequest);
    },
  };
}

function order(world: ConformanceWorld, seq: number): WireMap {
  return mapOf(new Int32Array(world.order().write(seq).buffer), 0);
}

function without(map: WireMap, key: string): WireMap {
  return Object.fromEntries(Object.entries(map).filter(([name]) => name !== key));
}

export const MAP_CHECKS: CheckGroup = {
  title: "frames",
  checks: [
    malformed("what is no MessagePack", () => Uint8Array.of(0xc1)),
    malformed("a frame that is cut off", (good) => encode([good, good]).subarray(0, -3)),
    malformed("something behind the maps", (good) => Uint8Array.of(...encode(good), ...encode(good))),
    malformed("a number among the maps", (good) => encode([good, 5])),
    malformed("a list within the list", (good) => encode([good, [good]])),
    malformed("a record of the other sub-protocol", () => Uint8Array.of(0x60, 0, 0, 0, 0x50, 0xeb, 0, 0)),
    malformed("a text that no field could hold", (good) => encode([good, { ...good, template: "x".repeat(LONG_TEXT) }])),
    malformed("more maps than a frame may have", (good) => encode([good, ...Array.from({ length: MAPS_MAX }, () => ({}))])),
    malformed("an empty frame", () => new Uint8Array(0)),
    { name: "a text frame ends the session: TEXT_FRAME", run: textFrame },
    { name: "a frame of 2 MiB ends the session", run: oversized },
    refused("an unknown template", "UNKNOWN_TEMPLATE", (good) => ({ ...good, template: "Order" })),
    refused("a message that only gateways send", "NOT_A_CLIENT_MESSAGE", () => {
      return { template: "MassCancelReport", seq: 1, time: 0, clientSeq: 0, count: 0, account: 0, session: 0 };
    }),
    refused("a number beyond 2^53", "UNSAFE_NUMBER", (good) => ({ ...good, price: 2 ** 60 })),
    refused("a fraction", "UNSAFE_NUMBER", (good) => ({ ...good, qty: 0.5 })),
    refused("a time in force that is not there", "BAD_ENUM", (good) => ({ ...good, tif: "forever" })),
    refused("a side that is not there", "BAD_SIDE", (good) => ({ ...good, side: "long" })),
    refused("a key that is not there", "BAD_FIELD", (good) => ({ ...good, colour: "red" })),
    refused("a field that is missing", "BAD_FIELD", (good) => without(good, "clOrdId")),
    refused("a field of another type", "BAD_FIELD", (good) => ({ ...good, instrument: "0" })),
    { name: "what is 0, or null, may be left out; enumerations may be numbers", run: shortest },
  ],
};

async function shortest(world: ConformanceWorld): Promise<void> {
  const { session } = await world.logOn();
  const { instrument, clOrdId, price, qty } = world.orderFields();
  session.sendRaw(encode({ template: TEMPLATES.NewOrder, seq: 1, instrument, clOrdId, price, qty, side: 0, ordType: 0, tif: "gtc" }));
  const { words } = await session.next("OrderAccepted");
  mustBe("the id", OrderAccepted.clOrdId(words, 0), clOrdId);
  mustBe("the length", Header.length(words, 0), OrderAccepted.RECORD_BYTES);
}

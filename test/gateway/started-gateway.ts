import { afterEach } from "vitest";
import { BusinessReject, codeName, OrderFilled, REQUEST_STATE_NAMES, RequestStatus, templateName } from "../../engine/wire/index.js";
import { Gateway, type GatewayKey, type GatewayLimits, type GatewayOptions } from "../../gateway/index.js";
import { FakeEngine } from "./fake-port.js";
import type { Received } from "./raw-client.js";

export const ALICE: GatewayKey = { id: "alice-1", secret: "s1", account: "alice", permissions: ["trade", "marketData"] };
export const ALICE_2: GatewayKey = { id: "alice-2", secret: "s2", account: "alice", permissions: ["read"] };
export const BOB: GatewayKey = { id: "bob-1", secret: "s3", account: "bob", permissions: ["trade"] };
export const FEED: GatewayKey = { id: "feed-1", secret: "s4", account: "bob", permissions: ["marketData"] };

const gateways: Gateway[] = [];

/** A gateway in front of a fake engine, closed after the test. */
export async function start(limits: Partial<GatewayLimits> = {}, options: Partial<GatewayOptions> = {}) {
  const engine = new FakeEngine();
  const gateway = await Gateway.listen(engine, { port: 0, transport: "ws", keys: [ALICE, ALICE_2, BOB, FEED], limits, ...options });
  gateways.push(gateway);
  return { engine, gateway, port: gateway.port };
}

afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.close();
});

export function as(key: GatewayKey) {
  return { key: key.id, secret: String(key.secret) };
}

export function rejectOf({ words }: Received) {
  return {
    seq: BusinessReject.clientSeq(words, 0),
    code: codeName(BusinessReject.code(words, 0)),
    offset: BusinessReject.offset(words, 0),
  };
}

export function statusOf({ words }: Received) {
  return {
    clientSeq: RequestStatus.clientSeq(words, 0),
    state: REQUEST_STATE_NAMES[RequestStatus.state(words, 0)],
    answerSeq: RequestStatus.answerSeq(words, 0),
    clOrdId: RequestStatus.clOrdId(words, 0),
    orderId: RequestStatus.orderId(words, 0),
    code: RequestStatus.code(words, 0),
    ref: templateName(RequestStatus.refTemplateId(words, 0)),
  };
}

export function fillOf({ words }: Received) {
  return {
    account: OrderFilled.account(words, 0),
    clOrdId: OrderFilled.clOrdId(words, 0),
    orderId: OrderFilled.orderId(words, 0),
    cumQty: OrderFilled.cumQty(words, 0),
    leavesQty: OrderFilled.leavesQty(words, 0),
    fee: OrderFilled.fee(words, 0),
    side: OrderFilled.side(words, 0),
    liquidity: OrderFilled.liquidity(words, 0),
    price: OrderFilled.price(words, 0),
    qty: OrderFilled.qty(words, 0),
  };
}

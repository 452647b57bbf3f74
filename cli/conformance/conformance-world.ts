import { setTimeout as sleep } from "node:timers/promises";
import { MassCancelReport, RequestDone } from "../../engine/wire/index.js";
import type { InstrumentFacts } from "../net/record-session.js";
import { type Credentials, type LogonFields, signedLogon } from "../net/signed-logon.js";
import { ConformanceSession, grantedBy } from "./conformance-session.js";
import { CheckFailure } from "./must.js";
import type { Protocol } from "./protocol.js";
import { massCancel, massStatus, newOrder, type OrderFields, type RequestWriter } from "./requests.js";

export interface WorldOptions {
  readonly url: URL;
  readonly protocol: Protocol;
  /** May trade, and its account is nobody else's while the checks run. */
  readonly credentials: Credentials;
  readonly instrument: InstrumentFacts;
  /** The lowest price of the orders, in ticks. */
  readonly priceTicks: number;
  /** Requests that are sent to find the throttle. */
  readonly throttleRequestsMax: number;
}

/** What checks are made with. Every check leaves the account without orders, and nobody connected. */
export class ConformanceWorld {
  private readonly sessions: ConformanceSession[] = [];
  private clOrdId = Math.floor(Date.now() / 1000) * 1_000_000;

  constructor(readonly options: WorldOptions) {}

  /** A socket that has not logged on. */
  async connect(): Promise<ConformanceSession> {
    const session = await ConformanceSession.connect(this.options.url, this.options.protocol);
    this.sessions.push(session);
    return session;
  }

  /** A session that is open, and what it was granted. */
  async logOn(fields: LogonFields = {}) {
    const session = await this.connect();
    session.send(this.logon(fields));
    const granted = grantedBy(await session.next("LogonAck"));
    session.nextSeq = granted.nextClientSeq;
    return { session, granted };
  }

  logon(fields: LogonFields = {}, credentials: Partial<Credentials> = {}): Uint8Array {
    return signedLogon({ ...this.options.credentials, ...credentials }, fields);
  }

  /** An order that rests: at the lowest price, so nobody trades with it who knows what he does. */
  order(fields: Partial<OrderFields> = {}): { readonly clOrdId: number; readonly write: RequestWriter } {
    const { instrument, priceTicks } = this.options;
    const order = { instrument: instrument.id, clOrdId: ++this.clOrdId, price: priceTicks, qty: instrument.minQty, ...fields };
    return { clOrdId: order.clOrdId, write: newOrder(order) };
  }

  orderFields(): OrderFields {
    const { instrument, priceTicks } = this.options;
    return { instrument: instrument.id, clOrdId: ++this.clOrdId, price: priceTicks, qty: instrument.minQty };
  }

  /** How many orders the account has, as the gateway tells. */
  async liveOrders(session: ConformanceSession): Promise<number> {
    session.request(massStatus());
    for (let count = 0; ; count++) {
      const record = await session.any();
      if (record?.name === "OrderStatus") continue;
      if (record?.name !== "RequestDone") throw new CheckFailure(`OrderStatus or RequestDone must come, ${record?.name ?? "nothing"} came`);
      if (RequestDone.count(record.words, 0) !== count)
        throw new CheckFailure(`RequestDone must count ${count}, counted ${RequestDone.count(record.words, 0)}`);
      return count;
    }
  }

  /** Drops what is connected, and cancels what is left in the book. */
  async tidy(): Promise<void> {
    for (const session of this.sessions.splice(0)) await session.drop();
    const { session } = await this.logOn();
    session.request(massCancel());
    const report = await session.sees("MassCancelReport", 3_000);
    await session.drop();
    this.sessions.length = 0;
    if (report === undefined) throw new CheckFailure("MassCancel must be answered with MassCancelReport");
    // What the gateway knows of the sockets may lag behind.
    if (MassCancelReport.count(report.words, 0) > 0) await sleep(10);
  }

  pause(ms: number): Promise<void> {
    return sleep(ms);
  }
}

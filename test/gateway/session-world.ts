import { afterEach } from "vitest";
import { CancelScope, codeName, Header, LogonReject, OrderCanceled, Reason, templateName } from "../../engine/wire/index.js";
import type { Gateway, GatewayLimits, GatewayOptions } from "../../gateway/index.js";
import { canceledByEngine, type FakeEngine } from "./fake-port.js";
import { RawClient } from "./raw-client.js";
import { type LogonFields, logon } from "./records.js";
import { ALICE, as, start } from "./started-gateway.js";
import { until } from "./transport-contract.js";
import type { TransportName } from "./transports.js";

export const ACCOUNT_AT_ONCE = { cancelScope: CancelScope.account, cancelGraceMs: 0 };

/** An order of the account is canceled because its session has gone. */
export function dead(account: number, clOrdId: number): Int32Array {
  const words = canceledByEngine(account, clOrdId);
  OrderCanceled.setOrderId(words, 0, 1000 + clOrdId);
  OrderCanceled.setReason(words, 0, Reason.disconnect);
  return words;
}

/** A gateway over one transport, and clients that are dropped after the test. */
export class SessionWorld {
  readonly clients: RawClient[] = [];
  #started: { readonly engine: FakeEngine; readonly gateway: Gateway } | undefined;

  constructor(readonly transport: TransportName) {
    afterEach(() => {
      for (const client of this.clients.splice(0)) client.drop();
    });
  }

  get engine(): FakeEngine {
    return this.#now.engine;
  }

  get gateway(): Gateway {
    return this.#now.gateway;
  }

  async open(limits: Partial<GatewayLimits> = {}, options: Partial<GatewayOptions> = {}): Promise<void> {
    this.#started = await start(limits, { transport: this.transport, ...options });
  }

  /** As alice, unless the fields say otherwise. */
  async logOn(fields: Partial<LogonFields> = {}): Promise<RawClient> {
    const client = await RawClient.logOn(this.gateway.port, { ...as(ALICE), ...fields });
    this.clients.push(client);
    return client;
  }

  /** Why a Logon is refused. */
  async refusalOf(fields: Partial<LogonFields>): Promise<string | undefined> {
    const client = await RawClient.connect(this.gateway.port);
    this.clients.push(client);
    client.send(logon({ ...as(ALICE), ...fields }));
    return codeName(LogonReject.code((await client.next("LogonReject")).words, 0));
  }

  /** The socket dies; resolves when the gateway knows. */
  async lose(client: RawClient): Promise<void> {
    const before = this.gateway.sessionCount;
    client.drop();
    await until(() => this.gateway.sessionCount === before - 1);
  }

  commandNames(): (string | undefined)[] {
    return this.engine.commands.map((words) => templateName(Header.templateId(words, 0)));
  }

  get #now() {
    if (this.#started === undefined) throw new Error("open comes first");
    return this.#started;
  }
}

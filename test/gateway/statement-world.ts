import { afterEach } from "vitest";
import type * as EngineDoor from "../../engine/index.js";
import { type Client, type ConnectOptions, connect } from "../../gateway/client/index.js";
import { Gateway, type GatewayKey } from "../../gateway/index.js";
import type { TransportName } from "./transports.js";

// A worker thread only starts from a compiled file.
const { Engine } = (await import(new URL("../../dist/engine/index.js", import.meta.url).href)) as typeof EngineDoor;

/** ABC is instrument 0, PERP is 1. */
const CONFIG: EngineDoor.EngineConfig = {
  currencies: { USD: { scale: 2, amlThreshold: "5000" } },
  instruments: [
    { symbol: "ABC", base: "ABC", quote: "USD", tickSize: "0.01", lotSize: "1", takerFeePpm: 1000, makerFeePpm: 0 },
    {
      symbol: "PERP",
      base: "ABC",
      quote: "USD",
      tickSize: "0.01",
      lotSize: "1",
      kind: "margin",
      initialMarginPpm: 100_000,
      maintenanceMarginPpm: 50_000,
    },
  ],
  accounts: [
    { name: "alice", mode: "cash", limits: "unlimited", kyc: "verified" },
    { name: "bob", mode: "cash", limits: "unlimited", kyc: "verified" },
    { name: "mia", mode: "margin", limits: "unlimited" },
    { name: "max", mode: "margin", limits: "unlimited" },
    { name: "una", mode: "unchecked" },
  ],
  capacities: { orders: 20_000, levels: 5000, accounts: 64, instruments: 16, currencies: 32 },
};

export type Name = "alice" | "bob" | "mia" | "max" | "una";
const NAMES: readonly Name[] = ["alice", "bob", "mia", "max", "una"];
const KEYS: readonly GatewayKey[] = [
  ...NAMES.map((name): GatewayKey => ({ id: `${name}-1`, secret: "s", account: name, permissions: ["trade", "marketData"] })),
  { id: "reader-1", secret: "s", account: "alice", permissions: ["read"] },
  { id: "feed-1", secret: "s", account: "alice", permissions: ["marketData"] },
  { id: "copy-1", secret: "s", permissions: ["dropCopy"] },
];

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A real engine with accounts of every mode, and a gateway over one transport, closed after the test. */
export class StatementWorld {
  private constructor(
    readonly engine: EngineDoor.Engine,
    readonly gateway: Gateway,
  ) {}

  static async open(transport: TransportName, config: EngineDoor.EngineConfig = {}): Promise<StatementWorld> {
    const engine = await Engine.start({ ...CONFIG, ...config });
    closers.push(() => engine.close());
    const gateway = await Gateway.listen(engine, { port: 0, transport, keys: KEYS });
    closers.push(() => gateway.close());
    return new StatementWorld(engine, gateway);
  }

  async connect(key: string, options: Partial<ConnectOptions> = {}): Promise<Client> {
    const client = await connect(`ws://127.0.0.1:${this.gateway.port}`, { key, secret: "s", ...options });
    closers.push(() => client.close());
    await client.instruments();
    return client;
  }

  async fund(account: Name, currency: string, amount: string): Promise<void> {
    const { status } = await this.engine.deposit({ account, currency, amount, ref: `${account}-${currency}-${amount}` });
    if (status !== "done") throw new Error(`the deposit was ${status}`);
  }
}

import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { AdminEngine, AdminGateway } from "./admin-engine.js";
import type { LatencyProbe } from "./latency-probe.js";

const QUANTILES = [0.5, 0.9, 0.99, 0.999, 1] as const;
const NS_PER_SECOND = 1e9;

/** What /metrics shows. Everything is read when it is scraped: nothing is counted or timed for it on the order path. */
export function adminMetrics(
  engine: AdminEngine,
  gateways: readonly AdminGateway[],
  probe: LatencyProbe,
  isEngineUp: () => boolean,
): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  shardCounters(registry, engine);
  gauge(registry, "ringbook_engine_up", "1 while the engine runs", (own) => own.set(Number(isEngineUp())));
  gauge(registry, "ringbook_engine_ready", "1 while the engine takes commands", (own) => own.set(Number(engine.readiness === "ready")));
  journalGauges(registry, engine);
  gatewayGauges(registry, gateways);
  probeGauges(registry, probe);
  return registry;
}

/** The counters are the shard's, in shared memory: the ones here are set to them. */
function shardCounters(registry: Registry, engine: AdminEngine): void {
  for (const name of Object.keys(engine.counters())) {
    new Counter({
      name: `ringbook_shard_${snakeCase(name)}_total`,
      help: `What the shard's thread has counted as ${name} since its start`,
      labelNames: ["shard"],
      registers: [registry],
      collect() {
        this.reset();
        this.inc({ shard: "0" }, engine.counters()[name] ?? 0);
      },
    });
  }
}

function gatewayGauges(registry: Registry, gateways: readonly AdminGateway[]): void {
  const each = (name: string, help: string, read: (gateway: AdminGateway) => number): void =>
    gauge(
      registry,
      name,
      help,
      (own) => {
        for (const gateway of gateways) own.set({ gateway: String(gateway.port), transport: gateway.transport }, read(gateway));
      },
      ["gateway", "transport"],
    );
  each("ringbook_gateway_sessions", "Sessions that are logged on", ({ sessionCount }) => sessionCount);
  for (const [name, value] of Object.entries(gateways[0]?.stats() ?? {})) {
    if (typeof value !== "number" || name === "sessions") continue;
    const read = (gateway: AdminGateway): number => (gateway.stats() as Readonly<Record<string, number>>)[name] ?? 0;
    each(`ringbook_gateway_${snakeCase(name)}`, `What the gateway holds: ${name}`, read);
  }
  each("ringbook_gateway_draining", "1 while the gateway takes no new connections", ({ isDraining }) => Number(isDraining));
}

/** Sequences and bytes, as the journal's thread has counted them. */
function journalGauges(registry: Registry, engine: AdminEngine): void {
  if (engine.journal() === undefined) return;
  for (const [name, value] of Object.entries(engine.journal() ?? {})) {
    if (typeof value !== "number") continue;
    const read = (): number => (engine.journal() as unknown as Readonly<Record<string, number>> | undefined)?.[name] ?? 0;
    gauge(registry, `ringbook_journal_${snakeCase(name)}`, `What the journal's thread has counted as ${name}`, (own) => own.set(read()));
  }
  gauge(registry, "ringbook_journal_full", "1 while the disk is full and nothing is taken", (own) =>
    own.set(Number(engine.journal()?.isFull)),
  );
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function probeGauges(registry: Registry, probe: LatencyProbe): void {
  const { histogram } = probe;
  gauge(
    registry,
    "ringbook_engine_probe_seconds",
    "How long the engine took to answer a question a second, since the start: percentiles of an HDR histogram",
    (own) => {
      for (const quantile of QUANTILES)
        own.set({ quantile: String(quantile) }, histogram.getValueAtPercentile(quantile * 100) / NS_PER_SECOND);
    },
    ["quantile"],
  );
  gauge(registry, "ringbook_engine_probes", "Questions that it has answered", (own) => own.set(histogram.totalCount));
}

function gauge<T extends string>(
  registry: Registry,
  name: string,
  help: string,
  read: (own: Gauge<T>) => void,
  labelNames: T[] = [],
): void {
  const own: Gauge<T> = new Gauge<T>({ name, help, labelNames, registers: [registry], collect: () => read(own) });
}

import type { FastifyInstance, FastifySchema } from "fastify";
import type { Registry } from "prom-client";
import { SCHEMA_ID, VERSION } from "../../../engine/wire/index.js";
import type { AdminEngine } from "../admin-engine.js";
import type { CheckedAdminOptions } from "../admin-options.js";
import type { LatencyProbe } from "../latency-probe.js";
import { READERS } from "../roles.js";
import { answer } from "../schemas.js";

/** An engine that owes an answer for so long is not ready; it may only be busy, so it counts as alive. */
const OWED_MS_MAX = 5_000;

export interface Health {
  readonly engine: AdminEngine;
  readonly options: CheckedAdminOptions;
  readonly probe: LatencyProbe;
  readonly registry: Registry;
  /** Undefined while the engine runs; else why not. */
  readonly engineFailure: () => string | undefined;
}

/** What whoever runs the process wants to know before it has a token. */
export function addHealth(app: FastifyInstance, health: Health): void {
  const { options, registry } = health;
  app.get(
    "/livez",
    { schema: probeSchemaOf("getLive", "Whether the process should be let live: 503 once the engine has failed.") },
    async (_request, reply) => {
      const failure = health.engineFailure();
      return reply
        .code(failure === undefined ? 200 : 503)
        .send(failure === undefined ? { status: "ok" } : { status: "failed", engine: failure });
    },
  );
  app.get(
    "/readyz",
    { schema: probeSchemaOf("getReady", "Whether it should get new connections: 503 when not.") },
    async (_request, reply) => {
      const checks = readiness(health);
      const isReady = Object.values(checks).every((check) => check === "ok");
      return reply.code(isReady ? 200 : 503).send({ status: isReady ? "ok" : "not ready", checks });
    },
  );
  app.get("/version", { schema: schemaOf("getVersion", "What runs here.") }, async () => ({
    name: "ringbook",
    version: options.version,
    node: process.version,
    wire: { schemaId: SCHEMA_ID, version: VERSION },
    uptimeSeconds: Math.round(process.uptime()),
  }));
  const config = options.metrics === "roles" ? { roles: READERS } : {};
  app.get(
    "/metrics",
    { config, schema: schemaOf("getMetrics", "Counters and percentiles as Prometheus reads them.", "text/plain") },
    async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()),
  );
}

function readiness({ options, probe, engine, engineFailure }: Health): Record<string, string> {
  const { readiness } = engine;
  const owes = probe.owedMs > OWED_MS_MAX ? "does not answer" : "ok";
  const checks: Record<string, string> = { engine: engineFailure() ?? (readiness === "ready" ? owes : readiness) };
  for (const gateway of options.gateways) checks[`gateway ${gateway.port}`] = gateway.isDraining ? "draining" : "ok";
  return checks;
}

function schemaOf(operationId: string, summary: string, type?: string): FastifySchema {
  const ok = type === undefined ? answer("Fine.") : { description: "Fine.", content: { [type]: { schema: { type: "string" } } } };
  return { operationId, summary, tags: ["health"], response: { 200: ok } };
}

function probeSchemaOf(operationId: string, summary: string): FastifySchema {
  const schema = schemaOf(operationId, summary);
  return { ...schema, response: { ...(schema.response as object), 503: answer("No, and why.") } };
}

import type { FastifyInstance } from "fastify";
import type { AdminEngine, AdminGateway } from "../admin-engine.js";
import { addPlain, type PlainOperation } from "../admin-routes.js";
import type { AuditLog } from "../audit-log.js";
import { Problem } from "../problem.js";
import { READERS } from "../roles.js";
import { answer, BOOLEAN, listAnswer, object, optionalObject } from "../schemas.js";

const TAG = "operations";

export interface Operations {
  readonly engine: AdminEngine;
  readonly gateways: readonly AdminGateway[];
  readonly audit: AuditLog;
  /** Absent: this process is not ours to end. */
  readonly shutDown: (() => void) | undefined;
}

/** What concerns the process: its gateways, its end, and who did what. */
export function addOperations(app: FastifyInstance, operations: Operations): void {
  addPlain(app, [
    ...gatewayOperations(operations),
    snapshotOperation(operations),
    shutdownOperation(operations),
    auditOperation(operations),
  ]);
}

function gatewayOperations({ gateways }: Operations): readonly PlainOperation[] {
  const rows = () =>
    gateways.map(({ port, transport, sessionCount, isDraining }) => ({ port, transport, sessions: sessionCount, draining: isDraining }));
  return [
    {
      method: "GET",
      url: "/v1/gateways",
      id: "listGateways",
      summary: "The gateways of this process.",
      tag: TAG,
      roles: READERS,
      answer: listAnswer("Port, transport, sessions, draining of each."),
      handle: async () => rows(),
    },
    {
      method: "PUT",
      url: "/v1/drain",
      id: "setDrain",
      summary: "While it is on, gateways take no new connections (503) and /readyz says no; open sessions stay.",
      tag: TAG,
      roles: ["operator"],
      body: object({ on: BOOLEAN }, ["on"]),
      answer: answer("The gateways as they are now."),
      handle: async (request) => {
        const { on } = request.body as { on: boolean };
        for (const gateway of gateways) gateway.drain(on);
        return { draining: on, gateways: rows() };
      },
    },
  ];
}

function snapshotOperation({ engine }: Operations): PlainOperation {
  return {
    method: "POST",
    url: "/v1/snapshot",
    id: "takeSnapshot",
    summary: "Writes a snapshot beside the journal, so that the next start replays less.",
    tag: TAG,
    roles: ["operator"],
    body: optionalObject({}),
    answer: answer("What was written."),
    handle: async () => {
      if (engine.journal() === undefined) throw new Problem(501, "NOT_AVAILABLE", "NOT_AVAILABLE", "there is no journal");
      try {
        return await engine.takeSnapshot();
      } catch (error) {
        throw new Problem(409, "NO_SNAPSHOT", "NO_SNAPSHOT", (error as Error).message);
      }
    },
  };
}

function shutdownOperation({ gateways, shutDown }: Operations): PlainOperation {
  return {
    method: "POST",
    url: "/v1/shutdown",
    id: "shutDown",
    summary: "Ends the process as SIGTERM does: nothing new is taken, sessions are told, what was sent is applied, then it exits with 0.",
    tag: TAG,
    roles: [],
    body: optionalObject({}),
    status: 202,
    answer: answer("It has begun."),
    handle: async (_request, reply) => {
      if (shutDown === undefined) throw new Problem(501, "NOT_AVAILABLE", "NOT_AVAILABLE", "whoever has started this server ends it");
      for (const gateway of gateways) gateway.drain(true);
      // The answer has to be on its way before its server goes.
      reply.raw.once("close", shutDown);
      return reply.code(202).send({ shuttingDown: true });
    },
  };
}

function auditOperation({ audit }: Operations): PlainOperation {
  return {
    method: "GET",
    url: "/v1/audit",
    id: "listAudit",
    summary: "The newest calls that changed something, or tried to, the newest first. The log has all of them.",
    tag: TAG,
    roles: ["compliance"],
    query: object({ limit: { type: "integer", minimum: 1, maximum: 10_000, default: 100 } }),
    answer: listAnswer("Entries of the audit trail."),
    handle: async (request) => audit.newest((request.query as { limit: number }).limit),
  };
}

import type { FastifyInstance, RouteHandlerMethod } from "fastify";
import type { Command, Outcome } from "../../engine/index.js";
import type { AdminEngine } from "./admin-engine.js";
import { type Problem, problemOf } from "./problem.js";
import type { Principal, Role } from "./roles.js";
import { OUTCOME, PROBLEM_ANSWER, type Schema } from "./schemas.js";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Who may call it besides admins. Absent: everybody, without a token. */
    roles?: readonly Role[];
    /** It changes something, so it goes into the audit trail. */
    isAudited?: boolean;
  }
  interface FastifyRequest {
    principal: Principal | undefined;
    outcome: Outcome | undefined;
    problem: Problem | undefined;
  }
}

type Words = Readonly<Record<string, string>>;

/** One operation of the API. `url` is relative to the server. */
export interface Operation {
  readonly method: "GET" | "POST" | "PUT";
  readonly url: string;
  readonly id: string;
  readonly summary: string;
  readonly tag: string;
  readonly roles: readonly Role[];
  readonly params?: Schema;
  readonly query?: Schema;
  readonly body?: Schema;
}

/** An operation that is one command of the engine. `command` gets the path's names and the checked body. */
export interface CommandOperation extends Operation {
  readonly method: "POST" | "PUT";
  /** It brings something into being: 201. */
  readonly isCreating?: boolean;
  /** It may be taken and wait for review: 202. */
  readonly isReviewed?: boolean;
  command(names: Words, body: Readonly<Record<string, unknown>>): Command;
}

/** An operation with an answer of its own. */
export interface PlainOperation extends Operation {
  readonly status?: number;
  readonly answer: Schema;
  readonly handle: RouteHandlerMethod;
}

export function addCommands(app: FastifyInstance, engine: AdminEngine, operations: readonly CommandOperation[]): void {
  for (const operation of operations) {
    const status = operation.isCreating === true ? 201 : 200;
    const statuses = operation.isReviewed === true ? [status, 202] : [status];
    add(app, operation, statuses, OUTCOME, async (request, reply) => {
      const body = (request.body ?? {}) as Readonly<Record<string, unknown>>;
      const outcome = await engine.apply(operation.command(request.params as Words, body));
      request.outcome = outcome;
      const problem = problemOf(outcome);
      if (problem !== undefined) throw problem;
      return reply.code(outcome.status === "pendingReview" ? 202 : status).send(outcome);
    });
  }
}

export function addPlain(app: FastifyInstance, operations: readonly PlainOperation[]): void {
  for (const operation of operations) add(app, operation, [operation.status ?? 200], operation.answer, operation.handle);
}

function add(app: FastifyInstance, operation: Operation, statuses: readonly number[], answer: Schema, handler: RouteHandlerMethod): void {
  const { method, url, id, summary, tag, roles, params, query, body } = operation;
  app.route({
    method,
    url,
    config: { roles, isAudited: method !== "GET" },
    schema: {
      operationId: id,
      summary: `${summary} Roles: ${[...new Set([...roles, "admin"])].join(", ")}.`,
      tags: [tag],
      security: [{ bearer: [] }],
      ...(params === undefined ? {} : { params }),
      ...(query === undefined ? {} : { querystring: query }),
      ...(body === undefined ? {} : { body }),
      response: { ...Object.fromEntries(statuses.map((status) => [status, answer])), default: PROBLEM_ANSWER },
    },
    handler,
  });
}

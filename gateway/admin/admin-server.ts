import rateLimit from "@fastify/rate-limit";
import swagger from "@fastify/swagger";
import { Ajv, type ValidateFunction } from "ajv";
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from "fastify";
import type { AdminEngine } from "./admin-engine.js";
import { AdminError } from "./admin-error.js";
import { type AdminOptions, type CheckedAdminOptions, checkAdminOptions } from "./admin-options.js";
import { AuditLog } from "./audit-log.js";
import { Authenticator } from "./authenticator.js";
import { LatencyProbe } from "./latency-probe.js";
import { adminMetrics } from "./metrics.js";
import { openApi } from "./open-api.js";
import { asProblem, PROBLEM_TYPE, Problem } from "./problem.js";
import { mayCall } from "./roles.js";
import { addAccounts } from "./routes/accounts.js";
import { addFunding } from "./routes/funding.js";
import { addHealth } from "./routes/health.js";
import { addInstruments } from "./routes/instruments.js";
import { addOperations } from "./routes/operations.js";
import { addTrading } from "./routes/trading.js";
import { PROBLEM } from "./schemas.js";

const CLOSE_MS_MAX = 2_000;

/**
 * The admin API over HTTP, on a port of its own: who may call what is decided by roles, and every call that changes something is
 * audited. It runs on the thread that called `listen`, beside the order path and never on it: what it does to the engine are commands,
 * which the journal records.
 */
export class AdminServer {
  private closed: Promise<void> | undefined;
  private failure: string | undefined;

  /**
   * Rejects with AdminError: BAD_OPTION, or LISTEN_FAILED when the address cannot be had.
   */
  static async listen(engine: AdminEngine, options: AdminOptions): Promise<AdminServer> {
    const checked = checkAdminOptions(options);
    const authenticator = await Authenticator.create(checked.tokens, checked.jwt);
    const app = fastify({ logger: false, bodyLimit: checked.maxBodyBytes, forceCloseConnections: true, requestTimeout: 30_000 });
    const server = new AdminServer(app, checked, engine, authenticator);
    try {
      await server.build();
    } catch (error) {
      await server.close();
      throw error;
    }
    return server;
  }

  private readonly probe: LatencyProbe;
  private readonly audit: AuditLog;

  private constructor(
    private readonly app: FastifyInstance,
    private readonly options: CheckedAdminOptions,
    private readonly engine: AdminEngine,
    private readonly authenticator: Authenticator,
  ) {
    this.probe = new LatencyProbe(engine);
    this.audit = new AuditLog(options.auditEntries, options.logger);
    void engine.failed.then((error) => {
      this.failure = error?.message ?? "closed";
    });
  }

  /** The bound TCP port. */
  get port(): number {
    const address = this.app.server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** Lets running requests end, for at most two seconds, and frees the port. Safe to call twice. */
  close(): Promise<void> {
    this.closed ??= this.end();
    return this.closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private async end(): Promise<void> {
    this.probe.close();
    const late = setTimeout(() => this.app.server.closeAllConnections(), CLOSE_MS_MAX);
    await this.app.close();
    clearTimeout(late);
  }

  private async build(): Promise<void> {
    const { app, options } = this;
    app.addSchema(PROBLEM);
    app.setValidatorCompiler(validatorOf);
    app.decorateRequest("principal", undefined);
    app.decorateRequest("outcome", undefined);
    app.decorateRequest("problem", undefined);
    app.setErrorHandler((error, request, reply) => this.refuse(error, request, reply));
    app.setNotFoundHandler((request, reply) =>
      this.refuse(new Problem(404, "NOT_FOUND", "NOT_FOUND", `there is no ${request.method} ${request.url}`), request, reply),
    );
    await app.register(swagger, openApi(options.version));
    await app.register(rateLimit, this.limits());
    app.addHook("preParsing", (request) => this.authenticate(request));
    app.addHook("onSend", async (request, reply) => this.note(request, reply));
    await app.register(async (scope) => this.addRoutes(scope));
    try {
      await app.listen({ port: options.port, host: options.host });
    } catch (error) {
      throw new AdminError("LISTEN_FAILED", `cannot listen on ${options.host} port ${options.port}: ${(error as Error).message}`);
    }
    options.logger.info({ host: options.host, port: this.port }, "admin listening");
  }

  private addRoutes(app: FastifyInstance): void {
    const { engine, options, probe, audit } = this;
    const { gateways, onShutdown } = options;
    const engineFailure = () => this.failure;
    const registry = adminMetrics(engine, gateways, probe, () => this.failure === undefined);
    addHealth(app, { engine, options, probe, registry, engineFailure });
    addTrading(app, engine);
    addInstruments(app, engine);
    addAccounts(app, engine);
    addFunding(app, engine);
    addOperations(app, { engine, gateways, audit, shutDown: onShutdown });
    app.get("/openapi.json", { schema: { hide: true } }, async () => app.swagger());
  }

  private limits(): Parameters<typeof rateLimit>[1] {
    return {
      max: this.options.requestsPerMinute,
      timeWindow: 60_000,
      allowList: (request: FastifyRequest) => !request.url.startsWith("/v1"),
      errorResponseBuilder: (_request: FastifyRequest, { after }: { after: string }) =>
        new Problem(429, "RATE_LIMITED", "RATE_LIMITED", `too many requests from this address, try again in ${after}`),
    };
  }

  /** Behind the rate limit, so that tokens cannot be guessed at leisure; before anything of the body is read. */
  private async authenticate(request: FastifyRequest): Promise<void> {
    const { roles } = request.routeOptions.config;
    if (roles === undefined) return;
    request.principal = await this.principalOf(request.headers.authorization);
    if (request.principal === undefined)
      throw new Problem(401, "NOT_AUTHENTICATED", "NOT_AUTHENTICATED", "send a token that this server knows as Authorization: Bearer");
    if (mayCall(request.principal, roles)) return;
    const needed = [...new Set([...roles, "admin"])].join(", ");
    throw new Problem(403, "NOT_PERMITTED", "NOT_PERMITTED", `this takes one of the roles ${needed}`);
  }

  private async principalOf(header: string | undefined) {
    try {
      return await this.authenticator.principalOf(header);
    } catch (error) {
      this.options.logger.error({ err: error }, "admin tokens cannot be checked");
      throw new Problem(503, "KEYS_UNAVAILABLE", "KEYS_UNAVAILABLE", "the keys that tokens are signed with cannot be fetched");
    }
  }

  private async refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const problem = asProblem(error);
    if (problem.status === 500) this.options.logger.error({ err: error, url: request.url }, "admin call failed");
    if (problem.status === 401) void reply.header("www-authenticate", 'Bearer realm="ringbook"');
    if (problem.status === 503) void reply.header("retry-after", "1");
    request.problem = problem;
    return reply.code(problem.status).type(PROBLEM_TYPE).send(problem.body);
  }

  private note(request: FastifyRequest, reply: FastifyReply): void {
    void reply.header("cache-control", "no-store");
    const { config, schema } = request.routeOptions;
    if (config.isAudited !== true) return;
    const { principal, outcome, problem } = request;
    this.audit.add({
      who: principal?.name ?? "",
      roles: principal?.roles ?? [],
      address: request.ip,
      operation: schema?.operationId ?? "",
      path: request.url,
      ...(request.body === undefined || request.body === null ? {} : { body: request.body }),
      status: reply.statusCode,
      ...(outcome === undefined ? {} : { seq: outcome.seq }),
      ...(problem === undefined ? {} : { code: problem.body.code, reason: problem.body.reason }),
    });
  }
}

const BODIES = new Ajv({ allowUnionTypes: true, useDefaults: true });
const WORDS = new Ajv({ allowUnionTypes: true, useDefaults: true, coerceTypes: true });

/** Numbers of a query are text and are read as numbers; in a body a number is a number. */
function validatorOf({ schema, httpPart }: { schema: unknown; httpPart?: string | undefined }): ValidateFunction {
  return (httpPart === "body" ? BODIES : WORDS).compile(schema as object);
}

import { Writable } from "node:stream";
import { pino } from "pino";
import { type AdminEngine, type AdminOptions, AdminServer, type Role } from "../../dist/gateway/admin/index.js";

export const TOKENS: Record<Role, string> = {
  viewer: "token-of-the-viewer",
  operator: "token-of-the-operator",
  risk: "token-of-the-risk-desk",
  compliance: "token-of-compliance",
  admin: "token-of-the-admin",
};

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server has answered, looked at by matchers.
  readonly json: any;
}

/** An admin server with a token a role, and what it has logged. */
export class AdminHarness implements AsyncDisposable {
  private constructor(
    readonly server: AdminServer,
    private readonly log: string[],
  ) {}

  static async start(engine: AdminEngine, options: Partial<AdminOptions> = {}): Promise<AdminHarness> {
    const log: string[] = [];
    const sink = new Writable({
      write(chunk, _encoding, done) {
        log.push(String(chunk));
        done();
      },
    });
    const tokens = Object.entries(TOKENS).map(([role, token]) => ({ name: `the-${role}`, token, roles: [role as Role] }));
    const server = await AdminServer.listen(engine, { port: 0, tokens, logger: pino({ level: "info" }, sink), ...options });
    return new AdminHarness(server, log);
  }

  /** Lines of the log that are about calls. */
  get audited(): Record<string, unknown>[] {
    return this.log.map((line) => JSON.parse(line)).flatMap((line) => ("audit" in line ? [line.audit] : []));
  }

  async call(method: string, path: string, options: { as?: Role; token?: string; body?: unknown; raw?: string } = {}): Promise<Answer> {
    const token = options.token ?? (options.as === undefined ? undefined : TOKENS[options.as]);
    const body = options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
    const response = await fetch(`http://127.0.0.1:${this.server.port}${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") === true;
    return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close();
  }
}

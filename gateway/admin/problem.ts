import {
  CommandError,
  EngineBusyError,
  EngineClosedError,
  EngineFailedError,
  JournalFullError,
  NotReadyError,
  type Outcome,
} from "../../engine/index.js";
import { CODES } from "../../engine/wire/codes.js";

export const PROBLEM_TYPE = "application/problem+json";

/** The body of an answer that says no (RFC 9457). `code` and `reason` are the engine's where it was the engine that said it. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: number | string;
  readonly reason: string;
  /** Of the command that was rejected. */
  readonly seq?: number;
}

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad request",
  401: "Not authenticated",
  403: "Not allowed",
  404: "Not found",
  405: "Method not allowed",
  409: "Conflict",
  413: "Body too large",
  415: "Unsupported media type",
  422: "Rejected by the engine",
  429: "Too many requests",
  500: "Internal error",
  501: "Not available",
  503: "Unavailable",
};

/** Thrown by handlers; the error handler answers with it. */
export class Problem extends Error {
  readonly body: ProblemBody;

  constructor(
    readonly status: number,
    code: number | string,
    reason: string,
    detail: string,
    seq?: number,
  ) {
    super(detail);
    this.name = "Problem";
    const title = TITLES[status] ?? "Refused";
    this.body = { type: `urn:ringbook:problem:${reason}`, title, status, detail, code, reason, ...(seq === undefined ? {} : { seq }) };
  }
}

const NOT_FOUND: ReadonlySet<number> = new Set([
  CODES.UNKNOWN_INSTRUMENT,
  CODES.UNKNOWN_ACCOUNT,
  CODES.UNKNOWN_CURRENCY,
  CODES.UNKNOWN_MOVEMENT,
]);
const CONFLICT: ReadonlySet<number> = new Set([CODES.ALREADY_EXISTS, CODES.STATE_UNCHANGED, CODES.ALREADY_APPLIED, CODES.REF_CONFLICT]);
const UNAVAILABLE: ReadonlySet<number> = new Set([CODES.NOT_READY, CODES.ENGINE_BUSY]);

/** What a rejected command is over HTTP; undefined when it was not rejected. */
export function problemOf(outcome: Outcome): Problem | undefined {
  const { code, reason, seq } = outcome;
  if (code === undefined || reason === undefined) return undefined;
  const text = outcome.events.flatMap((event) => (event.event === "rejected" ? [event.text] : []))[0];
  return new Problem(statusOf(code), code, reason, text ?? reason, seq);
}

function statusOf(code: number): number {
  if (NOT_FOUND.has(code)) return 404;
  if (CONFLICT.has(code)) return 409;
  return UNAVAILABLE.has(code) ? 503 : 422;
}

/** Whatever was thrown, as the problem that the caller is told. What nobody has foreseen is not explained to it. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof CommandError) return new Problem(400, "BAD_COMMAND", "BAD_COMMAND", error.message);
  if (error instanceof EngineBusyError) return new Problem(503, CODES.ENGINE_BUSY, "ENGINE_BUSY", error.message);
  const isGone = error instanceof EngineClosedError || error instanceof EngineFailedError;
  if (isGone || error instanceof NotReadyError || error instanceof JournalFullError)
    return new Problem(503, error.code, error.code, error.message);
  const { statusCode, code, message } = error as { statusCode?: number; code?: string; message?: string };
  if (typeof statusCode !== "number" || statusCode < 400 || statusCode > 499)
    return new Problem(500, "INTERNAL", "INTERNAL", "the server made a mistake; its log says which");
  const reason = REASONS[code ?? ""] ?? "BAD_REQUEST";
  return new Problem(statusCode, reason, reason, message ?? reason);
}

/** What the router calls its refusals. */
const REASONS: Readonly<Record<string, string>> = {
  FST_ERR_VALIDATION: "BAD_REQUEST",
  FST_ERR_CTP_BODY_TOO_LARGE: "BODY_TOO_LARGE",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "UNSUPPORTED_MEDIA_TYPE",
  FST_ERR_CTP_EMPTY_JSON_BODY: "BAD_JSON",
  FST_ERR_CTP_INVALID_JSON_BODY: "BAD_JSON",
};

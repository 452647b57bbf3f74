/** JSON Schemas of bodies and answers: they check what comes, and they are what the OpenAPI document shows. */

/** A JSON Schema, as an object literal. */
export interface Schema {
  readonly [key: string]: unknown;
}

export const SYMBOL: Schema = { type: "string", pattern: "^[!-~]{1,16}$", description: "1 to 16 characters of ASCII 33 to 126." };
export const ACCOUNT: Schema = { type: "string", pattern: "^[!-~]{1,32}$", description: "1 to 32 characters of ASCII 33 to 126." };
export const DECIMAL: Schema = {
  type: ["string", "number"],
  pattern: "^-?[0-9]+(\\.[0-9]+)?$",
  description: "A decimal, as a string, or as a number of at most 15 significant digits.",
};
export const BOOLEAN: Schema = { type: "boolean" };
export const COUNT: Schema = { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER };

export const SHARD: Schema = {
  type: "integer",
  minimum: 0,
  maximum: 63,
  description: "Of an engine with several shards: whose ledger is meant.",
};

/** Unknown keys are an error. */
export function object(properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema {
  return { type: "object", additionalProperties: false, properties, ...(required.length === 0 ? {} : { required }) };
}

const AMOUNT_LIMIT: Schema = {
  type: ["string", "number"],
  pattern: "^(unlimited|-?[0-9]+(\\.[0-9]+)?)$",
  description: 'A decimal, or "unlimited".',
};
const COUNT_LIMIT: Schema = { type: ["integer", "string"], pattern: "^unlimited$", minimum: 0, description: 'An integer, or "unlimited".' };

/** As docs/RISK.md explains them. */
export const LIMITS: Readonly<Record<string, Schema>> = {
  maxOrderQty: AMOUNT_LIMIT,
  maxOrderNotional: AMOUNT_LIMIT,
  maxOpenOrders: COUNT_LIMIT,
  maxOpenNotional: AMOUNT_LIMIT,
  maxPosition: AMOUNT_LIMIT,
  maxExposure: AMOUNT_LIMIT,
  maxDailyNotional: AMOUNT_LIMIT,
  maxDailyLoss: AMOUNT_LIMIT,
  maxOrders: COUNT_LIMIT,
  maxDuplicates: COUNT_LIMIT,
  maxRiskRejects: COUNT_LIMIT,
  windowUs: COUNT,
  requireReference: BOOLEAN,
};

/** A body that may be left out. */
export function optionalObject(properties: Readonly<Record<string, Schema>>): Schema {
  return { ...object(properties), type: ["object", "null"] };
}

export function oneOf(...words: readonly string[]): Schema {
  return { type: "string", enum: words };
}

/** Answers are shown as far as they are fixed; what is more is passed on. */
export function answer(description: string, properties: Readonly<Record<string, Schema>> = {}): Schema {
  return { description, content: { "application/json": { schema: { type: "object", additionalProperties: true, properties } } } };
}

export function listAnswer(description: string): Schema {
  return {
    description,
    content: { "application/json": { schema: { type: "array", items: { type: "object", additionalProperties: true } } } },
  };
}

/** RFC 9457. */
export const PROBLEM: Schema = {
  $id: "Problem",
  type: "object",
  description: "RFC 9457. `code` and `reason` are the engine's, as in docs/CODES.md, where the engine has refused.",
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    code: { type: ["integer", "string"] },
    reason: { type: "string" },
    seq: { type: "integer", description: "Of the command that was rejected." },
  },
  required: ["type", "title", "status", "detail", "code", "reason"],
};

export const PROBLEM_ANSWER: Schema = {
  description:
    "Refused. 401: who is it; 403: not with these roles; 404 and 409 and 422: the engine's answer; 429: too often; 503: try again.",
  content: { "application/problem+json": { schema: { $ref: "Problem#" } } },
};

/** Settled command. */
export const OUTCOME: Schema = answer("What became of the command. It was applied, and with a journal it is durable.", {
  seq: { type: "integer", description: "Of the command in its shard." },
  status: { type: "string" },
  count: { type: "integer", description: "How many orders were canceled, when that was asked for." },
  events: { type: "array", items: { type: "object", additionalProperties: true }, description: "As in docs/SCRIPT.md." },
});

export const PAGE: Schema = object({
  from: { type: "integer", minimum: 0, maximum: 2 ** 31, default: 0, description: "Index of the first row, in order of declaration." },
  limit: { type: "integer", minimum: 1, maximum: 1_000, default: 100 },
});

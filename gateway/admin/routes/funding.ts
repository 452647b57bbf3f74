import type { FastifyInstance } from "fastify";
import type { Command, ShardTransfer } from "../../../engine/index.js";
import { CODES } from "../../../engine/wire/codes.js";
import type { AdminEngine } from "../admin-engine.js";
import { addCommands, addPlain, type CommandOperation, type PlainOperation } from "../admin-routes.js";
import { Problem } from "../problem.js";
import type { Role } from "../roles.js";
import { ACCOUNT, answer, BOOLEAN, DECIMAL, listAnswer, object, oneOf, PAGE, SHARD, SYMBOL } from "../schemas.js";

const TAG = "funding";
const OFFICE: readonly Role[] = ["operator", "compliance"];
const REF = {
  type: "string",
  pattern: "^[!-~]{1,64}$",
  description:
    "Names the movement, and makes it safe to send again: a ref is used once, whatever became of it. 1 to 64 characters of ASCII 33 to 126.",
};
const FUNDS = { account: ACCOUNT, currency: SYMBOL, amount: DECIMAL, ref: REF };
const MOVEMENT = { ...FUNDS, shard: SHARD };
const NEEDED = ["account", "currency", "amount", "ref"];

const COMMANDS: readonly CommandOperation[] = [
  {
    method: "POST",
    url: "/v1/currencies",
    id: "createCurrency",
    summary: "Declares a currency; one that is there already is a conflict.",
    tag: TAG,
    roles: ["operator"],
    body: object({ currency: SYMBOL, scale: { type: "integer", minimum: 0, maximum: 15, default: 6 }, amlThreshold: DECIMAL }, [
      "currency",
    ]),
    isCreating: true,
    command: (_names, body) => ({ cmd: "currency", ...body }) as unknown as Command,
  },
  movement(
    "deposits",
    "deposit",
    "Credits an account. Above the currency's amlThreshold it waits for review: 202.",
    object(MOVEMENT, NEEDED),
  ),
  movement("withdrawals", "withdraw", "Pays out what is free of a verified account. Review as for deposits.", object(MOVEMENT, NEEDED)),
  movement(
    "transfers",
    "transfer",
    "Moves what is free of a verified account to another one. Review as for deposits.",
    object({ ...MOVEMENT, to: ACCOUNT }, [...NEEDED, "to"]),
  ),
  {
    method: "POST",
    url: "/v1/funding/reviews",
    id: "reviewMovement",
    summary: "Releases or refuses a movement that waits for review.",
    tag: TAG,
    roles: ["compliance"],
    body: object({ ref: REF, release: BOOLEAN, shard: SHARD }, ["ref", "release"]),
    command: (_names, body) => ({ cmd: "review", ...body }) as unknown as Command,
  },
];

function movement(
  path: string,
  cmd: "deposit" | "withdraw" | "transfer",
  summary: string,
  body: CommandOperation["body"],
): CommandOperation {
  return {
    method: "POST",
    url: `/v1/funding/${path}`,
    id: `${cmd}Funds`,
    summary,
    tag: TAG,
    roles: ["operator"],
    ...(body === undefined ? {} : { body }),
    isReviewed: true,
    command: (_names, given) => ({ cmd, ...given }) as unknown as Command,
  };
}

/** Two commands, so it may stop in between; the same call again goes on. */
function betweenShards(engine: AdminEngine): PlainOperation {
  return {
    method: "POST",
    url: "/v1/funding/shard-transfers",
    id: "moveFundsBetweenShards",
    summary: "Moves what is free of a verified account from one shard to another. The same call again goes on where it has stopped.",
    tag: TAG,
    roles: ["operator"],
    body: object({ ...FUNDS, from: SHARD, to: SHARD }, [...NEEDED, "from", "to"]),
    answer: answer("How far it has come.", { status: oneOf("done", "pendingReview", "refused"), step: oneOf("withdraw", "deposit") }),
    handle: async (request) => {
      if (engine.moveFunds === undefined) throw new Problem(501, "NOT_AVAILABLE", "NOT_AVAILABLE", "the engine has one shard");
      const progress = await engine.moveFunds(request.body as ShardTransfer);
      const { status, step, code, reason } = progress;
      if (code === undefined || reason === undefined) return progress;
      throw new Problem(422, code, reason, `${step} was ${status}: ${reason}`);
    },
  };
}

function queries(engine: AdminEngine): readonly PlainOperation[] {
  return [
    betweenShards(engine),
    {
      method: "GET",
      url: "/v1/funding/pending",
      id: "listPendingReviews",
      summary: "Movements that wait for review, the oldest first.",
      tag: TAG,
      roles: OFFICE,
      query: PAGE,
      answer: listAnswer("A page of movements."),
      handle: async (request) => engine.listPendingReviews(request.query as { from: number; limit: number }),
    },
    {
      method: "GET",
      url: "/v1/funding/movements/:ref",
      id: "getMovement",
      summary: "What became of a movement.",
      tag: TAG,
      roles: OFFICE,
      params: object({ ref: REF }, ["ref"]),
      answer: answer("Its ref and state.", { ref: REF, state: oneOf("applied", "pending", "refused") }),
      handle: async (request) => {
        const { ref } = request.params as { ref: string };
        const state = await engine.movement(ref);
        if (state === undefined) throw new Problem(404, CODES.UNKNOWN_MOVEMENT, "UNKNOWN_MOVEMENT", `there is no movement ${ref}`);
        return { ref, state };
      },
    },
  ];
}

export function addFunding(app: FastifyInstance, engine: AdminEngine): void {
  addPlain(app, queries(engine));
  addCommands(app, engine, COMMANDS);
}

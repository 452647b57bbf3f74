import type { FastifyInstance } from "fastify";
import type { AccountCommand } from "../../../engine/index.js";
import { CODES } from "../../../engine/wire/codes.js";
import type { AdminEngine } from "../admin-engine.js";
import { addCommands, addPlain, type CommandOperation, type PlainOperation } from "../admin-routes.js";
import { Problem } from "../problem.js";
import { READERS } from "../roles.js";
import { ACCOUNT, answer, listAnswer, object, oneOf, optionalObject, PAGE, SYMBOL } from "../schemas.js";

const TAG = "accounts";
const NAMES = object({ account: ACCOUNT }, ["account"]);
const STP = ["none", "cancelNewest", "cancelOldest", "cancelBoth", "decrement"];

const COMMANDS: readonly CommandOperation[] = [
  {
    method: "POST",
    url: "/v1/accounts",
    id: "createAccount",
    summary: "Declares an account; one that is there already is a conflict.",
    tag: TAG,
    roles: ["operator"],
    body: object({ account: ACCOUNT, mode: oneOf("unchecked"), stpGroup: ACCOUNT, stp: oneOf(...STP) }, ["account", "mode"]),
    isCreating: true,
    command: (_names, body) => ({ cmd: "account", ...body }) as unknown as AccountCommand,
  },
  {
    method: "POST",
    url: "/v1/accounts/:account/cancel-orders",
    id: "cancelOrders",
    summary: "Cancels the account's orders: all of them, or those of an instrument or side.",
    tag: TAG,
    roles: ["operator", "risk"],
    params: NAMES,
    body: optionalObject({ symbol: SYMBOL, side: oneOf("buy", "sell") }),
    command: ({ account = "" }, body) => ({ cmd: "massCancel", account, ...body }),
  },
];

function queries(engine: AdminEngine): readonly PlainOperation[] {
  return [
    {
      method: "GET",
      url: "/v1/accounts",
      id: "listAccounts",
      summary: "Accounts as they are now.",
      tag: TAG,
      roles: READERS,
      query: PAGE,
      answer: listAnswer("A page of accounts."),
      handle: async (request) => engine.listAccounts(request.query as { from: number; limit: number }),
    },
    {
      method: "GET",
      url: "/v1/accounts/:account",
      id: "getAccount",
      summary: "One account as it is now.",
      tag: TAG,
      roles: READERS,
      params: NAMES,
      answer: answer("The account."),
      handle: async (request) => {
        const { account } = request.params as { account: string };
        const found = await engine.account(account);
        if (found === undefined) throw new Problem(404, CODES.UNKNOWN_ACCOUNT, "UNKNOWN_ACCOUNT", `there is no account ${account}`);
        return found;
      },
    },
  ];
}

export function addAccounts(app: FastifyInstance, engine: AdminEngine): void {
  addPlain(app, queries(engine));
  addCommands(app, engine, COMMANDS);
}

import type { FastifyInstance } from "fastify";
import type { AccountCommand, AccountStateName, AccountStatus, KycName } from "../../../engine/index.js";
import { CODES } from "../../../engine/wire/codes.js";
import type { AdminEngine } from "../admin-engine.js";
import { addCommands, addPlain, type CommandOperation, type PlainOperation } from "../admin-routes.js";
import { Problem } from "../problem.js";
import { READERS } from "../roles.js";
import { ACCOUNT, answer, LIMITS, listAnswer, object, oneOf, optionalObject, PAGE, SHARD, SYMBOL } from "../schemas.js";

const TAG = "accounts";
const NAMES = object({ account: ACCOUNT }, ["account"]);
const KYC = oneOf("unverified", "verified");
const STP = ["none", "cancelNewest", "cancelOldest", "cancelBoth", "decrement"];

const ACCOUNT_BODY = object(
  {
    account: ACCOUNT,
    mode: oneOf("unchecked", "cash", "margin"),
    stpGroup: ACCOUNT,
    stp: oneOf(...STP),
    limits: { anyOf: [oneOf("unlimited"), object(LIMITS)], description: "What is not named blocks a cash or margin account." },
    kyc: KYC,
    riskLevel: oneOf("low", "high"),
  },
  ["account", "mode"],
);

const COMMANDS: readonly CommandOperation[] = [
  {
    method: "POST",
    url: "/v1/accounts",
    id: "createAccount",
    summary: "Declares an account; one that is there already is a conflict.",
    tag: TAG,
    roles: ["operator"],
    body: ACCOUNT_BODY,
    isCreating: true,
    command: (_names, body) => ({ cmd: "account", ...body }) as unknown as AccountCommand,
  },
  {
    method: "PUT",
    url: "/v1/accounts/:account/state",
    id: "setAccountState",
    summary: "Suspends an account, lets it reduce only, or lets it trade again.",
    tag: TAG,
    roles: ["risk", "compliance"],
    params: NAMES,
    body: object({ state: oneOf("active", "suspended", "reduceOnly") }, ["state"]),
    command: ({ account = "" }, body) => ({ cmd: "accountState", account, state: body["state"] as AccountStateName }),
  },
  {
    method: "PUT",
    url: "/v1/accounts/:account/kyc",
    id: "setKyc",
    summary: "Says whether the customer is verified; who is not may not withdraw or transfer.",
    tag: TAG,
    roles: ["compliance"],
    params: NAMES,
    body: object({ kyc: KYC }, ["kyc"]),
    command: ({ account = "" }, body) => ({ cmd: "kyc", account, kyc: body["kyc"] as KycName }),
  },
  {
    method: "PUT",
    url: "/v1/accounts/:account/limits",
    id: "setAccountLimits",
    summary: "Sets limits of an account, or with symbol of the account in that instrument; those that are not given stay.",
    tag: TAG,
    roles: ["risk"],
    params: NAMES,
    body: { ...object({ symbol: SYMBOL, ...LIMITS }), minProperties: 1 },
    command: ({ account = "" }, body) => ({ ...body, cmd: "limits", account }),
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
      url: "/v1/accounts/:account/balances",
      id: "getBalances",
      summary: "Balances and margin positions.",
      tag: TAG,
      roles: READERS,
      params: NAMES,
      query: object({ shard: SHARD }),
      answer: answer("What the account has."),
      handle: async (request) => {
        const { account } = await known(engine, (request.params as { account: string }).account);
        const { balances, positions } = await engine.balances(account, request.query as { shard?: number });
        return { account, balances, positions };
      },
    },
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
      handle: async (request) => known(engine, (request.params as { account: string }).account),
    },
  ];
}

async function known(engine: AdminEngine, account: string): Promise<AccountStatus> {
  const found = await engine.account(account);
  if (found === undefined) throw new Problem(404, CODES.UNKNOWN_ACCOUNT, "UNKNOWN_ACCOUNT", `there is no account ${account}`);
  return found;
}

export function addAccounts(app: FastifyInstance, engine: AdminEngine): void {
  addPlain(app, queries(engine));
  addCommands(app, engine, COMMANDS);
}

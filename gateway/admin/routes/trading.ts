import type { FastifyInstance } from "fastify";
import type { KillCommand } from "../../../engine/index.js";
import type { AdminEngine } from "../admin-engine.js";
import { addCommands, addPlain, type CommandOperation, type PlainOperation } from "../admin-routes.js";
import { READERS } from "../roles.js";
import { ACCOUNT, answer, BOOLEAN, COUNT, object, oneOf, SYMBOL } from "../schemas.js";

const TAG = "trading";

const COMMANDS: readonly CommandOperation[] = [
  {
    method: "PUT",
    url: "/v1/kill",
    id: "setKillSwitch",
    summary: "Turns a kill switch on or off: new orders, replaces and the firing of stops in its scope are refused while it is on.",
    tag: TAG,
    roles: ["risk"],
    body: object(
      {
        scope: oneOf("global", "instrument", "account"),
        symbol: { ...SYMBOL, description: "With scope instrument, and with no other." },
        account: { ...ACCOUNT, description: "With scope account, and with no other." },
        on: BOOLEAN,
        cancel: { ...BOOLEAN, default: false, description: "When it is turned on: cancels every order in the scope too." },
      },
      ["scope", "on"],
    ),
    command: (_names, body) => ({ cmd: "kill", ...body }) as unknown as KillCommand,
  },
];

function queries(engine: AdminEngine): readonly PlainOperation[] {
  return [
    {
      method: "GET",
      url: "/v1/status",
      id: "getStatus",
      summary: "The engine at a glance, with the shard's counters.",
      tag: TAG,
      roles: READERS,
      answer: answer("The engine's status.", {
        seq: { ...COUNT, description: "Of the newest command." },
        timeUs: { ...COUNT, description: "The engine's clock, microseconds since the epoch." },
        killed: { ...BOOLEAN, description: "The kill switch of everything is on." },
        instruments: COUNT,
        accounts: COUNT,
        readiness: oneOf("starting", "ready", "journalFull", "failed", "closed"),
        counters: { type: "object", additionalProperties: COUNT },
        journal: { type: "object", additionalProperties: true, description: "With a journal." },
      }),
      handle: async () => ({
        ...(await engine.status()),
        readiness: engine.readiness,
        counters: engine.counters(),
        journal: engine.journal(),
      }),
    },
  ];
}

export function addTrading(app: FastifyInstance, engine: AdminEngine): void {
  addPlain(app, queries(engine));
  addCommands(app, engine, COMMANDS);
}

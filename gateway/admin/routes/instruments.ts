import type { FastifyInstance } from "fastify";
import type { InstrumentCommand, InstrumentStatus, StateName } from "../../../engine/index.js";
import { CODES } from "../../../engine/wire/codes.js";
import type { AdminEngine } from "../admin-engine.js";
import { addCommands, addPlain, type CommandOperation, type PlainOperation } from "../admin-routes.js";
import { Problem } from "../problem.js";
import { READERS } from "../roles.js";
import { answer, BOOLEAN, COUNT, DECIMAL, LIMITS, listAnswer, object, oneOf, optionalObject, PAGE, SYMBOL } from "../schemas.js";

const TAG = "instruments";
const NAMES = object({ symbol: SYMBOL }, ["symbol"]);
const STATES = ["preOpen", "auctionCall", "open", "halted", "closed"] as const satisfies readonly StateName[];
const CANCEL = { ...BOOLEAN, default: false, description: "Cancels every order of the instrument too, after what the new state brings." };

const PPM = {
  type: "integer",
  minimum: -999_999,
  maximum: 999_999,
  description: "Parts per million of the notional; a rebate is negative.",
};

const INSTRUMENT = object(
  {
    symbol: SYMBOL,
    base: SYMBOL,
    quote: SYMBOL,
    tickSize: DECIMAL,
    lotSize: DECIMAL,
    minQty: DECIMAL,
    maxQty: DECIMAL,
    minPrice: DECIMAL,
    maxPrice: DECIMAL,
    minNotional: DECIMAL,
    makerFeePpm: PPM,
    takerFeePpm: PPM,
    kind: oneOf("spot", "margin"),
    multiplier: DECIMAL,
    initialMarginPpm: COUNT,
    maintenanceMarginPpm: COUNT,
    collarBps: COUNT,
    breakerBps: COUNT,
    breakerWindowUs: COUNT,
    bandBps: COUNT,
    marketProtectionBps: COUNT,
    auctionUs: COUNT,
    state: oneOf(...STATES),
    lastPrice: DECIMAL,
  },
  ["symbol", "base", "quote", "tickSize", "lotSize"],
);

const COMMANDS: readonly CommandOperation[] = [
  {
    method: "POST",
    url: "/v1/instruments",
    id: "createInstrument",
    summary: "Declares an instrument; one that is there already is a conflict.",
    tag: TAG,
    roles: ["operator"],
    body: INSTRUMENT,
    isCreating: true,
    command: (_names, body) => ({ cmd: "instrument", ...body }) as unknown as InstrumentCommand,
  },
  {
    method: "PUT",
    url: "/v1/instruments/:symbol/state",
    id: "setInstrumentState",
    summary: "Moves an instrument into another trading state; the present one is a conflict.",
    tag: TAG,
    roles: ["operator"],
    params: NAMES,
    body: object({ state: oneOf(...STATES), cancel: CANCEL }, ["state"]),
    command: ({ symbol = "" }, body) => ({ cmd: "state", symbol, state: body["state"] as StateName, cancel: body["cancel"] === true }),
  },
  {
    method: "PUT",
    url: "/v1/instruments/:symbol/mark",
    id: "setMark",
    summary: "Values positions at this price, until the next mark.",
    tag: TAG,
    roles: ["risk"],
    params: NAMES,
    body: object({ price: DECIMAL }, ["price"]),
    command: ({ symbol = "" }, body) => ({ cmd: "mark", symbol, price: body["price"] as string }),
  },
  {
    method: "PUT",
    url: "/v1/instruments/:symbol/limits",
    id: "setInstrumentLimits",
    summary: "Sets limits of every account in an instrument; those that are not given stay.",
    tag: TAG,
    roles: ["risk"],
    params: NAMES,
    body: { ...object(LIMITS), minProperties: 1 },
    command: ({ symbol = "" }, body) => ({ ...body, cmd: "limits", symbol }),
  },
  shortcut("halt", "halted", "Halts trading; orders stay unless they are canceled.", ["operator", "risk"]),
  shortcut("auction", "auctionCall", "Starts an auction call; opening the instrument uncrosses it.", ["operator"]),
  shortcut("open", "open", "Opens trading, with the uncross of what has gathered.", ["operator"]),
];

function shortcut(verb: string, state: StateName, summary: string, roles: CommandOperation["roles"]): CommandOperation {
  return {
    method: "POST",
    url: `/v1/instruments/:symbol/${verb}`,
    id: `${verb}Instrument`,
    summary,
    tag: TAG,
    roles,
    params: NAMES,
    body: optionalObject({ cancel: CANCEL }),
    command: ({ symbol = "" }, body) => ({ cmd: "state", symbol, state, cancel: body["cancel"] === true }),
  };
}

function queries(engine: AdminEngine): readonly PlainOperation[] {
  return [
    {
      method: "GET",
      url: "/v1/instruments",
      id: "listInstruments",
      summary: "Instruments as they are now.",
      tag: TAG,
      roles: READERS,
      query: PAGE,
      answer: listAnswer("A page of instruments."),
      handle: async (request) => engine.listInstruments(request.query as { from: number; limit: number }),
    },
    {
      method: "GET",
      url: "/v1/instruments/:symbol",
      id: "getInstrument",
      summary: "One instrument as it is now.",
      tag: TAG,
      roles: READERS,
      params: NAMES,
      answer: answer("The instrument."),
      handle: async (request) => known(engine, (request.params as { symbol: string }).symbol),
    },
    {
      method: "GET",
      url: "/v1/instruments/:symbol/book",
      id: "getBook",
      summary: "The best levels of a book: price, visible quantity, orders.",
      tag: TAG,
      roles: READERS,
      params: NAMES,
      query: object({ depth: { type: "integer", minimum: 1, maximum: 1_000, default: 10 } }),
      answer: answer("The book."),
      handle: async (request) => {
        const { symbol } = await known(engine, (request.params as { symbol: string }).symbol);
        return engine.book(symbol, (request.query as { depth: number }).depth);
      },
    },
  ];
}

async function known(engine: AdminEngine, symbol: string): Promise<InstrumentStatus> {
  const found = await engine.instrument(symbol);
  if (found === undefined) throw new Problem(404, CODES.UNKNOWN_INSTRUMENT, "UNKNOWN_INSTRUMENT", `there is no instrument ${symbol}`);
  return found;
}

export function addInstruments(app: FastifyInstance, engine: AdminEngine): void {
  addPlain(app, queries(engine));
  addCommands(app, engine, COMMANDS);
}

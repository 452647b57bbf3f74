import { describe, expect, it } from "vitest";
import { Core } from "../../engine/edge/index.js";
import type { Command, Event, NewCommand } from "../../engine/edge/types.js";

const CAPACITIES = { orders: 100, levels: 50, accounts: 4, instruments: 4, positions: 16, currencies: 8 };
const ABC = { symbol: "ABC", base: "A", quote: "USD", tickSize: "0.05", lotSize: "0.1", lastPrice: "10" };

function market(): Core {
  return new Core({
    capacities: CAPACITIES,
    currencies: { USD: { scale: 3 } },
    instruments: [ABC, { ...ABC, symbol: "DEF", base: "D", state: "preOpen" }],
    accounts: [
      { name: "alice", mode: "unchecked" },
      { name: "bob", mode: "unchecked" },
    ],
  });
}

/** The events of commands as the lines that `ringbook run` prints, without the sequence. */
function lines(core: Core, ...commands: Command[]): string[] {
  const found: string[] = [];
  for (const command of commands) {
    core.apply(command, ({ ...event }: Event) => found.push(JSON.stringify(event).replace(/"seq":[0-9]+,/, "")));
    core.assertConsistent();
  }
  return found;
}

function order(clOrdId: number, keys: Partial<NewCommand>): NewCommand {
  return { cmd: "new", account: "alice", clOrdId, symbol: "ABC", side: "buy", ...keys };
}

describe("what an order was given comes back in accepted, through the core", () => {
  it.each<[Partial<NewCommand>, string]>([
    [{ price: "9.50", qty: "1.0" }, '"type":"limit","tif":"gtc","price":"9.5","qty":"1"'],
    [
      { price: 9, qty: 1, tif: "day", postOnly: false, reduceOnly: false },
      '"type":"limit","tif":"day","price":"9","qty":"1","postOnly":false,"reduceOnly":false',
    ],
    [{ price: 9, qty: 1, tif: "gtd", expireTime: 99 }, '"type":"limit","tif":"gtd","price":"9","qty":"1","expireTime":99'],
    [{ price: 9, qty: 1, displayQty: "0.20" }, '"type":"limit","tif":"gtc","price":"9","qty":"1","displayQty":"0.2"'],
    [{ type: "stop", stopPrice: "11.0", qty: 1, stp: "none" }, '"type":"stop","tif":"gtc","qty":"1","stopPrice":"11","stp":"none"'],
    [
      { type: "stopLimit", stopPrice: 11, price: "11.05", qty: 1, displayQty: "0.1" },
      '"type":"stopLimit","tif":"gtc","price":"11.05","qty":"1","stopPrice":"11","displayQty":"0.1"',
    ],
    [{ type: "trailingStop", trail: "0.50", qty: 1 }, '"type":"trailingStop","tif":"gtc","qty":"1","trail":"0.5"'],
    [{ type: "trailingStop", trailBps: 100, qty: 1 }, '"type":"trailingStop","tif":"gtc","qty":"1","trailBps":100'],
    [{ price: 9, qty: 1, oco: "0077" }, '"type":"limit","tif":"gtc","price":"9","qty":"1","oco":77'],
  ])("%j", (keys, shown) => {
    const core = market();
    expect(lines(core, order(1, keys))).toEqual([
      `{"event":"accepted","account":"alice","clOrdId":1,"orderId":"1","symbol":"ABC","side":"buy",${shown}}`,
    ]);
  });

  it("of orders that end at once", () => {
    const core = market();
    lines(core, order(1, { account: "bob", side: "sell", price: 10, qty: 1 }));
    const start = '{"event":"accepted","account":"alice"';
    expect(lines(core, order(2, { tif: "ioc", price: 10, qty: 2, minQty: "1.50" }))).toEqual([
      `${start},"clOrdId":2,"orderId":"2","symbol":"ABC","side":"buy","type":"limit","tif":"ioc","price":"10","qty":"2","minQty":"1.5"}`,
      '{"event":"canceled","account":"alice","clOrdId":2,"symbol":"ABC","qty":"2","reason":"minQty"}',
    ]);
    expect(lines(core, order(3, { type: "market", quoteQty: "2.500" }))).toEqual([
      `${start},"clOrdId":3,"orderId":"3","symbol":"ABC","side":"buy","type":"market","tif":"gtc","quoteQty":"2.5"}`,
      '{"event":"trade","tradeId":1,"symbol":"ABC","price":"10","qty":"0.2","aggressor":"buy","maker":{"account":"bob","clOrdId":1,"leavesQty":"0.8"},"taker":{"account":"alice","clOrdId":3}}',
      '{"event":"canceled","account":"alice","clOrdId":3,"symbol":"ABC","quoteQty":"0.5","reason":"noLiquidity"}',
    ]);
  });
});

describe("queries", () => {
  it("a book shows what is visible", () => {
    const core = market();
    lines(
      core,
      order(1, { price: 9, qty: 5, displayQty: 1 }),
      order(2, { price: 9, qty: 2 }),
      order(3, { type: "stop", stopPrice: 12, qty: 4 }),
    );
    expect(core.book("ABC")).toEqual({ event: "book", symbol: "ABC", bids: [["9", "3", 2]], asks: [] });
    lines(core, { cmd: "cancel", account: "alice", clOrdId: 2 });
    expect(core.book("ABC").bids).toEqual([["9", "1", 1]]);
  });

  it("orders stand in the order of a mass cancel, with prices and status (SETTLED S6)", () => {
    const core = market();
    const none = { stp: "none" } as const;
    lines(
      core,
      order(1, { symbol: "DEF", type: "stop", stopPrice: 3, qty: 1 }),
      order(2, { type: "trailingStop", side: "sell", trail: "10.50", qty: 1 }),
      order(3, { side: "sell", price: 20, qty: 1, oco: 30 }),
      order(4, { type: "stopLimit", stopPrice: 12, price: "12.5", qty: 2, displayQty: 1 }),
      order(5, { price: 8, qty: 3, displayQty: "0.5" }),
      order(6, { price: 9, qty: 1 }),
      order(7, { type: "stop", stopPrice: 11, qty: 1 }),
      order(8, { side: "sell", price: 15, qty: 1, ...none }),
      order(9, { account: "bob", price: 9, qty: 1 }),
      order(10, { type: "stopLimit", side: "sell", stopPrice: 10, price: 14, qty: 1, ...none }),
    );
    expect(core.orders("alice").map((row) => JSON.stringify(row))).toEqual([
      '{"clOrdId":6,"symbol":"ABC","side":"buy","type":"limit","price":"9","leavesQty":"1","status":"resting"}',
      '{"clOrdId":5,"symbol":"ABC","side":"buy","type":"limit","price":"8","leavesQty":"3","status":"resting"}',
      '{"clOrdId":4,"symbol":"ABC","side":"buy","type":"stopLimit","price":"12.5","stopPrice":"12","leavesQty":"2","status":"dormant"}',
      '{"clOrdId":7,"symbol":"ABC","side":"buy","type":"stop","stopPrice":"11","leavesQty":"1","status":"dormant"}',
      '{"clOrdId":10,"symbol":"ABC","side":"sell","type":"stopLimit","price":"14","stopPrice":"10","leavesQty":"1","status":"resting"}',
      '{"clOrdId":8,"symbol":"ABC","side":"sell","type":"limit","price":"15","leavesQty":"1","status":"resting"}',
      '{"clOrdId":2,"symbol":"ABC","side":"sell","type":"trailingStop","stopPrice":"-0.5","leavesQty":"1","status":"dormant"}',
      '{"clOrdId":3,"symbol":"ABC","side":"sell","type":"limit","price":"20","leavesQty":"1","status":"pending"}',
      '{"clOrdId":1,"symbol":"DEF","side":"buy","type":"stop","stopPrice":"3","leavesQty":"1","status":"dormant"}',
    ]);
    const listed = core.orders("alice").map(({ clOrdId }) => clOrdId);
    const canceled: number[] = [];
    core.apply({ cmd: "massCancel", account: "alice" }, (event) => {
      if (event.event === "canceled") canceled.push(event.clOrdId);
    });
    expect(canceled).toEqual(listed);
    expect(core.orders("alice")).toEqual([]);
    expect(core.orders("bob")).toMatchObject([{ clOrdId: 9 }]);
  });

  it("a trailing stop at nought has a stop price of 0", () => {
    const core = market();
    lines(core, order(1, { type: "trailingStop", side: "sell", trail: 10, qty: 1 }));
    expect(core.orders("alice")).toMatchObject([{ stopPrice: "0" }]);
  });
});

describe("replace", () => {
  it("shows stop price and displayQty when given, and always a trailing stop's", () => {
    const core = market();
    lines(
      core,
      order(1, { type: "stopLimit", stopPrice: 12, price: 12, qty: 2, displayQty: 1 }),
      order(2, { type: "trailingStop", trail: 1, qty: 2 }),
      order(3, { type: "stop", stopPrice: 12, qty: 2 }),
    );
    const replace = { cmd: "replace", account: "alice" } as const;
    const start = '{"event":"replaced","account":"alice"';
    expect(
      lines(
        core,
        { ...replace, clOrdId: 1, stopPrice: "11.50" },
        { ...replace, clOrdId: 1, displayQty: "0.50", newClOrdId: 4 },
        { ...replace, clOrdId: 4 },
        { ...replace, clOrdId: 2, qty: 1 },
        { ...replace, orderId: "3", qty: 1 },
      ),
    ).toEqual([
      `${start},"clOrdId":1,"origClOrdId":1,"symbol":"ABC","price":"12","qty":"2","leavesQty":"2","keptPriority":false,"stopPrice":"11.5"}`,
      `${start},"clOrdId":4,"origClOrdId":1,"symbol":"ABC","price":"12","qty":"2","leavesQty":"2","keptPriority":false,"displayQty":"0.5"}`,
      `${start},"clOrdId":4,"origClOrdId":4,"symbol":"ABC","price":"12","qty":"2","leavesQty":"2","keptPriority":true}`,
      `${start},"clOrdId":2,"origClOrdId":2,"symbol":"ABC","qty":"1","leavesQty":"1","keptPriority":true,"stopPrice":"11"}`,
      `${start},"clOrdId":3,"origClOrdId":3,"symbol":"ABC","qty":"1","leavesQty":"1","keptPriority":true}`,
    ]);
  });
});

describe("state and kill", () => {
  it("answer with their own events", () => {
    const core = market();
    lines(core, order(1, { price: 9, qty: 1 }));
    expect(
      lines(
        core,
        { cmd: "state", symbol: "ABC", state: "open" },
        { cmd: "state", symbol: "XYZ", state: "open" },
        { cmd: "state", symbol: "ABC", state: "auctionCall" },
        { cmd: "state", symbol: "ABC", state: "halted", cancel: true },
        { cmd: "kill", scope: "account", account: "zoe", on: true },
        { cmd: "kill", scope: "instrument", symbol: "XYZ", on: true },
        { cmd: "kill", scope: "global", on: false },
      ).map((line) => line.replace(/"text":".*"/, '"text":"…"')),
    ).toEqual([
      '{"event":"rejected","cmd":"state","code":5004,"reason":"STATE_UNCHANGED","text":"…"}',
      '{"event":"rejected","cmd":"state","code":3003,"reason":"UNKNOWN_INSTRUMENT","text":"…"}',
      '{"event":"state","symbol":"ABC","state":"auctionCall","reason":"admin"}',
      '{"event":"auction","symbol":"ABC","qty":"0"}',
      '{"event":"state","symbol":"ABC","state":"halted","reason":"admin"}',
      '{"event":"canceled","account":"alice","clOrdId":1,"symbol":"ABC","qty":"1","reason":"halt"}',
      '{"event":"rejected","cmd":"kill","account":"zoe","code":4003,"reason":"UNKNOWN_ACCOUNT","text":"…"}',
      '{"event":"rejected","cmd":"kill","code":3003,"reason":"UNKNOWN_INSTRUMENT","text":"…"}',
      '{"event":"ok","cmd":"kill"}',
    ]);
  });

  it("an instrument declared in auctionCall answers with ok alone", () => {
    const core = market();
    const declared: Command = { cmd: "instrument", ...ABC, symbol: "GHI", base: "G", state: "auctionCall" };
    expect(lines(core, declared)).toEqual(['{"event":"ok","cmd":"instrument"}']);
  });

  it("go on after a snapshot, and the names are learnt again", () => {
    const core = market();
    lines(core, order(1, { type: "market", quoteQty: 1 }), order(2, { type: "trailingStop", trail: 1, qty: 1 }), {
      cmd: "kill",
      scope: "account",
      account: "bob",
      on: true,
    });
    const restored = Core.restore(core.snapshot(), { capacities: CAPACITIES });
    expect(restored.stateHash()).toBe(core.stateHash());
    expect(restored.orders("alice")).toEqual(core.orders("alice"));
    const spend = order(3, { type: "market", quoteQty: "1.234" });
    expect(lines(restored, spend)).toEqual(lines(core, spend));
    expect(lines(restored, order(1, { account: "bob", price: 1, qty: 1 }))).toEqual([expect.stringContaining('"KILL_SWITCH"')]);
  });
});

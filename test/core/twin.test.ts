import { describe, expect, it } from "vitest";
import { Core } from "../../engine/edge/core.js";
import type { Command, Event, InstrumentCommand, StateName } from "../../engine/edge/types.js";
import { order, stop, told } from "../twin/tell.js";
import { Twin } from "../twin/twin.js";

/** Who is given the cases: they are written from the pages, and both must tell the same. */
const SUBJECTS: Readonly<Record<string, () => (command: Command) => Event[]>> = {
  twin: () => {
    const twin = new Twin();
    return (command) => twin.apply(command);
  },
  core: () => {
    const core = new Core({ capacities: { orders: 100, levels: 50, accounts: 8, instruments: 2, currencies: 4 } });
    return (command) => {
      const events: Event[] = [];
      core.apply(command, (event) => events.push(event));
      core.assertConsistent();
      return events;
    };
  },
};

describe.each(Object.keys(SUBJECTS))("the %s", (name) => {
  const subject = SUBJECTS[name] as () => (command: Command) => Event[];

  /** What is told of the commands, one list a command, in a market T of tick and lot 1 with accounts a to e. */
  function play(commands: readonly Command[], terms: Partial<InstrumentCommand> = {}): string[][] {
    const setUp: Command[] = [
      { cmd: "instrument", symbol: "T", base: "T", quote: "USD", tickSize: "1", lotSize: "1", ...terms },
      ...["a", "b", "c", "d", "e"].map((account): Command => ({ cmd: "account", account, mode: "unchecked" })),
    ];
    return told(subject(), [...setUp, ...commands]).slice(setUp.length);
  }

  /** What it tells of the last of them. */
  function last(commands: readonly Command[], terms: Partial<InstrumentCommand> = {}): string[] {
    return play(commands, terms).at(-1) ?? [];
  }

  const BOOK: Command = { cmd: "book", symbol: "T" };
  const orders = (account: string): Command => ({ cmd: "orders", account });
  const state = (name: StateName, cancel?: boolean): Command => ({ cmd: "state", symbol: "T", state: name, ...(cancel ? { cancel } : {}) });
  const time = (at: number): Command => ({ cmd: "time", at });

  /** A last trade at that price, between d and e, who have nothing left of it. */
  function traded(price: number, qty = 1): Command[] {
    return [order("d", 900, `sell ${qty} @ ${price}`), order("e", 900, `buy ${qty} @ ${price}`)];
  }

  describe("icebergs", () => {
    const iceberg = order("a", 1, "sell 10 @ 5", { displayQty: "3" });

    it("trade a tranche and come back behind the others", () => {
      const [, , sweep, book] = play([iceberg, order("b", 1, "sell 2 @ 5"), order("c", 1, "buy 6"), BOOK]);
      expect(sweep).toEqual(["accepted c:1", "trade 3 @ 5 a:1 (7) c:1 (3)", "trade 2 @ 5 b:1 (0) c:1 (1)", "trade 1 @ 5 a:1 (6) c:1 (0)"]);
      expect(book).toEqual(["book  | 5 2 1"]);
    });

    it("give up what is hidden first", () => {
      const reduce = (by: string): Command => ({ cmd: "reduce", account: "a", clOrdId: 1, by });
      expect(play([iceberg, reduce("6"), BOOK, reduce("2"), BOOK]).slice(1)).toEqual([
        ["reduced a:1 by 6 to 4 user"],
        ["book  | 5 3 1"],
        ["reduced a:1 by 2 to 2 user"],
        ["book  | 5 2 1"],
      ]);
    });

    it("lose their place by a new displayQty, and keep it with the same", () => {
      const replace = (displayQty: string): Command => ({ cmd: "replace", account: "a", clOrdId: 1, displayQty });
      const twoLots = order("a", 1, "sell 10 @ 5");
      expect(play([twoLots, replace("4"), replace("4"), replace("0"), replace("11")]).slice(1)).toEqual([
        ["replaced a:1 a:1 10/10 @ 5 tail shows 4"],
        ["replaced a:1 a:1 10/10 @ 5 kept shows 4"],
        ["BAD_DISPLAY_QTY"],
        ["BAD_DISPLAY_QTY"],
      ]);
    });

    it("count whole for self-trade prevention", () => {
      const sweep = order("a", 2, "buy 4 @ 5", { stp: "decrement" });
      expect(play([iceberg, sweep, BOOK]).slice(1)).toEqual([
        ["accepted a:2", "reduced a:1 by 4 to 6 selfTrade", "canceled a:2 4 selfTrade"],
        ["book  | 5 3 1"],
      ]);
    });

    it("have at most 100,000 tranches", () => {
      expect(play([order("a", 1, "sell 100001 @ 5", { displayQty: "1" }), order("a", 1, "sell 100000 @ 5", { displayQty: "1" })])).toEqual([
        ["BAD_DISPLAY_QTY"],
        ["accepted a:1"],
      ]);
    });
  });

  describe("all or nothing", () => {
    it("meets an own order between two tranches", () => {
      const book = [order("a", 1, "sell 10 @ 5", { displayQty: "2" }), order("c", 1, "sell 1 @ 5")];
      const fok = (stp: "cancelNewest" | "cancelOldest") => order("c", 2, "buy 4 @ 5", { tif: "fok", stp });
      expect(last([...book, fok("cancelNewest")])).toEqual(["accepted c:2", "canceled c:2 4 fok"]);
      expect(last([...book, fok("cancelOldest")])).toEqual([
        "accepted c:2",
        "trade 2 @ 5 a:1 (8) c:2 (2)",
        "canceled c:1 1 selfTrade",
        "trade 2 @ 5 a:1 (6) c:2 (0)",
      ]);
    });

    it("wants minQty and then what it can get", () => {
      const ioc = (qty: number) => order("b", 1, `buy ${qty} @ 5`, { tif: "ioc", minQty: "4" });
      expect(last([order("a", 1, "sell 3 @ 5"), ioc(5)])).toEqual(["accepted b:1", "canceled b:1 5 minQty"]);
      expect(last([order("a", 1, "sell 4 @ 5"), ioc(5)])).toEqual(["accepted b:1", "trade 4 @ 5 a:1 (0) b:1 (1)", "canceled b:1 1 ioc"]);
    });

    it("counts a reduce-only maker by its room", () => {
      // a is long 5, offers all of it, and then sells 2 of it elsewhere.
      const before = [
        ...[order("b", 1, "sell 5 @ 5"), order("a", 1, "buy 5 @ 5"), order("a", 2, "sell 5 @ 6", { reduceOnly: true })],
        ...[order("d", 1, "buy 2 @ 5"), order("a", 3, "sell 2")],
      ];
      const told = play([...before, order("c", 1, "buy 5 @ 6", { tif: "fok" }), order("c", 2, "buy 4 @ 6")]).slice(-2);
      expect(told).toEqual([
        ["accepted c:1", "canceled c:1 5 fok"],
        ["accepted c:2", "reduced a:2 by 2 to 3 reduceOnly", "trade 3 @ 6 a:2 (0) c:2 (1)"],
      ]);
    });

    it("counts only what is within the band and the protection", () => {
      const book = [order("a", 1, "sell 1 @ 104"), order("a", 2, "sell 1 @ 106")];
      const terms = { lastPrice: "100", bandBps: 500 };
      expect(last([...book, order("b", 1, "buy 2 @ 110", { tif: "fok" })], terms)).toEqual(["accepted b:1", "canceled b:1 2 fok"]);
      const guarded = { marketProtectionBps: 100 };
      expect(last([...book, order("b", 1, "buy 2", { tif: "fok" })], guarded)).toEqual(["accepted b:1", "canceled b:1 2 fok"]);
    });
  });

  describe("market orders", () => {
    it("go as far as the protection and no further, inclusive", () => {
      const book = [10, 11, 12].map((price) => order("a", price, `sell 1 @ ${price}`));
      expect(last([...book, order("b", 1, "buy 3")], { marketProtectionBps: 1000 })).toEqual([
        ...["accepted b:1", "trade 1 @ 10 a:10 (0) b:1 (2)", "trade 1 @ 11 a:11 (0) b:1 (1)", "canceled b:1 1 noLiquidity"],
      ]);
    });

    const money = (quoteQty: string, more = {}) => order("b", 9, "buy", { quoteQty, ...more });

    it("spend an amount in whole lots", () => {
      const book = [order("a", 1, "sell 2 @ 3"), order("a", 2, "sell 5 @ 4")];
      expect(last([...book, money("11")])).toEqual([
        ...["accepted b:9", "trade 2 @ 3 a:1 (0) b:9 (?)", "trade 1 @ 4 a:2 (4) b:9 (?)", "canceled b:9 money 1 noLiquidity"],
      ]);
      expect(last([...book, money("10")])).toEqual(["accepted b:9", "trade 2 @ 3 a:1 (0) b:9 (?)", "trade 1 @ 4 a:2 (4) b:9 (?)"]);
      expect(last([...book, money("2.999999")])).toEqual(["accepted b:9", "canceled b:9 money 2.999999 noLiquidity"]);
    });

    it("give the notional of an own order up under decrement", () => {
      const book = [order("b", 1, "sell 2 @ 3"), order("a", 2, "sell 5 @ 4")];
      expect(last([...book, money("11", { stp: "decrement" })])).toEqual([
        ...["accepted b:9", "canceled b:1 2 selfTrade", "reduced b:9 by 2 to ? selfTrade"],
        ...["trade 1 @ 4 a:2 (4) b:9 (?)", "canceled b:9 money 1 noLiquidity"],
      ]);
      expect(last([...book, money("6", { stp: "decrement" })])).toEqual([
        ...["accepted b:9", "canceled b:1 2 selfTrade", "canceled b:9 money 6 selfTrade"],
      ]);
    });

    it("that only reduce stop when the position is flat", () => {
      const short = [order("a", 1, "buy 2 @ 3"), order("b", 1, "sell 2 @ 3"), order("a", 2, "sell 5 @ 3")];
      expect(last([...short, money("100", { reduceOnly: true })])).toEqual([
        ...["accepted b:9", "trade 2 @ 3 a:2 (3) b:9 (?)", "canceled b:9 money 94 reduceOnly"],
      ]);
      expect(last([order("a", 2, "sell 5 @ 3"), money("100", { reduceOnly: true })])).toEqual([
        ...["accepted b:9", "canceled b:9 money 100 reduceOnly"],
      ]);
    });
  });

  describe("stops", () => {
    it("fire in one queue: by stop price, what a fired one reaches behind", () => {
      const asks = [order("d", 1, "sell 1 @ 11"), order("d", 2, "sell 1 @ 12"), order("d", 3, "sell 2 @ 13")];
      const stops = [
        stop("a", 12, "buy 1 at 12"),
        stop("a", 11, "buy 1 at 11"),
        stop("b", 13, "buy 1 at 13"),
        stop("b", 9, "sell 1 at 12"),
      ];
      // The sell stop at 12 is above the last trade: it would fire on entry, so it comes before there is a trade.
      expect(last([...stops, ...asks, order("c", 1, "buy 2")])).toEqual([
        ...["accepted c:1", "trade 1 @ 11 d:1 (0) c:1 (1)", "trade 1 @ 12 d:2 (0) c:1 (0)"],
        // Reached by the prints: buys at 11 and 12, then the sell (11 ≤ 12).
        ...["triggered a:11 at 12", "trade 1 @ 13 d:3 (1) a:11 (0)"],
        ...["triggered a:12 at 13", "trade 1 @ 13 d:3 (0) a:12 (0)"],
        ...["triggered b:9 at 13", "canceled b:9 1 noLiquidity", "triggered b:13 at 13", "canceled b:13 1 noLiquidity"],
      ]);
    });

    it("sleep without a trade, and fire on entry when they are reached", () => {
      const told = play([stop("a", 1, "buy 1 at 5"), orders("a"), ...traded(7), stop("b", 1, "buy 1 at 7"), stop("b", 2, "sell 1 at 6")]);
      expect(told[1]).toEqual(["1 dormant stop 1 5"]);
      expect(told[3]).toEqual(["accepted e:900", "trade 1 @ 7 d:900 (0) e:900 (0)", "triggered a:1 at 7", "canceled a:1 1 noLiquidity"]);
      expect(told.slice(4)).toEqual([["accepted b:1", "triggered b:1 at 7", "canceled b:1 1 noLiquidity"], ["accepted b:2"]]);
    });

    it("that trail follow the trades, never back", () => {
      const trailing = order("a", 1, "sell 1", { type: "trailingStop", trail: "2" });
      const told = play([trailing, ...traded(10), trailing, ...traded(13), orders("a"), ...traded(12), orders("a"), ...traded(11)]);
      expect(told[0]).toEqual(["NO_REFERENCE_PRICE"]);
      expect(told[6]).toEqual(["1 dormant trailingStop 1 11"]);
      expect(told[9]).toEqual(["1 dormant trailingStop 1 11"]);
      expect(told[11]).toEqual(["accepted e:900", "trade 1 @ 11 d:900 (0) e:900 (0)", "triggered a:1 at 11", "canceled a:1 1 noLiquidity"]);
    });

    it("that trail by basis points round the distance down, to one tick at least", () => {
      const trailing = (clOrdId: number, trailBps: number) => order("a", clOrdId, "buy 1", { type: "trailingStop", trailBps });
      expect(last([...traded(19), trailing(1, 1), trailing(2, 1500), trailing(3, 9999), orders("a")])).toEqual([
        "1 dormant trailingStop 1 20; 2 dormant trailingStop 1 21; 3 dormant trailingStop 1 37",
      ]);
      expect(play([...traded(19), trailing(1, 0), trailing(2, 10_000)]).slice(2)).toEqual([["BAD_TRAIL"], ["BAD_TRAIL"]]);
    });

    it("may be replaced while they sleep, and fire when that reaches them", () => {
      const replace = (change: object): Command => ({ cmd: "replace", account: "a", clOrdId: 1, ...change });
      const told = play([
        ...[...traded(10), stop("a", 1, "buy 5 at 12 limit 13")],
        ...[
          replace({ qty: "4" }),
          replace({ price: "14" }),
          replace({ qty: "5" }),
          replace({ stopPrice: "10" }),
          replace({ stopPrice: "9" }),
        ],
      ]);
      expect(told.slice(3)).toEqual([
        ["replaced a:1 a:1 4/4 @ 13 kept"],
        ["replaced a:1 a:1 4/4 @ 14 tail"],
        ["replaced a:1 a:1 5/5 @ 14 tail"],
        ["replaced a:1 a:1 5/5 @ 14 tail stop 10", "triggered a:1 at 10"],
        ["BAD_FLAGS"],
      ]);
    });

    it("are canceled riskOnTrigger under a kill switch", () => {
      const kill: Command = { cmd: "kill", scope: "account", account: "a", on: true };
      expect(last([stop("a", 1, "buy 1 at 5"), kill, ...traded(5)])).toEqual([
        ...["accepted e:900", "trade 1 @ 5 d:900 (0) e:900 (0)", "triggered a:1 at 5", "canceled a:1 1 riskOnTrigger"],
      ]);
    });

    it("wait for the opening, and are tested against the last trade before the uncross and then against its price", () => {
      const told = play([
        ...[...traded(10), state("auctionCall"), stop("a", 1, "buy 1 at 9"), stop("a", 2, "sell 1 at 7"), stop("a", 3, "buy 1 at 11")],
        ...[order("b", 1, "buy 1 @ 7"), order("c", 1, "sell 1 @ 7"), state("open")],
      ]);
      expect(told[3]).toEqual(["accepted a:1"]);
      expect(told.at(-1)).toEqual([
        ...["T open admin", "result 1 @ 7", "uncross 1 @ 7 b:1 (0) c:1 (0)"],
        ...["triggered a:1 at 7", "canceled a:1 1 noLiquidity", "triggered a:2 at 7", "canceled a:2 1 noLiquidity"],
      ]);
    });
  });

  describe("pairs", () => {
    const limit = order("a", 1, "sell 10 @ 12", { oco: 2 });
    const other = stop("a", 2, "sell 10 at 8", { oco: 1 });

    it("wait for the second leg", () => {
      expect(play([limit, orders("a"), BOOK, other, orders("a")])).toEqual([
        ...[["accepted a:1"], ["1 pending limit 10 -"], ["book  | "], ["accepted a:2"]],
        ["1 resting limit 10 -; 2 dormant stop 10 8"],
      ]);
    });

    it("lose as much of one leg as the other trades", () => {
      const pair = [other, limit];
      expect(play([...pair, order("b", 1, "buy 4 @ 12"), order("b", 2, "buy 6 @ 12")]).slice(2)).toEqual([
        ["accepted b:1", "trade 4 @ 12 a:1 (6) b:1 (0)", "reduced a:2 by 4 to 6 oco"],
        ["accepted b:2", "trade 6 @ 12 a:1 (0) b:2 (0)", "canceled a:2 6 oco"],
      ]);
    });

    it("stay pairs when the stop fires, and end when it trades out", () => {
      const bid = order("b", 1, "buy 4 @ 7");
      // The fired stop sells 4 of its 10, and what is left of it finds nobody.
      expect(last([limit, other, bid, ...traded(8)])).toEqual([
        ...["accepted e:900", "trade 1 @ 8 d:900 (0) e:900 (0)", "triggered a:2 at 8"],
        ...["trade 4 @ 7 b:1 (0) a:2 (6)", "reduced a:1 by 4 to 6 oco", "canceled a:2 6 noLiquidity", "canceled a:1 6 oco"],
      ]);
    });

    it("enter the limit first, whose trades may reach stops and shrink the other", () => {
      const before = [...traded(10), order("b", 1, "buy 3 @ 12"), stop("c", 1, "buy 1 at 12")];
      expect(last([...before, other, order("a", 1, "sell 10 @ 11", { oco: 2 })])).toEqual([
        ...["accepted a:1", "trade 3 @ 12 b:1 (0) a:1 (7)", "reduced a:2 by 3 to 7 oco"],
        ...["triggered c:1 at 12", "trade 1 @ 11 a:1 (6) c:1 (0)", "reduced a:2 by 1 to 6 oco"],
      ]);
    });

    it("are reduced and canceled together, and mass canceled one by one", () => {
      const reduce: Command = { cmd: "reduce", account: "a", clOrdId: 2, by: "3" };
      const cancel: Command = { cmd: "cancel", account: "a", clOrdId: 2 };
      const massCancel: Command = { cmd: "massCancel", account: "a" };
      expect(play([limit, other, reduce, cancel]).slice(2)).toEqual([
        ["reduced a:2 by 3 to 7 user", "reduced a:1 by 3 to 7 oco"],
        ["canceled a:2 7 user", "canceled a:1 7 oco"],
      ]);
      expect(last([limit, other, massCancel])).toEqual(["canceled a:1 10 massCancel", "canceled a:2 10 massCancel", "massCanceled a 2"]);
      expect(play([limit, cancel, { cmd: "cancel", account: "a", clOrdId: 1 }]).slice(1)).toEqual([
        ["UNKNOWN_ORDER"],
        ["canceled a:1 10 user"],
      ]);
    });

    it("must be of one side, name each other, and be a limit and a stop", () => {
      const bad = [
        ...[stop("a", 2, "buy 10 at 8", { oco: 1 }), order("a", 2, "sell 10 @ 12", { oco: 1 }), stop("a", 2, "sell 10 at 8", { oco: 2 })],
        ...[order("a", 2, "sell 1", { oco: 1 }), stop("a", 2, "sell 10 at 8", { oco: 0 })],
        ...[order("a", 2, "sell 10 @ 12", { oco: 1, postOnly: true }), order("a", 2, "sell 10 @ 12", { oco: 1, tif: "ioc" })],
      ];
      for (const leg of bad) expect(last([limit, leg])).toEqual(["BAD_OCO"]);
      // One that names an order which does not live is a first leg itself; the other of its own name does not fit then.
      const stranger = stop("a", 3, "sell 10 at 8", { oco: 7 });
      expect(play([limit, stranger, order("a", 7, "sell 10 @ 12", { oco: 1 }), orders("a")]).slice(1)).toEqual([
        ["accepted a:3"],
        ["BAD_OCO"],
        ["1 pending limit 10 -; 3 pending stop 10 8"],
      ]);
    });

    it("keep their quantity in a replace", () => {
      const replace = (change: object): Command => ({ cmd: "replace", account: "a", clOrdId: 1, ...change });
      expect(
        play([limit, other, state("halted"), replace({ qty: "9" }), replace({ qty: "10" }), state("open"), replace({ qty: "10" })]).slice(
          3,
        ),
      ).toEqual([...[["BAD_OCO"], ["STATE_NOT_ALLOWED"], ["T open admin"]], ["replaced a:1 a:1 10/10 @ 12 kept"]]);
    });
  });

  describe("auctions", () => {
    const call = state("auctionCall");

    it("take the price by A3", () => {
      const indication = (buys: string, sells: string, terms = {}) =>
        last([call, order("a", 1, buys), order("b", 1, sells)], terms).slice(1);
      expect(indication("buy 10 @ 12", "sell 5 @ 10")).toEqual(["indication 5 @ 12"]);
      expect(indication("buy 5 @ 12", "sell 10 @ 10")).toEqual(["indication 5 @ 10"]);
      expect(indication("buy 5 @ 12", "sell 5 @ 10")).toEqual(["indication 5 @ 10"]);
      expect(indication("buy 5 @ 12", "sell 5 @ 10", { lastPrice: "11" })).toEqual(["indication 5 @ 11"]);
      expect(indication("buy 5 @ 12", "sell 5 @ 10", { lastPrice: "40" })).toEqual(["indication 5 @ 12"]);
      expect(indication("buy 5 @ 9", "sell 5 @ 10")).toEqual([]);
    });

    it("choose by volume, then by surplus", () => {
      const book = [order("a", 1, "buy 5 @ 12"), order("a", 2, "buy 5 @ 11"), order("b", 1, "sell 6 @ 10"), order("b", 2, "sell 5 @ 12")];
      // At 10 and 11: 10 bid, 6 offered; at 12: 5 bid, 11 offered.
      expect(last([call, ...book])).toEqual(["accepted b:2"]);
      expect(last([call, ...book, state("open")])).toEqual([
        ...["T open admin", "result 6 @ 11", "uncross 5 @ 11 a:1 (0) b:1 (1)", "uncross 1 @ 11 a:2 (4) b:1 (0)"],
      ]);
    });

    it("say at entry what they would do, even nothing, and then only what changes", () => {
      expect(play([call, order("a", 1, "buy 5 @ 12"), order("a", 2, "sell 5 @ 12"), { cmd: "cancel", account: "a", clOrdId: 2 }])).toEqual([
        ["T auctionCall admin", "indication 0 @ -"],
        ["accepted a:1"],
        ["accepted a:2", "indication 5 @ 12"],
        ["canceled a:2 5 user", "indication 0 @ -"],
      ]);
    });

    it("trade icebergs tranche by tranche, and an account with itself", () => {
      const book = [order("a", 1, "buy 5 @ 12", { displayQty: "2" }), order("b", 1, "buy 2 @ 12"), order("a", 2, "sell 6 @ 12")];
      expect(last([call, ...book, state("open")])).toEqual([
        ...[
          "T open admin",
          "result 6 @ 12",
          "uncross 2 @ 12 a:1 (3) a:2 (4)",
          "uncross 2 @ 12 b:1 (0) a:2 (2)",
          "uncross 2 @ 12 a:1 (1) a:2 (0)",
        ],
      ]);
    });

    it("cut what may only reduce, before and between the prints", () => {
      // a is long 4 and offers that twice.
      const long = [order("d", 1, "sell 4 @ 10"), order("a", 1, "buy 4 @ 10"), call];
      const offers = [order("a", 2, "sell 4 @ 10", { reduceOnly: true }), order("a", 3, "sell 4 @ 10", { reduceOnly: true })];
      expect(last([...long, ...offers, order("b", 1, "buy 6 @ 10"), state("open")])).toEqual([
        ...["T open admin", "result 6 @ 10", "uncross 4 @ 10 a:2 (0) b:1 (2)", "canceled a:3 4 reduceOnly"],
      ]);
    });

    it("are repeated when a cut has left the book crossed", () => {
      const long = [order("d", 1, "sell 4 @ 10"), order("a", 1, "buy 4 @ 10"), call];
      const offers = [
        order("a", 2, "sell 4 @ 8", { reduceOnly: true }),
        order("a", 3, "sell 4 @ 8", { reduceOnly: true }),
        order("c", 1, "sell 5 @ 9"),
      ];
      expect(last([...long, ...offers, order("b", 1, "buy 8 @ 10"), state("open")])).toEqual([
        ...["T open admin", "result 8 @ 8", "uncross 4 @ 8 a:2 (0) b:1 (4)", "canceled a:3 4 reduceOnly"],
        ...["result 4 @ 9", "uncross 4 @ 9 c:1 (1) b:1 (0)"],
      ]);
    });
  });

  describe("volatility interruptions", () => {
    const terms = { lastPrice: "100", bandBps: 500, auctionUs: 50 };
    const asks = [order("a", 1, "sell 1 @ 105"), order("a", 2, "sell 1 @ 106")];

    it("stop the match at the band; what is left rests, and the timer opens again", () => {
      const told = play([...asks, time(7), order("b", 1, "buy 3 @ 110"), time(56), time(57)], terms);
      expect(told.slice(3)).toEqual([
        ["accepted b:1", "trade 1 @ 105 a:1 (0) b:1 (2)", "T auctionCall volatility", "indication 1 @ 110"],
        ["ok"],
        ["ok", "T open timer", "result 1 @ 110", "uncross 1 @ 110 a:2 (0) b:1 (1)"],
      ]);
    });

    it("cancel what may not rest, and come without a trade too", () => {
      const market = order("b", 1, "buy 2");
      expect(last([order("a", 1, "sell 9 @ 106"), market], terms)).toEqual([
        ...["accepted b:1", "canceled b:1 2 noLiquidity", "T auctionCall volatility", "indication 0 @ -"],
      ]);
      expect(last([order("a", 1, "sell 9 @ 106"), order("b", 1, "buy", { quoteQty: "105" })], terms)).toEqual([
        ...["accepted b:1", "canceled b:1 money 105 noLiquidity"],
      ]);
    });

    it("send queued stops back to sleep, and fire nothing by their own prints", () => {
      const stops = [stop("c", 1, "buy 1 at 105"), stop("c", 2, "buy 1 at 105 limit 105"), stop("c", 3, "buy 1 at 107")];
      const told = play(
        [...stops, order("a", 1, "sell 1 @ 105"), order("a", 2, "sell 4 @ 107"), order("b", 1, "buy 1"), orders("c")],
        terms,
      );
      expect(told.slice(5)).toEqual([
        [
          "accepted b:1",
          "trade 1 @ 105 a:1 (0) b:1 (0)",
          "triggered c:1 at 105",
          "canceled c:1 1 noLiquidity",
          "T auctionCall volatility",
          "indication 0 @ -",
        ],
        ["2 dormant stopLimit 1 105; 3 dormant stop 1 107"],
      ]);
    });
  });

  describe("states, the clock and kill switches", () => {
    it("take post-only orders that cross only while not open", () => {
      const book = [order("a", 1, "sell 1 @ 5")];
      const crossing = order("a", 2, "buy 1 @ 5", { postOnly: true });
      expect(last([...book, crossing])).toEqual(["POST_ONLY_WOULD_CROSS"]);
      expect(last([...book, state("preOpen"), crossing])).toEqual(["accepted a:2"]);
    });

    it("refuse by state before they look at the shape", () => {
      const bad = order("a", 1, "buy 1 @ 5.5");
      expect(last([state("halted"), bad])).toEqual(["STATE_NOT_ALLOWED"]);
      expect(last([state("preOpen"), bad])).toEqual(["PRICE_OFF_TICK"]);
      expect(last([state("preOpen"), order("a", 1, "buy 1 @ 5.5", { tif: "ioc" })])).toEqual(["STATE_NOT_ALLOWED"]);
      expect(last([state("open")])).toEqual(["STATE_UNCHANGED"]);
    });

    it("expire day orders at the close: buys, sells, then those that sleep; then cancel what was asked for", () => {
      const day = { tif: "day" } as const;
      const book = [
        ...[
          stop("a", 1, "buy 1 at 9", day),
          order("a", 2, "sell 1 @ 8", day),
          order("a", 3, "buy 1 @ 5", day),
          order("a", 4, "buy 1 @ 6", day),
        ],
        order("b", 1, "buy 1 @ 4"),
      ];
      expect(last([...book, state("closed", true)])).toEqual([
        ...["T closed admin", "canceled a:4 1 expired", "canceled a:3 1 expired", "canceled a:2 1 expired", "canceled a:1 1 expired"],
        "canceled b:1 1 halt",
      ]);
    });

    it("fire timers by their times, expiries before openings", () => {
      const terms = { lastPrice: "100", bandBps: 500, auctionUs: 50 };
      const gtd = (clOrdId: number, expireTime: number) => order("b", clOrdId, "buy 1 @ 110", { tif: "gtd", expireTime });
      const told = play([order("a", 1, "sell 2 @ 106"), gtd(1, 51), gtd(2, 50), gtd(3, 49), gtd(4, 0), time(60)], terms);
      expect(told[1]).toEqual(["accepted b:1", "T auctionCall volatility", "indication 1 @ 106"]);
      expect(told[4]).toEqual(["EXPIRE_TIME_PAST"]);
      expect(told[5]).toEqual([
        ...["ok", "canceled b:3 1 expired", "canceled b:2 1 expired", "T open timer", "result 1 @ 106", "uncross 1 @ 106 a:1 (1) b:1 (0)"],
      ]);
    });

    it("stop new orders and replaces by a kill switch, and let cancels pass", () => {
      const kill = (on: boolean, cancel?: boolean): Command => ({
        cmd: "kill",
        scope: "instrument",
        symbol: "T",
        on,
        ...(cancel ? { cancel } : {}),
      });
      const told = play([
        ...[
          order("a", 1, "buy 5 @ 5"),
          kill(true),
          order("a", 2, "buy 5 @ 5"),
          { cmd: "replace", account: "a", clOrdId: 1, price: "6" } as const,
        ],
        ...[{ cmd: "reduce", account: "a", clOrdId: 1, by: "2" } as const, kill(true, true), kill(false, true), order("a", 2, "buy 5 @ 5")],
      ]);
      expect(told.slice(1)).toEqual([
        ...[["ok"], ["KILL_SWITCH"], ["KILL_SWITCH"], ["reduced a:1 by 2 to 3 user"]],
        ...[["ok", "canceled a:1 3 killSwitch"], ["ok"], ["accepted a:2"]],
      ]);
      expect(last([{ cmd: "kill", scope: "global", symbol: "T", on: true }])).toEqual(["error"]);
    });

    it("pass a replace below what is filled in every state", () => {
      const replace = (qty: string): Command => ({ cmd: "replace", account: "a", clOrdId: 1, qty });
      const before = [order("a", 1, "buy 5 @ 5"), order("b", 1, "sell 2 @ 5"), state("halted")];
      expect(play([...before, replace("3"), replace("2")]).slice(3)).toEqual([
        ["STATE_NOT_ALLOWED"],
        ["canceled a:1 3 replacedBelowFilled"],
      ]);
    });
  });
});

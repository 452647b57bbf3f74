import { describe, expect, it } from "vitest";
import type { Command, NewCommand } from "../../engine/edge/types.js";
import { order, stop } from "../twin/tell.js";
import { account, balances, cancel, deposit, inM, limits, M, mark, play as playOn, T } from "./risk-world.js";
import { SUBJECTS } from "./twin-subjects.js";

describe.each(Object.keys(SUBJECTS))("ledger and margin of the %s", (name) => {
  const play = (...commands: readonly Command[]) => playOn(name, commands);

  /** What is told of the last so many of them. */
  const last = (count: number, ...commands: readonly Command[]) => play(...commands).slice(-count);

  describe("cash accounts", () => {
    const a = [account("a"), deposit("a", "1000")];
    const b = [account("b"), deposit("b", "100", "GOLD")];

    it("hold price and worst fee of each lot on a buy, goods on a sell, and get back what is canceled", () => {
      // 33 × 0.0025 = 0.0825 a lot, rounded up to 0.09: 3 × 33.09.
      expect(last(3, ...a, order("a", 1, "buy 3 @ 33"), balances("a"), cancel("a", 1), balances("a")).flat()).toEqual([
        ...["CENT 1000 held 99.27 free 900.73", "canceled a:1 3 user", "CENT 1000 held 0 free 1000"],
      ]);
      expect(last(1, ...b, order("b", 1, "sell 7 @ 33"), balances("b"))).toEqual([["GOLD 100 held 7 free 93"]]);
    });

    it("pay what a fill costs at the fill, each fee rounded up by itself; the hold for the worst fee is given back", () => {
      // Maker 66 × 0.001 = 0.066 → 0.07; taker 66 × 0.0025 = 0.165 → 0.17. One lot stays, held with 33.09.
      const [trade, ofA, ofB] = last(
        3,
        ...a,
        ...b,
        order("a", 1, "buy 3 @ 33"),
        order("b", 1, "sell 2 @ 30"),
        balances("a"),
        balances("b"),
      );
      expect(trade).toEqual(["accepted b:1", "trade 2 @ 33 a:1 (1) fee 0.07 b:1 (0) fee 0.17"]);
      expect(ofA).toEqual(["CENT 933.93 held 33.09 free 900.84; GOLD 2 held 0 free 2"]);
      expect(ofB).toEqual(["CENT 65.83 held 0 free 65.83; GOLD 98 held 0 free 98"]);
    });

    it("round a rebate down", () => {
      const rebate: Command = { ...(T as Command & { cmd: "instrument" }), symbol: "R", makerFeePpm: -1000, takerFeePpm: 2500 };
      const inR = { symbol: "R" };
      // 66 × 0.001 = 0.066: 0.06 are given.
      expect(last(1, rebate, ...a, ...b, order("a", 1, "buy 2 @ 33", inR), order("b", 1, "sell 2 @ 33", inR))).toEqual([
        ["accepted b:1", "trade 2 @ 33 a:1 (0) fee -0.06 b:1 (0) fee 0.17"],
      ]);
    });

    it("have a market buy only when they can pay its sweep to the atom", () => {
      const asks = [order("b", 1, "sell 1 @ 33"), order("b", 2, "sell 2 @ 40")];
      // 33 + 0.09 + 80 + 0.20 = 113.29.
      const buys = (funds: string) => last(2, account("a"), deposit("a", funds), ...b, ...asks, order("a", 1, "buy 3"), balances("a"));
      expect(buys("113.28")).toEqual([["INSUFFICIENT_FUNDS"], ["CENT 113.28 held 0 free 113.28"]]);
      expect(buys("113.29")[0]).toHaveLength(3);
      expect(buys("113.29")[1]).toEqual(["CENT 0 held 0 free 0; GOLD 3 held 0 free 3"]);
    });

    it("can buy for all they have and not for an atom more", () => {
      expect(last(1, account("a"), deposit("a", "33.08"), order("a", 1, "buy 1 @ 33"))).toEqual([["INSUFFICIENT_FUNDS"]]);
      expect(last(1, account("a"), deposit("a", "33.09"), order("a", 1, "buy 1 @ 33"))).toEqual([["accepted a:1"]]);
    });

    it("pay only the difference of a replace", () => {
      const replace = (price: string): Command => ({ cmd: "replace", account: "a", clOrdId: 1, price });
      const before = [account("a"), deposit("a", "70"), order("a", 1, "buy 1 @ 33")];
      // 69 + 0.18 fits into 70, 70 + 0.18 does not.
      expect(last(2, ...before, replace("70"), replace("69")).flat()).toEqual(["INSUFFICIENT_FUNDS", "replaced a:1 a:1 1/1 @ 69 tail"]);
    });

    it("hold the larger of the two legs of a pair", () => {
      const legs = [order("a", 1, "buy 2 @ 30", { oco: 2 }), stop("a", 2, "buy 2 at 40", { oco: 1 })];
      // 2 × (40 + 0.10).
      expect(last(1, ...a, ...legs, balances("a"))).toEqual([["CENT 1000 held 80.2 free 919.8"]]);
      expect(last(1, ...a, ...legs, { cmd: "massCancel", account: "a" }, balances("a"))).toEqual([["CENT 1000 held 0 free 1000"]]);
    });

    it("may not reduce only, nor trade on margin; nor may a margin account trade spot", () => {
      expect(last(1, ...a, order("a", 1, "buy 1 @ 1", { reduceOnly: true }))).toEqual([["BAD_FLAGS"]]);
      expect(last(1, ...a, inM("a", 1, "buy 1 @ 1"))).toEqual([["WRONG_ACCOUNT_MODE"]]);
      expect(last(1, account("m", "margin"), order("m", 1, "buy 1 @ 1"))).toEqual([["WRONG_ACCOUNT_MODE"]]);
    });

    it("peers' defect: counters that leak after mass cancel or self-trade", () => {
      const own = [order("a", 1, "buy 3 @ 33"), order("a", 2, "buy 2 @ 34")];
      const left = (...commands: Command[]) => last(1, ...a, deposit("a", "5", "GOLD"), ...own, ...commands, balances("a"))[0];
      const nothingHeld = ["CENT 1000 held 0 free 1000; GOLD 5 held 0 free 5"];
      expect(left({ cmd: "massCancel", account: "a" })).toEqual(nothingHeld);
      expect(left(order("a", 3, "sell 5 @ 33", { stp: "cancelBoth" }), { cmd: "massCancel", account: "a" })).toEqual(nothingHeld);
      expect(left(order("a", 3, "sell 5 @ 33", { stp: "decrement" }))).toEqual(nothingHeld);
      // And nothing of it counts as open any more.
      const limited = limits({ maxOpenOrders: 1, maxOpenNotional: "33" });
      expect(last(1, ...a, ...own, { cmd: "massCancel", account: "a" }, limited, order("a", 4, "buy 1 @ 33"))[0]?.[0]).toBe("accepted a:4");
    });
  });

  describe("margin accounts", () => {
    const a = [account("a", "margin"), deposit("a", "1000")];
    const u = [account("u", "unchecked")];

    it("need initial margin for the worse side, with orders, and of each instrument", () => {
      // 10 lots at 50 are 1000; a tenth of it.
      expect(last(1, ...a, inM("a", 1, "buy 10 @ 50"), balances("a"))).toEqual([["CENT 1000 held 100 free 900"]]);
      expect(last(1, ...a, inM("a", 1, "buy 10 @ 50"), inM("a", 2, "sell 12 @ 51"), balances("a"))).toEqual([
        ["CENT 1000 held 122.4 free 877.6"],
      ]);
      expect(last(2, ...a, inM("a", 1, "buy 100 @ 50"), inM("a", 2, "buy 1 @ 1"), inM("a", 3, "sell 98 @ 51")).flat()).toEqual([
        ...["INSUFFICIENT_MARGIN", "accepted a:3"],
      ]);
    });

    it("peers' defect: margin of other positions overwritten instead of summed", () => {
      const second: Command = { ...(M as Command & { cmd: "instrument" }), symbol: "N" };
      const orders = [inM("a", 1, "buy 10 @ 50"), inM("a", 2, "buy 10 @ 50", { symbol: "N" })];
      expect(last(1, second, ...a, ...orders, balances("a"))).toEqual([["CENT 1000 held 200 free 800"]]);
      const sells = [inM("u", 1, "sell 10 @ 50"), inM("u", 2, "sell 10 @ 50", { symbol: "N" })];
      expect(last(1, second, ...a, ...u, ...orders, ...sells, balances("a"))[0]?.[0]).toMatch(/^CENT 1000 held 200 free 800;/);
    });

    const long10 = [...a, ...u, inM("u", 1, "sell 10 @ 50"), inM("a", 1, "buy 10 @ 50")];

    it("peers' defect: a partial close that realises no PnL", () => {
      // 4 of 10 lots that cost 1000, sold at 53: 424 − 400 = 24; the rest costs 600 and is worth 6 × 53 × 2 = 636.
      const [, ofA] = last(2, ...long10, inM("u", 2, "buy 4 @ 53"), inM("a", 2, "sell 4 @ 53"), balances("a"));
      expect(ofA).toEqual(["CENT 1024 held 63.6 free 996.4; M 6 cost 600 realised 24 unrealised 36"]);
    });

    it("round the share of the cost down and keep the remainder in the rest", () => {
      // 3 lots cost 2 × (10 + 10 + 11) = 62; one of them 20.66; at 12 it brings 24.
      const buys = [inM("u", 1, "sell 2 @ 10"), inM("u", 2, "sell 1 @ 11"), inM("a", 1, "buy 3 @ 11")];
      const sell = [inM("u", 3, "buy 1 @ 12"), inM("a", 2, "sell 1 @ 12")];
      expect(last(1, ...a, ...u, ...buys, ...sell, balances("a"))[0]?.[0]).toMatch(/; M 2 cost 41\.34 realised 3\.34 unrealised 6\.66$/);
    });

    it("turn a position around: the old one is realised, the rest opens anew", () => {
      // 10 long of 1000; 15 sold at 40 bring 1200: 800 for the 10, which is −200; 5 short of −400.
      const turned = last(1, ...long10, inM("u", 2, "buy 15 @ 40"), inM("a", 2, "sell 15 @ 40"), balances("a"))[0];
      expect(turned).toEqual(["CENT 800 held 40 free 760; M -5 cost -400 realised -200 unrealised 0"]);
    });

    it("peers' defect: balances that lag behind events", () => {
      // 47 × 10 × 2 = 940: 60 are lost on paper, at once; the margin follows the mark.
      expect(last(2, ...long10, mark("47"), balances("a")).flat()).toEqual([
        ...["ok", "CENT 1000 held 94 free 846; M 10 cost 1000 realised 0 unrealised -60"],
      ]);
    });

    it("withdraw the smaller of balance and equity, less the margin", () => {
      const withdraw = (amount: string, ref: string): Command => ({ cmd: "withdraw", account: "a", currency: "CENT", amount, ref });
      // At 60 there are 200 more on paper, which cannot be withdrawn: 1000 − 120.
      expect(last(2, ...long10, mark("60"), withdraw("880.01", "w1"), withdraw("880", "w2")).flat()).toEqual([
        ...["INSUFFICIENT_FUNDS", "ok risk 150000"],
      ]);
      expect(last(2, ...long10, mark("47"), withdraw("846.01", "w1"), withdraw("846", "w2")).flat()).toEqual([
        ...["INSUFFICIENT_FUNDS", "ok risk 150000"],
      ]);
    });

    it("are liquidated below the maintenance margin, and not at it: orders first, then each position", () => {
      // 100 lots at 50 cost 10000; they need 500 at 50. At 44 equity is 1000 − 1200.
      const bought = [...a, ...u, inM("u", 1, "sell 100 @ 50"), inM("a", 1, "buy 100 @ 50")];
      const book = [inM("u", 2, "buy 60 @ 43"), inM("a", 2, "sell 5 @ 70")];
      const [marked, ofA] = last(2, ...bought, ...book, mark("44"), balances("a"));
      expect(marked).toEqual([
        ...[
          "ok",
          "canceled a:2 5 liquidation",
          "liquidation a sell 100 M",
          "trade 60 @ 43 u:2 (0) a:0 (40)",
          "canceled a:0 40 noLiquidity",
        ],
      ]);
      // 60 × 43 × 2 = 5160 against 6000: −840; 40 lots stay.
      expect(ofA).toEqual(["CENT 160 held 352 free -672; M 40 cost 4000 realised -840 unrealised -480"]);
      const atIt = [account("a", "margin"), deposit("a", "850"), ...u, inM("u", 1, "sell 50 @ 50"), inM("a", 1, "buy 50 @ 50")];
      // 50 lots: 850 + 100 × (p − 50) = 5 × p at p = 43.7; at 44 equity 250, maintenance 220; at 43: 150 and 215.
      expect(last(2, ...atIt, mark("44"), mark("43"))).toEqual([["ok"], ["ok", "liquidation a sell 50 M", "canceled a:0 50 noLiquidity"]]);
    });

    it("tell alerts of a liquidation that finds nobody", () => {
      const before = [
        account("u", "unchecked"),
        account("a", "margin"),
        deposit("a", "20"),
        inM("u", 1, "sell 2 @ 50"),
        inM("a", 1, "buy 2 @ 50"),
      ];
      const told = last(2, ...before, mark("41"), limits({ maxExposure: "3" }, { symbol: "M" })).at(-1);
      expect(told).toEqual([
        "ok",
        "liquidation a sell 2 M",
        "canceled a:0 2 noLiquidity",
        "alert limit a M maxExposure 80",
        "alert limit a M maxExposure 100",
      ]);
    });

    it("are not marked beyond all amounts", () => {
      // 10 lots × 2 × 450359962737049 ticks are 9007199254740980 whole CENT: a hundred times too much.
      expect(last(3, ...long10, mark("450359962737049"), mark("4503599627370.49"), mark("4503599627371")).map(([told]) => told)).toEqual([
        ...["NOTIONAL_OVERFLOW", "PRICE_OFF_TICK", "NOTIONAL_OVERFLOW"],
      ]);
      expect(last(1, ...long10, mark("4503599627370"))[0]?.[0]).toBe("ok");
    });

    it("may reduce only as far as the position goes", () => {
      expect(last(1, ...long10, inM("a", 2, "sell 12 @ 60", { reduceOnly: true }))).toEqual([
        ["accepted a:2", "reduced a:2 by 2 to 10 reduceOnly"],
      ]);
    });
  });

  describe("amounts near 2^53−1", () => {
    const MOST = 2 ** 53 - 1;
    const atoms: Command = { cmd: "currency", currency: "ATOM", scale: 0 };
    const listed = { base: "UNIT", quote: "ATOM", tickSize: "1", lotSize: "1" } as const;
    const S: Command = { cmd: "instrument", symbol: "S", ...listed, lastPrice: "3" };
    const D: Command = {
      ...{ cmd: "instrument", symbol: "D", ...listed, kind: "margin", initialMarginPpm: 20_000, maintenanceMarginPpm: 10_000 },
    };
    const inS = (name: string, clOrdId: number, terms: string, more: Partial<NewCommand> = {}) =>
      order(name, clOrdId, terms, { symbol: "S", ...more });
    const inD = (name: string, clOrdId: number, terms: string) => order(name, clOrdId, terms, { symbol: "D" });
    const state = (symbol: string, state: "preOpen" | "auctionCall" | "open"): Command => ({ cmd: "state", symbol, state });
    const unchecked = ["a", "b", "c"].map((of) => account(of, "unchecked"));
    /** `a` has all but so many atoms. */
    const room = (rest: number) => deposit("a", String(MOST - rest), "ATOM");

    it("an uncross above a sell's limit lifts no balance beyond: the order is canceled, and others trade", () => {
      const book = [state("S", "auctionCall"), inS("a", 1, "sell 5 @ 1"), inS("b", 1, "buy 9 @ 3"), inS("c", 1, "sell 4 @ 2")];
      // Five lots at 3 bring 15, and there is room for 14.
      expect(last(3, atoms, S, ...unchecked, room(14), ...book, state("S", "open"), balances("a"), balances("b"))).toEqual([
        ["S open admin", "result 9 @ 3", "canceled a:1 5 riskOnTrigger", "uncross 4 @ 3 b:1 (5) c:1 (0)"],
        [`ATOM ${MOST - 14} held 0 free ${MOST - 14}`],
        ["ATOM -12 held 0 free -12; UNIT 4 held 0 free 4"],
      ]);
      const filled = last(2, atoms, S, ...unchecked, room(15), ...book, state("S", "open"), balances("a"));
      expect(filled).toEqual([
        ["S open admin", "result 9 @ 3", "uncross 5 @ 3 a:1 (0) b:1 (4)", "uncross 4 @ 3 b:1 (0) c:1 (0)"],
        [`ATOM ${MOST} held 0 free ${MOST}; UNIT -5 held 0 free -5`],
      ]);
    });

    it("a print of a margin instrument has its order and its position at stake for a moment, and loses no atom", () => {
      const deep: Command = { ...(D as Command & { cmd: "instrument" }), takerFeePpm: 3, makerFeePpm: 999_999 };
      const half = 1_501_199_875_790_164;
      const quarter = 375_299_968_947_529;
      const book = [inD("b", 1, `buy ${quarter} @ 3`), inD("a", 1, `sell ${half} @ 3`), state("D", "open")];
      // The core checks after each command that what is at stake is what positions cost.
      expect(last(1, atoms, deep, ...unchecked, state("D", "preOpen"), ...book)[0]?.slice(0, 2)).toEqual([
        "D open admin",
        `result ${quarter} @ 3`,
      ]);
    });

    it("a rebate of a margin instrument is counted before it is paid", () => {
      const rebate: Command = { ...(D as Command & { cmd: "instrument" }), makerFeePpm: -500_000 };
      // Ten lots at 10 put 100 at stake and may bring 50 more.
      const asked = (rest: number) => last(1, atoms, rebate, ...unchecked, room(rest), inD("a", 1, "buy 10 @ 10"))[0];
      expect([asked(149), asked(150)]).toEqual([["NOTIONAL_OVERFLOW"], ["accepted a:1"]]);
    });

    it("a leg that has waited and enters above its price is counted with what it brings", () => {
      const pair = [inS("a", 1, "sell 5 @ 1", { oco: 2 }), inS("b", 1, "buy 5 @ 20")];
      const other = { ...stop("a", 2, "sell 5 at 2"), symbol: "S", oco: 1 };
      const ends = (rest: number) => last(1, atoms, S, ...unchecked, room(rest), ...pair, other)[0];
      expect(ends(99)).toEqual(["NOTIONAL_OVERFLOW"]);
      expect(ends(100)).toEqual(["accepted a:2", "trade 5 @ 20 b:1 (0) a:1 (0)", "canceled a:2 5 oco"]);
    });

    it("a liquidation that could lift the balance beyond trades nothing and is tried again", () => {
      const cost = 500_000_000_000_000;
      const long = [deposit("m", String(9 * cost - 1_000_000), "ATOM"), inD("a", 1, `sell 9 @ ${cost}`), inD("m", 1, `buy 9 @ ${cost}`)];
      const before = [atoms, D, ...unchecked, account("m", "margin"), ...long];
      const bid = inD("b", 1, `buy 1 @ ${16 * cost}`);
      const [marked, , again] = last(3, ...before, bid, mark("1", "D"), cancel("b", 1), inD("c", 1, "buy 9 @ 1"));
      expect(marked).toEqual(["ok", "liquidation m sell 9 D", "canceled m:0 9 noLiquidity"]);
      expect(again?.slice(0, 3)).toEqual(["accepted c:1", "liquidation m sell 9 D", "trade 9 @ 1 c:1 (0) m:0 (0)"]);
    });

    it("equity beyond all amounts counts as the largest", () => {
      const tick = 1_000_000_000_000_000;
      const trade = [inD("a", 1, `sell 3 @ ${tick}`), inD("m", 1, `buy 3 @ ${tick}`), mark(String(3 * tick), "D")];
      const before = [atoms, D, ...unchecked, account("m", "margin"), deposit("m", String(6 * tick + 1), "ATOM")];
      const margin = (9 * tick) / 50;
      expect(last(1, ...before, ...trade, balances("m"))).toEqual([
        [`ATOM ${6 * tick + 1} held ${margin} free ${MOST - margin}; D 3 cost ${3 * tick} realised 0 unrealised ${6 * tick}`],
      ]);
    });

    it("goods of an unchecked account stay at the bound, those of a single trade too", () => {
      const grain: Command = { cmd: "currency", currency: "GRAIN", scale: 1 };
      const G: Command = { cmd: "instrument", symbol: "G", base: "GRAIN", quote: "ATOM", tickSize: "1", lotSize: "3" };
      // A lot is 30 atoms of GRAIN: these are 9,007,199,254,741,020.
      const lots = 300_239_975_158_034;
      const inG = (name: string, clOrdId: number, terms: string) => order(name, clOrdId, terms, { symbol: "G" });
      const first = [inG("a", 1, "sell 3 @ 3"), inG("b", 1, "buy 3 @ 3")];
      const second = [inG("b", 2, `sell ${3 * lots} @ 3`), inG("a", 2, `buy ${3 * lots} @ 3`)];
      const [held, owed] = last(2, atoms, grain, G, ...unchecked, ...first, ...second, balances("a"), balances("b")).flat();
      expect(held).toContain("GRAIN 900719925474096.1 held 0");
      expect(owed).toContain("GRAIN -900719925474096.1 held 0");
    });
  });
});

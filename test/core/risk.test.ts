import { describe, expect, it } from "vitest";
import type { Command, LimitValues, NewCommand } from "../../engine/edge/types.js";
import { order, stop, told } from "../twin/tell.js";
import { SUBJECTS } from "./twin-subjects.js";

// SEMANTICS 8 and 9 with SETTLED and docs/RISK.md, by examples whose numbers are worked out by hand. CENT has two places, so that
// fees are rounded; of every 100.00 in T a maker pays 0.10 and a taker 0.25.

const CENT: Command = { cmd: "currency", currency: "CENT", scale: 2 };
const T: Command = {
  cmd: "instrument",
  symbol: "T",
  base: "GOLD",
  quote: "CENT",
  tickSize: "1",
  lotSize: "1",
  makerFeePpm: 1000,
  takerFeePpm: 2500,
};
/** Ten times leverage; half of that is the maintenance margin. */
const M: Command = {
  ...{ cmd: "instrument", symbol: "M", base: "IDX", quote: "CENT", tickSize: "1", lotSize: "1", kind: "margin", multiplier: "2" },
  ...{ initialMarginPpm: 100_000, maintenanceMarginPpm: 50_000 },
};

const account = (name: string, mode: "cash" | "margin" | "unchecked" = "cash", more = {}): Command => {
  return { cmd: "account", account: name, mode, limits: "unlimited", kyc: "verified", ...more };
};
let refs = 0;
const deposit = (name: string, amount: string, currency = "CENT"): Command => {
  return { cmd: "deposit", account: name, currency, amount, ref: `auto${refs++}` };
};
const balances = (name: string): Command => ({ cmd: "balances", account: name });
const cancel = (name: string, clOrdId: number): Command => ({ cmd: "cancel", account: name, clOrdId });
const inM = (name: string, clOrdId: number, terms: string, more: Partial<NewCommand> = {}): NewCommand => {
  return order(name, clOrdId, terms, { symbol: "M", ...more });
};
const mark = (price: string, symbol = "M"): Command => ({ cmd: "mark", symbol, price });
const time = (at: number): Command => ({ cmd: "time", at });
const limits = (values: LimitValues, where: { account?: string; symbol?: string } = { account: "a" }): Command => ({
  cmd: "limits",
  ...where,
  ...values,
});

describe.each(Object.keys(SUBJECTS))("risk and ledger of the %s", (name) => {
  const SET_UP = [CENT, { ...T }, M];

  /** What is told of the commands, one list a command, after the set-up. */
  function play(...commands: readonly Command[]): string[][] {
    const subject = (SUBJECTS[name] as (typeof SUBJECTS)[string])();
    return told(subject, [...SET_UP, ...commands]).slice(SET_UP.length);
  }

  /** What is told of the last so many of them. */
  function last(count: number, ...commands: readonly Command[]): string[][] {
    return play(...commands).slice(-count);
  }

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

  describe("limits, each with its own code", () => {
    const u = [account("a", "unchecked"), account("u", "unchecked")];
    const mini = (values: LimitValues, where?: { account?: string; symbol?: string }) => [...u, limits(values, where)];
    const tries = (values: LimitValues, ...commands: Command[]) =>
      last(commands.length, ...mini(values), ...commands).map(([event]) => event);

    it("peers' defect: every failure collapsing into one code", () => {
      const buy = (qty: number, price = 10, id = 1) => order("a", id, `buy ${qty} @ ${price}`);
      expect(tries({ maxOrderQty: "5" }, buy(6), buy(5))).toEqual(["MAX_ORDER_QTY", "accepted a:1"]);
      expect(tries({ maxOrderNotional: "50.005" }, buy(6), buy(5))).toEqual(["MAX_ORDER_NOTIONAL", "accepted a:1"]);
      expect(tries({ maxOpenOrders: 1 }, buy(1), buy(1, 10, 2))).toEqual(["accepted a:1", "MAX_OPEN_ORDERS"]);
      expect(tries({ maxOpenNotional: "50" }, buy(3), buy(3, 10, 2), buy(2, 10, 2))).toEqual([
        "accepted a:1",
        "MAX_OPEN_NOTIONAL",
        "accepted a:2",
      ]);
      expect(tries({ maxPosition: "5.9" }, buy(3), buy(3, 10, 2), buy(2, 10, 2))).toEqual([
        "accepted a:1",
        "POSITION_LIMIT",
        "accepted a:2",
      ]);
      expect(tries({ maxExposure: "50" }, buy(3), buy(3, 10, 2), buy(2, 10, 2))).toEqual([
        "accepted a:1",
        "EXPOSURE_LIMIT",
        "accepted a:2",
      ]);
      expect(tries({ maxDailyNotional: "50" }, buy(6), buy(5))).toEqual(["DAILY_NOTIONAL", "accepted a:1"]);
      expect(tries({ maxDailyLoss: "0" }, buy(1))).toEqual(["LOSS_LIMIT"]);
      expect(tries({ maxOrders: 1 }, buy(1), cancel("a", 1), buy(1), time(1_000_000), buy(1))).toEqual([
        ...["accepted a:1", "canceled a:1 1 user", "RATE_LIMIT", "ok", "accepted a:1"],
      ]);
      expect(tries({ maxDuplicates: 1 }, buy(1), buy(1, 10, 2), buy(1, 11, 2))).toEqual([
        "accepted a:1",
        "DUPLICATIVE_ORDER",
        "accepted a:2",
      ]);
      expect(tries({ requireReference: true }, buy(1))).toEqual(["NO_REFERENCE_PRICE"]);
    });

    it("are all asked in the order of SEMANTICS 8: each gives way to the next", () => {
      const margin = [account("a", "margin"), account("u", "unchecked")];
      const collared: Command = { ...(M as Command & { cmd: "instrument" }), symbol: "N", collarBps: 1000, lastPrice: "10" };
      const all: LimitValues = {
        ...{ maxOrderQty: "0", maxOrderNotional: "0", maxOpenOrders: 0, maxOpenNotional: "0", maxPosition: "0", maxExposure: "0" },
        ...{ maxDailyNotional: "0", maxDailyLoss: "0", maxOrders: 0, maxDuplicates: 0 },
      };
      const bad = inM("a", 1, "buy 1 @ 20", { symbol: "N" });
      const good = { ...bad, price: "10" };
      const lift = Object.keys(all).map((key) => limits({ [key]: "unlimited" }));
      const kill = (on: boolean): Command => ({ cmd: "kill", scope: "global", on });
      const state = (to: "suspended" | "reduceOnly" | "active"): Command => ({ cmd: "accountState", account: "a", state: to });
      const steps: Command[] = [
        ...[limits(all), kill(true), state("suspended"), bad, kill(false), bad, state("reduceOnly"), bad, state("active"), bad],
        ...[lift[0], bad, lift[1], bad, good, ...lift.slice(2).flatMap((command) => [command, good])],
        ...[deposit("a", "2"), good],
      ] as Command[];
      const codes = play(collared, ...margin, ...steps)
        .flat()
        .filter((line) => /^[A-Z_]+$/.test(line));
      expect(codes).toEqual([
        ...[
          "KILL_SWITCH",
          "ACCOUNT_SUSPENDED",
          "REDUCE_ONLY_ACCOUNT",
          "MAX_ORDER_QTY",
          "MAX_ORDER_NOTIONAL",
          "PRICE_COLLAR",
          "MAX_OPEN_ORDERS",
        ],
        ...["MAX_OPEN_NOTIONAL", "POSITION_LIMIT", "EXPOSURE_LIMIT", "DAILY_NOTIONAL", "LOSS_LIMIT", "RATE_LIMIT", "DUPLICATIVE_ORDER"],
        "INSUFFICIENT_MARGIN",
      ]);
    });

    it("of an order's size are asked before the trail of a stop whose price would be beyond all prices", () => {
      const trail = { cmd: "new", account: "a", clOrdId: 9, symbol: "T", side: "buy", type: "trailingStop" } as const;
      const beyond: Command = { ...trail, qty: "2", trail: "9007199254740985" };
      const traded = [order("u", 1, "sell 1 @ 10"), order("a", 1, "buy 1 @ 10")];
      const code = (values: LimitValues) => last(1, ...mini(values), ...traded, beyond).flat();
      expect([code({ maxOrderQty: "1" }), code({ maxOrderNotional: "50" }), code({ maxDailyLoss: "1" })].flat()).toEqual([
        ...["MAX_ORDER_QTY", "MAX_ORDER_NOTIONAL", "BAD_TRAIL"],
      ]);
    });

    it("hold of an account, of an account in an instrument and of every account in an instrument", () => {
      const buy = order("a", 1, "buy 6 @ 10");
      for (const where of [{ account: "a" }, { account: "a", symbol: "T" }, { symbol: "T" }]) {
        expect(last(1, ...mini({ maxOrderQty: "5" }, where), buy)).toEqual([["MAX_ORDER_QTY"]]);
        expect(last(1, ...mini({ maxOrderQty: "5" }, where), limits({ maxOrderQty: "unlimited" }, where), buy)[0]?.[0]).toBe(
          "accepted a:1",
        );
      }
      expect(last(1, ...mini({ maxOrderQty: "5" }, { symbol: "M" }), buy)).toEqual([["accepted a:1"]]);
      expect(last(1, ...u, limits({ maxOrders: 1 }, { account: "a", symbol: "T" }))).toEqual([["BAD_VALUE"]]);
      expect(last(1, ...u, { cmd: "limits", maxOrderQty: "1" })).toEqual([["error"]]);
    });

    it("are 0 when they are not set, but of unchecked accounts", () => {
      const bare = (mode: "cash" | "unchecked"): Command => ({ cmd: "account", account: "a", mode });
      expect(last(1, bare("cash"), deposit("a", "100"), order("a", 1, "buy 1 @ 1"))).toEqual([["MAX_ORDER_QTY"]]);
      expect(last(1, bare("unchecked"), order("a", 1, "buy 1 @ 1"))).toEqual([["accepted a:1"]]);
    });

    it("count orders while they live, whatever ends them", () => {
      const one = mini({ maxOpenOrders: 1 });
      const gtd = order("a", 1, "buy 1 @ 5", { tif: "gtd", expireTime: 10 });
      const ends: Command[][] = [
        [order("a", 1, "buy 1 @ 5"), cancel("a", 1)],
        [order("a", 1, "buy 1 @ 5"), order("u", 1, "sell 1 @ 5")],
        [gtd, time(10)],
        [stop("a", 1, "buy 1 at 5"), cancel("a", 1)],
        [order("a", 1, "buy 2 @ 5"), { cmd: "reduce", account: "a", clOrdId: 1, by: "2" }],
        [order("a", 1, "buy 2 @ 5"), order("u", 1, "sell 1 @ 5"), { cmd: "replace", account: "a", clOrdId: 1, qty: "1" }],
        [order("a", 1, "buy 1 @ 5", { tif: "ioc" })],
        [
          order("a", 1, "buy 1 @ 5"),
          { cmd: "kill", scope: "account", account: "a", on: true, cancel: true },
          { cmd: "kill", scope: "account", account: "a", on: false },
        ],
        [
          order("a", 1, "buy 1 @ 5"),
          { cmd: "state", symbol: "T", state: "halted", cancel: true },
          { cmd: "state", symbol: "T", state: "open" },
        ],
      ];
      for (const end of ends) expect(last(1, ...one, ...end, order("a", 2, "buy 1 @ 5"))[0]?.[0]).toBe("accepted a:2");
    });

    it("let a reducing-only account and one at its loss limit reduce", () => {
      const short5 = [...u, order("u", 1, "buy 5 @ 10"), order("a", 1, "sell 5 @ 10")];
      const reducing: Command = { cmd: "accountState", account: "a", state: "reduceOnly" };
      for (const stopped of [reducing, limits({ maxDailyLoss: "0" })]) {
        const outcome = last(3, ...short5, stopped, order("a", 2, "buy 3 @ 9"), order("a", 3, "buy 3 @ 9"), order("a", 4, "buy 2 @ 9"));
        const refused = stopped === reducing ? "REDUCE_ONLY_ACCOUNT" : "LOSS_LIMIT";
        expect(outcome.map(([event]) => event)).toEqual(["accepted a:2", refused, "accepted a:4"]);
      }
    });

    it("tell at 80 and at 100 percent, once for each crossing", () => {
      const buys = [4, 4, 1, 1].map((qty, i) => order("a", i + 1, `buy ${qty} @ 10`));
      const [, second, third, fourth, again] = last(
        6,
        ...mini({ maxPosition: "10" }),
        ...buys,
        cancel("a", 4),
        order("a", 5, "buy 1 @ 10"),
      );
      expect(second).toEqual(["accepted a:2", "alert limit a T maxPosition 80"]);
      expect([third, fourth, again]).toEqual([
        ["accepted a:3"],
        ["accepted a:4", "alert limit a T maxPosition 100"],
        ["canceled a:4 1 user"],
      ]);
    });

    it("of a day are told again on the next day, also when its first order crosses them at once", () => {
      const trade = (id: number): Command[] => [order("u", id, "sell 9 @ 10"), order("a", id, "buy 9 @ 10")];
      const told = last(6, ...mini({ maxDailyNotional: "100" }), ...trade(1), time(86_400_000_000 - 1), time(86_400_000_000), ...trade(2));
      const alert = "alert limit a maxDailyNotional 80";
      const traded = (id: number) => [`accepted a:${id}`, `trade 9 @ 10 u:${id} (0) fee 0.09 a:${id} (0) fee 0.23`];
      expect(told).toEqual([["accepted u:1"], [...traded(1), alert], ["ok"], ["ok"], ["accepted u:2"], [...traded(2), alert]]);
    });

    it("are checked again when a stop fires", () => {
      const before = [...u, stop("a", 1, "buy 5 at 10"), order("u", 1, "sell 9 @ 10"), limits({ maxPosition: "4" })];
      expect(last(1, ...before, account("v", "unchecked"), order("v", 1, "buy 1 @ 10"))).toEqual([
        ["accepted v:1", "trade 1 @ 10 u:1 (8) fee 0.01 v:1 (0) fee 0.03", "triggered a:1 at 10", "canceled a:1 5 riskOnTrigger"],
      ]);
    });
  });

  describe("collars and breakers", () => {
    const u = [account("a", "unchecked"), account("u", "unchecked")];
    const collared: Command = { ...(T as Command & { cmd: "instrument" }), symbol: "C", collarBps: 1000 };
    const inC = (id: number, terms: string) => order("a", id, terms, { symbol: "C", stp: "none" });

    it("take the last trade, else the exact middle; inclusive on both sides", () => {
      const last20 = { ...collared, lastPrice: "20" } as Command;
      const codes = (...commands: Command[]) => last(commands.length, ...commands).map(([event]) => event);
      expect(codes(last20, ...u, inC(1, "buy 1 @ 23"), inC(1, "buy 1 @ 22"), inC(2, "sell 1 @ 17"), inC(2, "buy 1 @ 18")).slice(3)).toEqual(
        [...["PRICE_COLLAR", "accepted a:1", "PRICE_COLLAR", "accepted a:2"]],
      );
      // The middle of 20 and 25 is 22.5; 2.25 either way: 21 to 24.
      const book = [inC(1, "buy 1 @ 20"), inC(2, "sell 1 @ 25")];
      expect(
        codes(collared, ...u, ...book, inC(3, "buy 1 @ 20"), inC(3, "sell 1 @ 25"), inC(3, "buy 1 @ 21"), inC(4, "sell 1 @ 24")).slice(5),
      ).toEqual([...["PRICE_COLLAR", "PRICE_COLLAR", "accepted a:3", "accepted a:4"]]);
    });

    it("put an account that is refused too often into reducing only, until it is active again", () => {
      const much = order("a", 1, "buy 9 @ 10");
      const active: Command = { cmd: "accountState", account: "a", state: "active" };
      const events = last(
        5,
        ...u,
        limits({ maxOrderQty: "5", maxRiskRejects: 2 }),
        much,
        much,
        much,
        order("a", 1, "buy 1 @ 10"),
        active,
      ).flat();
      expect(events).toEqual(["MAX_ORDER_QTY", "MAX_ORDER_QTY", "MAX_ORDER_QTY", "alert circuitBreaker a", "REDUCE_ONLY_ACCOUNT", "ok"]);
    });

    it("interrupt an instrument before a print too far from another within the window", () => {
      const brittle: Command = {
        ...(T as Command & { cmd: "instrument" }),
        symbol: "B",
        breakerBps: 1000,
        breakerWindowUs: 100,
        makerFeePpm: 0,
        takerFeePpm: 0,
      };
      const inB = { symbol: "B" };
      const asks = [10, 11, 12].map((price) => order("u", price, `sell 1 @ ${price}`, inB));
      const buy = (id: number) => order("a", id, "buy 1", inB);
      expect(last(4, brittle, ...u, ...asks, buy(1), buy(2), buy(3), balances("a")).slice(0, 3)).toEqual([
        ["accepted a:1", "trade 1 @ 10 u:10 (0) a:1 (0)"],
        ["accepted a:2", "trade 1 @ 11 u:11 (0) a:2 (0)"],
        ["accepted a:3", "canceled a:3 1 noLiquidity", "alert circuitBreaker B", "B auctionCall volatility", "indication 0 @ -"],
      ]);
      // Out of the window the print at 10 is forgotten.
      expect(last(1, brittle, ...u, ...asks, buy(1), time(1), buy(2), time(100), buy(3))).toEqual([
        ["accepted a:3", "trade 1 @ 12 u:12 (0) a:3 (0)"],
      ]);
    });
  });

  describe("funding", () => {
    const aml: Command = { cmd: "currency", currency: "AML", scale: 2, amlThreshold: "100" };
    const people = [aml, account("a"), account("b", "cash", { riskLevel: "high" }), account("c", "cash", { kyc: "unverified" })];
    const move = (cmd: "deposit" | "withdraw", who: string, amount: string, ref: string): Command => ({
      cmd,
      account: who,
      currency: "AML",
      amount,
      ref,
    });
    const transfer = (from: string, to: string, amount: string, ref: string): Command => {
      return { cmd: "transfer", account: from, to, currency: "AML", amount, ref };
    };
    const review = (ref: string, release: boolean): Command => ({ cmd: "review", ref, release });

    it("scores risk by amount, levels and history", () => {
      // 100,000 + 500,000 × 40 ÷ 100; then one, two … earlier ones at 50,000 each, four at most; a high destination 200,000, a high source 300,000.
      const moves = [
        ...[
          move("deposit", "a", "40", "1"),
          move("deposit", "a", "0.01", "2"),
          transfer("a", "b", "10", "3"),
          transfer("b", "a", "1", "4"),
        ],
        ...[time(86_400_000_000), move("deposit", "a", "1", "5")],
      ];
      expect(last(6, ...people, ...moves).flat()).toEqual([
        ...["ok risk 300000", "ok risk 150050", "ok risk 450000", "ok risk 405000", "ok", "ok risk 105000"],
      ]);
    });

    it("spends a ref once, for all kinds and accounts, and none when it is refused", () => {
      const events = last(
        6,
        ...people,
        move("withdraw", "a", "1", "x"),
        move("deposit", "a", "5", "x"),
        move("deposit", "a", "5.00", "x"),
        move("deposit", "a", "6", "x"),
        move("withdraw", "b", "5", "x"),
        balances("a"),
      );
      expect(events.flat()).toEqual([
        ...["INSUFFICIENT_FUNDS", "ok risk 125000", "ALREADY_APPLIED", "REF_CONFLICT", "REF_CONFLICT", "AML 5 held 0 free 5"],
      ]);
    });

    it("holds what is above the threshold until it is reviewed", () => {
      const [held, before, again, released, after, twice] = last(
        6,
        ...people,
        move("deposit", "a", "100.01", "x"),
        balances("a"),
        move("deposit", "a", "100.01", "x"),
        review("x", true),
        balances("a"),
        review("x", true),
      );
      expect([held, before]).toEqual([["ok risk 600050", "pending deposit a 100.01 AML x"], [""]]);
      expect([again, released, after, twice]).toEqual([
        ["ALREADY_APPLIED"],
        ["ok"],
        ["AML 100.01 held 0 free 100.01"],
        ["UNKNOWN_MOVEMENT"],
      ]);
      const rich = [move("deposit", "a", "90", "1"), move("deposit", "a", "90", "2")];
      expect(
        last(5, ...people, ...rich, transfer("a", "b", "150", "t"), balances("a"), review("t", false), balances("a"), balances("b")).flat(),
      ).toEqual([
        ...["ok risk 1000000", "pending transfer a to b 150 AML t", "AML 180 held 150 free 30", "ok", "AML 180 held 0 free 180", ""],
      ]);
    });

    it("checks in the order of RISK.md", () => {
      const code = (command: Command) => last(1, ...people, move("deposit", "c", "50", "d"), command)[0]?.[0];
      const bad = { cmd: "transfer", account: "x", to: "y", currency: "NO", amount: "0", ref: "" } as const;
      expect(code(bad)).toBe("UNKNOWN_ACCOUNT");
      expect(code({ ...bad, account: "c" })).toBe("UNKNOWN_ACCOUNT");
      expect(code({ ...bad, account: "c", to: "c" })).toBe("UNKNOWN_CURRENCY");
      expect(code({ ...bad, account: "c", to: "c", currency: "AML" })).toBe("BAD_AMOUNT");
      expect(code({ ...bad, account: "c", to: "c", currency: "AML", amount: "60.001" })).toBe("BAD_AMOUNT");
      expect(code({ ...bad, account: "c", to: "c", currency: "AML", amount: "60" })).toBe("BAD_NAME");
      expect(code({ ...bad, account: "c", to: "c", currency: "AML", amount: "60", ref: "d" })).toBe("BAD_VALUE");
      expect(code({ ...bad, account: "c", to: "a", currency: "AML", amount: "60", ref: "d" })).toBe("REF_CONFLICT");
      expect(code({ ...bad, account: "c", to: "a", currency: "AML", amount: "60", ref: "e" })).toBe("KYC_REQUIRED");
      expect(code({ ...bad, account: "a", to: "c", currency: "AML", amount: "60", ref: "e" })).toBe("INSUFFICIENT_FUNDS");
      expect(code(move("deposit", "c", "90071992547359.92", "e"))).toBe("NOTIONAL_OVERFLOW");
    });
  });
});

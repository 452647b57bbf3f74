import { describe, expect, it } from "vitest";
import type { Command, LimitValues } from "../../engine/edge/types.js";
import { order, stop } from "../twin/tell.js";
import { account, balances, cancel, deposit, inM, limits, M, play as playOn, T, time } from "./risk-world.js";
import { SUBJECTS } from "./twin-subjects.js";

describe.each(Object.keys(SUBJECTS))("limits, breakers and funding of the %s", (name) => {
  const play = (...commands: readonly Command[]) => playOn(name, commands);

  /** What is told of the last so many of them. */
  const last = (count: number, ...commands: readonly Command[]) => play(...commands).slice(-count);

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

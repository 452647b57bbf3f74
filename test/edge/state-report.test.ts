import { describe, expect, it } from "vitest";
import { type Command, Core, type Event, type StateReport } from "../../engine/edge/index.js";

const SET_UP: readonly Command[] = [
  { cmd: "currency", currency: "USD", scale: 2, amlThreshold: "5000" },
  { cmd: "instrument", symbol: "ABC", base: "ABC", quote: "USD", tickSize: "0.01", lotSize: "1", takerFeePpm: 1000, makerFeePpm: -500 },
  {
    cmd: "instrument",
    symbol: "PERP",
    base: "ABC",
    quote: "USD",
    tickSize: "0.01",
    lotSize: "1",
    kind: "margin",
    initialMarginPpm: 100_000,
    maintenanceMarginPpm: 50_000,
  },
  { cmd: "account", account: "alice", mode: "cash", limits: "unlimited", kyc: "verified", riskLevel: "high" },
  { cmd: "account", account: "bob", mode: "cash", limits: "unlimited" },
  { cmd: "account", account: "mia", mode: "margin", limits: "unlimited" },
  { cmd: "account", account: "max", mode: "margin", limits: "unlimited", kyc: "verified" },
  { cmd: "account", account: "una", mode: "unchecked" },
];
const NEW = { cmd: "new", symbol: "ABC", side: "buy", price: "10" } as const;

function applied(core: Core, ...commands: readonly Command[]): Event[] {
  const events: Event[] = [];
  for (const command of commands) core.apply(command, (event) => events.push(event));
  expect(events.filter((event) => event.event === "rejected")).toEqual([]);
  core.assertConsistent();
  return events;
}

function started(...commands: readonly Command[]): Core {
  const core = new Core({ capacities: { orders: 64, levels: 64, accounts: 8, instruments: 4, currencies: 8, positions: 64 } });
  applied(core, ...SET_UP, ...commands);
  return core;
}

function deposit(account: string, currency: string, amount: string): Command {
  return { cmd: "deposit", account, currency, amount, ref: `${account}-${currency}-${amount}` };
}

/** What the proof says, worked out from the other sections of the report and the movements that the test has made. */
function expectProof(report: StateReport, currency: string, deposits: number, withdrawals: number): void {
  const row = report.proof.find((proof) => proof.currency === currency);
  const sum = (rows: readonly { currency: string; total: string }[]): number =>
    rows.filter((balance) => balance.currency === currency).reduce((total, balance) => total + Number(balance.total), 0);
  expect(row).toMatchObject({ isBalanced: true, difference: "0" });
  expect(Number(row?.deposits)).toBe(deposits);
  expect(Number(row?.withdrawals)).toBe(withdrawals);
  expect(Number(row?.balances)).toBeCloseTo(sum(report.balances), 9);
  expect(deposits - withdrawals).toBeCloseTo(sum(report.balances) + Number(row?.fees) - Number(row?.openCost), 9);
}

describe("a report", () => {
  it("of a state without anything", () => {
    expect(new Core().report()).toEqual({
      ...{ seq: 0, timeUs: 0, proof: [], accounts: [], balances: [], positions: [], holds: [] },
      ...{ fees: [], openInterest: [], exposure: [], limits: [], reviews: [] },
    });
  });

  it("has every account as it is", () => {
    const core = started(
      { cmd: "accountState", account: "bob", state: "suspended" },
      { cmd: "kill", scope: "account", account: "mia", on: true },
    );
    const bare = { state: "active", kyc: "unverified", riskLevel: "low", isKilled: false, openOrders: 0 };
    expect(core.report().accounts).toEqual([
      { ...bare, account: "alice", mode: "cash", kyc: "verified", riskLevel: "high" },
      { ...bare, account: "bob", mode: "cash", state: "suspended" },
      { ...bare, account: "mia", mode: "margin", isKilled: true },
      { ...bare, account: "max", mode: "margin", kyc: "verified" },
      { ...bare, account: "una", mode: "unchecked" },
    ]);
  });

  it("changes nothing", () => {
    const core = started(deposit("alice", "USD", "1000"), { ...NEW, account: "alice", clOrdId: 1, qty: "3" });
    const before = core.snapshot();
    expect(core.report()).toEqual(core.report());
    expect(core.snapshot()).toEqual(before);
    expect(Core.restore(before).report()).toEqual(core.report());
  });

  it("proves every currency through trades, fees, rebates, withdrawals and transfers", () => {
    const core = started(
      deposit("alice", "USD", "1000"),
      deposit("bob", "ABC", "20"),
      { ...NEW, account: "alice", clOrdId: 1, qty: "7" },
      { ...NEW, account: "bob", side: "sell", clOrdId: 1, qty: "5" },
      { cmd: "withdraw", account: "alice", currency: "USD", amount: "100.01", ref: "w" },
      { cmd: "transfer", account: "alice", to: "bob", currency: "USD", amount: "3.5", ref: "t" },
    );
    const report = core.report();
    expectProof(report, "USD", 1000, 100.01);
    expectProof(report, "ABC", 20, 0);
    // 50 at 1000 ppm, less a rebate of 500 ppm that is rounded down to the cent.
    expect(report.fees).toEqual([
      { currency: "USD", fees: "0.03" },
      { currency: "ABC", fees: "0" },
    ]);
    expect(report.positions).toEqual([
      { account: "alice", symbol: "ABC", kind: "spot", qty: "5" },
      { account: "bob", symbol: "ABC", kind: "spot", qty: "-5" },
    ]);
  });

  it("proves a currency with open margin positions, and counts their open interest", () => {
    const core = started(
      deposit("mia", "USD", "1000"),
      deposit("max", "USD", "2000"),
      { ...NEW, account: "mia", clOrdId: 1, symbol: "PERP", qty: "6" },
      { ...NEW, account: "max", clOrdId: 1, symbol: "PERP", side: "sell", qty: "6" },
      { ...NEW, account: "una", clOrdId: 1, symbol: "PERP", price: "12", qty: "2" },
      { ...NEW, account: "mia", clOrdId: 2, symbol: "PERP", side: "sell", price: "12", qty: "2" },
      { cmd: "mark", symbol: "PERP", price: "12.5" },
    );
    const report = core.report();
    expectProof(report, "USD", 3000, 0);
    expect(report.openInterest).toEqual([{ symbol: "PERP", qty: "6", currency: "USD", mark: "12.5", notional: "75" }]);
    expect(report.positions).toEqual([
      { account: "mia", symbol: "PERP", kind: "margin", qty: "4", cost: "40", realised: "4", unrealised: "10" },
      { account: "max", symbol: "PERP", kind: "margin", qty: "-6", cost: "-60", realised: "0", unrealised: "-15" },
      { account: "una", symbol: "PERP", kind: "margin", qty: "2", cost: "24", realised: "0", unrealised: "1" },
    ]);
    expect(report.exposure.find(({ account }) => account === "mia")).toEqual({
      ...{ account: "mia", currency: "USD", equity: "1014", initialMargin: "5", maintenanceMargin: "2.5", exposure: "50" },
      ...{ openBuys: "0", openSells: "0", dailyNotional: "84", dailyPnl: "4" },
    });
  });

  it("says when nothing can be proved of a currency any more, because goods of unchecked accounts were clamped", () => {
    const core = new Core({
      instruments: [{ symbol: "ABC", base: "ABC", quote: "USD", tickSize: "1", lotSize: "1" }],
      accounts: ["una", "ugo", "uwe"].map((name) => ({ name, mode: "unchecked" as const })),
    });
    const most = "9007199254";
    const sell = { ...NEW, price: "1", side: "sell", qty: most } as const;
    const buy = { ...NEW, price: "1", qty: most } as const;
    applied(core, { ...sell, account: "una", clOrdId: 1 }, { ...buy, account: "ugo", clOrdId: 1 });
    expect(core.report().proof.map(({ isBalanced, isClamped }) => [isBalanced, isClamped])).toEqual([
      [true, false],
      [true, false],
    ]);
    // What ugo pays for more than he can count he pays in money that he has.
    applied(core, { cmd: "deposit", account: "ugo", currency: "USD", amount: most, ref: "more" });
    applied(core, { ...sell, account: "uwe", clOrdId: 1, qty: "1" }, { ...buy, account: "ugo", clOrdId: 2, qty: "1" });
    const [goods] = core.report().proof;
    expect(goods).toMatchObject({ currency: "ABC", isClamped: true, isBalanced: false });
  });

  it("proves sums beyond 2^53-1 atoms", () => {
    const most = "90071992547409.91";
    const core = started(deposit("alice", "USD", "1"), deposit("una", "USD", "1"), { cmd: "currency", currency: "EUR", scale: 2 });
    const accounts = ["alice", "bob", "mia", "max", "una"];
    for (const account of accounts) applied(core, deposit(account, "EUR", most));
    const [row] = core.report().proof.filter(({ currency }) => currency === "EUR");
    expect(row).toMatchObject({ deposits: "450359962737049.55", balances: "450359962737049.55", difference: "0", isBalanced: true });
  });
});

describe("holds", () => {
  it("are those of live orders of cash accounts, a pair as its larger leg, and of movements that wait; they add up to what is held", () => {
    const core = started(
      deposit("alice", "USD", "4000"),
      { ...deposit("alice", "USD", "4001"), amount: "5000" } as Command,
      deposit("bob", "ABC", "20"),
      { ...NEW, account: "alice", clOrdId: 1, qty: "3" },
      { ...NEW, account: "alice", clOrdId: 2, price: "11", qty: "2", oco: 3 },
      {
        cmd: "new",
        account: "alice",
        clOrdId: 3,
        symbol: "ABC",
        side: "buy",
        type: "stopLimit",
        stopPrice: "12",
        price: "13",
        qty: "2",
        oco: 2,
      },
      { ...NEW, account: "bob", clOrdId: 1, side: "sell", price: "20", qty: "4" },
      { ...NEW, account: "una", clOrdId: 1, price: "1", qty: "1" },
      { cmd: "withdraw", account: "alice", currency: "USD", amount: "5001", ref: "w" },
    );
    const report = core.report();
    expect(report.holds).toEqual([
      { account: "alice", currency: "USD", held: "30.03", symbol: "ABC", clOrdId: 1, orderId: "1" },
      { account: "alice", currency: "USD", held: "26.04", symbol: "ABC", clOrdId: 3, orderId: "3" },
      { account: "alice", currency: "USD", held: "5001", ref: "w" },
      { account: "bob", currency: "ABC", held: "4", symbol: "ABC", clOrdId: 1, orderId: "4" },
    ]);
    const { balances } = core.balances("alice");
    expect(balances).toMatchObject([{ currency: "USD", total: "9000", held: "5057.07" }]);
    expect(report.reviews).toEqual([{ ref: "w", cmd: "withdraw", account: "alice", currency: "USD", amount: "5001", sinceUs: 0 }]);
    expect(report.accounts.map(({ openOrders }) => openOrders)).toEqual([3, 1, 0, 0, 1]);
  });

  it("a pair of equal legs holds once, and none is left when all is canceled", () => {
    const core = started(
      deposit("bob", "ABC", "20"),
      { ...NEW, account: "bob", side: "sell", clOrdId: 1, price: "20", qty: "4", oco: 2 },
      { cmd: "new", account: "bob", clOrdId: 2, symbol: "ABC", side: "sell", type: "stop", stopPrice: "5", qty: "4", oco: 1 },
    );
    expect(core.report().holds).toEqual([{ account: "bob", currency: "ABC", held: "4", symbol: "ABC", clOrdId: 1, orderId: "1" }]);
    applied(core, { cmd: "massCancel", account: "bob" });
    expect(core.report().holds).toEqual([]);
  });

  it("deposits that wait hold nothing, transfers do, and both are to be reviewed, the oldest first", () => {
    const core = started(
      { cmd: "time", at: 7 },
      deposit("max", "USD", "5001"),
      { cmd: "time", at: 9 },
      deposit("alice", "USD", "4000"),
      deposit("alice", "USD", "4001"),
      { cmd: "transfer", account: "alice", to: "bob", currency: "USD", amount: "5002", ref: "t" },
    );
    const report = core.report();
    expect(report.holds).toEqual([{ account: "alice", currency: "USD", held: "5002", ref: "t" }]);
    expect(report.reviews).toEqual([
      { ref: "max-USD-5001", cmd: "deposit", account: "max", currency: "USD", amount: "5001", sinceUs: 7 },
      { ref: "t", cmd: "transfer", account: "alice", to: "bob", currency: "USD", amount: "5002", sinceUs: 9 },
    ]);
    expectProof(report, "USD", 8001, 0);
  });
});

describe("limits and their use", () => {
  it("by scope, with what is used where", () => {
    const core = started(
      deposit("mia", "USD", "1000"),
      deposit("max", "USD", "1000"),
      {
        ...{ cmd: "limits", account: "mia", maxOrderQty: "10.5", maxOpenOrders: 4, maxOpenNotional: "100.005", maxPosition: "8" },
        ...{ maxExposure: "200", maxDailyNotional: "60", maxDailyLoss: "5", maxOrders: 3, maxRiskRejects: 2 },
      } as Command,
      { cmd: "limits", symbol: "PERP", maxPosition: "20" },
      { cmd: "limits", account: "max", symbol: "PERP", maxOpenOrders: 5, maxOrderQty: "unlimited" },
      { ...NEW, account: "max", clOrdId: 1, symbol: "PERP", side: "sell", qty: "3" },
      { ...NEW, account: "mia", clOrdId: 1, symbol: "PERP", qty: "5" },
    );
    const mia = { scope: "account", account: "mia" };
    expect(core.report().limits).toEqual([
      { ...mia, limit: "maxOrderQty", value: "10.5" },
      { ...mia, limit: "maxOpenOrders", value: "4", used: "1", percent: 25 },
      { ...mia, currency: "USD", limit: "maxOpenNotional", value: "100.005", used: "20", percent: 20 },
      { ...mia, symbol: "PERP", limit: "maxPosition", value: "8", used: "5", percent: 62 },
      { ...mia, currency: "USD", limit: "maxExposure", value: "200", used: "50", percent: 25 },
      { ...mia, currency: "USD", limit: "maxDailyNotional", value: "60", used: "30", percent: 50 },
      { ...mia, limit: "maxDailyLoss", value: "5" },
      { ...mia, limit: "maxOrders", value: "3", used: "1", percent: 33 },
      { ...mia, limit: "maxRiskRejects", value: "2", used: "0", percent: 0 },
      { scope: "symbol", account: "mia", symbol: "PERP", limit: "maxPosition", value: "20", used: "5", percent: 25 },
      { scope: "symbol", account: "max", symbol: "PERP", limit: "maxPosition", value: "20", used: "3", percent: 15 },
      { scope: "accountAndSymbol", account: "max", symbol: "PERP", limit: "maxOpenOrders", value: "5", used: "0", percent: 0 },
    ]);
  });

  it("count orders and rejects within the window only", () => {
    const core = started(
      deposit("mia", "USD", "1000"),
      { cmd: "limits", account: "mia", maxOrders: 5, maxRiskRejects: 5, maxOrderQty: "2", windowUs: 100 },
      { ...NEW, account: "mia", clOrdId: 1, symbol: "PERP", qty: "1" },
      { cmd: "time", at: 60 },
      { ...NEW, account: "mia", clOrdId: 2, symbol: "PERP", qty: "1" },
    );
    core.apply({ ...NEW, account: "mia", clOrdId: 3, symbol: "PERP", qty: "3" }, () => {});
    const usedAt = (at: number): (string | undefined)[] => {
      applied(core, { cmd: "time", at });
      return core
        .report()
        .limits.filter(({ limit }) => limit === "maxOrders" || limit === "maxRiskRejects")
        .map(({ used }) => used);
    };
    expect(usedAt(99)).toEqual(["2", "1"]);
    expect(usedAt(100)).toEqual(["1", "1"]);
    expect(usedAt(160)).toEqual(["0", "0"]);
  });

  it("of an account that was given none are all 0, and block", () => {
    const core = new Core({ accounts: [{ name: "cara", mode: "cash" }] });
    const limits = core.report().limits;
    expect(limits.map(({ limit, value }) => `${limit} ${value}`)).toEqual([
      ...["maxOrderQty 0", "maxOrderNotional 0", "maxOpenOrders 0", "maxOpenNotional 0", "maxPosition 0", "maxExposure 0"],
      ...["maxDailyNotional 0", "maxDailyLoss 0", "maxOrders 0", "maxDuplicates 0"],
    ]);
    expect(limits.every(({ percent }) => percent === undefined)).toBe(true);
  });
});

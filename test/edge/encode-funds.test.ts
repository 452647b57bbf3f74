import { describe, expect, it } from "vitest";
import { UNKNOWN_ID } from "../../engine/edge/catalog.js";
import { NumberText } from "../../engine/edge/index.js";
import type { AccountCommand, CurrencyCommand, LimitsCommand, LimitValues } from "../../engine/edge/types.js";
import {
  DefineAccount,
  DefineCurrency,
  Deposit,
  Header,
  Review,
  SetAccountState,
  SetKyc,
  SetLimits,
  SetMark,
  Transfer,
  Withdraw,
} from "../../engine/wire/flyweights.js";
import { AccountMode, AccountState, Kyc, LimitName, LimitsGiven, RiskLevel, SelfTradeMode } from "../../engine/wire/generated/enums.js";
import { BEYOND, NULL_INT64, NULL_UINT8, NULL_UINT32, OFF_STEP } from "../../engine/wire/numbers.js";
import { encoded } from "./encoded.js";

describe("currency", () => {
  function fieldsOf(keys: Partial<CurrencyCommand>): [scale: number, amlThreshold: number] {
    const words = encoded({ cmd: "currency", currency: "BTC", ...keys });
    return [DefineCurrency.scale(words, 0), DefineCurrency.amlThreshold(words, 0)];
  }

  it("has six places and no threshold unless it is given one", () => {
    expect(fieldsOf({})).toEqual([6, NULL_INT64]);
    expect(fieldsOf({ amlThreshold: "1.5" })).toEqual([6, 1_500_000]);
    expect(fieldsOf({ scale: 2, amlThreshold: "10000" })).toEqual([2, 1_000_000]);
    expect(fieldsOf({ scale: 0, amlThreshold: 0 })).toEqual([0, 0]);
  });

  it("marks what the core refuses", () => {
    expect(fieldsOf({ scale: 2, amlThreshold: "0.001" })).toEqual([2, OFF_STEP]);
    expect(fieldsOf({ scale: 15, amlThreshold: "10" })).toEqual([15, BEYOND]);
    expect(fieldsOf({ scale: 2, amlThreshold: "-1" })).toEqual([2, -100]);
    for (const scale of [-1, 16, 2 ** 53, -(2 ** 53)]) expect(fieldsOf({ scale, amlThreshold: "1" })).toEqual([-1, OFF_STEP]);
  });

  it("throws when amlThreshold is no decimal", () => {
    expect(() => fieldsOf({ amlThreshold: "x" })).toThrow("amlThreshold is no decimal: x");
    expect(() => fieldsOf({ scale: 99, amlThreshold: "x" })).toThrow("amlThreshold is no decimal: x");
  });
});

/** The limits of SETTLED S15 with the flyweights' getters, of either record. */
const AMOUNT_LIMITS = [
  ...(["maxOrderQty", "maxOrderNotional", "maxOpenNotional", "maxPosition", "maxExposure", "maxDailyNotional", "maxDailyLoss"] as const),
];
const COUNT_LIMITS = ["maxOpenOrders", "maxOrders", "maxDuplicates", "maxRiskRejects"] as const;
const LIMIT_RECORDS = [
  ["limits", SetLimits, (limits: LimitValues) => encoded({ cmd: "limits", account: "bob", ...limits })],
  ["account", DefineAccount, (limits: LimitValues) => encoded({ cmd: "account", account: "dora", mode: "margin", limits })],
] as const;

describe.each(LIMIT_RECORDS)("limits in the record of %s", (_name, record, written) => {
  it("are null when they are not given", () => {
    const words = written({});
    for (const name of [...AMOUNT_LIMITS, ...COUNT_LIMITS, "windowUs"] as const) expect(record[name](words, 0), name).toBe(NULL_INT64);
    for (const name of AMOUNT_LIMITS) expect(record[`${name}Exponent`](words, 0), name).toBe(0);
    expect(record.unlimited(words, 0)).toBe(0);
    expect(record.requireReference(words, 0)).toBe(NULL_UINT8);
  });

  it("are written one by one, without touching another", () => {
    for (const name of AMOUNT_LIMITS) {
      const words = written({ [name]: "12.50" });
      for (const other of AMOUNT_LIMITS) {
        expect(record[other](words, 0), other).toBe(other === name ? 125 : NULL_INT64);
        expect(record[`${other}Exponent`](words, 0), other).toBe(other === name ? -1 : 0);
      }
      expect(record.unlimited(words, 0)).toBe(0);
    }
    for (const name of COUNT_LIMITS) {
      const words = written({ [name]: 7 });
      for (const other of [...COUNT_LIMITS, ...AMOUNT_LIMITS]) expect(record[other](words, 0), other).toBe(other === name ? 7 : NULL_INT64);
    }
  });

  it('may be "unlimited", each by a bit of its own', () => {
    for (const name of [...AMOUNT_LIMITS, ...COUNT_LIMITS]) {
      const words = written({ [name]: "unlimited" });
      expect(record.unlimited(words, 0), name).toBe(1 << LimitName[name]);
      expect(record[name](words, 0), name).toBe(NULL_INT64);
    }
    const all = Object.fromEntries([...AMOUNT_LIMITS, ...COUNT_LIMITS].map((name) => [name, "unlimited"]));
    expect(record.unlimited(written(all), 0)).toBe(0x7ff);
  });

  it("window and reference", () => {
    expect(record.windowUs(written({ windowUs: 250_000 }), 0)).toBe(250_000);
    expect(record.windowUs(written({ windowUs: 2 ** 53 }), 0)).toBe(BEYOND);
    expect(record.requireReference(written({ requireReference: true }), 0)).toBe(1);
    expect(record.requireReference(written({ requireReference: false }), 0)).toBe(0);
  });

  it.each<[string | number | NumberText, number, number]>([
    ["0", 0, 0],
    [-0, 0, 0],
    ["-0.5", -5, -1],
    [1e21, 1, 21],
    ["9007199254740991", 9007199254740991, 0],
    // Digits that no amount could keep are cut off: the limit is never more than was said.
    ["9007199254740992", 900719925474099, 1],
    ["0.12345678901234567890", 1234567890123456, -16],
    ["-0.99999999999999999999", -999999999999999, -15],
    [`0.${"0".repeat(200)}1`, 0, 0],
    [`-0.${"0".repeat(200)}1`, -1, 0],
    [`1${"0".repeat(101)}`, BEYOND, 0],
    [new NumberText("-1e400"), BEYOND, 0],
  ])("an amount of %s", (amount, mantissa, exponent) => {
    const words = written({ maxExposure: amount as string });
    expect([record.maxExposure(words, 0), record.maxExposureExponent(words, 0)]).toEqual([mantissa, exponent]);
  });

  it("hostile counts", () => {
    for (const name of COUNT_LIMITS) {
      expect(record[name](written({ [name]: -1 }), 0), name).toBe(-1);
      expect(record[name](written({ [name]: 2 ** 53 }), 0), name).toBe(BEYOND);
      expect(record[name](written({ [name]: -(2 ** 63) }), 0), name).toBe(BEYOND);
    }
  });

  it("throw when an amount is no decimal", () => {
    for (const name of AMOUNT_LIMITS) expect(() => written({ [name]: "much" })).toThrow(`${name} is no decimal: much`);
  });
});

describe("limits and their scope", () => {
  it.each<[Partial<LimitsCommand>, number, number]>([
    [{ account: "bob" }, 8, NULL_UINT32],
    [{ symbol: "ABC" }, NULL_UINT32, 3],
    [{ account: "alice", symbol: "ABC" }, 7, 3],
    [{ account: "zoe", symbol: "XYZ" }, UNKNOWN_ID, UNKNOWN_ID],
  ])("%j", (scope, account, instrument) => {
    const words = encoded({ cmd: "limits", ...scope });
    expect(Header.templateId(words, 0)).toBe(SetLimits.TEMPLATE_ID);
    expect([SetLimits.account(words, 0), SetLimits.instrument(words, 0)]).toEqual([account, instrument]);
    expect([SetLimits.clientSeq(words, 0), SetLimits.session(words, 0)]).toEqual([0, 0]);
  });
});

describe("account", () => {
  const ACCOUNT: AccountCommand = { cmd: "account", account: "dora", mode: "unchecked" };

  it("has what is not given as its default", () => {
    const words = encoded(ACCOUNT);
    expect(DefineAccount.name(words, 0)).toBe("dora");
    expect(DefineAccount.stpGroup(words, 0)).toBe("");
    expect(DefineAccount.mode(words, 0)).toBe(AccountMode.unchecked);
    expect(DefineAccount.stp(words, 0)).toBe(NULL_UINT8);
    expect(DefineAccount.limitsGiven(words, 0)).toBe(LimitsGiven.no);
    expect(DefineAccount.kyc(words, 0)).toBe(Kyc.unverified);
    expect(DefineAccount.riskLevel(words, 0)).toBe(RiskLevel.low);
  });

  it.each(["unchecked", "cash", "margin"] as const)("in mode %s", (mode) => {
    expect(DefineAccount.mode(encoded({ ...ACCOUNT, mode }), 0)).toBe(AccountMode[mode]);
  });

  it("with every key", () => {
    const words = encoded({ ...ACCOUNT, stpGroup: "g", stp: "none", limits: { maxOrders: 3 }, kyc: "verified", riskLevel: "high" });
    expect(DefineAccount.stpGroup(words, 0)).toBe("g");
    expect(DefineAccount.stp(words, 0)).toBe(SelfTradeMode.none);
    expect(DefineAccount.limitsGiven(words, 0)).toBe(LimitsGiven.yes);
    expect(DefineAccount.maxOrders(words, 0)).toBe(3);
    expect(DefineAccount.kyc(words, 0)).toBe(Kyc.verified);
    expect(DefineAccount.riskLevel(words, 0)).toBe(RiskLevel.high);
  });

  it("tells an empty object of limits from none and from unlimited ones", () => {
    expect(DefineAccount.limitsGiven(encoded({ ...ACCOUNT, limits: {} }), 0)).toBe(LimitsGiven.yes);
    const words = encoded({ ...ACCOUNT, limits: "unlimited" });
    expect(DefineAccount.limitsGiven(words, 0)).toBe(LimitsGiven.unlimited);
    expect(DefineAccount.unlimited(words, 0)).toBe(0);
    expect(DefineAccount.maxOrderQty(words, 0)).toBe(NULL_INT64);
  });
});

describe("funding", () => {
  const MOVEMENT = { account: "alice", currency: "USD", amount: "12.50", ref: "r-1" } as const;

  it.each([
    ["deposit", Deposit],
    ["withdraw", Withdraw],
  ] as const)("%s", (cmd, record) => {
    const words = encoded({ cmd, ...MOVEMENT });
    expect(Header.templateId(words, 0)).toBe(record.TEMPLATE_ID);
    expect([record.clientSeq(words, 0), record.session(words, 0)]).toEqual([0, 0]);
    expect([record.account(words, 0), record.currency(words, 0), record.amount(words, 0)]).toEqual([7, 0, 1250]);
    expect(record.ref(words, 0)).toBe("r-1");
    const unknown = encoded({ cmd, ...MOVEMENT, account: "zoe", currency: "XXX" });
    expect([record.account(unknown, 0), record.currency(unknown, 0)]).toEqual([UNKNOWN_ID, UNKNOWN_ID]);
    expect(record.amount(unknown, 0)).toBe(OFF_STEP);
  });

  it("transfer", () => {
    const words = encoded({ cmd: "transfer", ...MOVEMENT, to: "bob" });
    expect(Header.templateId(words, 0)).toBe(Transfer.TEMPLATE_ID);
    expect([Transfer.clientSeq(words, 0), Transfer.session(words, 0)]).toEqual([0, 0]);
    expect([Transfer.account(words, 0), Transfer.to(words, 0), Transfer.currency(words, 0)]).toEqual([7, 8, 0]);
    expect([Transfer.amount(words, 0), Transfer.ref(words, 0)]).toEqual([1250, "r-1"]);
    const unknown = encoded({ cmd: "transfer", ...MOVEMENT, account: "zoe", to: "yan", currency: "XXX" });
    expect([Transfer.account(unknown, 0), Transfer.to(unknown, 0), Transfer.currency(unknown, 0)]).toEqual([
      UNKNOWN_ID,
      UNKNOWN_ID,
      UNKNOWN_ID,
    ]);
    expect(Transfer.amount(unknown, 0)).toBe(OFF_STEP);
  });

  it.each([
    ["0", 0],
    ["-0.01", -1],
    ["0.001", OFF_STEP],
    ["-0.001", OFF_STEP],
    ["90071992547409.91", Number.MAX_SAFE_INTEGER],
    ["90071992547409.92", BEYOND],
    ["-90071992547409.92", BEYOND],
    [`1${"0".repeat(400)}`, BEYOND],
  ])("an amount of %s", (amount, atoms) => {
    expect(Deposit.amount(encoded({ cmd: "deposit", ...MOVEMENT, amount }), 0)).toBe(atoms);
    expect(Withdraw.amount(encoded({ cmd: "withdraw", ...MOVEMENT, amount }), 0)).toBe(atoms);
    expect(Transfer.amount(encoded({ cmd: "transfer", to: "bob", ...MOVEMENT, amount }), 0)).toBe(atoms);
  });

  it("throws when an amount is no decimal, whatever else is wrong", () => {
    expect(() => encoded({ cmd: "deposit", ...MOVEMENT, amount: "1e2" })).toThrow("amount is no decimal: 1e2");
    expect(() => encoded({ cmd: "withdraw", ...MOVEMENT, currency: "XXX", amount: "" })).toThrow("amount is no decimal: ");
    expect(() => encoded({ cmd: "transfer", to: "zoe", ...MOVEMENT, amount: Number.NaN })).toThrow("amount is no decimal: NaN");
  });

  it.each([
    ["64 characters", "x".repeat(64), "x".repeat(64)],
    ["65 characters", "x".repeat(65), ""],
    ["none", "", ""],
    ["a blank", "a b", ""],
    ["another alphabet", "référence", ""],
  ])("a ref of %s", (_name, ref, written) => {
    expect(Deposit.ref(encoded({ cmd: "deposit", ...MOVEMENT, ref }), 0)).toBe(written);
    expect(Review.ref(encoded({ cmd: "review", ref, release: true }), 0)).toBe(written);
  });

  it("review", () => {
    const words = encoded({ cmd: "review", ref: "r-1", release: true });
    expect(Header.templateId(words, 0)).toBe(Review.TEMPLATE_ID);
    expect([Review.clientSeq(words, 0), Review.session(words, 0), Review.release(words, 0)]).toEqual([0, 0, 1]);
    expect(Review.release(encoded({ cmd: "review", ref: "r-1", release: false }), 0)).toBe(0);
  });

  it("kyc and accountState, every word", () => {
    for (const kyc of ["unverified", "verified"] as const) {
      const words = encoded({ cmd: "kyc", account: "bob", kyc });
      expect(Header.templateId(words, 0)).toBe(SetKyc.TEMPLATE_ID);
      expect([SetKyc.clientSeq(words, 0), SetKyc.session(words, 0), SetKyc.account(words, 0)]).toEqual([0, 0, 8]);
      expect(SetKyc.kyc(words, 0)).toBe(Kyc[kyc]);
    }
    for (const state of ["active", "suspended", "reduceOnly"] as const) {
      const words = encoded({ cmd: "accountState", account: "zoe", state });
      expect(Header.templateId(words, 0)).toBe(SetAccountState.TEMPLATE_ID);
      expect([SetAccountState.clientSeq(words, 0), SetAccountState.session(words, 0)]).toEqual([0, 0]);
      expect([SetAccountState.account(words, 0), SetAccountState.state(words, 0)]).toEqual([UNKNOWN_ID, AccountState[state]]);
    }
  });

  it("mark", () => {
    const priceOf = (price: string, symbol = "ABC"): number[] => {
      const words = encoded({ cmd: "mark", symbol, price });
      expect(Header.templateId(words, 0)).toBe(SetMark.TEMPLATE_ID);
      expect([SetMark.clientSeq(words, 0), SetMark.session(words, 0)]).toEqual([0, 0]);
      return [SetMark.instrument(words, 0), SetMark.price(words, 0)];
    };
    expect(priceOf("1.05")).toEqual([3, 21]);
    expect(priceOf("1.01")).toEqual([3, OFF_STEP]);
    expect(priceOf("-1")).toEqual([3, -20]);
    expect(priceOf("1", "XYZ")).toEqual([UNKNOWN_ID, OFF_STEP]);
    expect(() => priceOf("x", "XYZ")).toThrow("price is no decimal: x");
  });
});

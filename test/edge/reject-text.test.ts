import { describe, expect, it } from "vitest";
import { Core } from "../../engine/edge/index.js";
import type { Command, LimitValues } from "../../engine/edge/types.js";

const CAPACITIES = { orders: 64, levels: 64, accounts: 8, instruments: 4, currencies: 8 };

/** The reason and the text of the last command that was rejected. */
function play(...commands: Command[]): string {
  const core = new Core({ capacities: CAPACITIES });
  let last = "";
  const setUp: Command[] = [
    { cmd: "instrument", symbol: "ABC", base: "GOLD", quote: "USD", tickSize: "0.01", lotSize: "0.1", takerFeePpm: 1000 },
    {
      cmd: "instrument",
      symbol: "PERP",
      base: "IDX",
      quote: "USD",
      tickSize: "1",
      lotSize: "1",
      kind: "margin",
      initialMarginPpm: 100_000,
    },
  ];
  for (const command of [...setUp, ...commands]) {
    core.apply(command, (event) => {
      if (event.event === "rejected") last = `${event.reason}: ${event.text}`;
    });
  }
  return last;
}

const account = (mode: "cash" | "margin" | "unchecked", limits: LimitValues | "unlimited" = "unlimited"): Command[] => [
  { cmd: "account", account: "a", mode, limits, kyc: "verified" },
  { cmd: "account", account: "b", mode: "unchecked" },
];
const deposit = (amount: string, currency = "USD"): Command => ({ cmd: "deposit", account: "a", currency, amount, ref: `d${currency}` });
let ids = 0;
const order = (of: string, side: "buy" | "sell", qty: string, price: string, symbol = "ABC"): Command => {
  return { cmd: "new", account: of, clOrdId: ++ids, symbol, side, price, qty };
};
const limited = (limits: LimitValues, ...commands: Command[]): string => play(...account("unchecked", limits), ...commands);

describe("the text of what is rejected", () => {
  it("says what is needed and what is free", () => {
    // Five lots at 0.01 and the fee of one, rounded up to a millionth: 100 × 5 + 0.5.
    expect(play(...account("cash"), deposit("20"), order("a", "buy", "5", "100"))).toBe("INSUFFICIENT_FUNDS: needs 500.5 USD, free 20");
    expect(play(...account("cash"), deposit("1.5", "GOLD"), order("a", "sell", "1.6", "9"))).toBe(
      "INSUFFICIENT_FUNDS: needs 1.6 GOLD, free 1.5",
    );
    const held = [deposit("20"), order("a", "buy", "1", "10")];
    expect(play(...account("cash"), ...held, { cmd: "withdraw", account: "a", currency: "USD", amount: "10.00", ref: "w" })).toBe(
      "INSUFFICIENT_FUNDS: needs 10 USD, free 9.99",
    );
    expect(play(...account("margin"), deposit("20"), order("a", "buy", "3", "100", "PERP"))).toBe(
      "INSUFFICIENT_MARGIN: needs 30 USD, equity 20",
    );
  });

  it("says the limit and what the order would use of it", () => {
    const buy = (qty: string, price = "10") => order("a", "buy", qty, price);
    expect(limited({ maxOrderQty: "5" }, buy("6.1"))).toBe("MAX_ORDER_QTY: limit 5, use 6.1");
    expect(limited({ maxOrderNotional: "50.5" }, buy("6"))).toBe("MAX_ORDER_NOTIONAL: limit 50.5 USD, use 60");
    expect(limited({ maxOpenOrders: 1 }, buy("1"), buy("1"))).toBe("MAX_OPEN_ORDERS: limit 1, use 2");
    expect(limited({ maxOpenNotional: "15" }, buy("1"), buy("1"))).toBe("MAX_OPEN_NOTIONAL: limit 15 USD, use 20");
    expect(limited({ maxPosition: "1.5" }, buy("1"), buy("1"))).toBe("POSITION_LIMIT: limit 1.5, use 2");
    expect(limited({ maxExposure: "15" }, buy("1"), buy("1"))).toBe("EXPOSURE_LIMIT: limit 15 USD, use 20");
    const traded = [order("b", "sell", "1", "10"), buy("1")];
    expect(limited({ maxDailyNotional: "15" }, ...traded, buy("1"))).toBe("DAILY_NOTIONAL: limit 15 USD, use 20");
    const lost = [order("b", "sell", "1", "10"), buy("1"), order("b", "buy", "1", "4"), order("a", "sell", "1", "4")];
    expect(limited({ maxDailyLoss: "5" }, ...lost, buy("1"))).toBe("LOSS_LIMIT: limit 5 USD, use 6.014");
  });

  it("takes the scope that is short: of the account, or of the account in the instrument", () => {
    const inAbc: Command = { cmd: "limits", account: "a", symbol: "ABC", maxOpenOrders: 1, maxOpenNotional: "15", maxExposure: "12" };
    const buy = (price = "10", qty = "1") => order("a", "buy", qty, price);
    const [first, ...rest] = [...account("unchecked"), inAbc];
    const all = [first as Command, ...rest];
    expect(play(...all, buy(), buy())).toBe("MAX_OPEN_ORDERS: limit 1, use 2");
    expect(play(...all, buy("16"))).toBe("MAX_OPEN_NOTIONAL: limit 15 USD, use 16");
    expect(play(...all, buy("13"))).toBe("EXPOSURE_LIMIT: limit 12 USD, use 13");
  });

  it("is the code's meaning where nothing is compared", () => {
    expect(play(...account("cash"), { cmd: "cancel", account: "a", clOrdId: 1 })).toMatch(/^UNKNOWN_ORDER: [A-Z]/);
    expect(play(...account("cash"), order("a", "buy", "1", "0.001"))).toMatch(/^PRICE_OFF_TICK: [A-Z]/);
  });
});

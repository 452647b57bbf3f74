import { describe, expect, it } from "vitest";
import { bytesOf, StateReader } from "../../engine/step.js";
import { TradePrint } from "../../engine/wire/flyweights.js";
import { TradingState } from "../../engine/wire/generated/enums.js";
import { NULL_UINT8 } from "../../engine/wire/numbers.js";
import {
  accepted,
  acceptedFull,
  canceled,
  type HandEvent,
  HandFed,
  reduced,
  replaced,
  shown,
  stateChanged,
  traded,
  triggered,
} from "./by-hand.js";

const CAPACITIES = { orders: 100, levels: 50, instruments: 4 };

function fed(...commands: HandEvent[][]): HandFed {
  const market = new HandFed(CAPACITIES);
  for (const events of commands) market.command(...events);
  return market;
}

/** An iceberg of which 3 are seen, with a plain order behind it. */
function iceberg(): HandFed {
  return fed([acceptedFull(1), shown(1, "sell", 10, 3)], [accepted(2, { side: "sell" })]);
}

describe("plain orders", () => {
  it("rest when their command ends, and never when they are market, ioc or fok", () => {
    const market = fed([accepted(1)], [accepted(2, { tif: "day", price: 11 })]);
    expect(market.rows("buy")).toEqual(["11 5: 2×5", "10 5: 1×5"]);
    for (const [index, order] of [{ tif: "ioc" }, { tif: "fok" }, { type: "market" }].entries()) {
      market.command(
        accepted(3 + index, { side: "sell", ...(order as { tif: "ioc" }) }),
        traded(2, 3 + index, 1, "sell"),
        canceled(3 + index),
      );
    }
    expect(market.rows("buy")).toEqual(["11 2: 2×2", "10 5: 1×5"]);
    expect(market.rows("sell")).toEqual([]);
  });

  it("rest in front of an order of their side that their prints have brought into the book", () => {
    const market = fed([accepted(1, { side: "sell", qty: 2 })], [acceptedFull(2)]);
    market.command(accepted(3, { qty: 5 }), traded(1, 3, 2), triggered(2), shown(2, "buy", 10, 4));
    expect(market.rows("buy")).toEqual(["10 7: 3×3 2×4"]);
  });

  it("trade with what is triggered behind them in the same command", () => {
    const market = fed([accepted(1, { side: "sell", qty: 2 })], [acceptedFull(2)]);
    market.command(accepted(3, { qty: 5 }), traded(1, 3, 2), triggered(2), traded(3, 2, 3, "sell"), canceled(2));
    expect(market.rows("buy")).toEqual([]);
    expect(market.rows("sell")).toEqual([]);
  });

  it("lose what a cut or a replace takes, and their place when it says so", () => {
    const market = fed([accepted(1)], [accepted(2)], [reduced(1, 4)], [replaced(2, { price: 10, leaves: 3, kept: true })]);
    expect(market.rows("buy")).toEqual(["10 7: 1×4 2×3"]);
    market.command(replaced(1, { price: 10, leaves: 6 }));
    expect(market.rows("buy")).toEqual(["10 9: 2×3 1×6"]);
  });
});

describe("icebergs", () => {
  it("lose their visible part to trades and join the tail with the next", () => {
    const market = iceberg();
    market.command(accepted(3, { qty: 1 }), traded(1, 3, 1));
    expect(market.rows("sell")).toEqual(["10 7: 1×2 2×5"]);
    market.command(accepted(4, { qty: 4 }), traded(1, 4, 2), shown(1, "sell", 10, 3), traded(2, 4, 2));
    expect(market.rows("sell")).toEqual(["10 6: 2×3 1×3"]);
    expect(market.rows("buy")).toEqual([]);
  });

  it("are out of the book when the last of them is traded", () => {
    const market = iceberg();
    market.command(accepted(3, { qty: 3 }), traded(1, 3, 3));
    expect(market.rows("sell")).toEqual(["10 5: 2×5"]);
    market.command(accepted(4));
    expect(market.rows("buy")).toEqual(["10 5: 4×5"]);
  });

  it("keep what is seen of them when a cut takes what is not", () => {
    const market = iceberg();
    market.command(reduced(1, 7));
    expect(market.rows("sell")).toEqual(["10 8: 1×3 2×5"]);
    market.command(reduced(1, 2), shown(1, "sell", 10, 2));
    expect(market.rows("sell")).toEqual(["10 7: 1×2 2×5"]);
    market.command(replaced(1, { price: 10, leaves: 1, kept: true, displayQty: 3 }), shown(1, "sell", 10, 1));
    expect(market.rows("sell")).toEqual(["10 6: 1×1 2×5"]);
  });

  it("are gone between a replace that takes their place and their next showing", () => {
    const market = iceberg();
    market.command(replaced(1, { price: 9, leaves: 8, displayQty: 3 }), shown(1, "sell", 9, 3));
    expect(market.rows("sell")).toEqual(["9 3: 1×3", "10 5: 2×5"]);
    market.command(accepted(3, { price: 8 }));
    market.command(replaced(1, { price: 8, leaves: 5, displayQty: 3 }), traded(3, 1, 5, "sell"));
    expect(market.rows("sell")).toEqual(["10 5: 2×5"]);
    expect(market.rows("buy")).toEqual([]);
  });

  it("are made of plain orders by a replace", () => {
    const market = iceberg();
    market.command(replaced(2, { price: 10, leaves: 9, displayQty: 2 }), shown(2, "sell", 10, 2));
    expect(market.rows("sell")).toEqual(["10 5: 1×3 2×2"]);
    market.command(canceled(1));
    expect(market.rows("sell")).toEqual(["10 2: 2×2"]);
  });

  it("may be shown at another place without a replace: behind all others", () => {
    const market = iceberg();
    market.command(shown(1, "sell", 11, 3));
    expect(market.rows("sell")).toEqual(["10 5: 2×5", "11 3: 1×3"]);
  });
});

describe("orders that are in no book", () => {
  it("can be accepted, cut, replaced, triggered and canceled without a trace", () => {
    const market = iceberg();
    const before = [market.rows("buy"), market.rows("sell")];
    market.command(acceptedFull(3));
    market.command(reduced(3, 1));
    market.command(replaced(3, { price: 12, leaves: 1 }));
    market.command(replaced(3, { price: 12, leaves: 1, kept: true }));
    market.command(triggered(3), canceled(3));
    expect([market.rows("buy"), market.rows("sell")]).toEqual(before);
    expect(market.told).toHaveLength(2);
  });

  it("trade as takers", () => {
    const market = iceberg();
    market.command(acceptedFull(3), triggered(3), traded(1, 3, 3), shown(1, "sell", 10, 3), canceled(3));
    expect(market.rows("sell")).toEqual(["10 8: 2×5 1×3"]);
  });
});

describe("an uncross", () => {
  it("takes from both sides of a crossed book, tranche by tranche, and prints without an aggressor", () => {
    const market = fed([stateChanged("auctionCall")], [accepted(1, { price: 12, qty: 4 })]);
    market.command(acceptedFull(2), shown(2, "sell", 10, 2));
    market.command(accepted(3, { side: "sell", price: 11, qty: 1 }));
    expect([market.rows("buy"), market.rows("sell")]).toEqual([["12 4: 1×4"], ["10 2: 2×2", "11 1: 3×1"]]);
    market.told.length = 0;
    market.command(stateChanged("open"), traded(1, 2, 2, null), shown(2, "sell", 10, 2), traded(1, 2, 1, null));
    expect([market.rows("buy"), market.rows("sell")]).toEqual([["12 1: 1×1"], ["10 1: 2×1", "11 1: 3×1"]]);
    expect(TradePrint.aggressor(market.told[0], 0)).toBe(NULL_UINT8);
    expect(market.told).toHaveLength(3);
  });
});

describe("trading states", () => {
  it("are those told last, and unknown before", () => {
    const market = fed([stateChanged("halted", 1)], [stateChanged("closed", 1)]);
    expect([0, 1, 2, 99].map((instrument) => market.step.tradingState(instrument))).toEqual([
      NULL_UINT8,
      TradingState.closed,
      NULL_UINT8,
      NULL_UINT8,
    ]);
    const late = new HandFed(CAPACITIES, 2);
    late.step.load(new StateReader(bytesOf((out) => market.step.save(out))));
    expect(late.step.tradingState(1)).toBe(TradingState.closed);
    expect(late.step.tradingState(0)).toBe(NULL_UINT8);
  });
});

describe("lost events", () => {
  it("are noticed by the number of their command", () => {
    const market = iceberg();
    market.lose();
    expect(() => market.command(canceled(1))).toThrow("an event of command 3 was due and one of 4 came");
  });

  it("are noticed when the last event of a command is among them", () => {
    const market = new HandFed(CAPACITIES, 1);
    expect(() => market.part(accepted(1))).not.toThrow();
    expect(() => market.command(canceled(1))).toThrow("an event of command 1 was due and one of 2 came");
  });

  it("are noticed by trades that they should have prepared", () => {
    expect(() => iceberg().command(acceptedFull(3), traded(77, 3, 1))).toThrow("order 77 of command 3 is not in the market-data book");
    expect(() => iceberg().command(acceptedFull(3), traded(2, 1, 1))).toThrow(
      "order 1 of command 3 is a taker, and in the market-data book",
    );
    expect(() => iceberg().command(stateChanged("open"), traded(2, 77, 1, null))).toThrow("order 77 of command 3 is not in");
    expect(() => iceberg().command(acceptedFull(3), traded(1, 3, 4))).toThrow("order 1 of command 3 trades more than");
  });

  it("are noticed behind a saved state too, in the middle of a command as well", () => {
    const market = iceberg();
    const late = new HandFed(CAPACITIES, 4);
    late.step.load(new StateReader(bytesOf((out) => market.step.save(out))));
    expect(() => late.end(canceled(1))).toThrow("an event of command 3 was due and one of 4 came");
    const open = new HandFed(CAPACITIES, 1);
    open.part(accepted(1));
    const middle = new HandFed(CAPACITIES, 2);
    middle.step.load(new StateReader(bytesOf((out) => open.step.save(out))));
    expect(() => middle.end(canceled(1))).toThrow("an event of command 1 was due and one of 2 came");
  });
});

import { describe, expect, it } from "vitest";
import { Core } from "../../engine/edge/index.js";
import type { Command, Event } from "../../engine/edge/types.js";
import { bank, CAPACITIES } from "./bank.js";
import { type SavedState, STOP, saved, special, state } from "./saved-state.js";

/** At most three orders in 500 µs, two of which were accepted, and one reject of two. */
const LIMITED = {
  limits: [...Array.from({ length: 8 }, (): [number, number] => [-2, 0]), [3, 0], [-1, 0], [2, 0]] as [number, number][],
  windowUs: 500,
  windows: [
    [3, [1, 4]],
    [2, [5]],
  ] as [number, number[]][],
};

function restored(bytes: Uint8Array): Core {
  return Core.restore(bytes, { capacities: CAPACITIES });
}

describe("Core.restore of funds and risk", () => {
  it("goes on with funds and risk just as the core does that was saved", () => {
    const core = bank();
    const copy = restored(core.snapshot());
    copy.assertConsistent();
    expect(copy.report()).toEqual(core.report());
    const commands: Command[] = [
      { cmd: "time", at: 700 },
      { cmd: "new", account: "mia", clOrdId: 10, symbol: "PERP", side: "buy", price: "10", qty: "1" },
      { cmd: "new", account: "mia", clOrdId: 11, symbol: "PERP", side: "buy", price: "10", qty: "1" },
      { cmd: "new", account: "mia", clOrdId: 12, symbol: "PERP", side: "buy", price: "10", qty: "1" },
      { cmd: "new", account: "mia", clOrdId: 13, symbol: "PERP", side: "buy", price: "10", qty: "10" },
      { cmd: "new", account: "mia", clOrdId: 14, symbol: "PERP", side: "buy", price: "10", qty: "10" },
      { cmd: "review", ref: "f", release: true },
      { cmd: "deposit", account: "alice", currency: "USD", amount: "1", ref: "z" },
      { cmd: "deposit", account: "alice", currency: "USD", amount: "1000", ref: "a" },
      { cmd: "massCancel", account: "bob" },
      { cmd: "mark", symbol: "PERP", price: "1" },
    ];
    for (const command of commands) {
      const [told, expected]: Event[][] = [[], []];
      copy.apply(command, (event) => told.push(event));
      core.apply(command, (event) => expected.push(event));
      expect(told).toEqual(expected);
    }
    expect(copy.stateHash()).toBe(core.stateHash());
    copy.assertConsistent();
  });

  it.each<[string, Partial<SavedState>]>([
    [
      "with money, a movement that waits and one that was refused",
      {
        currencies: [
          ["ABC", 6],
          ["USD", 6, 50, 0, [2, 12, 3]],
        ],
        accounts: [
          ["alice", 1, 1, "", 0, { kyc: 1, riskLevel: 1, movementTimes: [5, 2] }],
          ["bob", 0, 1, "", 0, { accountState: 2 }],
        ],
        orders: [],
        balances: [
          [0, 1, 9],
          [1, 1, -2],
        ],
        movements: [
          ["a", 0, 0, 0, 1, 12, 2, 0],
          ["b", 1, 0, 0, 1, 9, 5, 1],
          ["c", 2, 0, 1, 1, 60, 5, 2],
        ],
      },
    ],
    [
      "with margin positions, a mark and the prints of a circuit breaker",
      {
        isMargin: 1,
        margin: [100_000, 50_000, 2, 0],
        mark: 120,
        risk: [0, 900, 4, -5, 5],
        prints: [
          [
            [2, 100],
            [5, 101],
          ],
          [[5, 101]],
        ],
        positions: [
          [0, 0, 7, [700, 0, 700, 0]],
          [1, 0, -7, [-700, 3, 700, 3], 1, 5],
        ],
      },
    ],
    [
      "with limits and windows",
      {
        accounts: [
          ["alice", 0, 1, "", 0, LIMITED],
          ["bob", 0, 1, ""],
        ],
        limits: [[[0, { limits: [[5, 2]], requireReference: 1 }]], [[2 ** 20, { limits: [[-1, 0]] }]]],
      },
    ],
  ])("takes a state that a core might have written: %s", (_name, change) => {
    const bytes = saved(state(change));
    const core = restored(bytes);
    core.assertConsistent();
    expect(core.snapshot()).toEqual(bytes);
  });

  it.each<[string, Partial<SavedState>]>([
    [
      "a currency with a threshold below nought",
      {
        currencies: [
          ["ABC", 6, -2],
          ["USD", 6],
        ],
      },
    ],
    [
      "goods that were clamped twice",
      {
        currencies: [
          ["ABC", 6, -1, 2],
          ["USD", 6],
        ],
      },
    ],
    ["a collar of more than a hundredfold", { risk: [1_000_001, 0, 0, 0, 0] }],
    ["a fee of everything", { risk: [0, 0, 0, 0, 1_000_000] }],
    ["a kind that is neither", { isMargin: 2 }],
    ["a maintenance margin above the initial one", { isMargin: 1, margin: [5, 6, 1, 0] }],
    ["a multiplier of nought", { isMargin: 1, margin: [5, 5, 0, 0] }],
    ["a mark below nought", { mark: -1 }],
    ["a print of later than now", { risk: [0, 5, 9, 0, 0], prints: [[[6, 100]], []] }],
    ["a print that the window has forgotten", { risk: [0, 5, 3, 0, 0], prints: [[[2, 100]], []] }],
    [
      "a print that another has taken the place of",
      {
        risk: [0, 5, 9, 0, 0],
        prints: [
          [
            [3, 100],
            [4, 99],
          ],
          [],
        ],
      },
    ],
    ["a print at nought", { risk: [0, 5, 9, 0, 0], prints: [[[3, 0]], []] }],
    [
      "an unknown account state",
      {
        accounts: [
          ["alice", 0, 1, "", 0, { accountState: 3 }],
          ["bob", 0, 1, ""],
        ],
      },
    ],
    [
      "an account that is neither known nor not",
      {
        accounts: [
          ["alice", 0, 1, "", 0, { kyc: 2 }],
          ["bob", 0, 1, ""],
        ],
      },
    ],
    [
      "movements that were counted in another order",
      {
        accounts: [
          ["alice", 0, 1, "", 0, { movementTimes: [3, 4] }],
          ["bob", 0, 1, ""],
        ],
      },
    ],
    [
      "five movements that were counted",
      {
        accounts: [
          ["alice", 0, 1, "", 0, { movementTimes: [5, 4, 3, 2, 1] }],
          ["bob", 0, 1, ""],
        ],
      },
    ],
    [
      "a limit that is none",
      {
        accounts: [
          ["alice", 0, 1, "", 0, { limits: [[-3, 0]] }],
          ["bob", 0, 1, ""],
        ],
      },
    ],
    [
      "a window of no time",
      {
        accounts: [
          ["alice", 0, 1, "", 0, { windowUs: 0 }],
          ["bob", 0, 1, ""],
        ],
      },
    ],
    [
      "a window of another size than its limit",
      {
        accounts: [
          ["alice", 0, 1, "", 0, { windows: [[3, []]] }],
          ["bob", 0, 1, ""],
        ],
      },
    ],
    [
      "duplicates without a limit",
      {
        accounts: [
          ["alice", 0, 1, "", 0, { hasDuplicates: 1 }],
          ["bob", 0, 1, ""],
        ],
      },
    ],
    ["limits of an instrument that is not there", { limits: [[[1, {}]], []] }],
    ["a balance of nobody", { balances: [[2, 1, 5]] }],
    ["a balance in nothing", { balances: [[0, 2, 5]] }],
    [
      "a balance that stands twice",
      {
        balances: [
          [0, 1, 5],
          [0, 1, -5],
        ],
      },
    ],
    ["a balance that there never was", { balances: [[0, 1, 0, [], 0]] }],
    ["money from nowhere", { balances: [[0, 1, 5]] }],
    [
      "money that is gone",
      {
        currencies: [
          ["ABC", 6],
          ["USD", 6, -1, 0, [0, 7, 0]],
        ],
        balances: [[0, 1, 5]],
      },
    ],
    [
      "a position with a cost of another sign",
      {
        isMargin: 1,
        margin: [5, 5, 1, 0],
        positions: [
          [0, 0, 7, [-5]],
          [1, 0, -7, [5]],
        ],
      },
    ],
    [
      "positions that do not add up",
      {
        positions: [
          [0, 0, 7],
          [1, 0, -6],
        ],
      },
    ],
    [
      "a cash account that holds more than it has",
      {
        accounts: [
          ["alice", 1, 1, ""],
          ["bob", 0, 1, ""],
        ],
      },
    ],
    ["a movement of nobody", { movements: [["r", 0, 2, 0, 1, 5, 1, 0]] }],
    ["a movement of nothing", { movements: [["r", 0, 0, 0, 1, 0, 1, 0]] }],
    ["a movement of an unknown kind", { movements: [["r", 3, 0, 0, 1, 5, 1, 0]] }],
    ["a movement at an unknown stage", { movements: [["r", 0, 0, 0, 1, 5, 1, 3]] }],
    [
      "a ref that stands twice",
      {
        movements: [
          ["r", 0, 0, 0, 1, 5, 1, 2],
          ["r", 0, 0, 0, 1, 5, 1, 2],
        ],
      },
    ],
    ["more movements than fit", { movements: Array.from({ length: 9 }, (_, index) => [`r${index}`, 0, 0, 0, 1, 5, 1, 2]) }],
    ["a stop that the last trade has reached", { orders: [special(1, { stopPrice: 100 }, STOP)] }],
  ])("refuses %s", (_, change) => {
    expect(() => restored(saved(state(change)))).toThrow(RangeError);
  });
});

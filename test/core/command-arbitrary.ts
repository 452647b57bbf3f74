import fc from "fast-check";
import type { Command } from "../../engine/edge/types.js";

/** Few names, ids and prices, so that short runs already collide; fast-check shrinks what fails. */
export const ACCOUNTS = ["alice", "bob", "carol"] as const;
export const SYMBOLS = ["ABC", "XYZ"] as const;

export const MARKET_SET_UP: readonly Command[] = [
  { cmd: "instrument", symbol: "ABC", base: "ABC", quote: "USD", tickSize: "0.5", lotSize: "1" },
  { cmd: "instrument", symbol: "XYZ", base: "XYZ", quote: "USD", tickSize: "1", lotSize: "0.1", minQty: "0.2", maxPrice: "6" },
  { cmd: "account", account: "alice", mode: "unchecked" },
  { cmd: "account", account: "bob", mode: "unchecked", stpGroup: "desk", stp: "decrement" },
  { cmd: "account", account: "carol", mode: "unchecked", stpGroup: "desk", stp: "cancelOldest" },
];

const account = fc.constantFrom(...ACCOUNTS);
const symbol = fc.constantFrom(...SYMBOLS);
const side = fc.constantFrom("buy" as const, "sell" as const);
const clOrdId = fc.integer({ min: 0, max: 9 });
const price = fc.oneof({ weight: 12, arbitrary: fc.integer({ min: 2, max: 7 }).map(String) }, fc.constantFrom("0", "2.5", "0.25", "99"));
const qty = fc.oneof({ weight: 12, arbitrary: fc.integer({ min: 1, max: 9 }).map(String) }, fc.constantFrom("0", "0.1", "0.05", "-3"));
const stp = fc.constantFrom("none" as const, "cancelNewest" as const, "cancelOldest" as const, "cancelBoth" as const, "decrement" as const);
const rarely = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 2, nil: undefined });
const often = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 4, nil: undefined });

/** fast-check writes `undefined` where an option is left out; a command leaves the key out. */
function given(keys: object): Command {
  return Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== undefined)) as unknown as Command;
}

const limit = fc
  .record({
    cmd: fc.constant("new"),
    account,
    clOrdId,
    symbol,
    side,
    tif: rarely(fc.constantFrom("gtc", "ioc", "fok")),
    price,
    qty,
    postOnly: rarely(fc.boolean()),
    stp: rarely(stp),
  })
  .map(given);

const market = fc
  .record({
    cmd: fc.constant("new"),
    account,
    clOrdId,
    symbol,
    side,
    type: fc.constant("market"),
    tif: rarely(fc.constantFrom("gtc", "ioc", "fok")),
    qty,
    stp: rarely(stp),
  })
  .map(given);

const change = fc.oneof(
  fc.record({ cmd: fc.constant("cancel"), account, clOrdId }).map(given),
  fc.record({ cmd: fc.constant("reduce"), account, clOrdId, by: qty }).map(given),
  fc
    .record({ cmd: fc.constant("replace"), account, clOrdId, newClOrdId: rarely(clOrdId), price: often(price), qty: often(qty) })
    .map(given),
  fc.record({ cmd: fc.constant("massCancel"), account, symbol: often(symbol), side: often(side) }).map(given),
  fc.record({ cmd: fc.constant("time"), at: fc.integer({ min: 0, max: 20 }) }).map(given),
);

/** A run of commands over the set-up market. */
export const commandRuns = fc.array(
  fc.oneof({ weight: 12, arbitrary: limit }, { weight: 1, arbitrary: market }, { weight: 5, arbitrary: change }),
  { maxLength: 120 },
);

import fc from "fast-check";
import type { Command } from "../../engine/edge/types.js";

/** Few names, ids and prices, so that short runs already collide; fast-check shrinks what fails. */
export const ACCOUNTS = ["alice", "bob", "carol"] as const;
export const SYMBOLS = ["ABC", "XYZ", "BND"] as const;

export const MARKET_SET_UP: readonly Command[] = [
  { cmd: "instrument", symbol: "ABC", base: "ABC", quote: "USD", tickSize: "0.5", lotSize: "1" },
  { cmd: "instrument", symbol: "XYZ", base: "XYZ", quote: "USD", tickSize: "1", lotSize: "0.1", minQty: "0.2", maxPrice: "6" },
  {
    ...{ cmd: "instrument", symbol: "BND", base: "BND", quote: "USD", tickSize: "0.5", lotSize: "1", minNotional: "3" },
    ...{ bandBps: 2500, marketProtectionBps: 4000, auctionUs: 6, lastPrice: "4" },
  },
  { cmd: "account", account: "alice", mode: "unchecked" },
  { cmd: "account", account: "bob", mode: "unchecked", stpGroup: "desk", stp: "decrement" },
  { cmd: "account", account: "carol", mode: "unchecked", stpGroup: "desk", stp: "cancelOldest" },
];

/** Longer than fast-check makes arrays by itself: ten. */
const LONG = { size: "max", maxLength: 120 } as const;

const rarely = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 2, nil: undefined });
const often = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 4, nil: undefined });
const seldom = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 7, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: arbitrary });
/** Good values, and once in a while one that is refused. */
const mostly = <T>(good: fc.Arbitrary<T>, ...bad: T[]) => fc.oneof({ weight: 25, arbitrary: good }, fc.constantFrom(...bad));

const account = fc.constantFrom(...ACCOUNTS);
const symbol = fc.constantFrom("ABC" as const, "ABC" as const, "BND" as const, "XYZ" as const);
const side = fc.constantFrom("buy" as const, "sell" as const);
const clOrdId = mostly(fc.integer({ min: 1, max: 9 }), 0);
const price = mostly(fc.integer({ min: 2, max: 7 }).map(String), "0", "2.5", "0.25", "99");
const qty = mostly(fc.integer({ min: 1, max: 9 }).map(String), "0", "0.1", "0.05", "-3");
const little = mostly(fc.integer({ min: 1, max: 3 }).map(String), "0", "0.05", "50");
const money = mostly(fc.integer({ min: 1, max: 60 }).map(String), "0", "0.0000001", "-1");
const stp = fc.constantFrom("none" as const, "cancelNewest" as const, "cancelOldest" as const, "cancelBoth" as const, "decrement" as const);
const restingTif = fc.constantFrom("gtc", "day", "gtd");
const anyTif = fc.constantFrom("gtc", "day", "gtd", "ioc", "fok");

/** fast-check writes `undefined` where an option is left out; a command leaves the key out. */
function given(keys: object): Command {
  return Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== undefined)) as unknown as Command;
}

/** What `new` needs for any type. A gtd order expires so long from now: `timed` adds the clock. */
function order<T>(more: T) {
  const base = { cmd: fc.constant("new"), account, clOrdId, symbol, side, stp: seldom(stp), reduceOnly: seldom(fc.boolean()) };
  return fc
    .record({ ...base, ...more, expireTime: mostly(fc.integer({ min: 1, max: 12 }), 0, -3) })
    .map((keys) => given("tif" in keys && keys.tif === "gtd" ? keys : { ...keys, expireTime: undefined }));
}

const plainLimit = order({ tif: rarely(fc.constantFrom("gtc", "ioc", "fok")), price, qty, postOnly: rarely(fc.boolean()) });
const expiringLimit = order({ tif: restingTif, price, qty });
const iceberg = order({ tif: rarely(restingTif), price, qty, displayQty: little, postOnly: seldom(fc.boolean()) });
const atLeast = order({ tif: fc.constant("ioc"), price, qty, minQty: little });
const reduceOnly = order({ tif: rarely(anyTif), price, qty, reduceOnly: fc.constant(true), displayQty: seldom(little) });
const market = order({ type: fc.constant("market"), tif: rarely(fc.constantFrom("gtc", "ioc", "fok")), qty });
const byMoney = order({ type: fc.constant("market"), tif: rarely(fc.constantFrom("gtc", "ioc")), quoteQty: money });
const stop = order({ type: fc.constant("stop"), tif: rarely(anyTif), stopPrice: price, qty });
const stopLimit = order({ type: fc.constant("stopLimit"), tif: rarely(anyTif), stopPrice: price, price, qty, displayQty: seldom(little) });
const distance = fc.oneof(
  mostly(fc.constantFrom("0.5", "1", "2", "5"), "0", "0.25").map((trail) => ({ trail })),
  mostly(fc.constantFrom(500, 2500, 9999), 0, 10_000).map((trailBps) => ({ trailBps })),
);
const trailing = fc
  .tuple(order({ type: fc.constant("trailingStop"), tif: rarely(anyTif), qty }), distance)
  .map(([keys, trail]) => given({ ...keys, ...trail }));

/** Two legs that name each other, and sometimes do not go together; between them may come what `flatten` puts there. */
const limitLeg = order({ tif: rarely(restingTif), price, qty, displayQty: seldom(little) });
const pair = fc
  .tuple(limitLeg, fc.oneof(stop, stopLimit, trailing), fc.integer({ min: 1, max: 8 }), account, symbol, side, fc.boolean())
  .map(([limit, other, id, owner, where, way, isStopFirst]): Command[] => {
    const shared = { account: owner, symbol: where, side: way };
    const legs = [
      { ...limit, ...shared, clOrdId: id, oco: id + 1 },
      { ...other, ...shared, clOrdId: id + 1, oco: id },
    ] as Command[];
    return isStopFirst ? legs.reverse() : legs;
  });
const looseLeg = fc.tuple(fc.oneof(limitLeg, stop, market), clOrdId).map(([leg, oco]) => ({ ...leg, oco }) as Command);

const cancel = fc.record({ cmd: fc.constant("cancel"), account, clOrdId }).map(given);
const reduce = fc.record({ cmd: fc.constant("reduce"), account, clOrdId, by: qty }).map(given);
const replace = fc
  .record({
    ...{ cmd: fc.constant("replace"), account, clOrdId, newClOrdId: rarely(clOrdId), price: rarely(price), qty: rarely(qty) },
    ...{ stopPrice: seldom(price), displayQty: seldom(little) },
  })
  .map(given);
const massCancel = fc.record({ cmd: fc.constant("massCancel"), account, symbol: often(symbol), side: often(side) }).map(given);
/** So much later than before: `timed` adds the clock. */
const time = fc.record({ cmd: fc.constant("time"), at: fc.integer({ min: -1, max: 5 }) }).map(given);
const stateName = fc.constantFrom("open", "open", "auctionCall", "auctionCall", "preOpen", "halted", "closed");
const state = fc.record({ cmd: fc.constant("state"), symbol, state: stateName, cancel: seldom(fc.boolean()) }).map(given);
const kill = fc
  .tuple(fc.constantFrom("global", "instrument", "account"), symbol, account, fc.boolean(), seldom(fc.boolean()))
  .map(([scope, where, who, on, cancels]) =>
    given({
      ...{ cmd: "kill", scope, on, cancel: cancels },
      ...{ symbol: scope === "instrument" ? where : undefined, account: scope === "account" ? who : undefined },
    }),
  );

/** The clock of a run, so that times are written as steps and shrink as such. */
function timed(run: readonly Command[]): Command[] {
  let now = 0;
  return run.map((command) => {
    if (command.cmd === "new" && command.expireTime !== undefined) return { ...command, expireTime: now + command.expireTime };
    if (command.cmd !== "time") return command;
    const at = now + command.at;
    now = Math.max(now, at);
    return { ...command, at: Math.max(0, at) };
  });
}

function runsOf(
  ...weighted: readonly (readonly [weight: number, arbitrary: fc.Arbitrary<Command | Command[]>])[]
): fc.Arbitrary<Command[]> {
  const parts = weighted.map(([weight, arbitrary]) => ({ weight, arbitrary }));
  return fc.array(fc.oneof(...parts), LONG).map((run) => timed(run.flat()));
}

const CHANGES = [
  [3, cancel],
  [3, reduce],
  [6, replace],
  [1, massCancel],
] as const;

/** A run of plain orders in open instruments over the set-up market. */
export const plainRuns = runsOf([24, plainLimit], [2, market], ...CHANGES, [2, time]);

/** A run of commands of every type over the set-up market. */
export const commandRuns = runsOf(
  ...([
    [14, plainLimit],
    [4, expiringLimit],
    [6, iceberg],
    [3, atLeast],
    [5, reduceOnly],
    [3, market],
    [2, byMoney],
  ] as const),
  ...([[4, stop], [4, stopLimit], [4, trailing], [6, pair], [1, looseLeg], ...CHANGES, [5, time], [4, state], [1, kill]] as const),
);

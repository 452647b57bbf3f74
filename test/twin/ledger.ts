import { magnitude, notionalOf, ppmOf } from "./amounts.js";
import { dayNumber } from "./measures.js";
import type { Account, Currency, Instrument, Order, Position } from "./state.js";
import { smaller } from "./state.js";
import type { Tape } from "./tape.js";

/** Quote atoms that a side of a trade pays; negative: a rebate. */
export interface Fees {
  readonly maker: bigint;
  readonly taker: bigint;
}

/** S11: each pays its role's fee, rounded up by itself (K5). */
export function feesOf(instrument: Instrument, price: bigint, lots: bigint): Fees {
  const notional = notionalOf(instrument, price, lots);
  return { maker: ppmOf(notional, instrument.makerFeePpm), taker: ppmOf(notional, instrument.takerFeePpm) };
}

/** Books one trade for both of its sides. */
export function bookTrade(tape: Tape, maker: Order, taker: Order, price: bigint, lots: bigint): Fees {
  const { instrument } = maker;
  const fees = feesOf(instrument, price, lots);
  const notional = notionalOf(instrument, price, lots);
  // Who trades with himself has bought as much as he has sold, and pays both fees.
  const isSelf = maker.account === taker.account;
  for (const [order, fee] of [
    [maker, fees.maker],
    [taker, fees.taker],
  ] as const) {
    const { account, side } = order;
    const position = openPosition(account, instrument, tape.clock);
    const realised = isSelf ? 0n : move(position, side === "buy" ? lots : -lots, side === "buy" ? notional : -notional);
    position.realised += realised;
    position.dayNotional += notional;
    position.dayResult += realised - fee;
    if (instrument.kind === "margin") change(account, instrument.quote, realised - fee);
    else exchange(account, instrument, side === "buy" ? lots : -lots, side === "buy" ? notional : -notional, fee);
  }
  return fees;
}

/** A spot trade: goods one way, money the other. */
function exchange(account: Account, instrument: Instrument, lots: bigint, paid: bigint, fee: bigint): void {
  change(account, instrument.base, lots * instrument.atomsPerLot);
  change(account, instrument.quote, -paid - fee);
}

export function change(account: Account, currency: Currency, atoms: bigint): void {
  account.balances.set(currency, (account.balances.get(currency) ?? 0n) + atoms);
}

/** The position, to write to, with nothing traded yet when the day is a new one. */
function openPosition(account: Account, instrument: Instrument, clock: number): Position {
  const day = dayNumber(clock);
  const known = instrument.positions.get(account) ?? { lots: 0n, cost: 0n, realised: 0n, day, dayNotional: 0n, dayResult: 0n };
  if (known.day !== day) Object.assign(known, { day, dayNotional: 0n, dayResult: 0n });
  instrument.positions.set(account, known);
  return known;
}

/**
 * K11: average price. Lots bought (negative: sold) and what they cost (negative: brought). What goes against the position takes
 * a share of its cost with it, rounded down; the rest opens. Returns what was realised.
 */
function move(position: Position, lots: bigint, paid: bigint): bigint {
  const isAgainst = position.lots !== 0n && position.lots > 0n !== lots > 0n;
  const closed = isAgainst ? smaller(magnitude(position.lots), magnitude(lots)) : 0n;
  // All lots of a trade have one price, so the part that closes divides exactly.
  const paidToClose = (paid * closed) / magnitude(lots);
  const share = closed === 0n ? 0n : (magnitude(position.cost) * closed) / magnitude(position.lots);
  const signedShare = position.cost < 0n ? -share : share;
  position.lots += lots;
  position.cost += paid - paidToClose - signedShare;
  return -paidToClose - signedShare;
}

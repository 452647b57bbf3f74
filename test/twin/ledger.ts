import { magnitude, notionalOf, ppmOf } from "./amounts.js";
import { dayNumber } from "./measures.js";
import type { Account, Currency, Day, Instrument, Order, Position } from "./state.js";
import { clamped, SAFE_MAX, smaller } from "./state.js";
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
  tape.fees.set(instrument.quote, (tape.fees.get(instrument.quote) ?? 0n) + fees.maker + fees.taker);
  const isSelf = maker.account === taker.account;
  // The taker's side first: of a trade with oneself the day's result may meet its bound between the two.
  for (const [order, fee] of [
    [taker, fees.taker],
    [maker, fees.maker],
  ] as const) {
    const { account, side } = order;
    const position = openPosition(account, instrument);
    const realised = isSelf ? 0n : move(instrument, position, side === "buy" ? lots : -lots, side === "buy" ? notional : -notional);
    position.realised = clamped(position.realised + realised);
    for (const day of [position.today, dayOf(account, instrument.quote)]) count(day, dayNumber(tape.clock), notional, realised - fee);
    if (instrument.kind === "margin") change(account, instrument.quote, realised - fee);
    else {
      // Nothing of a trade with oneself moves but the fees.
      exchange(tape, account, instrument, { lots: isSelf ? 0n : lots, paid: isSelf ? 0n : notional, isBuy: side === "buy" });
      change(account, instrument.quote, -fee);
    }
  }
  if (!tape.isTrial) for (const { account } of [maker, taker]) mustBeExact(account, instrument);
  return fees;
}

/** N14: what trades has been refused before it could leave this. */
function mustBeExact(account: Account, { quote, positions, symbol, kind }: Instrument): void {
  const cost = kind === "margin" ? (positions.get(account)?.cost ?? 0n) : 0n;
  for (const atoms of [account.balances.get(quote) ?? 0n, cost])
    if (magnitude(atoms) > SAFE_MAX) throw new Error(`a trade in ${symbol} has lifted ${account.name} to ${atoms} atoms`);
}

/** A spot trade: goods one way, money the other. RISK.md: the goods of an unchecked account are held to nothing. */
function exchange(tape: Tape, account: Account, { base, quote, atomsPerLot }: Instrument, trade: Exchange): void {
  const moved = trade.lots * atomsPerLot;
  // RISK.md: those of one trade, too. Of others they are refused beforehand.
  const goods = clamped(moved);
  change(account, quote, trade.isBuy ? -trade.paid : trade.paid);
  change(account, base, trade.isBuy ? goods : -goods);
  const after = account.balances.get(base) ?? 0n;
  if (account.mode !== "unchecked" || (goods === moved && clamped(after) === after)) return;
  account.balances.set(base, clamped(after));
  tape.clamped.add(base);
}

interface Exchange {
  readonly lots: bigint;
  /** Quote atoms. */
  readonly paid: bigint;
  readonly isBuy: boolean;
}

export function change(account: Account, currency: Currency, atoms: bigint): void {
  account.balances.set(currency, (account.balances.get(currency) ?? 0n) + atoms);
}

/** The position, to write to. */
function openPosition(account: Account, instrument: Instrument): Position {
  const known = instrument.positions.get(account) ?? { lots: 0n, cost: 0n, realised: 0n, today: { day: 0n, notional: 0n, result: 0n } };
  instrument.positions.set(account, known);
  return known;
}

function dayOf(account: Account, currency: Currency): Day {
  const known = account.days.get(currency) ?? { day: 0n, notional: 0n, result: 0n };
  account.days.set(currency, known);
  return known;
}

/** With nothing traded yet when the day is a new one. */
function count(day: Day, today: bigint, notional: bigint, result: bigint): void {
  if (day.day !== today) Object.assign(day, { day: today, notional: 0n, result: 0n });
  day.notional = clamped(day.notional + notional);
  day.result = clamped(day.result + result);
}

/**
 * K11: average price. Lots bought (negative: sold) and what they cost (negative: brought). What goes against the position takes
 * a share of its cost with it, rounded down; the rest opens. Returns what was realised.
 */
function move({ kind }: Instrument, position: Position, lots: bigint, paid: bigint): bigint {
  const isAgainst = position.lots !== 0n && position.lots > 0n !== lots > 0n;
  const closed = isAgainst ? smaller(magnitude(position.lots), magnitude(lots)) : 0n;
  // All lots of a trade have one price, so the part that closes divides exactly.
  const paidToClose = (paid * closed) / magnitude(lots);
  const share = closed === 0n ? 0n : (magnitude(position.cost) * closed) / magnitude(position.lots);
  const signedShare = position.cost < 0n ? -share : share;
  position.lots += lots;
  const cost = position.cost + paid - paidToClose - signedShare;
  // Of a spot position it is a statistic.
  position.cost = kind === "margin" ? cost : clamped(cost);
  return -paidToClose - signedShare;
}

import type { SideName } from "../../engine/edge/types.js";
import { bestRebatePpm, magnitude, notionalOf, ppmOf, worstFeePpm } from "./amounts.js";
import type { Directory } from "./directory.js";
import type { Account, Currency, Day, Instrument, Order } from "./state.js";
import { clamped, larger, positionOf, SIDES } from "./state.js";

/** What an order counts with in what its account may do. */
export interface Weight {
  readonly lots: bigint;
  /** Quote atoms. */
  readonly notional: bigint;
  /** Quote atoms that it could take at worst, fees included. */
  readonly cost: bigint;
  /** Quote atoms that it could bring at best, rebates included. */
  readonly proceeds: bigint;
}

/** An order as it would count: `weight` undefined: not at all. */
export interface Claim {
  readonly order: Order;
  readonly weight: Weight | undefined;
  /** The other leg of its pair. */
  readonly partner: Order | undefined;
}

export const NOTHING: Weight = { lots: 0n, notional: 0n, cost: 0n, proceeds: 0n };

/** K5: so many lots at that price, the fee of one lot rounded up. */
export function weightAt(instrument: Instrument, lots: bigint, price: bigint): Weight {
  const unit = notionalOf(instrument, price, 1n);
  const fee = ppmOf(unit, worstFeePpm(instrument));
  const rebate = ppmOf(unit, bestRebatePpm(instrument));
  return { lots, notional: lots * unit, cost: lots * (unit + fee), proceeds: lots * (unit + rebate) };
}

/** What a live order counts with: what it has left, at its price. */
export function weightOf(order: Order): Weight {
  if (order.riskPrice === undefined) throw new Error(`order ${order.orderId} has no price to count with`);
  return weightAt(order.instrument, order.leaves, order.riskPrice);
}

export function plus(a: Weight, b: Weight): Weight {
  return merged(a, b, (x, y) => x + y);
}

function merged(a: Weight, b: Weight, by: (x: bigint, y: bigint) => bigint): Weight {
  return {
    lots: by(a.lots, b.lots),
    notional: by(a.notional, b.notional),
    cost: by(a.cost, b.cost),
    proceeds: by(a.proceeds, b.proceeds),
  };
}

/** The orders of an account that count on one side of an instrument, a claim put in the place of its order. */
function counted(account: Account, instrument: Instrument, side: SideName, claim: Claim | undefined): Claim[] {
  const isHere = (order: Order) => order.account === account && order.instrument === instrument && order.side === side;
  const others = [...account.live.values()].filter((order) => isHere(order) && order !== claim?.order);
  const claims = others.map((order): Claim => {
    const partner = order === claim?.partner ? claim.order : order.partner;
    return { order, weight: weightOf(order), partner };
  });
  return claim !== undefined && isHere(claim.order) ? [...claims, claim] : claims;
}

/** N12: a pair counts with the larger of its two legs in each measure. */
export function openOf(account: Account, instrument: Instrument, side: SideName, claim?: Claim): Weight {
  const claims = counted(account, instrument, side, claim);
  let sum = NOTHING;
  for (const { order, weight = NOTHING, partner } of claims) {
    const other = claims.find((candidate) => candidate.order === partner);
    if (other === undefined) sum = plus(sum, weight);
    else if (order.orderId < other.order.orderId) sum = plus(sum, merged(weight, other.weight ?? NOTHING, larger));
  }
  return sum;
}

/** K9: the last `mark`, else the last trade. Signed quote atoms. RISK.md: this and what follows from it count as ±(2^53−1) beyond that. */
export function atMark(account: Account, instrument: Instrument): bigint {
  return clamped(notionalOf(instrument, instrument.marked ?? instrument.lastPrice ?? 0n, positionOf(account, instrument).lots));
}

/** Lots that the position could come to on the order's side, counted in that direction. */
export function positionUse(account: Account, instrument: Instrument, side: SideName, claim?: Claim): bigint {
  const { lots } = positionOf(account, instrument);
  return (side === "buy" ? lots : -lots) + openOf(account, instrument, side, claim).lots;
}

/** K8: the worse of long and short. */
export function exposureIn(account: Account, instrument: Instrument, claim?: Claim): bigint {
  const position = atMark(account, instrument);
  const long = position + openOf(account, instrument, "buy", claim).notional;
  const short = -position + openOf(account, instrument, "sell", claim).notional;
  return clamped(larger(larger(long, short), 0n));
}

/** What was traded and realised on the running UTC day. */
export function dayOf(account: Account, instrument: Instrument, today: bigint): Day {
  return on(today, positionOf(account, instrument).today);
}

function on(today: bigint, day: Day | undefined): Day {
  return day?.day === today ? day : { day: today, notional: 0n, result: 0n };
}

const DAY_US = 86_400_000_000n;

export function dayNumber(clock: number): bigint {
  return BigInt(clock) / DAY_US;
}

/** What an account has, needs and could come to in one currency: everything is added up anew whenever it is asked for. */
export class Measures {
  constructor(readonly directory: Directory) {}

  balance(account: Account, currency: Currency): bigint {
    return account.balances.get(currency) ?? 0n;
  }

  /** The instruments that trade in a currency. */
  quotedIn(currency: Currency): Instrument[] {
    return this.directory.instruments.filter(({ quote }) => quote === currency);
  }

  /** Atoms that wait to go out. F4; S21: an unchecked account holds nothing. */
  pending(account: Account, currency: Currency): bigint {
    if (account.mode === "unchecked") return 0n;
    const goesOut = this.directory.movements.filter(
      (movement) =>
        movement.stage === "pending" && movement.kind !== "deposit" && movement.account === account && movement.currency === currency,
    );
    return goesOut.reduce((sum, { amount }) => sum + amount, 0n);
  }

  /** Atoms that live orders of a cash account hold: quote on buys, base on sells. */
  holds(account: Account, currency: Currency, claim?: Claim): bigint {
    return account.mode === "cash" ? this.outflow(account, currency, claim) : 0n;
  }

  /** What live spot orders could take of a currency. */
  outflow(account: Account, currency: Currency, claim?: Claim): bigint {
    return this.#sumSpot(
      currency,
      (instrument) => openOf(account, instrument, "buy", claim).cost,
      (instrument) => goods(account, instrument, "sell", claim),
    );
  }

  /** What live spot orders could bring of a currency. */
  inflow(account: Account, currency: Currency, claim?: Claim): bigint {
    return this.#sumSpot(
      currency,
      (instrument) => openOf(account, instrument, "sell", claim).proceeds,
      (instrument) => goods(account, instrument, "buy", claim),
    );
  }

  #sumSpot(currency: Currency, inQuote: (instrument: Instrument) => bigint, inBase: (instrument: Instrument) => bigint): bigint {
    let sum = 0n;
    for (const instrument of this.directory.instruments) {
      if (instrument.kind !== "spot") continue;
      if (instrument.quote === currency) sum += inQuote(instrument);
      if (instrument.base === currency) sum += inBase(instrument);
    }
    return sum;
  }

  /** What margin positions have cost, and what the orders in their instruments could, in either direction. */
  stake(account: Account, currency: Currency, claim?: Claim): bigint {
    return this.#sumMargin(currency, (instrument) => {
      const [buys, sells] = SIDES.map((side) => openOf(account, instrument, side, claim).cost) as [bigint, bigint];
      return magnitude(positionOf(account, instrument).cost) + buys + sells;
    });
  }

  openNotional(account: Account, currency: Currency, side: SideName, claim?: Claim): bigint {
    return this.quotedIn(currency).reduce((sum, instrument) => sum + openOf(account, instrument, side, claim).notional, 0n);
  }

  exposure(account: Account, currency: Currency, claim?: Claim): bigint {
    return clamped(this.quotedIn(currency).reduce((sum, instrument) => sum + exposureIn(account, instrument, claim), 0n));
  }

  day(account: Account, currency: Currency, today: bigint): Day {
    return on(today, account.days.get(currency));
  }

  /** K8: rounded up instrument by instrument. */
  initialMargin(account: Account, currency: Currency, claim?: Claim): bigint {
    return clamped(this.#sumMargin(currency, (instrument) => ppmOf(exposureIn(account, instrument, claim), instrument.initialMarginPpm)));
  }

  maintenanceMargin(account: Account, currency: Currency): bigint {
    return clamped(
      this.#sumMargin(currency, (instrument) => ppmOf(magnitude(atMark(account, instrument)), instrument.maintenanceMarginPpm)),
    );
  }

  /** The balance and what its margin positions would bring at mark. */
  equity(account: Account, currency: Currency): bigint {
    const unrealised = this.#sumMargin(currency, (instrument) => atMark(account, instrument) - positionOf(account, instrument).cost);
    return clamped(this.balance(account, currency) + unrealised);
  }

  #sumMargin(currency: Currency, of: (instrument: Instrument) => bigint): bigint {
    const instruments = this.quotedIn(currency).filter(({ kind }) => kind === "margin");
    return instruments.reduce((sum, instrument) => sum + of(instrument), 0n);
  }

  /** What may be withdrawn (F6, N21). Undefined: anything (N24). */
  free(account: Account, currency: Currency): bigint | undefined {
    if (account.mode === "unchecked") return undefined;
    const balance = this.balance(account, currency);
    const pending = this.pending(account, currency);
    if (account.mode === "cash") return balance - this.holds(account, currency) - pending;
    const equity = this.equity(account, currency);
    return (balance < equity ? balance : equity) - this.initialMargin(account, currency) - pending;
  }
}

/** RISK.md: the goods of an unchecked account are held to nothing. */
function goods(account: Account, instrument: Instrument, side: SideName, claim?: Claim): bigint {
  if (account.mode === "unchecked") return 0n;
  return openOf(account, instrument, side, claim).lots * instrument.atomsPerLot;
}

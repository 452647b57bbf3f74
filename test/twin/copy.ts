import type { Account, Instrument, Order } from "./state.js";

/**
 * The same order in a copy of its instrument: every order of the book and asleep, their links, their accounts and positions
 * are copied, so that whatever is done to the copy leaves the original alone.
 */
export function copyOf(order: Order): Order {
  const original = order.instrument;
  const accounts = new Map<Account, Account>();
  const orders = new Map<Order, Order>();
  const account = (of: Account): Account => {
    const known = accounts.get(of) ?? { ...of, live: new Map(), balances: new Map(of.balances), days: new Map() };
    accounts.set(of, known);
    return known;
  };
  const instrument: Instrument = {
    ...original,
    resting: { buy: [], sell: [] },
    dormant: new Set(),
    pending: new Set(),
    prints: [...original.prints],
    positions: new Map([...original.positions].map(([of, position]) => [account(of), { ...position, today: { ...position.today } }])),
  };
  const copy = (of: Order): Order => {
    const known = orders.get(of);
    if (known !== undefined) return known;
    const made: Order = { ...of, account: account(of.account), instrument };
    orders.set(of, made);
    if (of.partner !== undefined) made.partner = copy(of.partner);
    return made;
  };
  for (const side of ["buy", "sell"] as const) instrument.resting[side].push(...original.resting[side].map(copy));
  for (const asleep of original.dormant) instrument.dormant.add(copy(asleep));
  for (const asleep of original.pending) instrument.pending.add(copy(asleep));
  return copy(order);
}

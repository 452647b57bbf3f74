import type { Command, Event, MovementCommand } from "../../engine/edge/types.js";
import { atomOf } from "./amounts.js";
import type { Decimal } from "./decimal.js";
import { parseDecimal, wholeSteps } from "./decimal.js";
import { openOf, positionUse } from "./measures.js";
import { amountBounds, countBounds } from "./risk.js";
import type { Account, Currency, Instrument } from "./state.js";
import { positionOf, SAFE_MAX, SIDES } from "./state.js";
import type { Twin } from "./twin.js";

/**
 * SEMANTICS 9 after each command: what came in and went out is followed from commands and events alone, and must be what the
 * balances, fees and positions add up to. Limits: what was within a limit stays within it, until the limit is lowered.
 */
export class LedgerAudit {
  /** Deposits less withdrawals, and fees, in atoms by currency. */
  readonly #paidIn = new Map<string, bigint>();
  readonly #fees = new Map<string, bigint>();
  /** Movements that wait, by ref. */
  readonly #waiting = new Map<string, MovementCommand>();
  /** Uses of limits, by account, place and limit, that were within them after the last command. */
  #within = new Set<string>();

  constructor(readonly twin: Twin) {}

  check(command: Command, events: readonly Event[]): void {
    const { directory } = this.twin;
    this.#followMovement(command, events);
    for (const event of events) this.#followFees(event);
    for (const currency of directory.currencies) this.#checkCurrency(currency);
    for (const instrument of directory.instruments) checkPositions(instrument);
    for (const account of directory.accounts) this.#checkFunds(account);
    this.#checkRefs();
    this.#checkLimits(command);
  }

  #followMovement(command: Command, events: readonly Event[]): void {
    if (events[0]?.event !== "ok") return;
    if (command.cmd === "review") {
      const movement = this.#waiting.get(command.ref);
      if (movement === undefined) throw new Error(`not true: ${command.ref} waited for its review`);
      this.#waiting.delete(command.ref);
      if (command.release) this.#apply(movement);
    }
    if (command.cmd !== "deposit" && command.cmd !== "withdraw" && command.cmd !== "transfer") return;
    if (events.some(({ event }) => event === "pendingReview")) this.#waiting.set(command.ref, command);
    else this.#apply(command);
  }

  #apply(command: MovementCommand): void {
    if (command.cmd === "transfer") return;
    const amount = this.#atoms(command.amount, command.currency);
    add(this.#paidIn, command.currency, command.cmd === "deposit" ? amount : -amount);
  }

  #followFees(event: Event): void {
    if (event.event !== "trade") return;
    const { quote } = this.twin.directory.instrument(event.symbol);
    for (const { fee } of [event.maker, event.taker]) if (fee !== undefined) add(this.#fees, quote.name, this.#atoms(fee, quote.name));
  }

  /** Deposits less withdrawals = balances + fees − open cost of margin positions (C1). */
  #checkCurrency(currency: Currency): void {
    const { accounts, instruments } = this.twin.directory;
    // RISK.md: where an unchecked account has stayed at ±(2^53−1), nothing adds up any more.
    if (this.twin.tape.clamped.has(currency)) return;
    const balances = accounts.reduce((sum, { balances: of }) => sum + (of.get(currency) ?? 0n), 0n);
    const margin = instruments.filter(({ kind, quote }) => kind === "margin" && quote === currency);
    const cost = margin.flatMap(({ positions }) => [...positions.values()]).reduce((sum, position) => sum + position.cost, 0n);
    const paidIn = this.#paidIn.get(currency.name) ?? 0n;
    const fees = this.#fees.get(currency.name) ?? 0n;
    must(paidIn === balances + fees - cost, `${currency.name}: ${paidIn} in, ${balances} there, ${fees} fees, ${cost} open cost`);
  }

  /** A cash account owns what it holds; nothing leaves ±(2^53−1). */
  #checkFunds(account: Account): void {
    const { measures } = this.twin;
    for (const [currency, balance] of account.balances) {
      const name = `${account.name} ${currency.name}`;
      must(isSafe(balance), `${name} has ${balance}`);
      if (account.mode !== "cash") continue;
      const held = measures.holds(account, currency) + measures.pending(account, currency);
      must(balance >= held, `${name} holds ${held} and has ${balance}`);
      // Every hold belongs to a live order or to a pending movement (C2).
      if (account.live.size === 0) must(held === this.#waitingOf(account, currency), `${name} holds ${held} for nobody`);
    }
  }

  #waitingOf(account: Account, currency: Currency): bigint {
    const own = [...this.#waiting.values()].filter((movement) => movement.account === account.name && movement.currency === currency.name);
    return own.filter(({ cmd }) => cmd !== "deposit").reduce((sum, { amount }) => sum + this.#atoms(amount, currency.name), 0n);
  }

  #checkRefs(): void {
    const pending = this.twin.directory.movements.filter(({ stage }) => stage === "pending").map(({ ref }) => ref);
    must(pending.length === this.#waiting.size && pending.every((ref) => this.#waiting.has(ref)), "what waits for review was told");
    const refs = this.twin.directory.movements.map(({ ref }) => ref);
    must(new Set(refs).size === refs.length, "a ref is used once");
  }

  /** Open orders, open notional and positions cannot come to pass a limit but by lowering it. */
  #checkLimits(command: Command): void {
    const within = new Set<string>();
    for (const account of this.twin.directory.accounts) {
      // RISK.md: a reduce-only order that sleeps or waits was checked by its room, and counts with more.
      if ([...account.live.values()].some(({ reduceOnly }) => reduceOnly)) continue;
      for (const instrument of this.twin.directory.instruments) {
        for (const [key, use, limit] of this.#usesOf(account, instrument)) {
          if (use <= limit) within.add(key);
          else must(!this.#within.has(key) || command.cmd === "limits", `${key}: ${use} of ${limit}`);
        }
      }
    }
    this.#within = within;
  }

  #usesOf(account: Account, instrument: Instrument): [key: string, use: bigint, limit: bigint][] {
    const { measures } = this.twin;
    const orders = [...account.live.values()];
    const inInstrument = BigInt(orders.filter((order) => order.instrument === instrument).length);
    const name = `${account.name} ${instrument.symbol}`;
    const counts = countBounds(account, instrument).map(({ limit, isOfAccount }, i): [string, bigint, bigint] => {
      return [`${name} orders ${i} ${isOfAccount}`, isOfAccount ? BigInt(orders.length) : inInstrument, limit];
    });
    const notionals = SIDES.flatMap((side) =>
      amountBounds(account, instrument, "maxOpenNotional").map(({ limit, isOfAccount }, i): [string, bigint, bigint] => {
        const use = isOfAccount ? measures.openNotional(account, instrument.quote, side) : openOf(account, instrument, side).notional;
        return [`${name} ${side} notional ${i} ${isOfAccount}`, use, limit];
      }),
    );
    const positions = SIDES.flatMap((side) =>
      amountBounds(account, instrument, "maxPosition").map(({ limit, isOfAccount }, i): [string, bigint, bigint] => {
        return [`${name} ${side} position ${i} ${isOfAccount}`, positionUse(account, instrument, side), limit];
      }),
    );
    return [...counts, ...notionals, ...positions];
  }

  #atoms(input: string | number, currency: string): bigint {
    const value: Decimal | undefined = parseDecimal(String(input));
    const atoms = value === undefined ? undefined : wholeSteps(value, atomOf(this.twin.directory.currency(currency)));
    if (atoms === undefined) throw new Error(`${input} is no whole number of atoms`);
    return atoms;
  }
}

/** Σ positions = 0, and a flat position has no cost. */
function checkPositions(instrument: Instrument): void {
  const positions = [...instrument.positions.keys()].map((account) => positionOf(account, instrument));
  const sum = positions.reduce((total, { lots }) => total + lots, 0n);
  must(sum === 0n, `positions in ${instrument.symbol} sum to ${sum}`);
  for (const { lots, cost } of positions) {
    must(isSafe(lots), `a position in ${instrument.symbol} is ${lots}`);
    must(lots !== 0n || cost === 0n, `nothing in ${instrument.symbol} costs ${cost}`);
  }
}

function add(sums: Map<string, bigint>, key: string, amount: bigint): void {
  sums.set(key, (sums.get(key) ?? 0n) + amount);
}

function isSafe(value: bigint): boolean {
  return value <= SAFE_MAX && value >= -SAFE_MAX;
}

function must(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(`not true: ${what}`);
}

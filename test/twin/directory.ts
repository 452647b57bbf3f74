import type { AccountCommand, CurrencyCommand, InstrumentCommand } from "../../engine/edge/types.js";
import { wholeSteps } from "./decimal.js";
import type { Movement } from "./funding.js";
import { checkName, Rejection, readDecimal } from "./input.js";
import { declaredInstrument } from "./instrument.js";
import type { AccountLimits } from "./limit-set.js";
import { blockingLimits, givenLimits, noLimits, unlimited } from "./limit-set.js";
import type { Account, Currency, Instrument } from "./state.js";
import { SAFE_MAX } from "./state.js";

/** Who and what exists: currencies, instruments, accounts, each numbered from 0 in order of declaration. */
export class Directory {
  readonly currencies: Currency[] = [];
  readonly instruments: Instrument[] = [];
  readonly accounts: Account[] = [];
  /** All that were ever taken: each spends its ref. */
  readonly movements: Movement[] = [];

  account(name: string): Account {
    const account = this.accounts.find((known) => known.name === name);
    if (account === undefined) throw new Rejection("UNKNOWN_ACCOUNT");
    return account;
  }

  instrument(symbol: string): Instrument {
    const instrument = this.instruments.find((known) => known.symbol === symbol);
    if (instrument === undefined) throw new Rejection("UNKNOWN_INSTRUMENT");
    return instrument;
  }

  currency(name: string): Currency {
    const currency = this.currencies.find((known) => known.name === name);
    if (currency === undefined) throw new Rejection("UNKNOWN_CURRENCY");
    return currency;
  }

  declare(command: CurrencyCommand | InstrumentCommand | AccountCommand): void {
    switch (command.cmd) {
      case "currency":
        return this.#addCurrency(command);
      case "instrument":
        return this.#addInstrument(command);
      case "account":
        return this.#addAccount(command);
    }
  }

  #addCurrency(command: CurrencyCommand): void {
    const { currency: name, scale = 6 } = command; // C6.
    checkName(name, 16);
    if (this.currencies.some((known) => known.name === name)) throw new Rejection("ALREADY_EXISTS"); // S19.
    if (scale < 0 || scale > 15) throw new Rejection("BAD_VALUE"); // N19.
    const { amlThreshold } = command;
    const atoms = amlThreshold === undefined ? undefined : wholeSteps(readDecimal(amlThreshold), { digits: 1n, scale });
    if (amlThreshold !== undefined && (atoms === undefined || atoms < 0n || atoms > SAFE_MAX)) throw new Rejection("BAD_VALUE");
    this.currencies.push({ id: this.currencies.length, name, scale, amlThreshold: atoms });
  }

  #addAccount(command: AccountCommand): void {
    const { account: name, mode, stp = "cancelNewest", stpGroup, kyc = "unverified", riskLevel = "low" } = command; // SEMANTICS 6, S14, S16.
    checkName(name, 32);
    if (stpGroup !== undefined) checkName(stpGroup, 32);
    if (this.accounts.some((known) => known.name === name)) throw new Rejection("ALREADY_EXISTS"); // S19.
    const limits = limitsOf(command);
    this.accounts.push({
      ...{ id: this.accounts.length, name, mode, riskLevel, stp, stpGroup, live: new Map(), killed: false, state: "active", kyc, limits },
      ...{ limitsIn: new Map(), balances: new Map(), days: new Map(), sent: [], alike: [], rejects: [], told: new Map() },
    });
  }

  #addInstrument(command: InstrumentCommand): void {
    checkName(command.symbol, 16);
    checkName(command.base, 16);
    checkName(command.quote, 16);
    if (this.instruments.some((known) => known.symbol === command.symbol)) throw new Rejection("ALREADY_EXISTS"); // S19.
    const scaleOf = (name: string) => this.currencies.find((known) => known.name === name)?.scale ?? 6; // C6.
    const declared = declaredInstrument(command, scaleOf(command.base), scaleOf(command.quote));
    const base = this.#named(command.base);
    const quote = this.#named(command.quote);
    this.instruments.push({ ...declared, id: this.instruments.length, symbol: command.symbol, base, quote });
  }

  /** C6: a currency that an instrument names first has scale 6. */
  #named(name: string): Currency {
    const known = this.currencies.find((currency) => currency.name === name);
    if (known !== undefined) return known;
    const currency = { id: this.currencies.length, name, scale: 6, amlThreshold: undefined };
    this.currencies.push(currency);
    return currency;
  }
}

/** SEMANTICS 8, S20: without `limits` a cash or margin account may do nothing and an unchecked one everything, and so for each key that is left out. */
function limitsOf({ mode, limits }: AccountCommand): AccountLimits {
  if (limits === "unlimited") return unlimited();
  const otherwise = mode === "unchecked" ? noLimits() : blockingLimits();
  return limits === undefined ? otherwise : { ...otherwise, ...givenLimits(limits, false) };
}

import type { DecimalInput, InstrumentCommand, StateName } from "../../engine/edge/types.js";
import type { Decimal } from "./decimal.js";
import { multiply, wholeSteps } from "./decimal.js";
import { Rejection, readDecimal } from "./input.js";
import { noSymbolLimits } from "./limit-set.js";
import type { Account, Instrument, Order, Position } from "./state.js";
import { NO_INDICATION, SAFE_MAX } from "./state.js";

const MILLION = 1_000_000n;
const ONE: Decimal = { digits: 1n, scale: 0 };

/** An instrument as it is declared, all but who it is. Throws BAD_INSTRUMENT for what makes no sense. */
export function declaredInstrument(
  command: InstrumentCommand,
  baseScale: number,
  quoteScale: number,
): Omit<Instrument, "id" | "symbol" | "base" | "quote"> {
  const tickSize = readDecimal(command.tickSize);
  const lotSize = readDecimal(command.lotSize);
  if (command.base === command.quote) throw new Rejection("BAD_INSTRUMENT");
  if (tickSize.digits <= 0n || lotSize.digits <= 0n) throw new Rejection("BAD_INSTRUMENT");
  const atoms = atomsOf(command, multiply(tickSize, lotSize), lotSize, baseScale, quoteScale);
  const limits = {
    minQty: limit(command.minQty, lotSize, 1n),
    maxQty: limit(command.maxQty, lotSize, SAFE_MAX),
    minPrice: limit(command.minPrice, tickSize, 1n),
    maxPrice: limit(command.maxPrice, tickSize, SAFE_MAX),
  };
  if (limits.minQty > limits.maxQty || limits.minPrice > limits.maxPrice) throw new Rejection("BAD_INSTRUMENT");
  const lastPrice = command.lastPrice === undefined ? undefined : limit(command.lastPrice, tickSize, 1n);
  if (lastPrice !== undefined && (lastPrice < limits.minPrice || lastPrice > limits.maxPrice)) throw new Rejection("BAD_INSTRUMENT");
  return {
    ...{ tickSize, lotSize, ...atoms, ...limits, ...dialsOf(command, quoteScale), ...ratesOf(command), lastPrice },
    ...blank(command.state ?? "open"),
  };
}

/** ARCHITECTURE 5, K7: tick × lot × multiplier must be whole quote atoms, the lot whole base atoms. */
function atomsOf(command: InstrumentCommand, tickLot: Decimal, lotSize: Decimal, baseScale: number, quoteScale: number) {
  const { kind = "spot" } = command;
  const multiplier = command.multiplier === undefined ? ONE : readDecimal(command.multiplier);
  if (command.multiplier !== undefined && (kind === "spot" || multiplier.digits <= 0n)) throw new Rejection("BAD_INSTRUMENT");
  const atomsPerTickLot = wholeSteps(multiply(tickLot, multiplier), atom(quoteScale));
  const atomsPerLot = wholeSteps(lotSize, atom(baseScale));
  if (atomsPerTickLot === undefined || atomsPerTickLot > SAFE_MAX) throw new Rejection("BAD_INSTRUMENT");
  if (atomsPerLot === undefined || atomsPerLot > SAFE_MAX) throw new Rejection("BAD_INSTRUMENT");
  return { kind, multiplier, atomsPerTickLot, atomsPerLot };
}

function dialsOf(command: InstrumentCommand, quoteScale: number) {
  return {
    minNotional: amount(command.minNotional, quoteScale),
    bandBps: basisPoints(command.bandBps),
    marketProtectionBps: basisPoints(command.marketProtectionBps),
    collarBps: basisPoints(command.collarBps),
    breakerBps: basisPoints(command.breakerBps),
    breakerWindowUs: Number(count(command.breakerWindowUs, SAFE_MAX)),
    auctionUs: Number(count(command.auctionUs, SAFE_MAX)),
  };
}

/** K6, and margins: of margin instruments only, the maintenance margin at most the initial one. */
function ratesOf(command: InstrumentCommand) {
  const { makerFeePpm = 0, takerFeePpm = 0, initialMarginPpm, maintenanceMarginPpm } = command;
  for (const fee of [makerFeePpm, takerFeePpm]) if (Math.abs(fee) >= Number(MILLION)) throw new Rejection("BAD_INSTRUMENT");
  const hasMargin = initialMarginPpm !== undefined || maintenanceMarginPpm !== undefined;
  if (hasMargin && command.kind !== "margin") throw new Rejection("BAD_INSTRUMENT");
  // What is not given: all of it, of a margin instrument.
  const initial = initialMarginPpm === undefined ? (command.kind === "margin" ? MILLION : 0n) : count(initialMarginPpm, MILLION);
  const maintenance = maintenanceMarginPpm === undefined ? 0n : count(maintenanceMarginPpm, initial);
  return {
    makerFeePpm: BigInt(makerFeePpm),
    takerFeePpm: BigInt(takerFeePpm),
    initialMarginPpm: initial,
    maintenanceMarginPpm: maintenance,
  };
}

/** What every instrument begins with. */
function blank(state: StateName) {
  return {
    marked: undefined,
    prints: [],
    limits: noSymbolLimits(),
    limitsGiven: false,
    bandReference: undefined,
    state,
    killed: false,
    reopenAt: 0,
    told: NO_INDICATION,
    entered: false,
    resting: { buy: [], sell: [] },
    dormant: new Set<Order>(),
    pending: new Set<Order>(),
    positions: new Map<Account, Position>(),
  };
}

function atom(scale: number): Decimal {
  return { digits: 1n, scale };
}

/** A limit in units of its step; one that is off its step or below one unit makes no sense. */
function limit(input: DecimalInput | undefined, step: Decimal, otherwise: bigint): bigint {
  if (input === undefined) return otherwise;
  const units = wholeSteps(readDecimal(input), step);
  if (units === undefined || units < 1n || units > SAFE_MAX) throw new Rejection("BAD_INSTRUMENT");
  return units;
}

/** An amount in atoms; one that is negative or no whole number of them makes no sense. */
function amount(input: DecimalInput | undefined, scale: number): bigint {
  if (input === undefined) return 0n;
  const atoms = wholeSteps(readDecimal(input), atom(scale));
  if (atoms === undefined || atoms < 0n || atoms > SAFE_MAX) throw new Rejection("BAD_INSTRUMENT");
  return atoms;
}

function basisPoints(input: number | undefined): bigint {
  return count(input, MILLION);
}

function count(input: number | undefined, most: bigint): bigint {
  if (input === undefined) return 0n;
  const value = BigInt(input);
  if (value < 0n || value > most) throw new Rejection("BAD_INSTRUMENT");
  return value;
}

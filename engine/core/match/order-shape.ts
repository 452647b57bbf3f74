import { CODES } from "../../wire/codes.js";
import { MAX_SAFE, OFF_STEP } from "../../wire/numbers.js";
import type { Instruments } from "../instruments.js";
import { Now } from "./floor.js";
import { notionalCode, tranchesCode } from "./order-checks.js";
import { Ask, type OrderRequest } from "./order-request.js";
import { Check, Flag, Null, Stp, Tif, Type } from "./order-types.js";

/** Trailing distances in basis points are below this (SETTLED N5). */
const TRAIL_BPS_MAX = 9999;

/** Whether it rests when it does not trade: as a limit, or once it has fired. */
export function mayRest(ask: OrderRequest): boolean {
  const hasLimit = ask.ordType === Type.LIMIT || ask.ordType === Type.STOP_LIMIT;
  return hasLimit && ask.tif !== Tif.IOC && ask.tif !== Tif.FOK;
}

/** A limit that may rest and is not post-only, or any stop (SETTLED T8). */
export function isPairLeg(ask: OrderRequest): boolean {
  if (ask.ordType === Type.LIMIT) return mayRest(ask) && (ask.flags & Flag.POST_ONLY) === 0;
  return ask.ordType !== Type.MARKET;
}

/** Type, time in force, flags and keys go together, and what the type needs is there (SETTLED O2, O9, O11, N4, T5). */
export function isCompatible(ask: OrderRequest): boolean {
  const { ordType, tif, flags } = ask;
  if (ordType > Type.TRAILING_STOP || tif > Tif.GTD || flags > Flag.ALL) return false;
  if (ask.selfTradeMode > Stp.DECREMENT && ask.selfTradeMode !== Null.UINT8) return false;
  const hasLimit = ordType === Type.LIMIT || ordType === Type.STOP_LIMIT;
  if (ask.has(Ask.PRICE) !== hasLimit) return false;
  if (ask.has(Ask.STOP) !== (ordType === Type.STOP || ordType === Type.STOP_LIMIT)) return false;
  if (ask.has(Ask.EXPIRE) !== (tif === Tif.GTD)) return false;
  const trails = Number(ask.has(Ask.TRAIL)) + Number(ask.has(Ask.TRAIL_BPS));
  if (trails !== (ordType === Type.TRAILING_STOP ? 1 : 0)) return false;
  if (ask.has(Ask.DISPLAY) && !mayRest(ask)) return false;
  if (ask.has(Ask.MIN_QTY) && (ordType !== Type.LIMIT || tif !== Tif.IOC)) return false;
  if ((flags & Flag.POST_ONLY) !== 0 && (ordType !== Type.LIMIT || !mayRest(ask))) return false;
  return ordType === Type.MARKET ? isMarketCompatible(ask) : ask.has(Ask.QTY) && !ask.has(Ask.MONEY);
}

/** By quantity or by money, and only as long as it lasts. */
function isMarketCompatible(ask: OrderRequest): boolean {
  if (ask.tif === Tif.DAY || ask.tif === Tif.GTD) return false;
  return ask.has(Ask.QTY) !== ask.has(Ask.MONEY) && !(ask.has(Ask.MONEY) && ask.tif === Tif.FOK);
}

/** What follows price and quantity in the order of SEMANTICS 2.3; the overflow comes last. `now`: as in Floor. */
export function shapeCode(ask: OrderRequest, instruments: Instruments, now: Float64Array): number {
  const { numbers, instrument } = ask;
  if (ask.has(Ask.MONEY)) {
    if (numbers[Ask.MONEY] === OFF_STEP) return CODES.QTY_OFF_LOT;
    if (!isFrom1To(numbers[Ask.MONEY], MAX_SAFE)) return CODES.QTY_OUT_OF_RANGE;
  }
  if (ask.has(Ask.DISPLAY) && tranchesCode(numbers[Ask.DISPLAY], numbers[Ask.QTY]) !== Check.OK) return CODES.BAD_DISPLAY_QTY;
  if (ask.has(Ask.MIN_QTY) && !isFrom1To(numbers[Ask.MIN_QTY], numbers[Ask.QTY])) return CODES.BAD_MIN_QTY;
  const onStop = ask.has(Ask.STOP) ? stopPriceCode(instruments, instrument, numbers[Ask.STOP]) : Check.OK;
  if (onStop !== Check.OK) return onStop;
  if (ask.has(Ask.TRAIL) && !isFrom1To(numbers[Ask.TRAIL], MAX_SAFE)) return CODES.BAD_TRAIL;
  if (ask.has(Ask.TRAIL_BPS) && !isFrom1To(numbers[Ask.TRAIL_BPS], TRAIL_BPS_MAX)) return CODES.BAD_TRAIL;
  if (ask.has(Ask.EXPIRE) && !(numbers[Ask.EXPIRE] > now[Now.TIME] && numbers[Ask.EXPIRE] <= MAX_SAFE)) return CODES.EXPIRE_TIME_PAST;
  if (ask.has(Ask.PRICE)) return notionalCode(instruments, instrument, numbers[Ask.PRICE], numbers[Ask.QTY]);
  if (!ask.has(Ask.STOP)) return Check.OK;
  const onNotional = notionalCode(instruments, instrument, numbers[Ask.STOP], numbers[Ask.QTY]);
  return onNotional === CODES.NOTIONAL_OVERFLOW ? onNotional : Check.OK;
}

/** On tick, then within the instrument's range, which binds stop prices too (SETTLED O4). */
export function stopPriceCode(instruments: Instruments, instrument: number, price: number): number {
  if (price >= instruments.minPrice[instrument] && price <= instruments.maxPrice[instrument]) return Check.OK;
  return price === OFF_STEP ? CODES.STOP_PRICE_OFF_TICK : CODES.PRICE_OUT_OF_RANGE;
}

function isFrom1To(value: number, max: number): boolean {
  return value >= 1 && value <= max;
}

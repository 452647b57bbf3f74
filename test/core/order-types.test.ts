import { expect, it } from "vitest";
import { Cause, Flag, Null, Scope, Side, State, StateCause, Stp, Tif, Type } from "../../engine/core/match/order-types.js";
import * as Wire from "../../engine/wire/generated/enums.js";
import { NULL_INT64, NULL_UINT8, NULL_UINT32 } from "../../engine/wire/numbers.js";

it("the order path's enumerations are the wire's, member by member", () => {
  expect({
    limit: Type.LIMIT,
    market: Type.MARKET,
    stop: Type.STOP,
    stopLimit: Type.STOP_LIMIT,
    trailingStop: Type.TRAILING_STOP,
  }).toEqual(Wire.OrdType);
  expect({ gtc: Tif.GTC, ioc: Tif.IOC, fok: Tif.FOK, day: Tif.DAY, gtd: Tif.GTD }).toEqual(Wire.TimeInForce);
  expect({ buy: Side.BUY, sell: Side.SELL }).toEqual(Wire.Side);
  expect({ postOnly: Flag.POST_ONLY, reduceOnly: Flag.REDUCE_ONLY }).toEqual(Wire.OrderFlags);
  expect(Flag.ALL).toBe(Object.values(Wire.OrderFlags).reduce((all, flag) => all | flag, 0));
  expect({
    none: Stp.NONE,
    cancelNewest: Stp.CANCEL_NEWEST,
    cancelOldest: Stp.CANCEL_OLDEST,
    cancelBoth: Stp.CANCEL_BOTH,
    decrement: Stp.DECREMENT,
  }).toEqual(Wire.SelfTradeMode);
  expect({
    user: Cause.USER,
    ioc: Cause.IOC,
    fok: Cause.FOK,
    noLiquidity: Cause.NO_LIQUIDITY,
    selfTrade: Cause.SELF_TRADE,
    massCancel: Cause.MASS_CANCEL,
    replacedBelowFilled: Cause.REPLACED_BELOW_FILLED,
    minQty: Cause.MIN_QTY,
    expired: Cause.EXPIRED,
    killSwitch: Cause.KILL_SWITCH,
    oco: Cause.OCO,
    reduceOnly: Cause.REDUCE_ONLY,
    riskOnTrigger: Cause.RISK_ON_TRIGGER,
    halt: Cause.HALT,
    disconnect: Cause.DISCONNECT,
    liquidation: Cause.LIQUIDATION,
  }).toEqual(Wire.Reason);
  expect({
    preOpen: State.PRE_OPEN,
    auctionCall: State.AUCTION_CALL,
    open: State.OPEN,
    halted: State.HALTED,
    closed: State.CLOSED,
  }).toEqual(Wire.TradingState);
  expect({ admin: StateCause.ADMIN, volatility: StateCause.VOLATILITY, timer: StateCause.TIMER }).toEqual(Wire.StateReason);
  expect({ global: Scope.GLOBAL, instrument: Scope.INSTRUMENT, account: Scope.ACCOUNT }).toEqual(Wire.KillScope);
});

it("and so are its nulls", () => {
  expect([Null.INT64, Null.UINT32, Null.UINT8]).toEqual([NULL_INT64, NULL_UINT32, NULL_UINT8]);
  expect(Null.INT64_HIGH_WORD).toBe(-(2 ** 31));
});

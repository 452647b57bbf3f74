import { OrderFlags, OrdType, SelfTradeMode, TimeInForce } from "../../wire/generated/enums.js";

/** The wire's enumerations as plain constants for the order path. */
export const LIMIT = OrdType.limit;
export const MARKET = OrdType.market;
export const GTC = TimeInForce.gtc;
export const IOC = TimeInForce.ioc;
export const FOK = TimeInForce.fok;
export const POST_ONLY = OrderFlags.postOnly;
/** Every flag bit that has a meaning. */
export const KNOWN_FLAGS = POST_ONLY;
export const STP_NONE = SelfTradeMode.none;
export const STP_CANCEL_NEWEST = SelfTradeMode.cancelNewest;
export const STP_CANCEL_OLDEST = SelfTradeMode.cancelOldest;
export const STP_CANCEL_BOTH = SelfTradeMode.cancelBoth;
export const STP_DECREMENT = SelfTradeMode.decrement;

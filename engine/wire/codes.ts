/**
 * Every result and reject code, in one list. 1xxx frame and session, 2xxx risk, 3xxx orders and books, 4xxx accounts
 * and funding, 5xxx admin and lifecycle. Numbers are stable: one is never reused for another meaning.
 * Only codes that something can really answer today are listed; `docs/CODES.md` is checked against this file by test.
 */
export const OK = 0;

/** Name to number. The key is what `rejected.reason` prints. */
export const CODES = {
  // 1xxx: the gateway's own.
  BAD_MAGIC: 1001,
  BAD_LENGTH: 1002,
  TRUNCATED: 1003,
  FRAME_TOO_LARGE: 1004,
  TEXT_FRAME: 1005,
  UNKNOWN_TEMPLATE: 1006,
  UNSAFE_NUMBER: 1007,
  BAD_BLOCK_LENGTH: 1008,
  BAD_SCHEMA: 1009,
  NOT_A_CLIENT_MESSAGE: 1010,
  BAD_ENUM: 1011,
  BAD_FIELD: 1012,
  BAD_MESSAGEPACK: 1013,
  NOT_LOGGED_ON: 1020,
  LOGON_TIMEOUT: 1021,
  BAD_CANCEL_GRACE: 1022,
  BAD_SIGNATURE: 1023,
  BAD_TIMESTAMP: 1024,
  NONCE_REUSED: 1025,
  BAD_HEARTBEAT: 1026,
  ALREADY_LOGGED_ON: 1027,
  NOT_PERMITTED: 1028,
  HEARTBEAT_TIMEOUT: 1029,
  REPLACED_BY_NEW_LOGON: 1030,
  SLOW_CONSUMER: 1031,
  DUPLICATE_SEQ: 1032,
  TOO_MANY_SESSIONS: 1033,
  SHUTTING_DOWN: 1034,
  LOGGED_OUT: 1035,
  ENGINE_FAILED: 1036,
  TOO_MANY_IN_FLIGHT: 1037,
  THROTTLED: 1038,
  THROTTLE_BREACH: 1039,
  UNKNOWN_CHANNEL: 1040,
  BAD_RESEND: 1041,
  TOKEN_EXPIRED: 1042,
  BAD_SUBSCRIPTION: 1043,
  TOO_MANY_SUBSCRIPTIONS: 1044,
  // 2xxx: risk.
  KILL_SWITCH: 2001,
  ACCOUNT_SUSPENDED: 2002,
  REDUCE_ONLY_ACCOUNT: 2003,
  MAX_ORDER_QTY: 2004,
  MAX_ORDER_NOTIONAL: 2005,
  PRICE_COLLAR: 2006,
  NO_REFERENCE_PRICE: 2007,
  MAX_OPEN_ORDERS: 2008,
  MAX_OPEN_NOTIONAL: 2009,
  POSITION_LIMIT: 2010,
  EXPOSURE_LIMIT: 2011,
  DAILY_NOTIONAL: 2012,
  LOSS_LIMIT: 2013,
  RATE_LIMIT: 2014,
  DUPLICATIVE_ORDER: 2015,
  INSUFFICIENT_FUNDS: 2016,
  INSUFFICIENT_MARGIN: 2017,
  NOTIONAL_OVERFLOW: 2050,
  // 3xxx: orders and books.
  POST_ONLY_WOULD_CROSS: 3001,
  UNKNOWN_ORDER: 3002,
  UNKNOWN_INSTRUMENT: 3003,
  DUPLICATE_CLORDID: 3004,
  STATE_NOT_ALLOWED: 3005,
  BAD_SIDE: 3006,
  BAD_FLAGS: 3007,
  PRICE_OFF_TICK: 3008,
  PRICE_OUT_OF_RANGE: 3009,
  QTY_OFF_LOT: 3010,
  QTY_OUT_OF_RANGE: 3011,
  BAD_DISPLAY_QTY: 3012,
  BAD_MIN_QTY: 3013,
  STOP_PRICE_OFF_TICK: 3014,
  BAD_TRAIL: 3015,
  EXPIRE_TIME_PAST: 3016,
  MIN_NOTIONAL: 3017,
  BAD_OCO: 3018,
  BOOK_FULL: 3020,
  BAD_CLORDID: 3021,
  // 4xxx: accounts and funding.
  ALREADY_APPLIED: 4001,
  REF_CONFLICT: 4002,
  UNKNOWN_ACCOUNT: 4003,
  UNKNOWN_CURRENCY: 4004,
  BAD_AMOUNT: 4005,
  KYC_REQUIRED: 4006,
  UNKNOWN_MOVEMENT: 4007,
  WRONG_ACCOUNT_MODE: 4008,
  // 5xxx: admin and lifecycle.
  ALREADY_EXISTS: 5001,
  BAD_INSTRUMENT: 5002,
  TIME_BACKWARDS: 5003,
  STATE_UNCHANGED: 5004,
  BAD_NAME: 5005,
  BAD_VALUE: 5006,
  CAPACITY_REACHED: 5020,
  NOT_READY: 5007,
  JOURNAL_FULL: 5008,
  ENGINE_BUSY: 5009,
} as const;

export type CodeName = keyof typeof CODES;
export type Code = (typeof CODES)[CodeName];

const NAMES = new Map<number, CodeName>(Object.entries(CODES).map(([name, code]) => [code, name as CodeName]));

/** The name of a code, for people and for `rejected.reason`. Throws RangeError on a number that is no code. */
export function codeName(code: number): CodeName {
  const name = NAMES.get(code);
  if (name === undefined) throw new RangeError(`no such code: ${code}`);
  return name;
}

/** WebSocket close codes that the gateway uses, 4000 to 4099. `docs/WIRE.md` says what each means. */
export const CLOSE_CODES = {
  LOGGED_OUT: 4000,
  LOGON_REJECTED: 4001,
  LOGON_TIMEOUT: 4002,
  MALFORMED_FRAME: 4003,
  TEXT_FRAME: 4004,
  HEARTBEAT_TIMEOUT: 4005,
  REPLACED_BY_NEW_LOGON: 4006,
  SLOW_CONSUMER: 4008,
  TOO_MANY_SESSIONS: 4009,
  SHUTTING_DOWN: 4010,
  ENGINE_FAILED: 4011,
  THROTTLE_BREACH: 4012,
  TOKEN_EXPIRED: 4013,
} as const;

export type CloseCodeName = keyof typeof CLOSE_CODES;
export type CloseCode = (typeof CLOSE_CODES)[CloseCodeName];

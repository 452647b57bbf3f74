/**
 * WebSocket close codes of the gateway, 4000 to 4099. A LogoutNotice with a result code of engine/wire/codes.ts goes
 * before the close wherever the socket can still carry one.
 */
export const CLOSE = {
  /** The client said Logout. */
  LOGGED_OUT: 4000,
  /** No Logon within the time for it. */
  LOGON_TIMEOUT: 4001,
  /** The Logon was refused; LogonReject says why. */
  LOGON_REJECTED: 4002,
  /** A frame that is no sequence of records. The notice names the code and the byte offset. */
  MALFORMED_FRAME: 4003,
  /** Two heartbeat intervals passed without a sign of life. */
  HEARTBEAT_TIMEOUT: 4005,
  /** The same key logged on again; the newer session stays. */
  REPLACED_BY_NEW_LOGON: 4006,
  /** The client read too slowly and its bounded queue ran over. */
  SLOW_CONSUMER: 4008,
  /** The gateway closes. */
  SHUTTING_DOWN: 4010,
  /** The engine behind the gateway failed. */
  ENGINE_FAILED: 4011,
} as const;

export type CloseCode = (typeof CLOSE)[keyof typeof CLOSE];

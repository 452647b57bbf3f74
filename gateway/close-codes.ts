/**
 * WebSocket close codes of the gateway, under the name that the gateway uses. The list is the wire's, where docs/WIRE.md comes from.
 * A LogoutNotice with a result code goes before the close wherever the socket can still carry one.
 */
export { CLOSE_CODES as CLOSE, type CloseCode } from "../engine/wire/codes.js";

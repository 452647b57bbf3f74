/** The public door `ringbook/admin`: the HTTP API for whoever runs an engine. */
export type { AdminEngine, AdminGateway } from "./admin-engine.js";
export { AdminError, type AdminErrorCode } from "./admin-error.js";
export type { AdminJwt, AdminOptions, AdminToken } from "./admin-options.js";
export { AdminServer } from "./admin-server.js";
export { ROLES, type Role } from "./roles.js";

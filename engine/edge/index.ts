/** The public door `ringbook/core`: the engine without threads. Free of `node:` imports, so it bundles for a browser. */
export type { Capacities } from "../core/capacities.js";
export { CommandError } from "./command-error.js";
export { Core, type CoreConfig } from "./core.js";
export { NumberText } from "./decimal.js";
export type * from "./report-types.js";
export type { SetUpConfig } from "./set-up-config.js";
export type * from "./types.js";

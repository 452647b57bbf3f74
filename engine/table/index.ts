/** The public door of the versioned table. */
export { Interest } from "./interest.js";
export { Table, type TableOptions, TOO_OLD } from "./table.js";

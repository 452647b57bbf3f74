/** A thread of the pool that makes reports of large sources. */
export { makeReport } from "./report-task.js";

import { describeLimits } from "./limits-contract.js";
import { describeSessions } from "./session-contract.js";

for (const transport of ["ws", "uws"] as const) {
  describeSessions(transport);
  describeLimits(transport);
}

import { describeLimits } from "./limits-contract.js";
import { describeSessions } from "./session-contract.js";
import { describeOverTransports } from "./transports.js";

describeOverTransports("session life", (transport) => {
  describeSessions(transport);
  describeLimits(transport);
});

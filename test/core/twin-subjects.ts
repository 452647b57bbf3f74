import { Core } from "../../engine/edge/core.js";
import type { Command, Event } from "../../engine/edge/types.js";
import { Twin } from "../twin/twin.js";

/** Who is given cases that are written from the pages: both must tell the same. The core checks itself after each command. */
export const SUBJECTS: Readonly<Record<string, () => (command: Command) => Event[]>> = {
  twin: () => {
    const twin = new Twin();
    return (command) => twin.apply(command);
  },
  core: () => {
    const core = new Core({ capacities: { orders: 200, levels: 100, accounts: 8, instruments: 4, currencies: 8 } });
    return (command) => {
      const events: Event[] = [];
      core.apply(command, (event) => events.push(event));
      core.assertConsistent();
      return events;
    };
  },
};

import { describe } from "vitest";
import { lookUpUws } from "../../gateway/transport/load-uws.js";

export type TransportName = "ws" | "uws";

const lookup = lookUpUws(() => {});

/** Why `uws` cannot be tested here, if so: there is no native binary for this Node. */
export const uwsMissing: string | undefined = "missing" in lookup ? lookup.missing : undefined;

/** The suite once over each transport; where uWebSockets.js has no native binary its half is skipped, and its title says why. */
export function describeOverTransports(title: string, suite: (transport: TransportName) => void): void {
  for (const transport of ["ws", "uws"] as const) {
    const missing = transport === "uws" ? uwsMissing : undefined;
    describe.skipIf(missing !== undefined)(`${title} over ${transport}${missing === undefined ? "" : ` (${missing})`}`, () =>
      suite(transport),
    );
  }
}

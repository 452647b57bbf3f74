import type { Command } from "../../engine/edge/types.js";

/**
 * Delta debugging (Zeller): the shortest script that this finds by leaving out pieces, large ones first, and that still
 * fails. `fails` must be true of the script as given. At the end no single command can be left out.
 */
export function minimise(script: readonly Command[], fails: (script: readonly Command[]) => boolean): readonly Command[] {
  let shortest = script;
  for (let size = Math.ceil(script.length / 2); size >= 1; size = Math.floor(size / 2)) {
    shortest = withoutPieces(shortest, size, fails);
  }
  for (;;) {
    const shorter = withoutPieces(shortest, 1, fails);
    if (shorter.length === shortest.length) return shortest;
    shortest = shorter;
  }
}

/** Keys that a command can do without: leaving them out says less, and shows what matters. */
const SPARE_KEYS: readonly string[] = [
  ...["stp", "stpGroup", "postOnly", "reduceOnly", "displayQty", "minQty", "newClOrdId", "cancel", "tif"],
  ...["maxQty", "minPrice", "maxPrice", "minNotional", "bandBps", "marketProtectionBps", "auctionUs", "lastPrice"],
];

/** The same script without each spare key that is not needed for it to fail. */
export function withoutSpareKeys(script: readonly Command[], fails: (script: readonly Command[]) => boolean): readonly Command[] {
  let kept = script;
  for (let at = 0; at < script.length; at++) {
    for (const key of SPARE_KEYS) {
      const { [key]: spare, ...rest } = kept[at] as Command & Record<string, unknown>;
      const candidate = kept.with(at, rest as unknown as Command);
      if (spare !== undefined && fails(candidate)) kept = candidate;
    }
  }
  return kept;
}

/** From the end to the front, because what comes late depends on what came early. */
function withoutPieces(script: readonly Command[], size: number, fails: (script: readonly Command[]) => boolean): readonly Command[] {
  let kept = script;
  for (let from = Math.max(0, kept.length - size); ; from = Math.max(0, from - size)) {
    const candidate = [...kept.slice(0, from), ...kept.slice(from + size)];
    if (candidate.length < kept.length && fails(candidate)) kept = candidate;
    if (from === 0) return kept;
  }
}

/** A script as `ringbook run` reads it. */
export function toJsonLines(script: readonly Command[]): string {
  return script.map((command) => `${JSON.stringify(command)}\n`).join("");
}

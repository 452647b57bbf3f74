import { expect } from "vitest";
import { COMMAND_BYTES_MAX, encode } from "../../engine/edge/encode.js";
import type { OrderCommand, SetUpCommand } from "../../engine/edge/types.js";
import { Header } from "../../engine/wire/flyweights.js";
import { ABC, smallCatalog } from "./hand-made.js";

const catalog = smallCatalog();
/** Words that no field may keep. */
const GARBAGE = 0x5a5a5a5a;

/** The record of a command, with nothing around it but what lay there before. Header and length are checked. */
export function encoded(command: SetUpCommand | OrderCommand, isOrderKnown = true): Int32Array {
  const words = new Int32Array(COMMAND_BYTES_MAX / 4).fill(GARBAGE);
  const bytes = encode(command, { catalog, instrumentOfOrder: () => (isOrderKnown ? ABC : undefined) }, words, 0, 41, 42);
  expect(Header.length(words, 0)).toBe(bytes);
  expect([Header.seq(words, 0), Header.time(words, 0)]).toEqual([41, 42]);
  return words;
}

import { type Capacities, checkedCapacities, DEFAULT_CAPACITIES } from "../core/capacities.js";
import { KIND_START } from "../journal/frame.js";
import type { JournalFiles } from "../journal/journal-files.js";
import { type FrameStep, JOURNAL_BEGINNING, type SegmentReader } from "../journal/segment-reader.js";
import type { TradingOptions } from "./trading-step.js";

/** What a start wrote down about itself; undefined for a frame that is none. */
export function aboutOf({ frame, words, at }: Pick<FrameStep, "frame" | "words" | "at">): Readonly<Record<string, unknown>> | undefined {
  if (frame.kind !== KIND_START) return undefined;
  const bytes = new Uint8Array(words.buffer, words.byteOffset + 4 * at, frame.payloadBytes);
  return JSON.parse(new TextDecoder().decode(bytes)) as Readonly<Record<string, unknown>>;
}

/** Options that every state in a journal fits in: of all the starts that it has seen, the largest of each capacity, and the first id. */
export function tradingOptions(reader: SegmentReader, files: JournalFiles): Required<TradingOptions> & { readonly capacities: Capacities } {
  const largest: Record<string, number> = {};
  let first = 0;
  for (const segment of files.segments) {
    reader.open(segment);
    let place = { ...JOURNAL_BEGINNING, segment };
    for (;;) {
      const step = reader.step(place, false);
      if ("fault" in step) break;
      place = step.behind;
      const options = aboutOf(step)?.["stepOptions"] as TradingOptions | undefined;
      if (options === undefined) continue;
      first = options.lastId ?? first;
      for (const [key, value] of Object.entries(options.capacities ?? {})) largest[key] = Math.max(largest[key] ?? 0, value);
    }
  }
  const known = Object.entries(largest).filter(([key]) => key in DEFAULT_CAPACITIES);
  return { capacities: checkedCapacities(Object.fromEntries(known)), lastId: first };
}

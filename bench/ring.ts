/**
 * P1 and P2: rings between threads, against ringbuf.js and MessagePort in the same interleaved rounds. Every thread spins (and sleeps 50 µs
 * at a time after 20,000 empty looks, or 500 where there are three threads for two processors), so the figures need as many free processors as there are threads. Left out: filling in anything but
 * 15 words a record, and any work on it.
 */

import type { BenchReport } from "./report.js";
import { benchBroadcast } from "./ring/broadcast.js";
import { benchManyToOne } from "./ring/many-to-one.js";
import { benchOneToOne } from "./ring/one-to-one.js";
import { benchRoundTrip } from "./ring/round-trip.js";

const SIZES = {
  tiny: {
    oneToOne: { rounds: 1, records: 20_000, portRecords: 500 },
    roundTrip: { rounds: 1, trips: 320, portTrips: 50 },
    manyToOne: { rounds: 1, records: 20_000 },
    broadcast: { rounds: 1, records: 50_000 },
  },
  full: {
    oneToOne: { rounds: 9, records: 5_000_000, portRecords: 50_000 },
    roundTrip: { rounds: 9, trips: 100_000, portTrips: 3_000 },
    manyToOne: { rounds: 9, records: 3_000_000 },
    broadcast: { rounds: 9, records: 5_000_000 },
  },
} as const;

/** Main thread of a process that may block. Throws when a sum, a count or an echo is wrong. */
export async function run(options: { size: "tiny" | "full" }): Promise<BenchReport> {
  const size = SIZES[options.size];
  const rows = [
    ...(await benchOneToOne(size.oneToOne)),
    ...(await benchRoundTrip(size.roundTrip)),
    ...(await benchManyToOne(size.manyToOne)),
    ...(await benchBroadcast(size.broadcast)),
  ];
  return {
    name: "ring",
    rows,
    checked: [
      "The sum over both ends of every record is that of the numbers sent, for every contestant and round.",
      "Every echo is the record that was sent.",
      "Each observer's records and gaps join without hole, and delivered + lost = produced after every round.",
    ],
  };
}

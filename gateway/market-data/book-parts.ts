import { BookChecksum } from "../../engine/wire/book-checksum.js";
import { BookSnapshot, ChannelHeartbeat } from "../../engine/wire/flyweights.js";
import * as Header from "../../engine/wire/header.js";
import type { MarketDataView } from "../engine-port.js";
import type { Taker } from "./subscriber.js";
import type { Topic } from "./topic.js";

const sum = new BookChecksum();

/** The checksum of a book as it is now. */
export function checksumOf({ books }: MarketDataView, instrument: number): number {
  sum.start();
  for (let side = 0; side < 2; side++) {
    let level = books.bestLevel(2 * instrument + side);
    while (level !== 0 && sum.add(side, books.levelPrice(level), books.levelQty(level))) level = books.nextLevel(level);
  }
  return sum.value();
}

/** One part of a snapshot, in front of its records. */
export interface SnapshotPart {
  readonly engineSeq: number;
  readonly timeUs: number;
  readonly count: number;
  /** 0 when the part is not the last one. */
  readonly checksum: number;
  readonly reset: boolean;
  readonly complete: boolean;
}

export function writeSnapshot(topic: Topic, session: Taker, part: SnapshotPart): void {
  const at = session.claim(BookSnapshot.RECORD_BYTES);
  const { words } = session;
  BookSnapshot.init(words, at, topic.seq, part.timeUs);
  Header.setFlags(words, at, Header.FLAG_STATE);
  BookSnapshot.setEngineSeq(words, at, part.engineSeq);
  BookSnapshot.setInstrument(words, at, topic.instrument);
  BookSnapshot.setCount(words, at, part.count);
  BookSnapshot.setChecksum(words, at, part.checksum);
  BookSnapshot.setDepth(words, at, topic.depth);
  BookSnapshot.setChannel(words, at, topic.channel);
  BookSnapshot.setReset(words, at, part.reset ? 1 : 0);
  BookSnapshot.setComplete(words, at, part.complete ? 1 : 0);
}

/** The periodic message to everybody who is up to date. */
export function writeHeartbeat(topic: Topic, engineSeq: number, timeUs: number, checksum: number): void {
  for (const { subscriber } of topic.live) {
    const { session } = subscriber;
    const at = session.claim(ChannelHeartbeat.RECORD_BYTES);
    const { words } = session;
    ChannelHeartbeat.init(words, at, topic.seq, timeUs);
    Header.setFlags(words, at, Header.FLAG_STATE);
    ChannelHeartbeat.setEngineSeq(words, at, engineSeq);
    ChannelHeartbeat.setInstrument(words, at, topic.instrument);
    ChannelHeartbeat.setIntervalMs(words, at, topic.intervalMs);
    ChannelHeartbeat.setChecksum(words, at, checksum);
    ChannelHeartbeat.setDepth(words, at, topic.depth);
    ChannelHeartbeat.setChannel(words, at, topic.channel);
  }
}

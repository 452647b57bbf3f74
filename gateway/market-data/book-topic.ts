import { Interest, TOO_OLD } from "../../engine/table/index.js";
import { LevelUpdate } from "../../engine/wire/flyweights.js";
import { Channel } from "../../engine/wire/generated/enums.js";
import * as Header from "../../engine/wire/header.js";
import type { MarketDataView } from "../engine-port.js";
import { checksumOf, writeHeartbeat, writeSnapshot } from "./book-parts.js";
import { writeResync } from "./state-topics.js";
import { type Subscription, Topic } from "./topic.js";

/**
 * All levels of a book. Whoever is behind is told, in parts, the newest state of every level that has changed since the
 * version that he has: of a new subscriber that is 0, so he gets them all. Only one who has been behind for so long that
 * levels have been forgotten begins anew.
 */
export class BookTopic extends Topic {
  readonly #view: MarketDataView;
  readonly #interest: Interest;
  readonly #partRecords: number;
  /** The version of the levels at the end of the last command that was published. */
  #version = 0;

  /** `partRecords`: levels of one part of a snapshot. */
  constructor(instrument: number, view: MarketDataView, partRecords: number) {
    super(instrument, Channel.book, 0, 0);
    this.#partRecords = partRecords;
    this.#view = view;
    this.#interest = Interest.ofGroup(instrument);
  }

  override publish(words: Int32Array, at: number): void {
    const flags = Header.flags(words, at) & Header.FLAG_LAST_OF_BATCH;
    super.publish(words, at, flags);
    if (flags !== 0) this.#version = this.#view.levels.version;
  }

  help(subscription: Subscription): boolean {
    const { levels } = this.#view;
    const isNew = subscription.version === 0;
    if (isNew) subscription.emptyAt = levels.version;
    const count = levels.since(subscription.version, this.#interest, this.#partRecords, subscription.emptyAt);
    if (count === TOO_OLD) {
      if (subscription.lostFrom > 0) writeResync(this, subscription);
      subscription.version = 0;
      return false;
    }
    const isComplete = levels.reached === levels.version;
    this.#writePart(subscription, count, isNew, isComplete);
    subscription.version = levels.reached;
    if (isComplete) this.#version = levels.version;
    return isComplete;
  }

  /** Between two commands. */
  beat(timeUs: number): void {
    writeHeartbeat(this, this.#view.lastSeq, timeUs, checksumOf(this.#view, this.instrument));
  }

  /** What it was sent of a command that it did not get to the end it is sent again. */
  protected override onFall(subscription: Subscription): void {
    subscription.version = this.#version;
    subscription.emptyAt = 0;
  }

  #writePart(subscription: Subscription, count: number, reset: boolean, complete: boolean): void {
    const view = this.#view;
    const { session } = subscription.subscriber;
    const checksum = complete ? checksumOf(view, this.instrument) : 0;
    const { lastSeq, timeUs } = view;
    writeSnapshot(this, session, { engineSeq: lastSeq, timeUs, count, checksum, reset, complete });
    for (let index = 0; index < count; index++) {
      const at = session.claim(LevelUpdate.RECORD_BYTES);
      const { words } = session;
      LevelUpdate.init(words, at, this.seq, timeUs);
      Header.setFlags(words, at, index === count - 1 ? Header.FLAG_STATE | Header.FLAG_LAST_OF_BATCH : Header.FLAG_STATE);
      view.writeLevel(view.levels.found[index], words, at);
      LevelUpdate.setEngineSeq(words, at, lastSeq);
      LevelUpdate.setChannel(words, at, Channel.book);
    }
    subscription.subscriber.takes(count * LevelUpdate.RECORD_BYTES);
  }
}

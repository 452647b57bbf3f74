import { TradingCore } from "../../engine/core/core.js";
import type { SingleProducer } from "../../engine/ring/single-producer.js";
import { FLASH_CANCEL, FLASH_NEW } from "../flows/flash.js";
import { setUpCore } from "../flows/set-up-records.js";
import { beat } from "../ring/crew.js";
import { CANCEL_WORDS, NEW_WORDS, type RecordedFlash } from "./recorded-flash.js";

/** As many commands as a shard applies before it publishes. */
const BATCH_MESSAGES = 256;
const CAPACITIES = { orders: 2 ** 17, levels: 2 ** 16, instruments: 4, accounts: 4, currencies: 4 };
const SEQ_WORD = 4;

/** A new core behind a ring that another thread reads, with one instrument, and one account that may trade with itself. */
export class FlashFeed {
  readonly core: TradingCore;
  private readonly ring: SingleProducer;
  private looks = 0;

  constructor(ring: SingleProducer) {
    this.ring = ring;
    this.core = new TradingCore({ ring, makeRoom: () => this.makeRoom() }, CAPACITIES);
    setUpCore(this.core);
    ring.publish();
  }

  /** Applies every message, in batches as a shard does. */
  play(flash: RecordedFlash): void {
    const { count, types, words } = flash;
    const { core, ring } = this;
    const liveCounts = core.accounts.orderCounts;
    let seq = core.lastSeq;
    let at = 0;
    for (let start = 0; start < count; start += BATCH_MESSAGES) {
      const end = Math.min(count, start + BATCH_MESSAGES);
      for (let i = start; i < end; i++) {
        const type = types[i];
        if (type !== FLASH_NEW) {
          const before = liveCounts[0];
          words[at + SEQ_WORD] = ++seq;
          core.apply(words, at);
          at += CANCEL_WORDS;
          if (type === FLASH_CANCEL) continue;
          // A modify of an order that is not live any more is refused as a whole.
          if (liveCounts[0] === before) {
            at += NEW_WORDS;
            continue;
          }
        }
        words[at + SEQ_WORD] = ++seq;
        core.apply(words, at);
        at += NEW_WORDS;
      }
      ring.publish();
    }
  }

  /** The ring is full: its reader is the slower one for a moment. */
  private makeRoom(): void {
    this.ring.publish();
    this.looks = beat(this.looks);
  }
}

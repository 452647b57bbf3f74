import { Header, OrderAccepted, OrderCanceled, OrderRejected, Trade } from "../../engine/wire/flyweights.js";

const FNV_PRIME = 16_777_619;
const FNV_START = 2_166_136_261 | 0;
const EVENTS = 0;
const HASH = 1;
const REJECTED = 2;
const TRADES = 3;
const CANCELED = 4;

/** What one reading of all events came to. */
export interface FlashTally {
  /** Events of any kind, those of the set-up included. */
  readonly events: number;
  readonly trades: number;
  readonly canceled: number;
  readonly rejected: number;
  readonly tradedQty: number;
  /** Over every word of every event behind its length, in order. */
  readonly hash: number;
}

/**
 * What the thread that drains the events makes of each: it looks at the kind, counts and sums, and hashes every word. So a
 * single bit that differs from the reading whose reports were compared with the published ones fails a round.
 */
export class EventTally {
  private readonly counts = new Int32Array(5);
  private readonly sums = new Float64Array(1);

  constructor() {
    this.counts[HASH] = FNV_START;
  }

  readonly onEvent = (words: Int32Array, at: number, lengthBytes: number): void => {
    const counts = this.counts;
    const end = at + (lengthBytes >> 2);
    let hash = counts[HASH];
    for (let word = at + 1; word < end; word++) hash = Math.imul(hash ^ words[word], FNV_PRIME);
    counts[HASH] = hash;
    counts[EVENTS]++;
    const template = Header.templateId(words, at);
    if (template === OrderAccepted.TEMPLATE_ID) return;
    if (template === OrderCanceled.TEMPLATE_ID) counts[CANCELED]++;
    else if (template === OrderRejected.TEMPLATE_ID) counts[REJECTED]++;
    else if (template === Trade.TEMPLATE_ID) {
      counts[TRADES]++;
      this.sums[0] += Trade.qty(words, at);
    }
  };

  result(): FlashTally {
    const { counts } = this;
    return {
      events: counts[EVENTS],
      trades: counts[TRADES],
      canceled: counts[CANCELED],
      rejected: counts[REJECTED],
      tradedQty: this.sums[0],
      hash: counts[HASH] >>> 0,
    };
  }
}

import { CODES } from "../../engine/wire/codes.js";
import { Subscribe } from "../../engine/wire/flyweights.js";
import { Channel } from "../../engine/wire/generated/enums.js";
import { NULL_UINT16, NULL_UINT32 } from "../../engine/wire/numbers.js";
import type { FaultCode } from "../frame-check.js";
import { CANDLE_INTERVALS_MS } from "./state-topics.js";

const DEPTH_DEFAULT = 10;
const DEPTH_MAX = 100;
const CANDLE_DEFAULT_MS = 60_000;
const INTERVAL_MS_MIN = 10;
const INTERVAL_MS_MAX = 60_000;

/** What a Subscribe or Unsubscribe asks for, its defaults filled in. One instance is used for all. */
export class SubscriptionRequest {
  instrument = 0;
  channel = 0;
  intervalMs = 0;
  depth = 0;

  /** Reads a Subscribe or an Unsubscribe, whose fields are the same. Returns 0 or BAD_SUBSCRIPTION. */
  read(words: Int32Array, at: number): FaultCode {
    this.instrument = Subscribe.instrument(words, at);
    this.channel = Subscribe.channel(words, at);
    this.intervalMs = Subscribe.intervalMs(words, at) === NULL_UINT32 ? 0 : Subscribe.intervalMs(words, at);
    this.depth = Subscribe.depth(words, at) === NULL_UINT16 ? 0 : Subscribe.depth(words, at);
    return this.#isSound() ? 0 : CODES.BAD_SUBSCRIPTION;
  }

  /** A session has one subscription a key at most: of candles one an interval, of other channels one an instrument. */
  get key(): number {
    return (
      (this.instrument * 256 + this.channel) * 4 + (this.channel === Channel.candles ? CANDLE_INTERVALS_MS.indexOf(this.intervalMs) : 0)
    );
  }

  #isSound(): boolean {
    if (this.channel === Channel.candles) {
      if (this.intervalMs === 0) this.intervalMs = CANDLE_DEFAULT_MS;
      return CANDLE_INTERVALS_MS.includes(this.intervalMs) && this.depth === 0;
    }
    if (this.channel !== Channel.depth) return this.intervalMs === 0 && this.depth === 0;
    if (this.depth === 0) this.depth = DEPTH_DEFAULT;
    const isInterval = this.intervalMs >= INTERVAL_MS_MIN && this.intervalMs <= INTERVAL_MS_MAX;
    return this.depth <= DEPTH_MAX && (this.intervalMs === 0 || isInterval);
  }
}

import { NIL } from "../../flat/level-tree.js";
import { CODES } from "../../wire/codes.js";
import { SetTime } from "../../wire/flyweights.js";
import { BEYOND } from "../../wire/numbers.js";
import { type Floor, Now } from "./floor.js";
import { Cause, State, StateCause } from "./order-types.js";
import type { TradingStates } from "./trading-states.js";

/** The clock, which only moves by commands, and what is due when it does: expiries and timed reopenings (SETTLED A5, A7). Shard thread only. */
export class Timers {
  constructor(
    private readonly floor: Floor,
    private readonly states: TradingStates,
  ) {}

  /** When the next one is due, µs since the epoch; Infinity when none is. */
  get nextAt(): number {
    const { markets } = this.floor;
    return Math.min(this.nextExpiry(), markets.timers === 0 ? Number.POSITIVE_INFINITY : this.nextReopening());
  }

  setTime(words: Int32Array, at: number): void {
    const { emitter, now } = this.floor;
    const to = SetTime.at(words, at);
    emitter.answer(SetTime.session(words, at));
    if (to === BEYOND || to < now[Now.TIME]) {
      emitter.commandRejected(to === BEYOND ? CODES.BAD_VALUE : CODES.TIME_BACKWARDS, SetTime.TEMPLATE_ID);
      return;
    }
    now[Now.TIME] = to;
    emitter.commandDone(0, SetTime.TEMPLATE_ID);
    emitter.answerNobody();
    this.fire(to);
  }

  /** All that is due by now, by the times at which it was; expiries go before reopenings. */
  private fire(now: number): void {
    const { markets, careful, book } = this.floor;
    while (this.nextAt <= now) {
      const expiry = this.nextExpiry();
      if (markets.timers === 0 || expiry <= this.nextReopening()) {
        careful.cancel(book.expiries.oldest(book.expiries.first(0)), Cause.EXPIRED, false);
      } else this.states.move(this.firstDue(), State.OPEN, StateCause.TIMER);
    }
  }

  private nextExpiry(): number {
    const { expiries } = this.floor.book;
    const level = expiries.first(0);
    return level === NIL ? Number.POSITIVE_INFINITY : expiries.keyOf(level);
  }

  private nextReopening(): number {
    return this.floor.markets.reopenTimes[this.firstDue()];
  }

  /** The instrument that opens first; of those at one time the one with the least id. At least one timer runs. */
  private firstDue(): number {
    const { markets, instruments } = this.floor;
    let first = -1;
    for (let instrument = 0; instrument < instruments.count; instrument++) {
      const at = markets.reopenTimes[instrument];
      if (at !== 0 && (first < 0 || at < markets.reopenTimes[first])) first = instrument;
    }
    return first;
  }
}

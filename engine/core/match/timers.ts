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
    private readonly onTime: () => void,
  ) {}

  /** When the next one is due, µs since the epoch; Infinity when none is. */
  get nextAt(): number {
    return Math.min(this.nextExpiry(), this.nextReopening());
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
    this.onTime();
    emitter.commandDone(0, SetTime.TEMPLATE_ID);
    emitter.answerNobody();
    this.fire(to);
  }

  /** All that is due by now, by the times at which it was; expiries go before reopenings. */
  private fire(now: number): void {
    const { markets, careful, book } = this.floor;
    while (this.nextAt <= now) {
      const isExpiry = this.nextExpiry() <= this.nextReopening();
      if (isExpiry) careful.cancel(book.expiries.oldest(book.expiries.first(0)), Cause.EXPIRED, false);
      else this.states.move(markets.firstDue(), State.OPEN, StateCause.TIMER);
    }
  }

  private nextExpiry(): number {
    const { expiries } = this.floor.book;
    const level = expiries.first(0);
    return level === NIL ? Number.POSITIVE_INFINITY : expiries.keyOf(level);
  }

  private nextReopening(): number {
    const { markets } = this.floor;
    const due = markets.firstDue();
    return due < 0 ? Number.POSITIVE_INFINITY : markets.reopenTimes[due];
  }
}

import type { OrderBook } from "../book/order-book.js";
import type { Emitter } from "../emitter.js";
import type { Instruments } from "../instruments.js";
import { Attention, type Markets } from "../markets.js";
import type { Breakers } from "../risk/breakers.js";
import { AlertKind, Limit, Null, State, StateCause } from "./order-types.js";

/** Volatility interruptions: a print that would leave the band moves the instrument into an auction call (SEMANTICS 7). Shard thread only. */
export class Interruptions {
  constructor(
    private readonly instruments: Instruments,
    private readonly markets: Markets,
    private readonly book: OrderBook,
    private readonly emitter: Emitter,
    private readonly breakers: Breakers,
  ) {}

  /**
   * The prints of the command fire nothing more: stops that were reached wait again, as old as they were (SETTLED N8), and
   * trailing stops follow the last prints. `first` 0: there were none. `isBreaker`: it was the circuit breaker's bound.
   */
  begin(instrument: number, first: number, last: number, isBreaker: boolean): void {
    const { queue, triggers } = this.book;
    const auctionUs = this.instruments.specOf(instrument).auctionUs;
    for (let bookSide = 2 * instrument; first !== 0 && bookSide <= 2 * instrument + 1; bookSide++) {
      triggers.follow(bookSide, first);
      triggers.follow(bookSide, last);
    }
    while (queue.first !== 0) {
      const slot = queue.first;
      queue.remove(slot);
      triggers.add(slot);
    }
    this.markets.mark(instrument, Attention.STOPS, triggers.countOf(instrument) > 0);
    this.markets.setState(instrument, State.AUCTION_CALL);
    this.markets.startTimer(instrument, auctionUs);
    this.breakers.forget(instrument);
    if (isBreaker) this.emitter.alert(AlertKind.CIRCUIT_BREAKER, Null.UINT32, instrument, Limit.COUNT, 0);
    this.emitter.stateChanged(instrument, State.AUCTION_CALL, StateCause.VOLATILITY);
  }
}

import type { StateReader, StateWriter } from "../../step.js";
import { MarketState } from "../../wire/flyweights.js";
import { NULL_INT64, NULL_UINT8 } from "../../wire/numbers.js";

/** How an instrument trades, as a saved state has it. */
export interface SavedMarketState {
  /** A value of TradingState, or NULL_UINT8 when none was told. */
  readonly state: number;
  /** A value of StateReason, or NULL_UINT8. */
  readonly reason: number;
  /** Ticks, or NULL_INT64; and lots. */
  readonly price: number;
  readonly qty: number;
}

/** Trading state and auction indication of every instrument. One thread; nothing is allocated after construction. */
export class MarketStates {
  private readonly states: Uint8Array;
  private readonly reasons: Uint8Array;
  /** By instrument: the indicative price and quantity. */
  private readonly indications: Float64Array;

  constructor(instruments: number) {
    this.states = new Uint8Array(instruments).fill(NULL_UINT8);
    this.reasons = new Uint8Array(instruments).fill(NULL_UINT8);
    this.indications = new Float64Array(2 * instruments);
    for (let instrument = 0; instrument < instruments; instrument++) this.indications[2 * instrument] = NULL_INT64;
  }

  /** What was indicated before holds no longer. */
  change(instrument: number, state: number, reason: number): void {
    this.states[instrument] = state;
    this.reasons[instrument] = reason;
    this.indicate(instrument, NULL_INT64, 0);
  }

  indicate(instrument: number, price: number, qty: number): void {
    this.indications[2 * instrument] = price;
    this.indications[2 * instrument + 1] = qty;
  }

  /** A value of TradingState; NULL_UINT8 when none was told. */
  stateOf(instrument: number): number {
    return this.states[instrument];
  }

  write(instrument: number, seq: number, time: number, words: Int32Array, at: number): void {
    MarketState.init(words, at, seq, time);
    MarketState.setEngineSeq(words, at, seq);
    MarketState.setIndicativePrice(words, at, this.indications[2 * instrument]);
    MarketState.setIndicativeQty(words, at, this.indications[2 * instrument + 1]);
    MarketState.setInstrument(words, at, instrument);
    MarketState.setState(words, at, this.states[instrument]);
    MarketState.setReason(words, at, this.reasons[instrument]);
  }

  save(instrument: number, out: StateWriter): void {
    saveMarketState(out, {
      state: this.states[instrument],
      reason: this.reasons[instrument],
      price: this.indications[2 * instrument],
      qty: this.indications[2 * instrument + 1],
    });
  }

  load(instrument: number, input: StateReader): void {
    this.states[instrument] = input.uint8();
    this.reasons[instrument] = input.uint8();
    this.indicate(instrument, input.int64(), input.int64());
  }
}

export function saveMarketState(out: StateWriter, saved: SavedMarketState): void {
  out.uint8(saved.state);
  out.uint8(saved.reason);
  out.int64(saved.price);
  out.int64(saved.qty);
}

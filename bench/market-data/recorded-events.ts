import { TradingCore } from "../../engine/core/core.js";
import { type GateReader, type SingleProducer, SpscRing } from "../../engine/ring/index.js";
import { OrdType, TimeInForce } from "../../engine/wire/generated/enums.js";
import { writeCancel, writeNewOrder } from "../flows/flow-records.js";
import { SET_UP_COMMANDS, setUpCore } from "../flows/set-up-records.js";
import { Draws } from "../types/draws.js";

const RESTING = 1_000;
const MID = 100_000;
const SPREAD = 100;

/** What a core has told of a market with some 1,000 resting orders: adds and cancels, and every tenth order takes. */
export interface RecordedEvents {
  readonly words: Int32Array;
  /** Word offset of each event. */
  readonly offsets: Int32Array;
  readonly commands: number;
  /** Best first, price and quantity of each level of the book at the end, bids and then asks. */
  readonly levels: readonly (readonly [price: number, qty: number])[];
}

/** The same number gives the same events. */
export function recordEvents(commands: number): RecordedEvents {
  const tape = new Tape(commands);
  const core = new TradingCore({ ring: tape.producer, makeRoom: tape.drain }, { orders: 8 * RESTING, levels: 2 * RESTING, instruments: 1 });
  setUpCore(core);
  const draws = new Draws(4242);
  const record = new Int32Array(64);
  const live: number[] = [];
  for (let nth = 1; nth <= commands; nth++) {
    const seq = SET_UP_COMMANDS + nth;
    const turn = draws.below(100);
    if (turn < 45 && live.length > RESTING / 2) {
      const index = draws.below(live.length);
      writeCancel(record, 0, seq, live[index]);
      live[index] = live[live.length - 1];
      live.pop();
    } else {
      const side = draws.below(2);
      const takes = turn >= 90;
      const distance = takes ? -draws.below(3) : 1 + Math.min(draws.below(SPREAD), draws.below(SPREAD));
      const price = side === 0 ? MID - distance : MID + distance;
      const tif = takes ? TimeInForce.ioc : TimeInForce.gtc;
      writeNewOrder(record, 0, seq, { id: nth, side, ordType: OrdType.limit, tif, price, qty: 1 + draws.below(100) });
      if (!takes) live.push(nth);
    }
    core.apply(record, 0);
    tape.drain();
  }
  return { ...tape.taken(), commands, levels: [...levelsOf(core, 0), ...levelsOf(core, 1)] };
}

function levelsOf(core: TradingCore, side: number): [number, number][] {
  const { levels } = core.book;
  const rows: [number, number][] = [];
  for (let level = levels.first(side); level !== 0; level = levels.next(level))
    rows.push([Math.abs(levels.keyOf(level)), levels.totalOf(level)]);
  return rows;
}

/** Keeps what a core writes. */
class Tape {
  readonly producer: SingleProducer;
  readonly #reader: GateReader;
  #words: Int32Array;
  readonly #offsets: number[] = [];
  #used = 0;

  constructor(commands: number) {
    const ring = SpscRing.create({ capacityBytes: 1 << 18, shared: false });
    this.producer = ring.producer();
    this.#reader = ring.gate();
    this.#words = new Int32Array(64 * (commands + 16));
  }

  readonly drain = (): void => {
    this.producer.publish();
    this.#reader.poll((words, at, lengthBytes) => {
      const length = lengthBytes >> 2;
      if (this.#used + length > this.#words.length) this.#grow();
      this.#words.set(words.subarray(at, at + length), this.#used);
      this.#offsets.push(this.#used);
      this.#used += length;
    }, 1 << 20);
  };

  taken(): { words: Int32Array; offsets: Int32Array } {
    return { words: this.#words.subarray(0, this.#used), offsets: Int32Array.from(this.#offsets) };
  }

  #grow(): void {
    const larger = new Int32Array(2 * this.#words.length);
    larger.set(this.#words);
    this.#words = larger;
  }
}

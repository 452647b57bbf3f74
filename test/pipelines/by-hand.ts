import { NIL } from "../../engine/flat/level-tree.js";
import { NO_SLOT } from "../../engine/flat/slot-index.js";
import { MarketData } from "../../engine/pipelines/market-data/market-data.js";
import type { BookCapacities } from "../../engine/pipelines/market-data/visible-books.js";
import { type RecordHandler, SpscRing } from "../../engine/ring/index.js";
import {
  Header,
  InstrumentState,
  OrderAccepted,
  OrderAcceptedFull,
  OrderCanceled,
  OrderReduced,
  OrderReplaced,
  OrderShown,
  OrderTriggered,
  SetTime,
  Trade,
} from "../../engine/wire/flyweights.js";
import { OrdType, Side, TimeInForce, TradingState } from "../../engine/wire/generated/enums.js";
import { NULL_INT64, NULL_UINT8 } from "../../engine/wire/numbers.js";

interface Flyweight {
  readonly RECORD_BYTES: number;
  init(words: Int32Array, at: number, seq: number, time: number): void;
}

type SideName = keyof typeof Side;

/** One event of a command, without its seq. */
export type HandEvent = (words: Int32Array, seq: number) => void;

function event(flyweight: Flyweight, fill: (words: Int32Array) => void): HandEvent {
  return (words, seq) => {
    flyweight.init(words, 0, seq, 1000 + seq);
    fill(words);
  };
}

export interface Placed {
  readonly side?: SideName;
  readonly price?: number;
  readonly qty?: number;
  readonly type?: keyof typeof OrdType;
  readonly tif?: keyof typeof TimeInForce;
  readonly instrument?: number;
}

/** The short answer: what is left of a gtc limit order rests without a further word. */
export function accepted(orderId: number, { side = "buy", price = 10, qty = 5, type = "limit", tif = "gtc", instrument = 0 }: Placed = {}) {
  return event(OrderAccepted, (words) => {
    OrderAccepted.setOrderId(words, 0, orderId);
    OrderAccepted.setPrice(words, 0, type === "market" ? NULL_INT64 : price);
    OrderAccepted.setQty(words, 0, qty);
    OrderAccepted.setInstrument(words, 0, instrument);
    OrderAccepted.setSide(words, 0, Side[side]);
    OrderAccepted.setOrdType(words, 0, OrdType[type]);
    OrderAccepted.setTif(words, 0, TimeInForce[tif]);
  });
}

export function acceptedFull(orderId: number): HandEvent {
  return event(OrderAcceptedFull, (words) => OrderAcceptedFull.setOrderId(words, 0, orderId));
}

export function shown(orderId: number, side: SideName, price: number, qty: number): HandEvent {
  return event(OrderShown, (words) => {
    OrderShown.setOrderId(words, 0, orderId);
    OrderShown.setPrice(words, 0, price);
    OrderShown.setQty(words, 0, qty);
    OrderShown.setSide(words, 0, Side[side]);
  });
}

/** `aggressor` null: an uncross. */
export function traded(
  makerId: number,
  takerId: number,
  qty: number,
  aggressor: SideName | null = "buy",
  price = 0,
  openInterest = NULL_INT64,
): HandEvent {
  return event(Trade, (words) => {
    Trade.setPrice(words, 0, price);
    Trade.setMakerOrderId(words, 0, makerId);
    Trade.setTakerOrderId(words, 0, takerId);
    Trade.setQty(words, 0, qty);
    Trade.setOpenInterest(words, 0, openInterest);
    Trade.setAggressor(words, 0, aggressor === null ? NULL_UINT8 : Side[aggressor]);
  });
}

export function canceled(orderId: number): HandEvent {
  return event(OrderCanceled, (words) => OrderCanceled.setOrderId(words, 0, orderId));
}

export function reduced(orderId: number, leaves: number): HandEvent {
  return event(OrderReduced, (words) => {
    OrderReduced.setOrderId(words, 0, orderId);
    OrderReduced.setLeavesQty(words, 0, leaves);
  });
}

export function replaced(orderId: number, to: { price: number; leaves: number; kept?: boolean; displayQty?: number }): HandEvent {
  return event(OrderReplaced, (words) => {
    OrderReplaced.setOrderId(words, 0, orderId);
    OrderReplaced.setPrice(words, 0, to.price);
    OrderReplaced.setLeavesQty(words, 0, to.leaves);
    OrderReplaced.setDisplayQty(words, 0, to.displayQty ?? NULL_INT64);
    OrderReplaced.setKeptPriority(words, 0, to.kept === true ? 1 : 0);
  });
}

export function triggered(orderId: number): HandEvent {
  return event(OrderTriggered, (words) => OrderTriggered.setOrderId(words, 0, orderId));
}

export function stateChanged(state: keyof typeof TradingState, instrument = 0): HandEvent {
  return event(InstrumentState, (words) => {
    InstrumentState.setInstrument(words, 0, instrument);
    InstrumentState.setState(words, 0, TradingState[state]);
  });
}

/** Market data that is told its events one command after the other. */
export class HandFed {
  readonly step: MarketData;
  readonly told: Int32Array[] = [];
  /** The time of the events; undefined: it goes with their seq. */
  timeUs: number | undefined;
  private readonly words = new Int32Array(64);
  private readonly drain: () => void;

  constructor(
    capacities: BookCapacities,
    private seq = 0,
  ) {
    const ring = SpscRing.create({ capacityBytes: 4096, shared: false });
    const producer = ring.producer();
    const reader = ring.gate();
    const keep: RecordHandler = (words, at, lengthBytes) => this.told.push(words.slice(at, at + lengthBytes / 4));
    this.drain = () => {
      producer.publish();
      reader.poll(keep, 1 << 20);
    };
    this.step = new MarketData({ ring: producer, makeRoom: this.drain }, capacities);
  }

  /** All events of the next command. */
  command(...events: HandEvent[]): void {
    this.seq++;
    this.part(...events.slice(0, -1));
    this.end(events[events.length - 1]);
  }

  /** Events of the command that is being told, which has more. */
  part(...events: HandEvent[]): void {
    for (const write of events) this.one(write, 0);
  }

  /** The last event of the command. */
  end(write: HandEvent): void {
    this.one(write, Header.FLAG_LAST_OF_BATCH);
  }

  /** Tells the time, which is no event. */
  tellTime(atUs: number): void {
    this.words.fill(0);
    SetTime.init(this.words, 0, 0, 0);
    SetTime.setAt(this.words, 0, atUs);
    this.step.apply(this.words, 0);
    this.drain();
  }

  /** Leaves a command out. */
  lose(): void {
    this.seq++;
  }

  /** `price quantity id id …` of each level, best first. */
  rows(side: SideName, instrument = 0): string[] {
    const { books } = this.step;
    const rows: string[] = [];
    for (let level = books.bestLevel(2 * instrument + Side[side]); level !== NIL; level = books.nextLevel(level)) {
      const ids: string[] = [];
      for (let slot = books.firstSlot(level); slot !== NO_SLOT; slot = books.nextSlot(slot))
        ids.push(`${books.orderIdOf(slot)}×${books.visibleOf(slot)}`);
      if (ids.length !== books.levelOrders(level)) throw new Error(`a level of ${books.levelOrders(level)} orders has ${ids.length}`);
      rows.push(`${books.levelPrice(level)} ${books.levelQty(level)}: ${ids.join(" ")}`);
    }
    return rows;
  }

  private one(write: HandEvent, flags: number): void {
    this.words.fill(0);
    write(this.words, this.seq);
    if (this.timeUs !== undefined) Header.setTime(this.words, 0, this.timeUs);
    Header.setFlags(this.words, 0, flags);
    this.step.apply(this.words, 0);
    this.drain();
  }
}

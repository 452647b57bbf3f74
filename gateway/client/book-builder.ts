import { BookChecksum } from "../../engine/wire/book-checksum.js";
import {
  BookSnapshot,
  ChannelHeartbeat,
  LevelUpdate,
  OrderAdded,
  OrderChanged,
  OrderRemoved,
  ResyncRequired,
} from "../../engine/wire/flyweights.js";
import { Channel } from "../../engine/wire/generated/enums.js";
import * as Header from "../../engine/wire/header.js";
import { BookSide } from "./book-side.js";

/** `loading`: the snapshot is not complete yet. `live`: the book is exact. `broken`: something was missing or wrong; only a new snapshot helps. */
export type BookStatus = "loading" | "live" | "broken";

/**
 * What a record did. `ignored`: it is not for this book. `partial`: more records belong to the same change. `updated`: the book is that of
 * `seq` now. `checked`: a checksum was right. `broken`: a hole, a wrong checksum, or an order that is not there; subscribe again.
 */
export type BookStep = "ignored" | "partial" | "updated" | "checked" | "broken";

export type BookChannel = "depth" | "book" | "orders";

/**
 * Rebuilds the book of one instrument from the records of the channel `depth`, `book` or `orders`, from any BookSnapshot
 * on, and notices every hole and every wrong checksum. Prices are ticks, quantities lots. One thread; needs no session:
 * any records in the order of their socket will do.
 */
export class BookBuilder {
  readonly bids = new BookSide(0);
  readonly asks = new BookSide(1);
  status: BookStatus = "loading";
  /** Of the newest record of the channel. */
  seq = 0;
  /** The engine's command that the book is the state behind; for `orders`, or between the records of one change, is about to be. */
  engineSeq = 0;
  /** Of the newest record, microseconds since the epoch. */
  timeUs = 0;
  /** Why it broke last. */
  fault = "";
  readonly #channel: number;
  readonly #sum = new BookChecksum();
  /** Records of the running part of a snapshot that are still to come; whether it is the last part, and its checksum. */
  #due = 0;
  #isLastPart = false;
  #checksum = 0;
  #hasBegun = false;

  constructor(
    readonly instrument: number,
    channel: BookChannel,
  ) {
    this.#channel = Channel[channel];
  }

  /** Takes the record at word `at`. */
  take(words: Int32Array, at: number): BookStep {
    switch (Header.templateId(words, at)) {
      case BookSnapshot.TEMPLATE_ID:
        return this.#isMine(BookSnapshot.instrument(words, at), BookSnapshot.channel(words, at)) ? this.#part(words, at) : "ignored";
      case LevelUpdate.TEMPLATE_ID:
        return this.#isMine(LevelUpdate.instrument(words, at), LevelUpdate.channel(words, at)) ? this.#change(words, at) : "ignored";
      case OrderAdded.TEMPLATE_ID:
        return this.#isMine(OrderAdded.instrument(words, at), Channel.orders) ? this.#change(words, at) : "ignored";
      case OrderChanged.TEMPLATE_ID:
        return this.#isMine(OrderChanged.instrument(words, at), Channel.orders) ? this.#change(words, at) : "ignored";
      case OrderRemoved.TEMPLATE_ID:
        return this.#isMine(OrderRemoved.instrument(words, at), Channel.orders) ? this.#change(words, at) : "ignored";
      case ChannelHeartbeat.TEMPLATE_ID:
        return this.#isMine(ChannelHeartbeat.instrument(words, at), ChannelHeartbeat.channel(words, at))
          ? this.#beat(words, at)
          : "ignored";
      case ResyncRequired.TEMPLATE_ID:
        return this.#isMine(ResyncRequired.instrument(words, at), ResyncRequired.channel(words, at)) ? this.#reload() : "ignored";
      default:
        return "ignored";
    }
  }

  /** CRC32C of the first levels, as the gateway makes it. */
  checksum(): number {
    this.#sum.start();
    for (const [side, { levels }] of [this.bids, this.asks].entries()) {
      for (const { price, qty } of levels) if (!this.#sum.add(side, price, qty)) break;
    }
    return this.#sum.value();
  }

  /** Waits for a new snapshot. */
  reset(): void {
    this.status = "loading";
    this.#hasBegun = false;
    this.#due = 0;
  }

  #isMine(instrument: number, channel: number): boolean {
    return instrument === this.instrument && channel === this.#channel;
  }

  #reload(): BookStep {
    if (this.status === "broken") return "ignored";
    this.reset();
    return "partial";
  }

  /** The next part of a snapshot. One that does not begin anew is of use to a book that is right only. */
  #part(words: Int32Array, at: number): BookStep {
    const isReset = BookSnapshot.reset(words, at) === 1;
    if (this.#due > 0) return this.#break(`${this.#due} records of a snapshot are missing`);
    if (isReset) {
      this.bids.clear();
      this.asks.clear();
      this.#hasBegun = true;
    } else if (!this.#hasBegun || this.status === "broken") return "ignored";
    this.status = "loading";
    this.#note(words, at, BookSnapshot.engineSeq(words, at));
    this.#due = BookSnapshot.count(words, at);
    this.#isLastPart = BookSnapshot.complete(words, at) === 1;
    this.#checksum = BookSnapshot.checksum(words, at);
    return this.#due === 0 ? this.#endPart() : "partial";
  }

  #change(words: Int32Array, at: number): BookStep {
    if (this.status === "broken" || !this.#hasBegun) return "ignored";
    const isState = (Header.flags(words, at) & Header.FLAG_STATE) !== 0;
    if (!isState && this.status !== "live") return this.#break("a change came before the snapshot was complete");
    if (!isState && this.#due > 0) return this.#break(`${this.#due} records of a snapshot are missing`);
    const seq = Header.seq(words, at);
    if (!isState && seq !== this.seq + 1) return this.#break(`the next seq must be ${this.seq + 1}, was ${seq}`);
    if (!this.#apply(words, at)) return this.#break(`an order is missing, or there already, at seq ${seq}`);
    if (this.#due > 0) return --this.#due === 0 ? this.#endPart() : "partial";
    if (this.status !== "live") return "partial";
    if (this.#channel === Channel.orders) return "updated";
    return (Header.flags(words, at) & Header.FLAG_LAST_OF_BATCH) === 0 ? "partial" : "updated";
  }

  #endPart(): BookStep {
    if (!this.#isLastPart) return "partial";
    const checksum = this.checksum();
    if (checksum !== this.#checksum) return this.#break(`the checksum must be ${this.#checksum}, was ${checksum}`);
    this.status = "live";
    return "updated";
  }

  #beat(words: Int32Array, at: number): BookStep {
    if (this.status !== "live") return "ignored";
    const seq = Header.seq(words, at);
    if (seq !== this.seq) return this.#break(`seq must be ${seq} by now, was ${this.seq}`);
    const checksum = this.checksum();
    const expected = ChannelHeartbeat.checksum(words, at);
    return checksum === expected ? "checked" : this.#break(`the checksum must be ${expected}, was ${checksum}`);
  }

  #apply(words: Int32Array, at: number): boolean {
    switch (Header.templateId(words, at)) {
      case LevelUpdate.TEMPLATE_ID:
        this.#note(words, at, LevelUpdate.engineSeq(words, at));
        this.#sideOf(LevelUpdate.side(words, at)).set(
          LevelUpdate.price(words, at),
          LevelUpdate.qty(words, at),
          LevelUpdate.orders(words, at),
        );
        return true;
      case OrderAdded.TEMPLATE_ID:
        this.#note(words, at, OrderAdded.engineSeq(words, at));
        return this.#sideOf(OrderAdded.side(words, at)).add(
          OrderAdded.price(words, at),
          OrderAdded.orderId(words, at),
          OrderAdded.qty(words, at),
        );
      case OrderChanged.TEMPLATE_ID:
        this.#note(words, at, OrderChanged.engineSeq(words, at));
        return this.#sideOf(OrderChanged.side(words, at)).change(
          OrderChanged.price(words, at),
          OrderChanged.orderId(words, at),
          OrderChanged.qty(words, at),
        );
      default:
        this.#note(words, at, OrderRemoved.engineSeq(words, at));
        return this.#sideOf(OrderRemoved.side(words, at)).change(OrderRemoved.price(words, at), OrderRemoved.orderId(words, at), 0);
    }
  }

  #sideOf(side: number): BookSide {
    return side === 0 ? this.bids : this.asks;
  }

  #note(words: Int32Array, at: number, engineSeq: number): void {
    this.seq = Header.seq(words, at);
    this.engineSeq = engineSeq;
    this.timeUs = Header.time(words, at);
  }

  #break(fault: string): BookStep {
    this.fault = fault;
    this.status = "broken";
    this.#due = 0;
    return "broken";
  }
}

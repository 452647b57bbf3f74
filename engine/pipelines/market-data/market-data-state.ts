import type { StateReader, StateWriter } from "../../step.js";
import { NULL_INT64 } from "../../wire/numbers.js";

/** The saved form of the market-data books: what another book can be made into a start of, too. */
export const STATE_VERSION = 4;

/** One resting order of a book side. */
export interface SavedOrder {
  readonly orderId: number;
  /** Ticks. */
  readonly price: number;
  /** Lots that others see. */
  readonly visible: number;
}

/** Best bid and offer: prices in ticks, NULL_INT64 with quantity 0 for a side that is empty. */
export interface SavedTop {
  readonly bidPrice: number;
  readonly bidQty: number;
  readonly askPrice: number;
  readonly askQty: number;
}

/** Of an instrument that nobody has been told anything of. */
export const NOTHING_TOLD: SavedTop = { bidPrice: NULL_INT64, bidQty: 0, askPrice: NULL_INT64, askQty: 0 };

/** Sequence and time of the last command, whether events of it are to come, since when trades are counted (µs); how many instruments follow. */
export interface SavedHead {
  readonly seq: number;
  readonly time: number;
  readonly isOpen: boolean;
  readonly since: number;
  readonly instruments: number;
}

export function saveHead(out: StateWriter, head: SavedHead): void {
  out.uint32(STATE_VERSION);
  out.int64(head.seq);
  out.int64(head.time);
  out.uint8(head.isOpen ? 1 : 0);
  out.int64(head.since);
  out.uint32(head.instruments);
}

/** Throws RangeError on another version. */
export function loadHead(input: StateReader): SavedHead {
  const version = input.uint32();
  if (version !== STATE_VERSION) throw new RangeError(`state version must be ${STATE_VERSION}, was ${version}`);
  return { seq: input.int64(), time: input.int64(), isOpen: input.uint8() === 1, since: input.int64(), instruments: input.uint32() };
}

/** `seq`: of the instrument's last market-data record. */
export function saveTop(out: StateWriter, seq: number, top: SavedTop): void {
  out.int64(seq);
  out.int64(top.bidPrice);
  out.int64(top.bidQty);
  out.int64(top.askPrice);
  out.int64(top.askQty);
}

/** The next order of a book side, best first and then oldest first. */
export function saveOrder(out: StateWriter, order: SavedOrder): void {
  out.uint8(1);
  out.int64(order.orderId);
  out.int64(order.price);
  out.int64(order.visible);
}

export function saveSideEnd(out: StateWriter): void {
  out.uint8(0);
}

/** Whether an order follows, rather than the end of its book side. */
export function hasOrder(input: StateReader): boolean {
  return input.uint8() === 1;
}

/** The end of a state that was saved between two commands: no order is on its way, no instrument is touched. */
export function saveBetweenCommands(out: StateWriter): void {
  out.int64(0);
  out.uint32(0);
}

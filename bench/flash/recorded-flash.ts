import { Cancel, NewOrder } from "../../engine/wire/flyweights.js";
import { OrdType, TimeInForce } from "../../engine/wire/generated/enums.js";
import { FLASH_MODIFY, FLASH_NEW, type FlashFlow } from "../flows/flash.js";
import { writeCancel, writeNewOrder } from "../flows/flow-records.js";

/** Words of the two records that the flow needs. */
export const NEW_WORDS = NewOrder.RECORD_BYTES / 4;
export const CANCEL_WORDS = Cancel.RECORD_BYTES / 4;

/** Messages of the benchmark as command records, one behind the other: a new order, a cancel, or for a modify both. */
export interface RecordedFlash {
  readonly count: number;
  readonly types: Uint8Array;
  readonly words: Int32Array;
}

/**
 * Writes the first `count` messages as records. Each carries its message's number, from 1, as clientSeq, so that a reader
 * of the answers knows what they answer. The seq is left to whoever feeds them, as a shard stamps it: it depends on which
 * modifies are refused.
 */
export function recordFlash(flow: FlashFlow, count: number): RecordedFlash {
  const types = flow.types.slice(0, count);
  let wordCount = 0;
  for (const type of types)
    wordCount += (type === FLASH_NEW ? 0 : CANCEL_WORDS) + (type === FLASH_NEW || type === FLASH_MODIFY ? NEW_WORDS : 0);
  const words = new Int32Array(wordCount);
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (types[i] !== FLASH_NEW) {
      // The benchmark may count ids from 0, client ids count from 1.
      writeCancel(words, at, 0, flow.ids[i] + 1);
      Cancel.setClientSeq(words, at, i + 1);
      at += CANCEL_WORDS;
    }
    if (types[i] !== FLASH_NEW && types[i] !== FLASH_MODIFY) continue;
    const tif = flow.iocs[i] === 1 ? TimeInForce.ioc : TimeInForce.gtc;
    const order = { id: flow.ids[i] + 1, side: flow.sides[i], ordType: OrdType.limit, tif, price: flow.prices[i], qty: flow.quantities[i] };
    writeNewOrder(words, at, 0, order);
    NewOrder.setClientSeq(words, at, i + 1);
    at += NEW_WORDS;
  }
  return { count, types, words };
}

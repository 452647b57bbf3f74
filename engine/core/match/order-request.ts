import { Word as NewOrderWord } from "../../wire/generated/new-order.js";
import * as NewOrderFull from "../../wire/generated/new-order-full.js";
import * as Numbers from "../../wire/numbers.js";
import { Null } from "./order-types.js";

/** Places in a request's numbers; a field that is not given is the wire's null. */
export const enum Ask {
  PRICE = 0,
  QTY = 1,
  STOP = 2,
  TRAIL = 3,
  TRAIL_BPS = 4,
  DISPLAY = 5,
  MIN_QTY = 6,
  MONEY = 7,
  EXPIRE = 8,
  OCO = 9,
  COUNT = 10,
}

/**
 * A new order as either of its records brings it: NewOrder, or NewOrderFull with what few orders need. One object, filled again for
 * each command. Shard thread only.
 */
export class OrderRequest {
  readonly numbers = new Float64Array(Ask.COUNT);
  account = 0;
  instrument = 0;
  side = 0;
  ordType = 0;
  tif = 0;
  /** 255: the account's. */
  selfTradeMode = 0;
  flags = 0;
  session = 0;
  clOrdIdLow = 0;
  clOrdIdHigh = 0;
  /** The record has room for more than plain orders have. */
  isFull = false;

  read(words: Int32Array, at: number, isFull: boolean): void {
    const { numbers } = this;
    // Both records end in the same words, at different places.
    const tail = at + (isFull ? NewOrderFull.Word.account : NewOrderWord.account) - NewOrderWord.account;
    const kind = words[tail + NewOrderWord.side];
    this.isFull = isFull;
    this.account = words[tail + NewOrderWord.account] >>> 0;
    this.session = words[tail + NewOrderWord.session];
    this.instrument = words[tail + NewOrderWord.instrument] >>> 0;
    this.flags = words[tail + NewOrderWord.flags] & 0xffff;
    this.side = kind & 0xff;
    this.ordType = (kind >>> 8) & 0xff;
    this.tif = (kind >>> 16) & 0xff;
    this.selfTradeMode = kind >>> 24;
    this.clOrdIdLow = words[at + NewOrderWord.clOrdId];
    this.clOrdIdHigh = words[at + NewOrderWord.clOrdId + 1];
    numbers[Ask.PRICE] = Numbers.readInt64(words, at + NewOrderWord.price);
    numbers[Ask.QTY] = Numbers.readInt64(words, at + NewOrderWord.qty);
    for (let ask: number = Ask.STOP; ask < Ask.COUNT; ask++) {
      numbers[ask] = isFull ? Numbers.readInt64(words, at + NewOrderFull.Word.stopPrice + 2 * (ask - Ask.STOP)) : Null.INT64;
    }
  }

  /** Writes what makes two orders the same (docs/RISK.md). */
  liken(likeness: Float64Array): void {
    const { numbers } = this;
    likeness[0] = this.instrument;
    likeness[1] = this.side | (this.ordType << 8) | (this.tif << 16);
    likeness[2] = numbers[Ask.PRICE];
    likeness[3] = numbers[Ask.QTY];
    likeness[4] = numbers[Ask.STOP];
    likeness[5] = numbers[Ask.TRAIL];
    likeness[6] = numbers[Ask.TRAIL_BPS];
    likeness[7] = numbers[Ask.MONEY];
    likeness[8] = 0;
  }

  has(ask: Ask): boolean {
    return this.numbers[ask] !== Null.INT64;
  }
}

import { NIL } from "../../flat/level-tree.js";
import type { StateReader, StateWriter } from "../../step.js";
import { TopOfBook, Trade, TradePrint } from "../../wire/flyweights.js";
import { NULL_INT64 } from "../../wire/numbers.js";
import { saveTop } from "./market-data-state.js";
import type { RecordOutput } from "./record-output.js";
import type { VisibleBooks } from "./visible-books.js";

const TOP_DOUBLES = 5;
const SEQ = 0;
const BID_PRICE = 1;
const BID_QTY = 2;
const ASK_PRICE = 3;
const ASK_QTY = 4;

/**
 * What the public is told: the best bid and offer of an instrument when they have changed, and every trade. Both count
 * one sequence an instrument. One thread; nothing is allocated after construction.
 */
export class Tops {
  /** Sequence and last told top of every instrument. */
  private readonly told: Float64Array;

  constructor(
    private readonly books: VisibleBooks,
    private readonly output: RecordOutput,
    instruments: number,
  ) {
    this.told = new Float64Array(TOP_DOUBLES * instruments);
    for (let instrument = 0; instrument < instruments; instrument++) {
      this.told[instrument * TOP_DOUBLES + BID_PRICE] = NULL_INT64;
      this.told[instrument * TOP_DOUBLES + ASK_PRICE] = NULL_INT64;
    }
  }

  /** Tells the top of an instrument if it is another one than was told last. */
  update(instrument: number, time: number): void {
    const told = this.told;
    const base = instrument * TOP_DOUBLES;
    const bid = this.books.bestLevel(2 * instrument);
    const ask = this.books.bestLevel(2 * instrument + 1);
    const bidPrice = bid === NIL ? NULL_INT64 : this.books.levelPrice(bid);
    const bidQty = bid === NIL ? 0 : this.books.levelQty(bid);
    const askPrice = ask === NIL ? NULL_INT64 : this.books.levelPrice(ask);
    const askQty = ask === NIL ? 0 : this.books.levelQty(ask);
    if (bidPrice === told[base + BID_PRICE] && bidQty === told[base + BID_QTY]) {
      if (askPrice === told[base + ASK_PRICE] && askQty === told[base + ASK_QTY]) return;
    }
    told[base + SEQ] += 1;
    told[base + BID_PRICE] = bidPrice;
    told[base + BID_QTY] = bidQty;
    told[base + ASK_PRICE] = askPrice;
    told[base + ASK_QTY] = askQty;
    const at = this.output.claim(TopOfBook.RECORD_BYTES);
    this.write(instrument, time, this.output.words, at);
    this.output.commit();
  }

  /** Tells a trade to the public. */
  print(words: Int32Array, at: number, time: number): void {
    const to = this.output.claim(TradePrint.RECORD_BYTES);
    const out = this.output.words;
    const instrument = Trade.instrument(words, at);
    this.told[instrument * TOP_DOUBLES + SEQ] += 1;
    TradePrint.init(out, to, this.told[instrument * TOP_DOUBLES + SEQ], time);
    TradePrint.setTradeId(out, to, Trade.tradeId(words, at));
    TradePrint.setPrice(out, to, Trade.price(words, at));
    TradePrint.setQty(out, to, Trade.qty(words, at));
    TradePrint.setInstrument(out, to, instrument);
    TradePrint.setAggressor(out, to, Trade.aggressor(words, at));
    this.output.commit();
  }

  /** Writes a TopOfBook of what was told last, under the instrument's sequence. */
  write(instrument: number, time: number, words: Int32Array, at: number): void {
    const told = this.told;
    const base = instrument * TOP_DOUBLES;
    TopOfBook.init(words, at, told[base + SEQ], time);
    TopOfBook.setBidPrice(words, at, told[base + BID_PRICE]);
    TopOfBook.setBidQty(words, at, told[base + BID_QTY]);
    TopOfBook.setAskPrice(words, at, told[base + ASK_PRICE]);
    TopOfBook.setAskQty(words, at, told[base + ASK_QTY]);
    TopOfBook.setInstrument(words, at, instrument);
  }

  save(instrument: number, out: StateWriter): void {
    const told = this.told;
    const base = instrument * TOP_DOUBLES;
    saveTop(out, told[base + SEQ], {
      bidPrice: told[base + BID_PRICE],
      bidQty: told[base + BID_QTY],
      askPrice: told[base + ASK_PRICE],
      askQty: told[base + ASK_QTY],
    });
  }

  load(instrument: number, input: StateReader): void {
    for (let field = 0; field < TOP_DOUBLES; field++) this.told[instrument * TOP_DOUBLES + field] = input.int64();
  }
}

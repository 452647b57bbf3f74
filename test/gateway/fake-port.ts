import type { InstrumentInfo } from "../../engine/edge/catalog.js";
import type { AccountStatement } from "../../engine/edge/statement.js";
import {
  AuctionIndication,
  CODES,
  Header,
  InstrumentState,
  NewOrder,
  NewOrderFull,
  NULL_INT64,
  OrderAccepted,
  OrderAcceptedFull,
  OrderCanceled,
  OrderRejected,
  OrderShown,
  OrderTriggered,
  TopOfBook,
  Trade,
  TradePrint,
  TradingState,
} from "../../engine/wire/index.js";
import type { EnginePort, MarketDataView, PortHost, RecoveredSessions } from "../../gateway/engine-port.js";

/** What the fake engine says to one command: whole event records, in order. The last gets the last-of-batch flag. */
export type Responder = (words: Int32Array) => Int32Array[];

export const INSTRUMENT: InstrumentInfo = {
  id: 1,
  symbol: "BTC-USD",
  base: "BTC",
  quote: "USD",
  tick: { mantissa: 1, exponent: -2 },
  lot: { mantissa: 1, exponent: -4 },
  atom: { mantissa: 1, exponent: -6 },
  minQty: 1,
  maxQty: 1_000_000,
  minPrice: 1,
  maxPrice: 1_000_000_000,
};

const RING_WORDS = 1 << 16;

/** An engine in the same thread: it records what enters the ring and answers as told, when told. */
export class FakeEngine implements PortHost, EnginePort {
  readonly words = new Int32Array(RING_WORDS);
  readonly shards = 1;
  readonly shardInHand = 0;
  readonly instruments: readonly InstrumentInfo[] = [INSTRUMENT, { ...INSTRUMENT, id: 2, symbol: "ETH-USD", base: "ETH" }];
  /** Commands that were published, as copies. */
  readonly commands: Int32Array[] = [];
  /** How the engine answers; replace it to hold answers back. */
  respond: Responder = (words) => (Header.templateId(words, 0) === NewOrder.TEMPLATE_ID ? [accepted(words)] : []);
  /** What instruments other than open ones are, by id. */
  readonly states = new Map<number, number>();
  /** False: claims fail as on a full ring. */
  hasRoom = true;
  /** What claims that fail, and sessions that cannot be opened, are refused with. */
  refusal: number = CODES.ENGINE_BUSY;
  /** What an account has; replace it to hold the answer back. */
  tellStatement: (account: number) => Promise<AccountStatement> = async () => ({ seq: 0, balances: [], positions: [] });
  recovered: RecoveredSessions | undefined;
  openOrders: Int32Array = new Int32Array(0);
  /** False: sessions cannot be noted down. */
  canOpenSessions = true;
  /** Names under which sessions were opened. */
  readonly sessionNames: string[] = [];
  isClosed = false;
  /** False: the engine does not take the port in. */
  hasStarted = true;
  /** What reading throws. */
  pollError: Error | undefined;
  readonly #committed: Int32Array[] = [];
  readonly #events: Int32Array[] = [];
  #isStarted = false;
  #claim = 0;
  #claimWords = 0;
  #commandSeq = 0;
  #sessionIdNext = 1;
  #wake: () => void = () => {};
  #failure: Error | undefined;
  #onFailure: (error: Error) => void = () => {};

  openPort(): EnginePort {
    return this;
  }

  tryClaim(lengthBytes: number): number {
    if (!this.hasRoom) return -1;
    if (lengthBytes % 8 !== 0) throw new RangeError(`lengthBytes must be a multiple of 8, was ${lengthBytes}`);
    this.#claimWords = lengthBytes / 4;
    if (this.#claim + this.#claimWords > RING_WORDS) this.#claim = 0;
    this.words.fill(0x5a5a5a5a, this.#claim, this.#claim + this.#claimWords);
    return this.#claim;
  }

  commit(): void {
    const record = this.words.slice(this.#claim, this.#claim + this.#claimWords);
    record[0] = this.#claimWords * 4;
    this.#committed.push(record);
    this.#claim += this.#claimWords;
  }

  publish(): void {
    for (const record of this.#committed.splice(0)) {
      this.commands.push(record);
      this.emit(this.respond(record));
    }
  }

  /** The events of one command. */
  emit(events: Int32Array[]): void {
    this.#commandSeq += 1;
    for (const [index, event] of events.entries()) {
      Header.setSeq(event, 0, this.#commandSeq);
      Header.setFlags(event, 0, index === events.length - 1 ? Header.FLAG_LAST_OF_BATCH : 0);
      this.#events.push(event);
    }
    this.#wake();
  }

  /** Events of a command that has more to come. */
  emitPart(events: Int32Array[]): void {
    this.#events.push(...events);
    this.#wake();
  }

  poll(onRecord: (words: Int32Array, at: number, lengthBytes: number) => void, limit: number): number {
    if (this.pollError !== undefined) throw this.pollError;
    const batch = this.#events.splice(0, limit);
    for (const event of batch) onRecord(event, 0, event.length * 4);
    return batch.length;
  }

  sleepOn(): boolean {
    return this.#events.length === 0;
  }

  async whenReady(timeoutMs: number): Promise<void> {
    if (this.#failure !== undefined || this.isClosed) return;
    if (this.#events.length > 0 || !this.#isStarted) {
      this.#isStarted = true;
      return;
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  openSession(name: string): number {
    if (!this.canOpenSessions) return 0;
    this.sessionNames.push(name);
    return this.#sessionIdNext++;
  }

  takeOpenOrders(): Int32Array {
    return this.openOrders;
  }

  statement(account: number): Promise<AccountStatement> {
    return this.tellStatement(account);
  }

  accountId(name: string): number | undefined {
    return { alice: 1, bob: 2 }[name];
  }

  top(instrument: number, words: Int32Array, at: number): void {
    TopOfBook.init(words, at, 0, 1);
    TopOfBook.setBidPrice(words, at, 99);
    TopOfBook.setBidQty(words, at, 7);
    TopOfBook.setAskPrice(words, at, NULL_INT64);
    TopOfBook.setAskQty(words, at, 0);
    TopOfBook.setInstrument(words, at, instrument);
  }

  readonly isBetweenCommands = true;

  marketDataOf(): MarketDataView | undefined {
    return undefined;
  }

  shardOf(): number {
    return 0;
  }

  shardOfOrder(): number {
    return 0;
  }

  tellTime(): void {}

  tradingState(instrument: number): number {
    return this.states.get(instrument) ?? TradingState.open;
  }

  onFailure(callback: (error: Error) => void): void {
    this.#onFailure = callback;
    if (this.#failure !== undefined) callback(this.#failure);
  }

  fail(error: Error): void {
    this.#failure = error;
    this.#onFailure(error);
    this.#wake();
  }

  close(): void {
    this.isClosed = true;
    this.#wake();
  }
}

/** The answer to a NewOrder that is taken. */
export function accepted(order: Int32Array): Int32Array {
  const words = new Int32Array(OrderAccepted.RECORD_BYTES / 4);
  OrderAccepted.init(words, 0, 0, 1);
  OrderAccepted.setClientSeq(words, 0, NewOrder.clientSeq(order, 0));
  OrderAccepted.setClOrdId(words, 0, NewOrder.clOrdId(order, 0));
  OrderAccepted.setOrderId(words, 0, 1000 + NewOrder.clOrdId(order, 0));
  OrderAccepted.setPrice(words, 0, NewOrder.price(order, 0));
  OrderAccepted.setQty(words, 0, NewOrder.qty(order, 0));
  OrderAccepted.setAccount(words, 0, NewOrder.account(order, 0));
  OrderAccepted.setSession(words, 0, NewOrder.session(order, 0));
  OrderAccepted.setInstrument(words, 0, NewOrder.instrument(order, 0));
  return words;
}

/** The taker is the owner of `order`. */
export function trade(order: Int32Array, makerAccount: number, tradeId = 1): Int32Array {
  const words = new Int32Array(Trade.RECORD_BYTES / 4);
  Trade.init(words, 0, 0, 1);
  Trade.setTradeId(words, 0, tradeId);
  Trade.setPrice(words, 0, NewOrder.price(order, 0));
  Trade.setQty(words, 0, 2);
  Trade.setMakerClOrdId(words, 0, 77);
  Trade.setMakerOrderId(words, 0, 770);
  Trade.setMakerCumQty(words, 0, 2);
  Trade.setMakerLeavesQty(words, 0, 1);
  Trade.setTakerClOrdId(words, 0, NewOrder.clOrdId(order, 0));
  Trade.setTakerOrderId(words, 0, 1000 + NewOrder.clOrdId(order, 0));
  Trade.setTakerCumQty(words, 0, 2);
  Trade.setTakerLeavesQty(words, 0, 3);
  Trade.setMakerFee(words, 0, -4);
  Trade.setTakerFee(words, 0, 9);
  Trade.setMakerAccount(words, 0, makerAccount);
  Trade.setTakerAccount(words, 0, NewOrder.account(order, 0));
  Trade.setInstrument(words, 0, NewOrder.instrument(order, 0));
  Trade.setAggressor(words, 0, NewOrder.side(order, 0));
  Trade.setMakerSide(words, 0, 1 - NewOrder.side(order, 0));
  return words;
}

/** The answer to a NewOrder that is not taken. */
export function rejected(order: Int32Array): Int32Array {
  const words = new Int32Array(OrderRejected.RECORD_BYTES / 4);
  OrderRejected.init(words, 0, 0, 1);
  OrderRejected.setClientSeq(words, 0, NewOrder.clientSeq(order, 0));
  OrderRejected.setClOrdId(words, 0, NewOrder.clOrdId(order, 0));
  OrderRejected.setOrderId(words, 0, NULL_INT64);
  OrderRejected.setAccount(words, 0, NewOrder.account(order, 0));
  OrderRejected.setSession(words, 0, NewOrder.session(order, 0));
  OrderRejected.setCode(words, 0, CODES.DUPLICATE_CLORDID);
  OrderRejected.setRefTemplateId(words, 0, Header.templateId(order, 0));
  return words;
}

/** What is left of an order is canceled by its own command, as of an ioc. */
export function canceledInSession(order: Int32Array): Int32Array {
  const words = canceledByEngine(NewOrder.account(order, 0), NewOrder.clOrdId(order, 0));
  OrderCanceled.setClientSeq(words, 0, NewOrder.clientSeq(order, 0));
  OrderCanceled.setSession(words, 0, NewOrder.session(order, 0));
  return words;
}

/** A cancel that nobody asked for. */
export function canceledByEngine(account: number, clOrdId: number): Int32Array {
  const words = new Int32Array(OrderCanceled.RECORD_BYTES / 4);
  OrderCanceled.init(words, 0, 0, 1);
  OrderCanceled.setClientSeq(words, 0, 0);
  OrderCanceled.setClOrdId(words, 0, clOrdId);
  OrderCanceled.setOrderId(words, 0, 1);
  OrderCanceled.setQty(words, 0, 1);
  OrderCanceled.setCumQty(words, 0, 0);
  OrderCanceled.setAccount(words, 0, account);
  OrderCanceled.setSession(words, 0, 0);
  OrderCanceled.setInstrument(words, 0, 1);
  return words;
}

export function topOfBook(instrument: number, bidPrice: number): Int32Array {
  const words = new Int32Array(TopOfBook.RECORD_BYTES / 4);
  TopOfBook.init(words, 0, 0, 1);
  TopOfBook.setBidPrice(words, 0, bidPrice);
  TopOfBook.setBidQty(words, 0, 1);
  TopOfBook.setAskPrice(words, 0, NULL_INT64);
  TopOfBook.setAskQty(words, 0, 0);
  TopOfBook.setInstrument(words, 0, instrument);
  return words;
}

export function tradePrint(instrument: number, tradeId: number): Int32Array {
  const words = new Int32Array(TradePrint.RECORD_BYTES / 4);
  TradePrint.init(words, 0, 0, 1);
  TradePrint.setTradeId(words, 0, tradeId);
  TradePrint.setPrice(words, 0, 100);
  TradePrint.setQty(words, 0, 1);
  TradePrint.setInstrument(words, 0, instrument);
  return words;
}

/** The answer to a NewOrderFull that is taken: what it has is repeated. */
export function acceptedFull(order: Int32Array): Int32Array {
  const words = new Int32Array(OrderAcceptedFull.RECORD_BYTES / 4);
  OrderAcceptedFull.init(words, 0, 0, 1);
  OrderAcceptedFull.setClientSeq(words, 0, NewOrderFull.clientSeq(order, 0));
  OrderAcceptedFull.setClOrdId(words, 0, NewOrderFull.clOrdId(order, 0));
  OrderAcceptedFull.setOrderId(words, 0, 1000 + NewOrderFull.clOrdId(order, 0));
  OrderAcceptedFull.setPrice(words, 0, NewOrderFull.price(order, 0));
  OrderAcceptedFull.setQty(words, 0, NewOrderFull.qty(order, 0));
  OrderAcceptedFull.setStopPrice(words, 0, NewOrderFull.stopPrice(order, 0));
  OrderAcceptedFull.setTrail(words, 0, NewOrderFull.trail(order, 0));
  OrderAcceptedFull.setTrailBps(words, 0, NewOrderFull.trailBps(order, 0));
  OrderAcceptedFull.setDisplayQty(words, 0, NewOrderFull.displayQty(order, 0));
  OrderAcceptedFull.setMinQty(words, 0, NewOrderFull.minQty(order, 0));
  OrderAcceptedFull.setQuoteQty(words, 0, NewOrderFull.quoteQty(order, 0));
  OrderAcceptedFull.setExpireTime(words, 0, NewOrderFull.expireTime(order, 0));
  OrderAcceptedFull.setOco(words, 0, NewOrderFull.oco(order, 0));
  OrderAcceptedFull.setAccount(words, 0, NewOrderFull.account(order, 0));
  OrderAcceptedFull.setSession(words, 0, NewOrderFull.session(order, 0));
  OrderAcceptedFull.setInstrument(words, 0, NewOrderFull.instrument(order, 0));
  OrderAcceptedFull.setFlags(words, 0, NewOrderFull.flags(order, 0));
  OrderAcceptedFull.setSide(words, 0, NewOrderFull.side(order, 0));
  OrderAcceptedFull.setOrdType(words, 0, NewOrderFull.ordType(order, 0));
  OrderAcceptedFull.setTif(words, 0, NewOrderFull.tif(order, 0));
  OrderAcceptedFull.setStp(words, 0, 0);
  return words;
}

/** A stop of the account fires, which is nobody's answer. */
export function triggered(account: number, clOrdId: number): Int32Array {
  const words = new Int32Array(OrderTriggered.RECORD_BYTES / 4);
  OrderTriggered.init(words, 0, 0, 1);
  OrderTriggered.setClientSeq(words, 0, 0);
  OrderTriggered.setClOrdId(words, 0, clOrdId);
  OrderTriggered.setOrderId(words, 0, 1000 + clOrdId);
  OrderTriggered.setLastPrice(words, 0, 100);
  OrderTriggered.setAccount(words, 0, account);
  OrderTriggered.setSession(words, 0, 0);
  OrderTriggered.setInstrument(words, 0, 1);
  OrderTriggered.setSide(words, 0, 1);
  return words;
}

/** For the books of market data only. */
export function shown(orderId: number): Int32Array {
  const words = new Int32Array(OrderShown.RECORD_BYTES / 4);
  OrderShown.init(words, 0, 0, 1);
  OrderShown.setOrderId(words, 0, orderId);
  OrderShown.setPrice(words, 0, 100);
  OrderShown.setQty(words, 0, 1);
  OrderShown.setInstrument(words, 0, 1);
  return words;
}

/** The answer to an admin of another session. */
export function stateChanged(instrument: number, state: number, reason = 0): Int32Array {
  const words = new Int32Array(InstrumentState.RECORD_BYTES / 4);
  InstrumentState.init(words, 0, 0, 1);
  InstrumentState.setClientSeq(words, 0, 7);
  InstrumentState.setSession(words, 0, 999);
  InstrumentState.setInstrument(words, 0, instrument);
  InstrumentState.setState(words, 0, state);
  InstrumentState.setReason(words, 0, reason);
  return words;
}

/** `price` null: nothing crosses. */
export function indication(instrument: number, price: number | null, qty: number, isFinal = false): Int32Array {
  const words = new Int32Array(AuctionIndication.RECORD_BYTES / 4);
  AuctionIndication.init(words, 0, 0, 1);
  AuctionIndication.setPrice(words, 0, price ?? NULL_INT64);
  AuctionIndication.setQty(words, 0, qty);
  AuctionIndication.setInstrument(words, 0, instrument);
  AuctionIndication.setFinal(words, 0, isFinal ? 1 : 0);
  return words;
}

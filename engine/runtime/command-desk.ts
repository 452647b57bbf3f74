import type { Catalog, CurrencyInfo, InstrumentInfo } from "../edge/catalog.js";
import { CommandError } from "../edge/command-error.js";
import { checkShape, integerOf, isQuery } from "../edge/command-shape.js";
import { type Step10, toStep, toUnits } from "../edge/decimal.js";
import { type CoreEvent, decode } from "../edge/decode.js";
import { COMMAND_BYTES_MAX, encode } from "../edge/encode.js";
import type { Command, InstrumentCommand, OrderCommand, SetUpCommand, StreamEvent } from "../edge/types.js";
import { INSUFFICIENT_CAPACITY, type SingleProducer } from "../ring/index.js";
import { CODES } from "../wire/codes.js";
import { CommandDone, Header, OrderAccepted, OrderAcceptedFull } from "../wire/flyweights.js";
import { TradingState } from "../wire/generated/enums.js";
import { DEFAULT_SCALE, MAX_SAFE } from "../wire/numbers.js";
import { addressCommand, answeredSeq } from "./answer-to.js";
import { EngineBusyError } from "./engine-error.js";
import { LiveOrders } from "./live-orders.js";
import { type Outcome, OutcomeBuilder } from "./outcome.js";

/** One command that has no answer yet. */
interface Outstanding {
  readonly builder: OutcomeBuilder;
  readonly clientSeq: number;
  /** Its entry among the orders that are on their way. */
  readonly comingAs: string | undefined;
  /** A decimal was converted without knowing the instrument. */
  readonly isBlind: boolean;
  resolve(outcome: Outcome): void;
  reject(error: Error): void;
}

/**
 * Sends commands as one session, and matches the events to them. Event-loop thread only; nothing blocks. The events of
 * a command lie next to each other in the ring, and the first of them names the command that it answers.
 */
export class CommandDesk {
  private readonly outstanding = new Map<number, Outstanding>();
  private readonly liveOrders = new LiveOrders();
  /** Orders on their way, by client id and account. */
  private readonly coming = new Map<string, { readonly info: InstrumentInfo; readonly clientSeq: number }>();
  private readonly record = new Int32Array(COMMAND_BYTES_MAX / 4);
  /** By instrument: the trading state that it was declared with here. */
  private readonly firstStates = new Map<number, number>();
  private lastClientSeq = 0;
  /** As whom it sends. */
  session = 0;
  /** The command whose events are being read, if it is one of ours. */
  private answered: Outstanding | undefined;
  private readingSeq = 0;

  constructor(
    private readonly producer: SingleProducer,
    private readonly catalog: Catalog,
    private readonly outstandingMax: number,
    /** Whether somebody wants event objects although no command of ours is answered. */
    private readonly wantsAll: () => boolean,
    private readonly onEvent: (event: StreamEvent) => void,
  ) {}

  get outstandingCount(): number {
    return this.outstanding.size;
  }

  /** Commands sent so far. */
  get sent(): number {
    return this.producer.committed;
  }

  /** The trading state, a value of TradingState, that an instrument has as long as no event has said another. */
  readonly firstStateOf = (instrument: number): number => this.firstStates.get(instrument) ?? TradingState.open;

  /**
   * Sends one command. `symbol` says on which instrument an order of another session is. Resolves with the outcome when
   * the command's last event was read. Throws CommandError on a bad shape and EngineBusyError when there is no room.
   */
  send(command: Command, symbol?: string): Promise<Outcome> {
    const checked = checkShape(command);
    if (isQuery(checked)) {
      throw new CommandError(`${checked.cmd} is a query: ask with engine.book(), engine.balances() or engine.stateHash()`);
    }
    if (this.outstanding.size >= this.outstandingMax) throw new EngineBusyError(`${this.outstandingMax} commands are outstanding`);
    const info = this.instrumentOf(checked, symbol);
    const clientSeq = this.lastClientSeq + 1;
    const lengthBytes = encode(checked, { catalog: this.catalog, instrumentOfOrder: () => info }, this.record, 0, clientSeq, 0);
    addressCommand(this.record, 0, this.session, clientSeq);
    this.push(lengthBytes);
    this.lastClientSeq = clientSeq;
    return new Promise((resolve, reject) => {
      const isBlind = info === undefined && (checked.cmd === "reduce" || checked.cmd === "replace");
      const comingAs = this.announce(checked, clientSeq, info);
      this.outstanding.set(clientSeq, { builder: new OutcomeBuilder(checked), clientSeq, comingAs, isBlind, resolve, reject });
    });
  }

  /** Sends a note for the journal, which nobody answers. Throws EngineBusyError when there is no room. */
  note(write: (words: Int32Array, at: number) => number): void {
    const lengthBytes = write(this.record, 0);
    this.push(lengthBytes);
  }

  /** Takes the next event of the ring. */
  readonly read = (words: Int32Array, at: number): void => {
    const seq = Header.seq(words, at);
    if (seq !== this.readingSeq) {
      this.readingSeq = seq;
      this.answered = this.take(answeredSeq(words, at, this.session));
    }
    const { answered } = this;
    if (answered !== undefined) this.learn(answered, words, at);
    this.liveOrders.follow(words, at);
    if (answered !== undefined || this.wantsAll()) this.tell(answered, words, at);
    if (answered === undefined || (Header.flags(words, at) & Header.FLAG_LAST_OF_BATCH) === 0) return;
    this.answered = undefined;
    this.settle(answered, seq);
  };

  /** Nothing more will be answered. */
  rejectAll(error: Error): void {
    const pending = [...this.outstanding.values()];
    if (this.answered !== undefined) pending.unshift(this.answered);
    this.outstanding.clear();
    this.coming.clear();
    this.answered = undefined;
    for (const outstanding of pending) outstanding.reject(error);
  }

  private push(lengthBytes: number): void {
    const at = this.producer.tryClaim(lengthBytes);
    if (at === INSUFFICIENT_CAPACITY) throw new EngineBusyError("the ingress ring is full");
    const words = this.producer.words;
    for (let word = 1; word < lengthBytes >> 2; word++) words[at + word] = this.record[word];
    this.producer.commit();
    this.producer.publish();
  }

  private take(clientSeq: number): Outstanding | undefined {
    if (clientSeq === 0) return undefined;
    const found = this.outstanding.get(clientSeq);
    this.outstanding.delete(clientSeq);
    return found;
  }

  private tell(answered: Outstanding | undefined, words: Int32Array, at: number): void {
    const event: CoreEvent | undefined = decode(words, at, this.catalog, answered?.builder.command);
    if (event === undefined) return; // It is for the books of market data only.
    if (answered !== undefined) {
      answered.builder.add(words, at);
      answered.builder.events.push(event);
    }
    if (event.event !== "ok") this.onEvent(event);
  }

  /** An order that the shard has, but on an instrument that was not known here, is the caller's to name. */
  private settle(answered: Outstanding, seq: number): void {
    const { comingAs, clientSeq } = answered;
    if (comingAs !== undefined && this.coming.get(comingAs)?.clientSeq === clientSeq) this.coming.delete(comingAs);
    const outcome = answered.builder.build(seq, (id) => this.catalog.instrumentById(id));
    const isOffStep = outcome.code === CODES.QTY_OFF_LOT || outcome.code === CODES.PRICE_OFF_TICK;
    if (!answered.isBlind || !isOffStep) return answered.resolve(outcome);
    answered.reject(new CommandError("the order is not one that this engine object has sent: give its symbol too. Nothing was applied"));
  }

  private learn(answered: Outstanding, words: Int32Array, at: number): void {
    const templateId = Header.templateId(words, at);
    if (templateId === OrderAccepted.TEMPLATE_ID || templateId === OrderAcceptedFull.TEMPLATE_ID) {
      this.liveOrders.accepted(words, at, (id) => this.catalog.instrumentById(id));
    } else if (templateId === CommandDone.TEMPLATE_ID) {
      const { command } = answered.builder;
      const id = CommandDone.refId(words, at);
      if (command.cmd === "account") this.catalog.addAccount(id, command.account);
      else if (command.cmd === "currency") this.catalog.addCurrency(id, command.currency, command.scale ?? DEFAULT_SCALE);
      else if (command.cmd === "instrument") this.declared(command, id);
    }
  }

  private declared(command: InstrumentCommand, id: number): void {
    this.catalog.addImplicitCurrency(command.base);
    this.catalog.addImplicitCurrency(command.quote);
    this.catalog.addInstrument(infoOf(command, id, (this.catalog.currency(command.quote) as CurrencyInfo).atom));
    if (command.state !== undefined) this.firstStates.set(id, TradingState[command.state]);
  }

  private instrumentOf(command: SetUpCommand | OrderCommand, symbol: string | undefined): InstrumentInfo | undefined {
    if (command.cmd === "new") return this.catalog.instrument(command.symbol);
    if (command.cmd !== "reduce" && command.cmd !== "replace") return undefined;
    const account = this.catalog.accountId(command.account);
    const clOrdId = command.clOrdId === undefined ? undefined : integerOf(command.clOrdId);
    const orderId = command.orderId === undefined ? undefined : integerOf(command.orderId);
    const live = account === undefined ? undefined : this.liveOrders.find(account, clOrdId, orderId);
    const coming = clOrdId === undefined ? undefined : this.coming.get(`${clOrdId} ${command.account}`)?.info;
    if (symbol !== undefined) return this.named(symbol, live, coming);
    if (live !== undefined && coming !== undefined && live !== coming) {
      throw new CommandError(
        `clOrdId ${clOrdId} may be an order on ${live.symbol} or on ${coming.symbol}: wait for the outcome of the new one, or give the symbol`,
      );
    }
    return live ?? coming;
  }

  private named(symbol: string, live: InstrumentInfo | undefined, coming: InstrumentInfo | undefined): InstrumentInfo {
    const info = this.catalog.instrument(symbol);
    if (info === undefined) throw new CommandError(`unknown symbol: ${symbol}`);
    if (live !== undefined && live !== info && coming !== info) throw new CommandError(`the order is on ${live.symbol}, not on ${symbol}`);
    return info;
  }

  /** Commands may be sent without waiting for one another, so an order that is on its way can be named already. */
  private announce(command: SetUpCommand | OrderCommand, clientSeq: number, info: InstrumentInfo | undefined): string | undefined {
    const given = command.cmd === "new" ? command.clOrdId : command.cmd === "replace" ? command.newClOrdId : undefined;
    if (given === undefined || info === undefined || !("account" in command)) return undefined;
    const name = `${integerOf(given)} ${command.account}`;
    this.coming.set(name, { info, clientSeq });
    return name;
  }
}

/** What the core makes of an instrument that it has just taken: limits that are not given are the widest. */
function infoOf(command: InstrumentCommand, id: number, atom: Step10): InstrumentInfo {
  const tick = toStep(command.tickSize, "tickSize");
  const lot = toStep(command.lotSize, "lotSize");
  return {
    id,
    symbol: command.symbol,
    base: command.base,
    quote: command.quote,
    tick,
    lot,
    atom,
    minQty: command.minQty === undefined ? 1 : toUnits(command.minQty, lot, "minQty"),
    maxQty: command.maxQty === undefined ? MAX_SAFE : toUnits(command.maxQty, lot, "maxQty"),
    minPrice: command.minPrice === undefined ? 1 : toUnits(command.minPrice, tick, "minPrice"),
    maxPrice: command.maxPrice === undefined ? MAX_SAFE : toUnits(command.maxPrice, tick, "maxPrice"),
  };
}

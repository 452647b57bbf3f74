import {
  Header,
  NULL_INT64,
  OrderAccepted,
  OrderCanceled,
  OrderFilled,
  OrderRejected,
  type TemplateName,
  templateName,
} from "../../engine/wire/index.js";
import { Violation } from "./violation.js";

const LINES_KEPT = 400;

/** What all traders of a market were told together: an id stands for one thing only, whoever sees it, over all lives of the server. */
export class SharedIds {
  private readonly owners = new Map<number, string>();
  private readonly fillsOf = new Map<number, number>();

  /** Trades so far. */
  get trades(): number {
    return this.fillsOf.size;
  }

  order(orderId: number, owner: string): void {
    const known = this.owners.get(orderId);
    if (known !== undefined && known !== owner) throw new Violation(`order id ${orderId} belongs to ${known} and to ${owner}`);
    this.owners.set(orderId, owner);
  }

  /** A report of a trade that was not seen before: each trade has two sides. */
  fill(tradeId: number): void {
    const fills = (this.fillsOf.get(tradeId) ?? 0) + 1;
    if (fills > 2) throw new Violation(`trade ${tradeId} was reported to more than two orders`);
    this.fillsOf.set(tradeId, fills);
  }
}

/**
 * What one account was told, and what follows from it. A report that comes again, after a crash, must be the same report: same order, same
 * ids, same amounts. One that contradicts an earlier one throws a Violation.
 */
export class History {
  /** Open quantity of every order that lives, by clOrdId. */
  readonly live = new Map<number, number>();
  /** The last lines of what was sent and told, for people. */
  readonly lines: string[] = [];
  told = 0;
  toldAgain = 0;
  private readonly reports = new Map<string, string>();
  private readonly lost = new Set<number>();

  constructor(
    readonly account: string,
    private readonly ids: SharedIds,
  ) {}

  note(line: string): void {
    this.lines.push(line);
    if (this.lines.length > 2 * LINES_KEPT) this.lines.splice(0, LINES_KEPT);
  }

  /** These orders were never taken: nothing of them may ever be heard. */
  neverTaken(clOrdId: number): void {
    this.lost.add(clOrdId);
  }

  /** Takes a report. False: it is none. */
  take(words: Int32Array): boolean {
    const name = templateName(Header.templateId(words, 0));
    const key = keyOf(name, words);
    if (key === undefined) return false;
    const body = Buffer.from(words.buffer, words.byteOffset + Header.HEADER_BYTES, words.byteLength - Header.HEADER_BYTES).toString("hex");
    const known = this.reports.get(key);
    this.note(`${known === undefined ? "told" : "told again"}: ${key}`);
    if (known === body) {
      this.toldAgain++;
      if ((Header.flags(words, 0) & Header.FLAG_POSSIBLE_RESEND) === 0) throw new Violation(`${this.account}: ${key} came twice`);
      return true;
    }
    if (known !== undefined) throw new Violation(`${this.account}: ${key} came again as another: ${known}, then ${body}`);
    this.reports.set(key, body);
    this.told++;
    this.apply(name, words);
    return true;
  }

  private apply(name: TemplateName | undefined, words: Int32Array): void {
    if (name === "OrderAccepted") this.accepted(words);
    else if (name === "OrderFilled") this.filled(words);
    else if (name === "OrderCanceled") this.gone(OrderCanceled.clOrdId(words, 0));
    else if (name === "OrderRejected") this.heardOf(OrderRejected.clOrdId(words, 0));
  }

  private accepted(words: Int32Array): void {
    const clOrdId = OrderAccepted.clOrdId(words, 0);
    this.heardOf(clOrdId);
    this.ids.order(OrderAccepted.orderId(words, 0), `${this.account} ${clOrdId}`);
    this.live.set(clOrdId, OrderAccepted.qty(words, 0));
  }

  private filled(words: Int32Array): void {
    const clOrdId = OrderFilled.clOrdId(words, 0);
    this.ids.fill(OrderFilled.tradeId(words, 0));
    this.ids.order(OrderFilled.orderId(words, 0), `${this.account} ${clOrdId}`);
    const left = (this.live.get(clOrdId) ?? Number.NaN) - OrderFilled.qty(words, 0);
    const leavesQty = OrderFilled.leavesQty(words, 0);
    if (left !== leavesQty) throw new Violation(`${this.account}: a fill of ${clOrdId} leaves ${leavesQty}, expected ${left}`);
    if (left === 0) this.live.delete(clOrdId);
    else this.live.set(clOrdId, left);
  }

  private gone(clOrdId: number): void {
    if (!this.live.delete(clOrdId)) throw new Violation(`${this.account}: ${clOrdId} is canceled, but did not live`);
  }

  private heardOf(clOrdId: number): void {
    if (this.lost.has(clOrdId)) throw new Violation(`${this.account}: ${clOrdId} was never taken, and now there is word of it`);
  }
}

/** What makes a report the one that it is. An order is accepted once and ends once; a clOrdId is never used again here. */
function keyOf(name: TemplateName | undefined, words: Int32Array): string | undefined {
  switch (name) {
    case "OrderAccepted":
      return `accepted ${OrderAccepted.clOrdId(words, 0)}`;
    case "OrderFilled":
      return `filled ${OrderFilled.clOrdId(words, 0)} trade ${OrderFilled.tradeId(words, 0)}`;
    case "OrderCanceled":
      return `canceled ${OrderCanceled.clOrdId(words, 0)}`;
    case "OrderRejected": {
      const clOrdId = OrderRejected.clOrdId(words, 0);
      const seq = OrderRejected.clientSeq(words, 0);
      return `rejected ${clOrdId === NULL_INT64 ? "" : clOrdId} seq ${seq}`;
    }
    default:
      return undefined;
  }
}

import { EVERY_SHARD } from "./engine-port.js";

/** So many names of orders on their way are kept before those that have arrived are looked for. */
const COMING_MIN = 64;

/** An order on its way: to which shard, as which of the session's commands there. */
interface Coming {
  readonly shard: number;
  readonly place: number;
}

/** What a session has sent to the shards of an engine, and how far each has answered. Gateway thread only. */
export class SessionTraffic {
  readonly #sent: number[];
  readonly #answered: number[];
  readonly #coming = new Map<number, Coming>();
  /** Commands to every shard, by client seq: answers that are due, and what those before have counted. */
  readonly #fanOuts = new Map<number, { left: number; count: number }>();

  constructor(shards: number) {
    this.#sent = new Array<number>(shards).fill(0);
    this.#answered = new Array<number>(shards).fill(0);
  }

  /** Notes a command with this client seq. Returns the number of answers that it has. */
  send(shard: number, clientSeq: number): number {
    const shards = this.#sent.length;
    if (shard !== EVERY_SHARD) {
      this.#sent[shard] += 1;
      return 1;
    }
    for (let index = 0; index < shards; index++) this.#sent[index] += 1;
    this.#fanOuts.set(clientSeq, { left: shards, count: 0 });
    return shards;
  }

  /** A shard has answered its oldest open command. */
  answer(shard: number): void {
    this.#answered[shard] += 1;
  }

  /** What was sent so far, for `hasAnswered`. */
  mark(): readonly number[] {
    return [...this.#sent];
  }

  /** Whether all that was sent before the mark is answered. */
  hasAnswered(mark: readonly number[]): boolean {
    return mark.every((place, shard) => this.#answered[shard] >= place);
  }

  /** A shard's answer to a command, with a count: the sum of all shards' with the last of them, undefined before. */
  countPart(clientSeq: number, count: number): number | undefined {
    const fanOut = this.#fanOuts.get(clientSeq);
    if (fanOut === undefined) return count;
    fanOut.count += count;
    fanOut.left -= 1;
    if (fanOut.left > 0) return undefined;
    this.#fanOuts.delete(clientSeq);
    return fanOut.count;
  }

  /** The command that was sent last names an order so. */
  isComing(clOrdId: number, shard: number): void {
    if (this.#coming.size >= COMING_MIN) this.#sweep();
    this.#coming.set(clOrdId, { shard, place: this.#sent[shard] });
  }

  /** Where an order of that name is on its way to; undefined when it has arrived, or there was none. */
  shardOfComing(clOrdId: number): number | undefined {
    const coming = this.#coming.get(clOrdId);
    return coming === undefined || this.#hasArrived(coming) ? undefined : coming.shard;
  }

  #hasArrived({ shard, place }: Coming): boolean {
    return this.#answered[shard] >= place;
  }

  #sweep(): void {
    for (const [clOrdId, coming] of this.#coming) if (this.#hasArrived(coming)) this.#coming.delete(clOrdId);
  }
}

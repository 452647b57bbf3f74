import * as Header from "../../engine/wire/header.js";
import type { Subscriber, Taker } from "./subscriber.js";

/** Where a subscriber is in a topic. */
export class Subscription {
  /** It gets changes as they come. One that does not is behind, and is helped up when there is room. */
  isLive = false;
  /** Of one that is behind: the first seq that it was not sent; 0: it has just come. */
  lostFrom = 0;
  /** Of a book: which version of the levels it has, and at which it had none. */
  version = 0;
  emptyAt = 0;
  /** Of orders: which part of the snapshot it has: all up to this key of this side. */
  side = NOT_BEGUN;
  key = 0;

  constructor(
    readonly subscriber: Subscriber,
    readonly topic: Topic,
  ) {}
}

/** `side` of a subscription whose snapshot has not begun. */
export const NOT_BEGUN = -1;

/**
 * One channel of one instrument: its sequence and its subscribers. Those who are live are sent every change under the
 * next seq; whoever cannot take one is behind until `help` has brought it up to date. Gateway thread only.
 */
export abstract class Topic {
  /** Of the newest record. */
  seq = 0;
  readonly live: Subscription[] = [];
  readonly behind: Subscription[] = [];

  constructor(
    readonly instrument: number,
    readonly channel: number,
    readonly intervalMs: number,
    readonly depth: number,
  ) {}

  get isEmpty(): boolean {
    return this.live.length === 0 && this.behind.length === 0;
  }

  /** A new subscriber: behind, until it is helped up for the first time. */
  add(subscription: Subscription): void {
    this.behind.push(subscription);
  }

  remove(subscription: Subscription): void {
    takeOut(subscription.isLive ? this.live : this.behind, subscription);
  }

  /** Sends a record to all that are live, with these header flags. */
  publish(words: Int32Array, at: number, flags = 0): void {
    const bytes = Header.length(words, at);
    this.seq += 1;
    const { live } = this;
    for (let index = live.length - 1; index >= 0; index--) {
      const subscription = live[index];
      if (subscription.subscriber.takes(bytes)) copyTo(subscription.subscriber.session, words, at, bytes, this.seq, flags);
      else this.#fall(subscription, index);
    }
  }

  /** Brings one that is behind nearer to the present. Returns whether it is there. Called between two commands, when it has room. */
  abstract help(subscription: Subscription): boolean;

  /** It is up to date. */
  raise(subscription: Subscription): void {
    takeOut(this.behind, subscription);
    subscription.isLive = true;
    subscription.lostFrom = 0;
    this.live.push(subscription);
  }

  /** A record could not be sent to it. */
  protected onFall(_subscription: Subscription): void {}

  #fall(subscription: Subscription, index: number): void {
    const { live } = this;
    live[index] = live[live.length - 1];
    live.pop();
    subscription.isLive = false;
    subscription.lostFrom = this.seq;
    this.behind.push(subscription);
    this.onFall(subscription);
  }
}

/** A record as it is, with another seq and other flags. */
export function copyTo(session: Taker, words: Int32Array, at: number, bytes: number, seq: number, flags: number): void {
  const out = session.claim(bytes);
  const to = session.words;
  const lengthWords = bytes >> 2;
  for (let word = 0; word < lengthWords; word++) to[out + word] = words[at + word];
  Header.setFlags(to, out, flags);
  Header.setSeq(to, out, seq);
}

function takeOut<T>(list: T[], item: T): void {
  const index = list.indexOf(item);
  if (index < 0) return;
  list[index] = list[list.length - 1];
  list.pop();
}

import { NULL_UINT32 } from "../engine/wire/numbers.js";
import type { Session } from "./session.js";

const NONE: readonly Session[] = [];

/** Every session that goes on, with a socket or without: by session, by key (one each) and by account (any number). Gateway thread only. */
export class SessionTable {
  readonly #byId = new Map<number, Session>();
  readonly #byKey = new Map<string, Session>();
  readonly #byAccount = new Map<number, Session[]>();
  /** Those without a socket, in the order in which they lost it. */
  readonly #detached = new Set<Session>();
  #dropCopies: readonly Session[] = NONE;

  /** With a socket or without. */
  get size(): number {
    return this.#byId.size;
  }

  get detachedCount(): number {
    return this.#detached.size;
  }

  add(session: Session): void {
    this.#byId.set(session.id, session);
    this.#byKey.set(session.key.id, session);
    if (session.account === NULL_UINT32) return;
    const sameAccount = this.#byAccount.get(session.account);
    if (sameAccount === undefined) this.#byAccount.set(session.account, [session]);
    else sameAccount.push(session);
  }

  /** A socket has come to it. */
  attached(session: Session): void {
    this.#detached.delete(session);
    this.#minded(session);
  }

  /** Its socket is gone, or it comes from a journal and never had one here. */
  detached(session: Session): void {
    this.#detached.delete(session);
    this.#detached.add(session);
    this.#minded(session);
  }

  /** Does nothing for a session that is not here. */
  remove(session: Session): void {
    if (!this.#byId.delete(session.id)) return;
    this.#detached.delete(session);
    if (this.#byKey.get(session.key.id) === session) this.#byKey.delete(session.key.id);
    const sameAccount = (this.#byAccount.get(session.account) ?? NONE).filter((other) => other !== session);
    if (sameAccount.length === 0) this.#byAccount.delete(session.account);
    else this.#byAccount.set(session.account, sameAccount);
    if (session.isDropCopy) this.#dropCopies = this.#dropCopies.filter((other) => other !== session);
  }

  /** Its permissions may be others now. */
  #minded(session: Session): void {
    if (session.isDropCopy === this.#dropCopies.includes(session)) return;
    this.#dropCopies = [...this.#byId.values()].filter((other) => other.isDropCopy);
  }

  byId(id: number): Session | undefined {
    return this.#byId.get(id);
  }

  byKey(keyId: string): Session | undefined {
    return this.#byKey.get(keyId);
  }

  ofAccount(account: number): readonly Session[] {
    return this.#byAccount.get(account) ?? NONE;
  }

  /** Sessions that are told what happens on accounts that are not their own. */
  get dropCopies(): readonly Session[] {
    return this.#dropCopies;
  }

  /** Without a socket, the one that lost it first first. */
  withoutSocket(): Iterable<Session> {
    return this.#detached;
  }

  all(): Iterable<Session> {
    return this.#byId.values();
  }
}

import type { Session } from "./session.js";

const NONE: readonly Session[] = [];

/** Who is logged on: by session, by key (one each) and by account (any number). Gateway thread only. */
export class SessionTable {
  readonly #byId = new Map<number, Session>();
  readonly #byKey = new Map<string, Session>();
  readonly #byAccount = new Map<number, Session[]>();

  get size(): number {
    return this.#byId.size;
  }

  add(session: Session): void {
    this.#byId.set(session.id, session);
    this.#byKey.set(session.key.id, session);
    const sameAccount = this.#byAccount.get(session.account);
    if (sameAccount === undefined) this.#byAccount.set(session.account, [session]);
    else sameAccount.push(session);
  }

  /** Does nothing for a session that is not here. */
  remove(session: Session): void {
    if (!this.#byId.delete(session.id)) return;
    if (this.#byKey.get(session.key.id) === session) this.#byKey.delete(session.key.id);
    const sameAccount = (this.#byAccount.get(session.account) ?? NONE).filter((other) => other !== session);
    if (sameAccount.length === 0) this.#byAccount.delete(session.account);
    else this.#byAccount.set(session.account, sameAccount);
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

  all(): Iterable<Session> {
    return this.#byId.values();
  }
}

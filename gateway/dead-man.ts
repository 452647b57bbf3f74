/** Dead man's switches, one an account, whatever became of the sockets that armed them. Gateway thread only. */
export class DeadMan {
  readonly #dueMs = new Map<number, number>();

  /** Replaces what was armed before. */
  arm(account: number, dueMs: number): void {
    this.#dueMs.set(account, dueMs);
  }

  disarm(account: number): void {
    this.#dueMs.delete(account);
  }

  get armedCount(): number {
    return this.#dueMs.size;
  }

  /** Calls `fire` for every account that is due; one that it returns false for stays due. */
  fireDue(nowMs: number, fire: (account: number) => boolean): void {
    for (const [account, dueMs] of this.#dueMs) if (dueMs <= nowMs && fire(account)) this.#dueMs.delete(account);
  }
}

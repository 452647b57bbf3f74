export interface NonceCacheOptions {
  /** How long a nonce is remembered, its last millisecond included. */
  readonly lifeMs: number;
  /** Most nonces of one key that are remembered at a time. */
  readonly perKeyMax: number;
}

/**
 * Remembers the nonces of recent logons, so that a recorded Logon cannot be played again while its timestamp is good.
 * Bounded: the keys are configured, and a key that has used up its share must wait for the oldest to expire.
 */
export class NonceCache {
  readonly #options: NonceCacheOptions;
  readonly #byKey = new Map<string, Map<number, number>>();

  constructor(options: NonceCacheOptions) {
    this.#options = options;
  }

  /** True when the nonce is new and now spent. Call it only for a logon with a right signature, or strangers fill it. */
  spend(keyId: string, nonce: number, nowMs: number): boolean {
    const expiries = this.#byKey.get(keyId) ?? new Map<number, number>();
    this.#byKey.set(keyId, expiries);
    // A Map keeps the order of insertion, and all nonces live equally long: the oldest expire first.
    for (const [old, expiresMs] of expiries) {
      if (expiresMs >= nowMs) break;
      expiries.delete(old);
    }
    if (expiries.has(nonce) || expiries.size >= this.#options.perKeyMax) return false;
    expiries.set(nonce, nowMs + this.#options.lifeMs);
    return true;
  }
}

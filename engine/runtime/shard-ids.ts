/** Each shard numbers its orders and trades from a multiple of this on, so that no two shards use one id. */
const ID_SPAN = 2 ** 40;

/** Shards that one engine can have. */
export const SHARDS_MAX = 64;

/** The id in front of a shard's first: its orders and trades count from the next one on. */
export function lastIdBefore(shard: number): number {
  return shard * ID_SPAN;
}

/** The shard that has given an order its id. */
export function shardOfId(id: number): number {
  return Math.floor((id - 1) / ID_SPAN);
}

/** Instruments are dealt out in order of declaration. */
export function shardOfInstrument(instrument: number, shards: number): number {
  return instrument % shards;
}

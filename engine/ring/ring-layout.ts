/**
 * Every offset of a ring's shared memory, in int32 words. No other file knows a number of this layout.
 *
 * ```
 * word 0        identity   magic, layout version, kind, capacity, gates, start position, observers, producers
 *      32       tail       one producer: published position; many producers: claimed position (low, high)
 *      64       intent     one producer: bytes before this position less the capacity may be overwritten now (low, high)
 *      96       owner      who produces, and the length of the claim that is open
 *     128       signal     the ring's own event count for parked readers
 *     160       walker     many producers: lock of the record counter and the position it has counted to (low, high)
 *     192       counts     unfinished claims, evicted gates
 *     224       checkpoints, CHECKPOINTS × 8 words
 *      …        gates, one line each
 *      …        producers, one line each (many producers only)
 *      …        availability tags, one word per 8-byte unit (many producers only)
 *      …        records
 * ```
 *
 * Words that different threads write lie on different lines of 128 bytes, because processors fetch pairs of 64-byte lines.
 */

export const WORD_BYTES = 4;
export const LINE_BYTES = 128;
export const LINE_WORDS = LINE_BYTES / WORD_BYTES;
/** Records start and end on multiples of a unit; positions are counted in units where they are shared. */
export const UNIT_BYTES = 8;
export const UNIT_WORDS = UNIT_BYTES / WORD_BYTES;

export const MAGIC = 0x52424b52;
export const LAYOUT_VERSION = 1;
export const KIND_SINGLE_PRODUCER = 1;
export const KIND_MANY_PRODUCERS = 2;

export const MAGIC_WORD = 0;
export const LAYOUT_VERSION_WORD = 1;
export const KIND_WORD = 2;
export const CAPACITY_BYTES_WORD = 3;
export const GATES_WORD = 4;
export const START_LOW_WORD = 5;
export const START_HIGH_WORD = 6;
export const OBSERVERS_WORD = 7;
export const PRODUCERS_WORD = 8;

export const TAIL_LOW_WORD = 1 * LINE_WORDS;
export const TAIL_HIGH_WORD = TAIL_LOW_WORD + 1;

export const INTENT_LOW_WORD = 2 * LINE_WORDS;

export const OWNER_WORD = 3 * LINE_WORDS;
export const OPEN_CLAIM_WORD = OWNER_WORD + 1;

export const SIGNAL_WORD = 4 * LINE_WORDS;

export const WALKER_LOCK_WORD = 5 * LINE_WORDS;
export const WALKED_LOW_WORD = WALKER_LOCK_WORD + 1;

export const UNFINISHED_CLAIMS_WORD = 6 * LINE_WORDS;
export const EVICTED_GATES_WORD = UNFINISHED_CLAIMS_WORD + 1;

/** The record area has as many segments as there are checkpoints: one checkpoint a segment. */
export const CHECKPOINTS = 16;
export const CHECKPOINT_WORDS = 8;
export const CHECKPOINTS_WORD = 7 * LINE_WORDS;
export const CHECKPOINT_BEGIN = 0;
export const CHECKPOINT_POSITION_LOW = 1;
export const CHECKPOINT_POSITION_HIGH = 2;
export const CHECKPOINT_COUNT_LOW = 3;
export const CHECKPOINT_COUNT_HIGH = 4;
export const CHECKPOINT_END = 5;

export const GATES_TABLE_WORD = CHECKPOINTS_WORD + CHECKPOINTS * CHECKPOINT_WORDS;
export const GATE_STATE = 0;
export const GATE_POSITION_LOW = 1;
export const GATE_HEARTBEAT = 2;

/** A slot of one of many producers: who has it, and where its open claim lies (written before the claim is won). */
export const PRODUCER_STATE = 0;
export const PRODUCER_CLAIM_LOW = 1;
export const PRODUCER_CLAIM_BYTES = 2;

export const GATES_MAX = 64;
export const PRODUCERS_MAX = 256;
export const CAPACITY_BYTES_MIN = 256;
export const CAPACITY_BYTES_MAX = 1 << 30;
/** A record takes at most an eighth of the ring, so that padding at the wrap never wastes more than that. */
export const RECORDS_PER_RING_MIN = 8;

/** Set in a record's first word when the record is padding: a reader steps over it and never shows it to a handler. */
export const PADDING_FLAG = 0x40000000;
export const LENGTH_MASK = PADDING_FLAG - 1;

/** First word of a gate's line. */
export function gateWord(index: number): number {
  return GATES_TABLE_WORD + index * LINE_WORDS;
}

/** First word of a checkpoint. */
export function checkpointWord(slot: number): number {
  return CHECKPOINTS_WORD + slot * CHECKPOINT_WORDS;
}

/** First word of a producer's line. */
export function producerWord(gates: number, index: number): number {
  return GATES_TABLE_WORD + (gates + index) * LINE_WORDS;
}

/** First word behind the header: of the availability tags, which only a ring of many producers has, or else of the records. */
export function headerWords(gates: number, producers: number): number {
  return producerWord(gates, producers);
}

/** Number of availability tags. They fill whole lines, because the capacity is a power of two of at least 256. */
export function tagCount(kind: number, capacityBytes: number): number {
  return kind === KIND_MANY_PRODUCERS ? capacityBytes / UNIT_BYTES : 0;
}

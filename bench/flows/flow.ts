/**
 * The order flows of PERFORMANCE.md: their names, their file format and what a correct engine answers to them.
 * The file is little-endian int32 words: a header of 16, then 4 a command.
 *
 *   word 0          word 1   word 2    word 3
 *   | op,side,0,0 | id     | price   | qty     |
 */
export const FLOW_NAMES = ["normal", "deep", "normal-k", "deep-k"] as const;
export type FlowName = (typeof FLOW_NAMES)[number];

export const OP_ADD = 1;
export const OP_CANCEL = 2;
export const OP_IOC = 3;
export const OP_MARKET = 4;
export const OP_REPLACE = 5;
export const OP_REDUCE = 6;

export const SIDE_BUY = 0;

export const FLOW_MAGIC = 0x574f4c46;
export const FLOW_VERSION = 1;
export const HEADER_WORDS = 16;
export const COMMAND_WORDS = 4;
/** Every price of every flow lies below this number of ticks. */
export const PRICE_LIMIT_TICKS = 200_000;
export const TIMED_COMMAND_COUNT = 1_000_000;

/** A whole flow in memory, one column a field. Read only by convention: many runs share one. */
export interface Flow {
  readonly setupCount: number;
  readonly timedCount: number;
  readonly highestId: number;
  readonly ops: Uint8Array;
  readonly sides: Uint8Array;
  readonly ids: Int32Array;
  readonly prices: Int32Array;
  readonly quantities: Int32Array;
}

/** What a run of a flow comes to: the row of PERFORMANCE.md's table. */
export interface FlowResult {
  readonly trades: number;
  readonly tradedQty: number;
  readonly tradedNotional: number;
  readonly tradeHash: number;
  readonly bidNotional: number;
  readonly askNotional: number;
  readonly bids: number;
  readonly asks: number;
  readonly bookHash: number;
}

/** How many commands of each kind the timed part holds. */
export interface OpCounts {
  readonly add: number;
  readonly cancel: number;
  readonly ioc: number;
  readonly market: number;
  readonly replace: number;
  readonly reduce: number;
}

export interface ExpectedFlow {
  readonly sha256: string;
  readonly timedOps: OpCounts;
  readonly result: FlowResult;
}

/** Copied from PERFORMANCE.md, "Flows". */
export const EXPECTED_FLOWS: Readonly<Record<FlowName, ExpectedFlow>> = {
  normal: {
    sha256: "a6d7dee6ce5998a3a70603bd0052f3fd6c509d3064e6879589518664a9ada21f",
    timedOps: { add: 474_766, cancel: 425_100, ioc: 50_103, market: 20_023, replace: 30_008, reduce: 0 },
    result: {
      trades: 113_520,
      tradedQty: 2_528_807,
      tradedNotional: 253_272_569_042,
      tradeHash: 2_711_445_763,
      bidNotional: 5_071_139_631,
      askNotional: 4_878_523_558,
      bids: 990,
      asks: 972,
      bookHash: 589_838_146,
    },
  },
  deep: {
    sha256: "147a524e655d57cacd409cf4881ca5e851a91835d6477ffd505978cf4c9e05c0",
    timedOps: { add: 473_934, cancel: 426_176, ioc: 49_969, market: 20_099, replace: 29_822, reduce: 0 },
    result: {
      trades: 115_315,
      tradedQty: 2_604_656,
      tradedNotional: 260_385_964_466,
      tradeHash: 1_399_093_125,
      bidNotional: 477_000_841_869,
      askNotional: 499_752_983_728,
      bids: 98_121,
      asks: 97_883,
      bookHash: 3_679_079_355,
    },
  },
  "normal-k": {
    sha256: "29fb106da90e84fec0c7955dd21c7fbd473d4035122f346d6aa4542629475728",
    timedOps: { add: 474_893, cancel: 425_126, ioc: 50_056, market: 20_027, replace: 15_116, reduce: 14_782 },
    result: {
      trades: 113_744,
      tradedQty: 2_528_909,
      tradedNotional: 252_918_074_238,
      tradeHash: 3_716_135_765,
      bidNotional: 4_879_595_826,
      askNotional: 5_019_577_954,
      bids: 967,
      asks: 999,
      bookHash: 124_398_443,
    },
  },
  "deep-k": {
    sha256: "32a698c21f87358cdcc07a616388ea7fde2b2f881e6861975835090c71e02635",
    timedOps: { add: 474_298, cancel: 425_626, ioc: 50_069, market: 20_234, replace: 15_105, reduce: 14_668 },
    result: {
      trades: 117_255,
      tradedQty: 2_654_225,
      tradedNotional: 265_482_511_417,
      tradeHash: 2_253_260_196,
      bidNotional: 475_935_601_057,
      askNotional: 499_653_869_232,
      bids: 97_878,
      asks: 98_132,
      bookHash: 4_004_581_691,
    },
  },
};

/** `normal` cut after its first 20,000 timed commands, for tests that must be quick. */
export const SHORT_TIMED_COUNT = 20_000;
export const EXPECTED_NORMAL_SHORT: FlowResult = {
  trades: 2_289,
  tradedQty: 51_211,
  tradedNotional: 5_121_344_051,
  tradeHash: 2_033_595_617,
  bidNotional: 5_024_129_484,
  askNotional: 4_832_166_345,
  bids: 996,
  asks: 968,
  bookHash: 2_017_225_606,
};

/** Decodes a flow file. Throws RangeError when the header or the length is not a flow's. */
export function readFlow(bytes: Uint8Array): Flow {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >>> 2);
  if (words[0] !== FLOW_MAGIC || words[1] !== FLOW_VERSION) {
    throw new RangeError(`a flow starts with ${FLOW_MAGIC} and ${FLOW_VERSION}, found ${words[0]} and ${words[1]}`);
  }
  const setupCount = words[2] ?? 0;
  const timedCount = words[3] ?? 0;
  const count = setupCount + timedCount;
  if (words.length !== HEADER_WORDS + count * COMMAND_WORDS) {
    throw new RangeError(`a flow of ${count} commands has ${HEADER_WORDS + count * COMMAND_WORDS} words, found ${words.length}`);
  }
  return { setupCount, timedCount, highestId: words[4] ?? 0, ...columns(words, count) };
}

function columns(words: Int32Array, count: number) {
  const ops = new Uint8Array(count);
  const sides = new Uint8Array(count);
  const ids = new Int32Array(count);
  const prices = new Int32Array(count);
  const quantities = new Int32Array(count);
  for (let i = 0, at = HEADER_WORDS; i < count; i++, at += COMMAND_WORDS) {
    const head = words[at] as number;
    ops[i] = head & 0xff;
    sides[i] = (head >>> 8) & 0xff;
    ids[i] = words[at + 1] as number;
    prices[i] = words[at + 2] as number;
    quantities[i] = words[at + 3] as number;
  }
  return { ops, sides, ids, prices, quantities };
}

/** The same flow, ending after so many timed commands. Shares the columns of the whole. */
export function firstTimed(flow: Flow, timedCount: number): Flow {
  const count = flow.setupCount + timedCount;
  return {
    setupCount: flow.setupCount,
    timedCount,
    highestId: flow.highestId,
    ops: flow.ops.subarray(0, count),
    sides: flow.sides.subarray(0, count),
    ids: flow.ids.subarray(0, count),
    prices: flow.prices.subarray(0, count),
    quantities: flow.quantities.subarray(0, count),
  };
}

/** Counts the timed commands by kind. */
export function countTimedOps(flow: Flow): OpCounts {
  const counts = new Array<number>(OP_REDUCE + 1).fill(0);
  for (let i = flow.setupCount; i < flow.ops.length; i++) {
    const op = flow.ops[i] as number;
    counts[op] = (counts[op] as number) + 1;
  }
  const [, add = 0, cancel = 0, ioc = 0, market = 0, replace = 0, reduce = 0] = counts;
  return { add, cancel, ioc, market, replace, reduce };
}

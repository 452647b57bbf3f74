import { StateReader } from "../../engine/step.js";

/** What a saved state says, read by its description alone: the version 3 of docs/ENGINE.md. What only limits need is passed over; balances, movements and orders are left out. */
export interface ReadState {
  readonly seq: number;
  readonly time: number;
  readonly instruments: readonly { symbol: string; lastPrice: number; reopenAt: number; state: number; killed: number }[];
  readonly accounts: readonly string[];
  readonly positions: readonly { account: number; instrument: number; lots: number }[];
}

const INSTRUMENT_NUMBERS = 12;
/** Collar, breaker and fees; margin and multiplier. */
const RULE_NUMBERS = 5;
const MARGIN_NUMBERS = 4;
const LIMITS = 11;

export function readState(bytes: Uint8Array): ReadState {
  const input = new StateReader(bytes);
  input.uint32();
  const seq = input.int64();
  const time = input.int64();
  input.int64();
  input.int64();
  input.uint8();
  list(input, () => {
    input.text();
    input.uint32();
    input.int64();
    input.uint8();
    // Fees, deposits and withdrawals.
    for (let sum = 0; sum < 3; sum++) [input.int64(), input.uint32()];
  });
  const instruments = list(input, () => {
    const symbol = input.text();
    input.uint32();
    input.uint32();
    numbers(input, INSTRUMENT_NUMBERS);
    const [, breakerBps] = numbers(input, RULE_NUMBERS);
    input.uint8();
    numbers(input, MARGIN_NUMBERS);
    const lastPrice = input.int64();
    input.int64();
    const reopenAt = input.int64();
    numbers(input, 2);
    const found = { symbol, lastPrice, reopenAt, state: input.uint8(), killed: input.uint8() };
    if (breakerBps > 0) for (let end = 0; end < 2; end++) list(input, () => numbers(input, 2));
    return found;
  });
  const accounts = list(input, () => {
    const name = input.text();
    for (let flag = 0; flag < 2; flag++) input.uint8();
    input.text();
    for (let flag = 0; flag < 5; flag++) input.uint8();
    numbers(input, input.uint8());
    readLimits(input);
    for (let window = 0; window < 2; window++) {
      input.uint32();
      numbers(input, input.uint32());
    }
    if (input.uint8() === 1) throw new Error("accounts that count duplicates are not read here");
    return name;
  });
  for (let scope = 0; scope < 2; scope++) list(input, () => [input.int64(), readLimits(input)]);
  const positions = list(input, () => {
    const found = { account: input.uint32(), instrument: input.uint32(), lots: input.int64() };
    numbers(input, 4);
    input.uint8();
    input.uint32();
    return found;
  }).filter(({ lots }) => lots !== 0);
  return { seq, time, instruments, accounts, positions };
}

function list<T>(input: StateReader, one: () => T): T[] {
  return Array.from({ length: input.uint32() }, one);
}

function numbers(input: StateReader, count: number): number[] {
  return Array.from({ length: count }, () => input.int64());
}

/** Mantissa and exponent of each, the window, and whether a reference is demanded. */
function readLimits(input: StateReader): void {
  numbers(input, 2 * LIMITS + 1);
  input.uint8();
}

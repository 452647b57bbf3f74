import { StateReader } from "../../engine/step.js";

/** What a saved state says, read by its description alone: the version 2 of docs/ENGINE.md. Orders are left out. */
export interface ReadState {
  readonly seq: number;
  readonly time: number;
  readonly instruments: readonly { symbol: string; lastPrice: number; reopenAt: number; state: number; killed: number }[];
  readonly accounts: readonly string[];
  readonly positions: readonly { account: number; instrument: number; lots: number }[];
}

const INSTRUMENT_NUMBERS = 12;

export function readState(bytes: Uint8Array): ReadState {
  const input = new StateReader(bytes);
  input.uint32();
  const seq = input.int64();
  const time = input.int64();
  input.int64();
  input.int64();
  input.uint8();
  list(input, () => [input.text(), input.uint32()]);
  const instruments = list(input, () => {
    const symbol = input.text();
    input.uint32();
    input.uint32();
    for (let number = 0; number < INSTRUMENT_NUMBERS; number++) input.int64();
    const [lastPrice, reopenAt] = [input.int64(), input.int64()];
    input.int64();
    input.int64();
    return { symbol, lastPrice, reopenAt, state: input.uint8(), killed: input.uint8() };
  });
  const accounts = list(input, () => {
    const name = input.text();
    input.uint8();
    input.uint8();
    input.text();
    input.uint8();
    return name;
  });
  const positions = list(input, () => ({ account: input.uint32(), instrument: input.uint32(), lots: input.int64() }));
  return { seq, time, instruments, accounts, positions };
}

function list<T>(input: StateReader, one: () => T): T[] {
  return Array.from({ length: input.uint32() }, one);
}

import { TradingCore } from "../../engine/core/core.js";
import { SpscRing } from "../../engine/ring/index.js";
import { CODES } from "../../engine/wire/codes.js";
import { NewOrder, OrderRejected } from "../../engine/wire/flyweights.js";
import * as Header from "../../engine/wire/header.js";
import { writeNewOrder } from "../flows/flow-records.js";
import { setUpCore, setUpCount } from "../flows/set-up-records.js";

const BATCH = 16;
const RULES = {
  makerFeePpm: 100,
  takerFeePpm: 500,
  collarBps: 1_000_000,
  lastPrice: "0.1",
  trader: { mode: "cash", limits: "unlimited" },
} as const;

/** Applies orders that are all refused, and tells the nanoseconds that one took, as the mean of each batch. Throws on another answer. */
export function refusedOrders(count: number, isByFunds: boolean, tell: (nanoseconds: number) => void): void {
  const ring = SpscRing.create({ capacityBytes: 1 << 20, shared: false });
  const producer = ring.producer();
  const reader = ring.gate();
  let rejected = 0;
  const wanted = isByFunds ? CODES.INSUFFICIENT_FUNDS : CODES.UNKNOWN_ACCOUNT;
  const onEvent = (words: Int32Array, at: number): void => {
    if (Header.templateId(words, at) === OrderRejected.TEMPLATE_ID && OrderRejected.code(words, at) === wanted) rejected++;
  };
  const drain = (): void => {
    producer.publish();
    reader.poll(onEvent, 1 << 16);
  };
  const core = new TradingCore(
    { ring: producer, makeRoom: drain },
    { orders: 1024, levels: 1024, instruments: 4, accounts: 4, currencies: 8 },
  );
  setUpCore(core, RULES);
  drain();
  const words = new Int32Array(NewOrder.RECORD_BYTES / 4);
  writeNewOrder(words, 0, setUpCount(RULES) + 1, { id: 1, side: 0, ordType: 0, tif: 0, price: 100_000, qty: 10 });
  NewOrder.setAccount(words, 0, isByFunds ? 0 : 3);
  for (let done = 0; done < count; done += BATCH) {
    const start = performance.now();
    for (let index = 0; index < BATCH; index++) {
      Header.setSeq(words, 0, core.lastSeq + 1);
      core.apply(words, 0);
    }
    const nanoseconds = ((performance.now() - start) * 1e6) / BATCH;
    if (done >= count / 4) tell(nanoseconds);
    drain();
  }
  if (rejected !== Math.ceil(count / BATCH) * BATCH) throw new Error(`${rejected} of ${count} orders were refused as they must be`);
}

/** Entry of the flash bench's second thread: it drains the events of one round after the other, and checks them. */
import { parentPort, workerData } from "node:worker_threads";
import { type RecordHandler, SpscRing } from "../../engine/ring/index.js";
import { loadFlash } from "../flows/flash.js";
import { beat, serve, type WorkerStart } from "../ring/crew.js";
import { type DrainWork, writeResult } from "./drain.js";
import { EventTally } from "./event-tally.js";
import { ReportMaker } from "./report-maker.js";

const POLL_LIMIT = 1 << 20;

const { control, work } = workerData as WorkerStart;
const { ring, total, result, reportsOf } = work as DrainWork;
const reader = SpscRing.attach(ring).gate();
const totalWord = new Int32Array(total);
const flow = reportsOf === undefined ? undefined : loadFlash(reportsOf);

/** Reads until the feed has said how many events there are, and all of those are read. */
function drain(onEvent: RecordHandler): void {
  let looks = 0;
  while (Atomics.load(totalWord, 0) !== reader.delivered) {
    const read = reader.poll(onEvent, POLL_LIMIT);
    looks = read > 0 ? 0 : beat(looks);
  }
}

function round(): void {
  const tally = new EventTally();
  if (flow === undefined) {
    drain(tally.onEvent);
    writeResult(result, { tally: tally.result(), reportSha256: "" });
    return;
  }
  const maker = new ReportMaker(flow);
  drain((words, at, lengthBytes) => {
    tally.onEvent(words, at, lengthBytes);
    maker.onEvent(words, at);
  });
  writeResult(result, { tally: tally.result(), reportSha256: maker.digest() });
}

parentPort?.postMessage("ready");
serve(control, round);

/** The client's process: measures what it is told to, one task at a time, over connections that stay open between tasks. */
import * as hdr from "hdr-histogram-js";
import { Cancel, NewOrder, OrderAccepted } from "../../engine/wire/flyweights.js";
import { TEMPLATES } from "../../engine/wire/generated/templates.js";
import * as Header from "../../engine/wire/header.js";
import { type Client, connect } from "../../gateway/client/index.js";
import type { ClientStart, Result, RoundTripResult, RoundTripTask, Task, ThroughputResult, ThroughputTask } from "./messages.js";
import { RawSession, writeCancel, writeOrder } from "./raw-session.js";

const PRICES = 512;

interface Lines {
  readonly start: ClientStart;
  readonly echo: RawSession;
  readonly raw: RawSession;
  readonly client: Client;
}

let rawSeq = 0;
let clOrdId = 0;

async function open(start: ClientStart): Promise<Lines> {
  const [[rawKey, rawSecret], [key, secret]] = start.keys;
  return {
    start,
    echo: await RawSession.open(start.echoUrl),
    raw: await RawSession.logOn(start.gatewayUrl, rawKey, rawSecret),
    client: await connect(start.gatewayUrl, { key, secret, heartbeatMs: 60_000 }),
  };
}

function run(task: Task, lines: Lines): Promise<Result> {
  if (task.kind === "throughput") return throughput(task, lines);
  return task.mode === "client" ? clientRoundTrips(task, lines) : rawRoundTrips(task, lines);
}

function histogram(): hdr.Histogram {
  return hdr.build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 10_000_000_000,
    numberOfSignificantValueDigits: 3,
    useWebAssembly: true,
  });
}

function resultOf(recorded: hdr.Histogram): RoundTripResult {
  const us = (ns: number): number => Math.round(ns / 10) / 100;
  const result = {
    count: recorded.totalCount,
    p50Us: us(recorded.getValueAtPercentile(50)),
    p99Us: us(recorded.getValueAtPercentile(99)),
    maxUs: us(recorded.maxValue),
  };
  recorded.destroy();
  return result;
}

/** Records of an order and its cancel in turn; with `echo` the bytes just come back. */
function rawRoundTrips({ mode, count }: RoundTripTask, { echo, raw, start }: Lines): Promise<RoundTripResult> {
  const line = mode === "echo" ? echo : raw;
  const recorded = histogram();
  const order = new Int32Array(NewOrder.RECORD_BYTES / 4);
  const cancel = new Int32Array(Cancel.RECORD_BYTES / 4);
  const orderBytes = new Uint8Array(order.buffer);
  const cancelBytes = new Uint8Array(cancel.buffer);
  let done = 0;
  let sentAtNs = 0n;
  return new Promise((resolve, reject) => {
    const next = (): void => {
      const isOrder = done % 2 === 0;
      rawSeq += mode === "order" ? 1 : 0;
      if (isOrder) writeOrder(order, 0, { seq: rawSeq, clOrdId: ++clOrdId, price: 1 + (clOrdId % PRICES), instrument: start.instrument });
      else writeCancel(cancel, 0, { seq: rawSeq, clOrdId });
      sentAtNs = process.hrtime.bigint();
      line.send(isOrder ? orderBytes : cancelBytes);
    };
    line.onFrame = (words) => {
      const elapsedNs = Number(process.hrtime.bigint() - sentAtNs);
      const expected = mode === "echo" ? [TEMPLATES.NewOrder, TEMPLATES.Cancel] : [TEMPLATES.OrderAccepted, TEMPLATES.OrderCanceled];
      if (Header.templateId(words, 0) !== expected[done % 2]) {
        reject(new Error(`${mode} ${done}: template ${Header.templateId(words, 0)}`));
        return;
      }
      recorded.recordValue(elapsedNs);
      done += 1;
      if (done === count) resolve(resultOf(recorded));
      else next();
    };
    next();
  });
}

async function clientRoundTrips({ count }: RoundTripTask, { client, start }: Lines): Promise<RoundTripResult> {
  const recorded = histogram();
  for (let done = 0; done < count; done++) {
    const isOrder = done % 2 === 0;
    const sentAtNs = process.hrtime.bigint();
    const outcome = isOrder
      ? await client.submit({ clOrdId: ++clOrdId, symbol: start.symbol, side: "buy", price: `${1 + (clOrdId % PRICES)}`, qty: "1" })
      : await client.cancel({ clOrdId });
    recorded.recordValue(Number(process.hrtime.bigint() - sentAtNs));
    const expected = isOrder ? "accepted" : "canceled";
    if (outcome.status !== expected) throw new Error(`client ${done}: ${outcome.status} instead of ${expected}`);
  }
  return resultOf(recorded);
}

function throughput({ count, frameOrders, window }: ThroughputTask, { raw, start }: Lines): Promise<ThroughputResult> {
  const recordWords = NewOrder.RECORD_BYTES / 4;
  const words = new Int32Array(frameOrders * recordWords);
  const bytes = new Uint8Array(words.buffer);
  let sent = 0;
  let acknowledged = 0;
  let rejected = 0;
  let clOrdIdSum = 0;
  const firstId = clOrdId + 1;
  const startedNs = process.hrtime.bigint();
  return new Promise((resolve) => {
    const fill = (): void => {
      while (sent < count && sent - acknowledged - rejected <= window - frameOrders) {
        const orders = Math.min(frameOrders, count - sent);
        for (let i = 0; i < orders; i++) {
          const id = ++clOrdId;
          writeOrder(words, i * recordWords, { seq: ++rawSeq, clOrdId: id, price: 1 + (id % PRICES), instrument: start.instrument });
        }
        raw.send(bytes.subarray(0, orders * NewOrder.RECORD_BYTES));
        sent += orders;
      }
    };
    raw.onFrame = (reports) => {
      for (let at = 0; at < reports.length; at += Header.length(reports, at) >> 2) {
        const template = Header.templateId(reports, at);
        if (template === TEMPLATES.OrderAccepted) {
          acknowledged += 1;
          clOrdIdSum += OrderAccepted.clOrdId(reports, at) - firstId + 1;
          // The rest tells of the mass cancel between two tasks, which the engine itself asked for.
        } else if (template === TEMPLATES.OrderRejected || template === TEMPLATES.BusinessReject) rejected += 1;
      }
      if (acknowledged + rejected < count) return fill();
      resolve({ acknowledged, rejected, clOrdIdSum, seconds: Number(process.hrtime.bigint() - startedNs) / 1e9 });
    };
    fill();
  });
}

hdr.initWebAssemblySync();
let lines: Promise<Lines> | undefined;
process.on("message", async (message: ClientStart | Task) => {
  try {
    if (!("kind" in message)) {
      lines = open(message);
      await lines;
      process.send?.({ isOpen: true });
    } else if (lines !== undefined) process.send?.(await run(message, await lines));
  } catch (error) {
    process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
process.on("disconnect", () => process.exit(0));

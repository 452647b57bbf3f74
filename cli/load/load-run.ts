import { setTimeout as sleep } from "node:timers/promises";
import { CliError } from "../args/cli-error.js";
import { type InstrumentFacts, RecordSession } from "../net/record-session.js";
import type { Credentials } from "../net/signed-logon.js";
import { LatencyHistogram } from "./latency-histogram.js";
import { LoadLine } from "./load-line.js";
import { openLoop } from "./open-loop.js";
import { OrderFlow } from "./order-flow.js";

export interface LoadPlan {
  readonly url: URL;
  /** A session each. */
  readonly keys: readonly Credentials[];
  /** Undefined: the first instrument. */
  readonly symbol: string | undefined;
  /** The lowest price of the orders in ticks; undefined: the lowest that the instrument takes. */
  readonly priceTicks: number | undefined;
  readonly ratePerSecond: number;
  readonly count: number;
  /** Requests in front of those that count. */
  readonly warmUpCount: number;
  /** How long the machine is listened to before anything is sent. */
  readonly baselineMs: number;
  /** The sender is held up once for so long, halfway; 0: it is not. */
  readonly stallMs: number;
  /** How long the last answers may take. */
  readonly drainMs: number;
}

/** What a run has measured. */
export interface LoadResult {
  readonly symbol: string;
  readonly sent: number;
  readonly answered: number;
  /** Planned, but the target had too much unanswered by then. */
  readonly unsent: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** From the planned time of a request to its answer. */
  readonly latency: LatencyHistogram;
  /** From the planned time of a request to its leaving: what of the latency is the sender's own. */
  readonly lag: LatencyHistogram;
  /** The same lag with nothing to send: what this machine does to anybody at this rate. */
  readonly baseline: LatencyHistogram;
}

/** Runs the plan until it is done or `signal` is aborted. Rejects with CliError when a session cannot be had or is lost. */
export async function runLoad(plan: LoadPlan, signal: AbortSignal): Promise<LoadResult> {
  const baseline = await LatencyHistogram.create();
  await measureBaseline(plan, baseline, signal);
  const sessions: RecordSession[] = [];
  try {
    for (const key of plan.keys) sessions.push(await RecordSession.logOn(plan.url, key));
    return await runOn(sessions, plan, baseline, signal);
  } finally {
    for (const session of sessions) session.drop();
  }
}

/** Plans as many events as the load will, and does nothing at them. */
async function measureBaseline({ ratePerSecond, baselineMs }: LoadPlan, baseline: LatencyHistogram, signal: AbortSignal): Promise<void> {
  const count = Math.floor((ratePerSecond * baselineMs) / 1000);
  const onDue = (_index: number, plannedMs: number): boolean => {
    baseline.record(performance.now() - plannedMs);
    return true;
  };
  await openLoop({ ratePerSecond, count, onDue, afterTurn: () => {}, signal });
}

async function runOn(
  sessions: readonly RecordSession[],
  plan: LoadPlan,
  baseline: LatencyHistogram,
  signal: AbortSignal,
): Promise<LoadResult> {
  const instrument = await chosenInstrument(sessions, plan.symbol);
  const latency = await LatencyHistogram.create();
  const lag = await LatencyHistogram.create();
  const clOrdIdFirst = Math.floor(Date.now() / 1000) * 1_000_000;
  const lines = sessions.map((session) => {
    const flow = new OrderFlow(instrument, plan.priceTicks ?? instrument.minPrice, clOrdIdFirst);
    return new LoadLine(session, flow, 2, (latencyMs) => latency.record(latencyMs));
  });
  await send(plan, lines, plan.warmUpCount, signal, () => {});
  await drained(lines, sessions, plan.drainMs);
  for (const line of lines) line.startRecording();
  const before = total(lines);
  const startMs = performance.now();
  const done = await send(plan, lines, plan.count, signal, (plannedMs, index) => {
    if (plan.stallMs > 0 && index === plan.count >> 1) stall(plan.stallMs);
    lag.record(performance.now() - plannedMs);
  });
  const seconds = (performance.now() - startMs) / 1000;
  await drained(lines, sessions, plan.drainMs);
  const after = total(lines);
  return {
    symbol: instrument.symbol,
    sent: after.sent - before.sent,
    answered: after.answered - before.answered,
    unsent: signal.aborted ? 0 : plan.count - done,
    refused: refusals(lines),
    seconds,
    latency,
    lag,
    baseline,
  };
}

async function chosenInstrument(sessions: readonly RecordSession[], symbol: string | undefined): Promise<InstrumentFacts> {
  let found: InstrumentFacts | undefined;
  // Every session asks, so that all have used the same client seqs.
  for (const session of sessions) {
    const instruments = await session.instruments(1);
    found = symbol === undefined ? instruments[0] : instruments.find((instrument) => instrument.symbol === symbol);
  }
  if (found === undefined)
    throw new CliError(symbol === undefined ? "the engine has no instruments" : `the engine has no instrument ${symbol}`);
  return found;
}

function send(
  plan: LoadPlan,
  lines: readonly LoadLine[],
  count: number,
  signal: AbortSignal,
  onSend: (plannedMs: number, index: number) => void,
): Promise<number> {
  return openLoop({
    ratePerSecond: plan.ratePerSecond,
    count,
    signal,
    onDue: (index, plannedMs) => {
      onSend(plannedMs, index);
      return (lines[index % lines.length] as LoadLine).request(plannedMs);
    },
    afterTurn: () => {
      for (const line of lines) line.flush();
    },
  });
}

/** Waits for the last answers. Throws CliError when a session was lost; what is not answered in time is told by the counts. */
async function drained(lines: readonly LoadLine[], sessions: readonly RecordSession[], drainMs: number): Promise<void> {
  const deadlineMs = performance.now() + drainMs;
  while (lines.some(({ unanswered }) => unanswered > 0) && performance.now() < deadlineMs && sessions.every(({ isOpen }) => isOpen))
    await sleep(1);
  const lost = sessions.find(({ isOpen }) => !isOpen);
  if (lost === undefined) return;
  const { code, reason } = await lost.closed;
  throw new CliError(`the gateway closed a session with ${code} ${lost.notice ?? reason}`.trimEnd());
}

function total(lines: readonly LoadLine[]): { readonly sent: number; readonly answered: number } {
  const counts = lines.map((line) => line.counts);
  return {
    sent: counts.reduce((sum, { sent }) => sum + sent, 0),
    answered: counts.reduce((sum, { answered }) => sum + answered, 0),
  };
}

function refusals(lines: readonly LoadLine[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const line of lines) for (const [reason, count] of line.counts.refused) found[reason] = (found[reason] ?? 0) + count;
  return found;
}

/** Holds this thread up, as a collection of garbage or another process would. */
function stall(ms: number): void {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
}

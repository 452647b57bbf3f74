import { readFileSync, writeFileSync } from "node:fs";
import type { CliCommand, OptionValues, Terminal } from "./args/cli-command.js";
import { CliError, UsageError } from "./args/cli-error.js";
import { EXIT_FAILED, EXIT_OK } from "./args/exit-code.js";
import { integerOption } from "./args/parse-options.js";
import { GUEST } from "./demo/demo-market.js";
import { reportOf, reportText } from "./load/load-report.js";
import { type LoadPlan, type LoadResult, runLoad } from "./load/load-run.js";
import { percentilePlot } from "./load/percentile-plot.js";
import { gatewayUrl } from "./net/loopback.js";
import type { Credentials } from "./net/signed-logon.js";
import { StopSignal } from "./start/stop-signal.js";

const RATE_MAX = 1_000_000;
const SECONDS_MAX = 3_600;
const COUNT_MAX = 100_000_000;
const STALL_MS_MAX = 10_000;
const DRAIN_MS = 5_000;
const DEFAULTS = { rate: 1_000, seconds: 10, warmUp: 2, baseline: 2 } as const;

export const loadCommand: CliCommand = {
  name: "load",
  summary: "put an open-loop load on a gateway and report its latencies",
  usage: [
    "load URL [--key ID --secret S | --keys FILE] [--rate N] [--seconds N | --count N] [--symbol S]",
    "load URL --svg FILE --hdr FILE --json --stall-ms N",
  ],
  details: [
    "Requests leave at planned times, half of them new orders that rest and half their cancels, and a latency counts from the planned",
    "time: what holds anything up is in the figures. Beside them stands what this machine does to a sender that sends nothing.",
    "Ends with 1 when requests were refused, not answered, or could not be sent: such figures are not to be used.",
    "It takes a processor for itself. Without --remote it only goes to this machine.",
  ],
  options: {
    key: { type: "string", value: "ID", describe: `API key (default: ${GUEST}, the guest of ringbook start --demo)` },
    secret: { type: "string", value: "S", describe: `its secret (default: ${GUEST})` },
    keys: { type: "string", value: "FILE", describe: 'several keys, a session each: JSON, [{"id": …, "secret": …}, …]' },
    rate: { type: "string", value: "N", describe: `requests a second over all sessions (default: ${DEFAULTS.rate})` },
    seconds: { type: "string", value: "N", describe: `how long (default: ${DEFAULTS.seconds})` },
    count: { type: "string", value: "N", describe: "how many requests instead" },
    "warm-up": { type: "string", value: "N", describe: `seconds of load in front that do not count (default: ${DEFAULTS.warmUp})` },
    baseline: { type: "string", value: "N", describe: `seconds of listening to the idle machine (default: ${DEFAULTS.baseline})` },
    symbol: { type: "string", value: "S", describe: "instrument (default: the first)" },
    "price-ticks": { type: "string", value: "N", describe: "lowest price of the orders, in ticks (default: the lowest that there is)" },
    "stall-ms": { type: "string", value: "N", describe: "self-test: hold the sender up once for so long; it must show" },
    svg: { type: "string", value: "FILE", describe: "write the percentile curves as a picture" },
    hdr: { type: "string", value: "FILE", describe: "write the latencies' percentile distribution (.hgrm of HdrHistogram)" },
    json: { type: "boolean", describe: "one JSON object instead of the table" },
    remote: { type: "boolean", describe: "URL may be another machine" },
  },
  examples: ["ringbook load ws://127.0.0.1:9001 --rate 5000 --svg load.svg", "ringbook load ws://127.0.0.1:9001 --seconds 3 --stall-ms 20"],
  run: load,
};

async function load(positionals: readonly string[], options: OptionValues, terminal: Terminal): Promise<number> {
  const plan = planOf(positionals, options);
  using stopping = new StopSignal();
  const result = await runLoad(plan, stopping.signal);
  const report = reportOf(plan, result, stopping.signal.aborted);
  await writeFiles(options, result, `Order to report at ${plan.ratePerSecond} requests/s, from the planned send`);
  terminal.stdout.write(options["json"] === true ? `${JSON.stringify(report)}\n` : reportText(report));
  for (const fault of report.faults) terminal.stderr.write(`ringbook: ${fault}\n`);
  return report.faults.length === 0 ? EXIT_OK : EXIT_FAILED;
}

function planOf(positionals: readonly string[], options: OptionValues): LoadPlan {
  const [url] = positionals;
  if (url === undefined || positionals.length > 1) throw new UsageError(`load takes one URL, was given ${positionals.length}`);
  const ratePerSecond = integerOption(options, "rate", 1, RATE_MAX) ?? DEFAULTS.rate;
  const seconds = integerOption(options, "seconds", 1, SECONDS_MAX);
  const count = integerOption(options, "count", 1, COUNT_MAX);
  if (seconds !== undefined && count !== undefined) throw new UsageError("give --seconds or --count, not both");
  const warmUp = integerOption(options, "warm-up", 0, SECONDS_MAX) ?? DEFAULTS.warmUp;
  const baseline = integerOption(options, "baseline", 0, SECONDS_MAX) ?? DEFAULTS.baseline;
  return {
    url: gatewayUrl(url, options["remote"] === true),
    keys: keysOf(options),
    symbol: options["symbol"] as string | undefined,
    priceTicks: integerOption(options, "price-ticks", 1, Number.MAX_SAFE_INTEGER),
    ratePerSecond,
    count: count ?? Math.min(COUNT_MAX, ratePerSecond * (seconds ?? DEFAULTS.seconds)),
    warmUpCount: warmUp * ratePerSecond,
    baselineMs: baseline * 1000,
    stallMs: integerOption(options, "stall-ms", 0, STALL_MS_MAX) ?? 0,
    drainMs: DRAIN_MS,
  };
}

function keysOf(options: OptionValues): readonly Credentials[] {
  const { key, secret, keys } = options as Readonly<Record<string, string | undefined>>;
  if (keys === undefined) return [{ id: key ?? GUEST, secret: secret ?? GUEST }];
  if (key !== undefined || secret !== undefined) throw new UsageError("give --keys or --key and --secret, not both");
  return readKeys(keys);
}

function readKeys(path: string): readonly Credentials[] {
  let found: unknown;
  try {
    found = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new CliError(`cannot read keys from ${path}: ${(error as Error).message}`);
  }
  const isGood =
    Array.isArray(found) && found.length > 0 && found.every((key) => typeof key?.id === "string" && typeof key?.secret === "string");
  if (!isGood) throw new CliError(`${path} must be a list of keys: [{"id": "…", "secret": "…"}]`);
  return found as Credentials[];
}

async function writeFiles(options: OptionValues, { latency, lag, baseline }: LoadResult, title: string): Promise<void> {
  const { hdr, svg } = options as Readonly<Record<string, string | undefined>>;
  if (hdr !== undefined) writeFileSync(hdr, latency.distribution());
  if (svg === undefined) return;
  const lines = [
    { name: "order to report", histogram: latency },
    { name: "lag of the sender", histogram: lag },
    { name: "idle machine", histogram: baseline },
  ];
  writeFileSync(svg, await percentilePlot(title, lines));
}

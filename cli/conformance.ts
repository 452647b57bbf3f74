import { Chalk } from "chalk";
import type { CliCommand, OptionValues, Terminal } from "./args/cli-command.js";
import { CliError, UsageError } from "./args/cli-error.js";
import { EXIT_FAILED, EXIT_OK } from "./args/exit-code.js";
import { choiceOption, integerOption } from "./args/parse-options.js";
import { instrumentsOf } from "./conformance/conformance-instruments.js";
import { ConformanceWorld } from "./conformance/conformance-world.js";
import { PROTOCOLS, type Protocol } from "./conformance/protocol.js";
import { type CheckResult, runChecks } from "./conformance/run-checks.js";
import { GUEST } from "./demo/demo-market.js";
import { gatewayUrl } from "./net/loopback.js";
import type { InstrumentFacts } from "./net/record-session.js";
import type { Credentials } from "./net/signed-logon.js";
import { StopSignal } from "./start/stop-signal.js";

const THROTTLE_REQUESTS = 20_000;
const PROTOCOL_NAMES = PROTOCOLS.map(({ name }) => name);
const THROTTLE_REQUESTS_MAX = 10_000_000;

export const conformanceCommand: CliCommand = {
  name: "conformance",
  summary: "check a gateway against the wire's rules: a green and red list",
  usage: [
    "conformance URL [--protocol sbe|msgpack] [--key ID --secret S] [--symbol S] [--price-ticks N] [--throttle-requests N] [--only TEXT] [--strict] [--json]",
  ],
  details: [
    "Logon, sequences, duplicates and gaps, malformed frames, resume, cancel on disconnect, throttle: what docs/WIRE.md promises, tried",
    "one after the other. The key must be allowed to trade. Its account must be nobody else's meanwhile: ALL OF ITS ORDERS ARE CANCELED.",
    "Orders are buys of the smallest quantity at the lowest price. Ends with 1 when a check fails; a check that cannot be tried says why,",
    "and counts as failed with --strict.",
  ],
  options: {
    protocol: { type: "string", value: "P", describe: "sub-protocol: sbe or msgpack (default: both, one after the other)" },
    key: { type: "string", value: "ID", describe: `API key (default: ${GUEST}, the guest of ringbook start --demo)` },
    secret: { type: "string", value: "S", describe: `its secret (default: ${GUEST})` },
    symbol: { type: "string", value: "S", describe: "instrument (default: the first)" },
    "price-ticks": { type: "string", value: "N", describe: "price of the orders, in ticks (default: the lowest that there is)" },
    "throttle-requests": { type: "string", value: "N", describe: `requests to find the throttle with (default: ${THROTTLE_REQUESTS})` },
    only: { type: "string", value: "TEXT", describe: "only checks whose heading and name have this in them" },
    strict: { type: "boolean", describe: "a check that cannot be tried has failed" },
    json: { type: "boolean", describe: "one JSON object a check instead of the list" },
    remote: { type: "boolean", describe: "URL may be another machine" },
  },
  examples: ["ringbook conformance ws://127.0.0.1:9001", "ringbook conformance ws://127.0.0.1:9001 --key k --secret s --strict"],
  run: conformance,
};

async function conformance(positionals: readonly string[], options: OptionValues, terminal: Terminal): Promise<number> {
  const [text] = positionals;
  if (text === undefined || positionals.length > 1) throw new UsageError(`conformance takes one URL, was given ${positionals.length}`);
  const url = gatewayUrl(text, options["remote"] === true);
  const credentials = { id: (options["key"] as string) ?? GUEST, secret: (options["secret"] as string) ?? GUEST };
  const throttleRequestsMax = integerOption(options, "throttle-requests", 0, THROTTLE_REQUESTS_MAX) ?? THROTTLE_REQUESTS;
  const chosenTicks = integerOption(options, "price-ticks", 1, Number.MAX_SAFE_INTEGER);
  const chosen = choiceOption(options, "protocol", PROTOCOL_NAMES);
  const protocols = PROTOCOLS.filter(({ name }) => chosen === undefined || name === chosen);
  using stopping = new StopSignal();
  const show = options["json"] === true ? showJson(terminal) : showList(terminal);
  const only = (options["only"] as string | undefined) ?? "";
  const results: CheckResult[] = [];
  for (const protocol of protocols) {
    const instrument = await instrumentOf(url, protocol, credentials, options["symbol"] as string | undefined);
    const priceTicks = chosenTicks ?? instrument.minPrice;
    const world = new ConformanceWorld({ url, protocol, credentials, instrument, priceTicks, throttleRequestsMax });
    results.push(...(await runChecks(world, { onResult: show, signal: stopping.signal, only })));
  }
  if (results.length === 0 && !stopping.signal.aborted) throw new UsageError(`no check has ${only} in its name`);
  const count = (verdict: CheckResult["verdict"]): number => results.filter((result) => result.verdict === verdict).length;
  const summary = `${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped\n`;
  (options["json"] === true ? terminal.stderr : terminal.stdout).write(summary);
  if (stopping.signal.aborted) throw new CliError("stopped before the last check");
  const isGood = count("failed") === 0 && (options["strict"] !== true || count("skipped") === 0);
  return isGood ? EXIT_OK : EXIT_FAILED;
}

/** It has to be known before there is anything to check; so a key that cannot log on is found here. */
async function instrumentOf(url: URL, protocol: Protocol, credentials: Credentials, symbol: string | undefined): Promise<InstrumentFacts> {
  const instruments = await instrumentsOf(url, protocol, credentials);
  const found = symbol === undefined ? instruments[0] : instruments.find((instrument) => instrument.symbol === symbol);
  if (found === undefined)
    throw new CliError(symbol === undefined ? "the engine has no instruments" : `the engine has no instrument ${symbol}`);
  return found;
}

function showJson({ stdout }: Terminal): (result: CheckResult) => void {
  return (result) => void stdout.write(`${JSON.stringify({ ...result, ms: Math.round(result.ms) })}\n`);
}

function showList({ stdout }: Terminal): (result: CheckResult) => void {
  const chalk = new Chalk(stdout.isTTY === true ? {} : { level: 0 });
  const marks = { passed: chalk.green("ok      "), failed: chalk.red("FAILED  "), skipped: chalk.yellow("skipped ") };
  let heading = "";
  return ({ protocol, group, name, verdict, text }) => {
    if (`${protocol} ${group}` !== heading) stdout.write(`${protocol}: ${group}\n`);
    heading = `${protocol} ${group}`;
    stdout.write(`  ${marks[verdict]}${name}\n${text === undefined ? "" : `          ${text}\n`}`);
  };
}

import { type Logger, pino } from "pino";
import type { CliCommand, OptionValues, Terminal } from "./args/cli-command.js";
import { CliError, UsageError } from "./args/cli-error.js";
import { EXIT_OK } from "./args/exit-code.js";
import { choiceOption, integerOption } from "./args/parse-options.js";
import { readConfigFile } from "./config/check-file.js";
import { type ConfigFile, mergeConfig, type Overrides, type StartConfig } from "./config/start-config.js";
import { DURABILITIES, LOG_LEVELS, PORT_MAX, readVariables, TRANSPORTS } from "./config/variables.js";
import { demoEngine, demoKeys, demoTokens, GUEST, GUEST_TOKEN } from "./demo/demo-market.js";
import { runDemo } from "./start/run-demo.js";
import { Server } from "./start/server.js";
import { StopSignal } from "./start/stop-signal.js";
import { ReplayBar } from "./view/replay-progress.js";

const SECONDS_MAX = 2 ** 31 / 1000 - 1;

export const startCommand: CliCommand = {
  name: "start",
  summary: "start an engine and its WebSocket gateway",
  usage: [
    "start --config FILE [--port N] [--host H] [--transport auto|uws|ws] [--seconds N] [--log-level L]",
    "start --config FILE [--journal DIR] [--durability none|async|group] [--no-journal] [--cut-damage]",
    "start --demo [--plain] [the same flags]",
  ],
  details: [
    "With a configuration it serves what that declares. With --demo it brings two instruments, market makers and",
    `takers on WebSocket connections of their own, and a view; key and secret "${GUEST}" let you join in.`,
    "Its count of orders takes in everything that the bots send: new orders, replaces and cancels.",
    "Settings come from flags, then RINGBOOK_CONFIG, RINGBOOK_HOST, RINGBOOK_PORT, RINGBOOK_TRANSPORT and",
    "RINGBOOK_LOG_LEVEL, then the file, then the defaults. Ctrl-C stops cleanly.",
    "Every command is kept in a journal (RINGBOOK_JOURNAL, RINGBOOK_DURABILITY, or engine.journal in the file; default:",
    "ringbook-data/main, for the demo ringbook-data/demo), and the next start goes on from there.",
    "With an admin port (RINGBOOK_ADMIN_PORT, RINGBOOK_ADMIN_HOST, or admin in the file) it serves the admin API",
    `and /livez, /readyz, /version and /metrics over HTTP; in the demo the token "${GUEST_TOKEN}" may read.`,
  ],
  options: {
    config: { type: "string", value: "FILE", describe: "what to serve (JSON; see: ringbook check-config --help)" },
    demo: { type: "boolean", describe: "a market that trades by itself" },
    seconds: { type: "string", value: "N", describe: "stop after so many seconds" },
    port: { type: "string", value: "N", describe: "TCP port, 0: any that is free (default: 9001)" },
    host: { type: "string", value: "H", describe: "address to listen on (default: 127.0.0.1, this machine only)" },
    transport: { type: "string", value: "auto|uws|ws", describe: "WebSocket server (default: auto)" },
    "admin-port": { type: "string", value: "N", describe: "TCP port of the admin API, 0: any that is free (default: no admin API)" },
    "admin-host": { type: "string", value: "H", describe: "address of the admin API (default: 127.0.0.1)" },
    journal: { type: "string", value: "DIR", describe: "folder of the journal (default: ringbook-data/main or ringbook-data/demo)" },
    durability: {
      type: "string",
      value: "none|async|group",
      describe: "what a reply waits for: nothing, the write, or the sync (default: group)",
    },
    "no-journal": { type: "boolean", describe: "keep nothing: the next start begins empty" },
    "cut-damage": { type: "boolean", describe: "cut a damaged journal where the damage begins; what follows is lost" },
    plain: { type: "boolean", describe: "with --demo: a line a second instead of the screen" },
    "log-level": { type: "string", value: "L", describe: `one of ${LOG_LEVELS.join(", ")} (default: info; warn beside the screen)` },
  },
  examples: ["ringbook start --demo", "ringbook start --demo --seconds 10 --plain", "ringbook start --config ringbook.json --port 9010"],
  run: start,
};

async function start(positionals: readonly string[], options: OptionValues, terminal: Terminal): Promise<number> {
  if (positionals.length > 0) throw new UsageError(`start takes no ${positionals[0]}`);
  const isDemo = options["demo"] === true;
  const isPlain = options["plain"] === true;
  if (isPlain && !isDemo) throw new UsageError("--plain belongs to --demo");
  const seconds = integerOption(options, "seconds", 1, SECONDS_MAX);
  const config = settings(isDemo, options, terminal);
  const hasScreen = isDemo && !isPlain && terminal.stdout.isTTY === true;
  const level = hasScreen && config.logLevel === "info" ? "warn" : config.logLevel;
  const logger = pino({ level }, terminal.stderr as Parameters<typeof pino>[1]);
  using stopping = new StopSignal();
  const bar = new ReplayBar(terminal);
  const { signal } = stopping;
  const server = await Server.open(config, logger, { onStop: () => stopping.stopNow(), signal, onProgress: bar.show })
    .catch((error: unknown) => (signal.aborted && error === signal.reason ? undefined : Promise.reject(error)))
    .finally(() => bar.end());
  if (server === undefined) {
    logger.info("stopped before it had started");
    return EXIT_OK;
  }
  if (seconds !== undefined) stopping.stopAfter(seconds);
  try {
    if (isDemo) await runDemo(server, config, { isPlain, stop: stopping.signal, terminal });
    else await serve(server, stopping, logger);
  } finally {
    await server.close();
  }
  return EXIT_OK;
}

async function serve(server: Server, stopping: StopSignal, logger: Logger): Promise<void> {
  logger.info({ url: server.url, transport: server.gateway.transport }, "serving");
  const error = await Promise.race([server.engine.failed, server.gateway.failed, stopping.stopped]);
  if (error instanceof Error) throw new CliError(error.message);
  logger.info(server.engine.counters(), "stopping");
}

function settings(isDemo: boolean, options: OptionValues, terminal: Terminal): StartConfig {
  const variables = readVariables(terminal.env);
  const path = (options["config"] as string | undefined) ?? (isDemo ? undefined : terminal.env["RINGBOOK_CONFIG"]);
  if (isDemo && path !== undefined) throw new UsageError("--demo brings its own market: leave out --config");
  if (!isDemo && path === undefined) throw new UsageError("nothing to serve: give --config FILE or --demo");
  const file: ConfigFile = path === undefined ? demoFile() : readConfigFile(path);
  const config = mergeConfig(flagsOf(options), variables, file);
  const { journal } = config.engine;
  return options["cut-damage"] === true && journal !== undefined
    ? { ...config, engine: { ...config.engine, journal: { ...journal, cutDamage: true } } }
    : config;
}

function demoFile(): ConfigFile {
  return { engine: demoEngine(), gateway: { keys: demoKeys() }, admin: { tokens: demoTokens() } };
}

function flagsOf(options: OptionValues): Overrides {
  const host = options["host"] as string | undefined;
  const port = integerOption(options, "port", 0, PORT_MAX);
  const transport = choiceOption(options, "transport", TRANSPORTS);
  const journalDir = options["journal"] as string | undefined;
  const durability = choiceOption(options, "durability", DURABILITIES);
  const noJournal = options["no-journal"] === true;
  if (noJournal && (journalDir ?? durability) !== undefined)
    throw new UsageError("--no-journal keeps nothing: leave out --journal and --durability");
  if (journalDir === "") throw new UsageError("--journal must be a folder, was empty");
  const adminHost = options["admin-host"] as string | undefined;
  const adminPort = integerOption(options, "admin-port", 0, PORT_MAX);
  const logLevel = choiceOption(options, "log-level", LOG_LEVELS);
  return {
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(transport === undefined ? {} : { transport }),
    ...(logLevel === undefined ? {} : { logLevel }),
    ...(journalDir === undefined ? {} : { journalDir }),
    ...(durability === undefined ? {} : { durability }),
    ...(noJournal ? { noJournal } : {}),
    ...(adminHost === undefined ? {} : { adminHost }),
    ...(adminPort === undefined ? {} : { adminPort }),
  };
}

import type { Durability } from "../../engine/index.js";
import { nearest } from "../args/nearest.js";
import { ConfigProblems } from "./config-problems.js";
import type { LogLevel, Overrides } from "./start-config.js";

export const TRANSPORTS = ["auto", "uws", "ws"] as const;
export const LOG_LEVELS: readonly LogLevel[] = ["trace", "debug", "info", "warn", "error", "fatal", "silent"];
export const DURABILITIES = ["none", "async", "group"] as const satisfies readonly Durability[];
export const PORT_MAX = 65_535;

const PREFIX = "RINGBOOK_";
/** RINGBOOK_DATA belongs to the tests: it names the folder of their data. */
const KNOWN = [
  "RINGBOOK_CONFIG",
  "RINGBOOK_HOST",
  "RINGBOOK_PORT",
  "RINGBOOK_TRANSPORT",
  "RINGBOOK_LOG_LEVEL",
  "RINGBOOK_ADMIN_HOST",
  "RINGBOOK_ADMIN_PORT",
  "RINGBOOK_JOURNAL",
  "RINGBOOK_DURABILITY",
  "RINGBOOK_DATA",
];

type Environment = Readonly<Record<string, string | undefined>>;

/** What RINGBOOK_* variables set. Throws ConfigProblems with all that are unknown or have no good value. */
export function readVariables(env: Environment): Overrides {
  const problems: string[] = [];
  for (const name of Object.keys(env)) {
    if (!name.startsWith(PREFIX) || KNOWN.includes(name)) continue;
    const meant = nearest(name, KNOWN);
    problems.push(`${name}: unknown variable${meant === undefined ? "" : `, did you mean ${meant}?`}`);
  }
  const host = env["RINGBOOK_HOST"];
  const port = env["RINGBOOK_PORT"];
  const transport = oneOf(env, "RINGBOOK_TRANSPORT", TRANSPORTS, problems);
  const logLevel = oneOf(env, "RINGBOOK_LOG_LEVEL", LOG_LEVELS, problems);
  const durability = oneOf(env, "RINGBOOK_DURABILITY", DURABILITIES, problems);
  const journalDir = env["RINGBOOK_JOURNAL"];
  if (journalDir === "") problems.push("RINGBOOK_JOURNAL: must be a folder, was empty");
  const adminHost = env["RINGBOOK_ADMIN_HOST"];
  const adminPort = env["RINGBOOK_ADMIN_PORT"];
  if (port !== undefined && !isPort(port)) problems.push(`RINGBOOK_PORT: must be an integer from 0 to ${PORT_MAX}, was ${port}`);
  if (adminPort !== undefined && !isPort(adminPort))
    problems.push(`RINGBOOK_ADMIN_PORT: must be an integer from 0 to ${PORT_MAX}, was ${adminPort}`);
  if (problems.length > 0) throw new ConfigProblems("the environment", problems);
  return {
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(transport === undefined ? {} : { transport }),
    ...(logLevel === undefined ? {} : { logLevel }),
    ...(durability === undefined ? {} : { durability }),
    ...(journalDir === undefined ? {} : { journalDir }),
    ...(adminHost === undefined ? {} : { adminHost }),
    ...(adminPort === undefined ? {} : { adminPort: Number(adminPort) }),
  };
}

function oneOf<T extends string>(env: Environment, name: string, choices: readonly T[], problems: string[]): T | undefined {
  const value = env[name];
  const choice = choices.find((candidate) => candidate === value);
  if (value !== undefined && choice === undefined) problems.push(`${name}: must be one of ${choices.join(", ")}, was ${value}`);
  return choice;
}

function isPort(text: string): boolean {
  return /^[0-9]+$/.test(text) && Number(text) <= PORT_MAX;
}

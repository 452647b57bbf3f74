import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import { type Command, CommandError, Core } from "../../engine/edge/index.js";
import { CliError } from "../args/cli-error.js";
import { EXIT_CONFIG } from "../args/exit-code.js";
import { nearest } from "../args/nearest.js";
import { packageFile } from "../package-file.js";
import { parseJson } from "../script/parse-line.js";
import { ConfigProblems } from "./config-problems.js";
import type { ConfigFile } from "./start-config.js";

/** Keys that the design has and this version has not. */
const NOT_BUILT: readonly string[] = [];

/** Reads and checks a configuration file. Throws CliError (78) when it cannot be read, ConfigProblems with all that is wrong. */
export function readConfigFile(path: string): ConfigFile {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new CliError(`cannot read ${path}: ${(error as Error).message}`, EXIT_CONFIG);
  }
  return checkConfigText(text, path);
}

/** `source` names the text in messages. Throws ConfigProblems. */
export function checkConfigText(text: string, source: string): ConfigFile {
  const value = parse(text, source);
  const validate = compiledSchema();
  if (!validate(value)) throw new ConfigProblems(source, (validate.errors ?? []).map(describe));
  const config = value as ConfigFile;
  const problems = [
    ...engineProblems(config),
    ...sizeProblems(config),
    ...keyProblems(config),
    ...jwtProblems(config),
    ...tokenProblems(config),
  ];
  if (problems.length > 0) throw new ConfigProblems(source, problems);
  return config;
}

function parse(text: string, source: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof CommandError) throw new ConfigProblems(source, [error.message]);
    throw error;
  }
}

let compiled: ValidateFunction | undefined;

function compiledSchema(): ValidateFunction {
  const schema = JSON.parse(readFileSync(packageFile("cli/config.schema.json"), "utf8")) as object;
  compiled ??= new Ajv2020({ allErrors: true, allowUnionTypes: true, verbose: true }).compile(schema);
  return compiled;
}

function describe(error: ErrorObject): string {
  const path = pathOf(error.instancePath);
  switch (error.keyword) {
    case "additionalProperties": {
      const key = error.params["additionalProperty"] as string;
      return `${join(path, key)}: ${NOT_BUILT.includes(key) ? "is not built yet, leave it out" : `unknown key${suggestion(key, error)}`}`;
    }
    case "required":
      return `${join(path, error.params["missingProperty"] as string)}: is missing`;
    case "enum":
      return `${path}: must be one of ${(error.params["allowedValues"] as unknown[]).join(", ")}, was ${JSON.stringify(error.data)}`;
    default:
      return `${path === "" ? "the file" : path}: ${error.message ?? error.keyword}, was ${shown(path, error.data)}`;
  }
}

const SECRETS: ReadonlySet<string> = new Set(["secret", "token"]);

/** What was found, but for secrets: messages end up in logs. */
function shown(path: string, data: unknown): string {
  const hide = (key: string, value: unknown): unknown => (SECRETS.has(key) && typeof value !== "object" ? "…" : value);
  const isSecret = SECRETS.has(path.slice(path.lastIndexOf(".") + 1)) && typeof data !== "object";
  return isSecret ? "something else" : JSON.stringify(data, hide);
}

function suggestion(key: string, error: ErrorObject): string {
  const known = Object.keys((error.parentSchema?.["properties"] ?? {}) as object);
  const meant = nearest(key, known);
  return meant === undefined ? `; known are ${known.join(", ")}` : `, did you mean ${meant}?`;
}

/** `/engine/instruments/0` as people write it: `engine.instruments[0]`. */
function pathOf(pointer: string): string {
  const parts = pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  return parts.reduce((path, part) => (/^[0-9]+$/.test(part) ? `${path}[${part}]` : join(path, part)), "");
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

/** What a schema cannot say: the engine's own rules, asked of a core that is set up the same way. */
function engineProblems({ engine = {} }: ConfigFile): string[] {
  const core = new Core({ capacities: { ...engine.capacities, orders: 1, levels: 1, positions: 1, balances: 1, movements: 1 } });
  const problems: string[] = [];
  const declare = (path: string, command: Command): void => {
    try {
      core.apply(command, (event) => {
        if (event.event === "rejected") problems.push(`${path}: ${event.reason}: ${event.text}`);
      });
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      problems.push(`${path}: ${error.message}`);
    }
  };
  for (const [currency, rest] of Object.entries(engine.currencies ?? {}))
    declare(`engine.currencies.${currency}`, { cmd: "currency", currency, ...rest });
  for (const [index, spec] of (engine.instruments ?? []).entries()) declare(`engine.instruments[${index}]`, { cmd: "instrument", ...spec });
  for (const [index, { name, ...rest }] of (engine.accounts ?? []).entries()) {
    declare(`engine.accounts[${index}]`, { cmd: "account", account: name, ...rest });
  }
  return problems;
}

function sizeProblems({ engine, gateway }: ConfigFile): string[] {
  const sizes: readonly (readonly [path: string, size: number | undefined])[] = [
    ["engine.journal.ringCapacityBytes", engine?.journal?.ringCapacityBytes],
    ["gateway.limits.replayBytes", gateway?.limits?.replayBytes],
    ["gateway.limits.maxRequestsKept", gateway?.limits?.maxRequestsKept],
  ];
  return sizes.flatMap(([path, size]) =>
    size === undefined || Number.isInteger(Math.log2(size)) ? [] : [`${path}: must be a power of two, was ${size}`],
  );
}

function keyProblems({ engine, gateway }: ConfigFile): string[] {
  const accounts = new Set(engine?.accounts?.map(({ name }) => name));
  const seen = new Set<string>();
  return (gateway?.keys ?? []).flatMap(({ id, account, permissions, dropCopyAccounts = [] }, index) => {
    const isTwice = seen.has(id);
    seen.add(id);
    const path = `gateway.keys[${index}]`;
    const isHomeless = account === undefined && (permissions.includes("trade") || permissions.includes("read"));
    const unknown = dropCopyAccounts.filter((name) => !accounts.has(name));
    return [
      ...(isTwice ? [`${path}.id: ${id} is there twice`] : []),
      ...(isHomeless ? [`${path}.account: is missing, and ${id} is to trade or to read`] : []),
      ...(account === undefined || accounts.has(account) ? [] : [`${path}.account: there is no account ${account}`]),
      ...unknown.map((name) => `${path}.dropCopyAccounts: there is no account ${name}`),
    ];
  });
}

function jwtProblems({ gateway }: ConfigFile): string[] {
  const { token } = gateway ?? {};
  if (token === undefined) return [];
  if (token.algorithm === "HS256") return token.secret === undefined ? ["gateway.token.secret: is missing, HS256 needs it"] : [];
  try {
    createPublicKey(token.publicKey ?? "");
    return [];
  } catch {
    return [`gateway.token.publicKey: must be a public key in PEM for ${token.algorithm}`];
  }
}

function tokenProblems({ admin }: ConfigFile): string[] {
  const names = new Set<string>();
  const secrets = new Set<string>();
  return (admin?.tokens ?? []).flatMap(({ name, token }, index) => {
    const problems = [
      ...(names.has(name) ? [`admin.tokens[${index}].name: ${name} is there twice`] : []),
      ...(secrets.has(token) ? [`admin.tokens[${index}].token: is the token of another name too`] : []),
    ];
    names.add(name);
    secrets.add(token);
    return problems;
  });
}

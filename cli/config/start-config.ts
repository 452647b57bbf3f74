import type { EngineConfig } from "../../engine/index.js";
import type { AdminOptions } from "../../gateway/admin/index.js";
import type { GatewayKey, GatewayLimits, GatewayOptions, TransportChoice } from "../../gateway/index.js";
import { type JournalOverrides, withJournal } from "./journal-settings.js";

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";

/** What only the file can set. */
type FileOptions = Pick<GatewayOptions, "duplicateLogon" | "origins" | "token" | "throttle">;

/** The file as `config.schema.json` describes it. */
export interface ConfigFile {
  readonly log?: { readonly level?: LogLevel };
  readonly engine?: EngineConfig;
  readonly gateway?: FileOptions & {
    readonly host?: string;
    readonly port?: number;
    readonly transport?: TransportChoice;
    readonly keys?: readonly GatewayKey[];
    readonly limits?: Partial<GatewayLimits>;
  };
  readonly admin?: AdminFile;
}

/** What of the admin server can be configured. */
export type AdminFile = Partial<Omit<AdminOptions, "version" | "gateways" | "onShutdown" | "logger">>;

/** What flags and RINGBOOK_* variables may set, too. */
export interface Overrides extends JournalOverrides {
  readonly host?: string;
  readonly port?: number;
  readonly transport?: TransportChoice;
  readonly logLevel?: LogLevel;
  readonly adminHost?: string;
  readonly adminPort?: number;
}

/** All settings of `ringbook start`, none left open. */
export interface StartConfig extends FileOptions {
  readonly engine: EngineConfig;
  readonly host: string;
  readonly port: number;
  readonly transport: TransportChoice;
  readonly keys: readonly GatewayKey[];
  readonly limits: Partial<GatewayLimits>;
  readonly logLevel: LogLevel;
  /** Undefined: there is none. */
  readonly admin: (AdminFile & { readonly port: number }) | undefined;
}

const DEFAULTS = { host: "127.0.0.1", port: 9001, transport: "auto", logLevel: "info" } as const;

/** Flags before variables before the file before the defaults. */
export function mergeConfig(flags: Overrides, variables: Overrides, file: ConfigFile): StartConfig {
  const { keys = [], limits = {}, ...ofGateway } = file.gateway ?? {};
  const ofLog = file.log?.level === undefined ? {} : { logLevel: file.log.level };
  const { adminHost, adminPort, journalDir, durability, noJournal, ...overrides } = { ...variables, ...flags };
  const engine = withJournal(file.engine ?? {}, { journalDir, durability, noJournal });
  const admin = adminOf(file.admin ?? {}, adminHost, adminPort);
  return { ...DEFAULTS, ...ofGateway, ...ofLog, ...overrides, engine, keys, limits, admin };
}

function adminOf(file: AdminFile, host: string | undefined, port: number | undefined): StartConfig["admin"] {
  const chosen = port ?? file.port;
  return chosen === undefined ? undefined : { ...file, port: chosen, ...(host === undefined ? {} : { host }) };
}

import type { Logger } from "pino";
import {
  ConfigError,
  type Engine,
  type EngineConfig,
  EngineFailedError,
  JournalError,
  type ReplayProgress,
  raiseInliningBudget,
  type ShardedEngine,
  startEngine,
} from "../../engine/index.js";
import type { AdminServer } from "../../gateway/admin/index.js";
import { Gateway, GatewayError, type GatewayErrorCode } from "../../gateway/index.js";
import { CliError } from "../args/cli-error.js";
import { EXIT_CONFIG, EXIT_FAILED } from "../args/exit-code.js";
import type { StartConfig } from "../config/start-config.js";
import { packageVersion } from "../package-file.js";

/** What sessions are given to cancel their orders when the process is asked to stop. */
const SHUTDOWN_MS = 500;

export interface ServerCallbacks {
  /** An admin ends the process. */
  readonly onStop: () => void;
  /** Gives up a start that is not done, however long its recovery would take. */
  readonly signal: AbortSignal;
  /** The journal is being recovered. */
  readonly onProgress: (progress: ReplayProgress) => void;
}

/** An engine on its thread, a gateway in front of it, and the admin API when it is wanted. */
export class Server {
  private constructor(
    readonly engine: Engine | ShardedEngine,
    readonly gateway: Gateway,
    readonly admin: AdminServer | undefined,
    readonly url: string,
  ) {}

  /**
   * Throws CliError: 78 for what the configuration is to blame for, 1 for what the machine is; and the signal's reason when it is aborted first.
   */
  static async open(config: StartConfig, logger: Logger, { onStop, signal, onProgress }: ServerCallbacks): Promise<Server> {
    const { engine: ofEngine, admin: ofAdmin, logLevel: _, limits, ...ofGateway } = config;
    const { host } = ofGateway;
    // This process is ours, so its compiler may be told what suits the order path.
    raiseInliningBudget();
    let engine: Engine | ShardedEngine | undefined;
    let gateway: Gateway | undefined;
    try {
      engine = await startEngine(withProgress(ofEngine, onProgress), { signal });
      logRecovery(engine, logger);
      gateway = await Gateway.listen(engine, { ...ofGateway, limits: { shutdownMs: SHUTDOWN_MS, ...limits }, logger });
      const admin = ofAdmin === undefined ? undefined : await openAdmin(ofAdmin, engine, gateway, logger, onStop);
      return new Server(engine, gateway, admin, `ws://${host.includes(":") ? `[${host}]` : host}:${gateway.port}`);
    } catch (error) {
      await gateway?.close();
      await engine?.close();
      throw asCliError(error);
    }
  }

  /** Sessions are told before the engine goes; probes say no meanwhile. */
  async close(): Promise<void> {
    this.gateway.drain(true);
    await this.gateway.close();
    await this.engine.close();
    await this.admin?.close();
    // What it failed at while it was being closed is met here.
    const error = await this.engine.failed;
    if (error !== undefined) throw new CliError(error.message, EXIT_FAILED);
  }
}

/** Its router and metrics are only loaded when they are wanted. */
async function openAdmin(
  options: NonNullable<StartConfig["admin"]>,
  engine: Engine | ShardedEngine,
  gateway: Gateway,
  logger: Logger,
  onShutdown: () => void,
): Promise<AdminServer> {
  const { AdminError, AdminServer } = await import("../../gateway/admin/index.js");
  try {
    return await AdminServer.listen(engine, { ...options, gateways: [gateway], version: packageVersion(), logger, onShutdown });
  } catch (error) {
    if (error instanceof AdminError)
      throw new CliError(`admin: ${error.message}`, error.code === "LISTEN_FAILED" ? EXIT_FAILED : EXIT_CONFIG);
    throw error;
  }
}

function withProgress(engine: EngineConfig, onProgress: ServerCallbacks["onProgress"]): EngineConfig {
  return engine.journal === undefined ? engine : { ...engine, journal: { ...engine.journal, onProgress } };
}

/** Says what the start has found. */
function logRecovery(engine: Engine | ShardedEngine, logger: Logger): void {
  const journal = engine.journal();
  if (journal === undefined) return logger.warn("no journal: nothing is kept");
  const { dir, recovery } = journal;
  const { badSnapshots, ...found } = recovery;
  logger.info({ dir, ...found }, recovery.lastSeq === 0 ? "journal begun" : "journal recovered");
  for (const text of badSnapshots) logger.warn(text);
}

/** What no other configuration would mend. */
const MACHINE_CODES: ReadonlySet<GatewayErrorCode> = new Set(["LISTEN_FAILED", "ENGINE_FAILED", "ENGINE_NOT_READY"]);

function asCliError(error: unknown): unknown {
  if (error instanceof ConfigError) return new CliError(error.message, EXIT_CONFIG);
  if (error instanceof JournalError) return new CliError(error.message, EXIT_FAILED);
  if (error instanceof EngineFailedError) return new CliError(error.message, EXIT_FAILED);
  if (error instanceof GatewayError) return new CliError(error.message, MACHINE_CODES.has(error.code) ? EXIT_FAILED : EXIT_CONFIG);
  return error;
}

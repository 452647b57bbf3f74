import type { Logger } from "pino";
import { ConfigError, Engine, EngineFailedError, raiseInliningBudget } from "../../engine/index.js";
import { Gateway, GatewayError, type GatewayErrorCode } from "../../gateway/index.js";
import { CliError } from "../args/cli-error.js";
import { EXIT_CONFIG, EXIT_FAILED } from "../args/exit-code.js";
import type { StartConfig } from "../config/start-config.js";

/** An engine on its thread and a gateway in front of it. */
export class Server {
  private constructor(
    readonly engine: Engine,
    readonly gateway: Gateway,
    readonly url: string,
  ) {}

  /** Throws CliError: 78 for what the configuration is to blame for, 1 for what the machine is. */
  static async open(config: StartConfig, logger: Logger): Promise<Server> {
    const { host, port, transport, keys, limits } = config;
    // This process is ours, so its compiler may be told what suits the order path.
    raiseInliningBudget();
    let engine: Engine | undefined;
    try {
      engine = await Engine.start(config.engine);
      const gateway = await Gateway.listen(engine, { host, port, transport, keys, limits, logger });
      return new Server(engine, gateway, `ws://${host.includes(":") ? `[${host}]` : host}:${gateway.port}`);
    } catch (error) {
      await engine?.close();
      throw asCliError(error);
    }
  }

  /** Sessions are told before the engine goes. */
  async close(): Promise<void> {
    await this.gateway.close();
    await this.engine.close();
  }
}

/** What no other configuration would mend. */
const MACHINE_CODES: ReadonlySet<GatewayErrorCode> = new Set(["LISTEN_FAILED", "ENGINE_FAILED", "ENGINE_NOT_READY"]);

function asCliError(error: unknown): unknown {
  if (error instanceof ConfigError) return new CliError(error.message, EXIT_CONFIG);
  if (error instanceof EngineFailedError) return new CliError(error.message, EXIT_FAILED);
  if (error instanceof GatewayError) return new CliError(error.message, MACHINE_CODES.has(error.code) ? EXIT_FAILED : EXIT_CONFIG);
  return error;
}

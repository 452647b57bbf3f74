import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The compiled command line, from `test/proof` and from `dist/test/proof`. */
const CLI = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "../../dist/cli/ringbook.js" : "../../cli/ringbook.js", import.meta.url),
);
const execute = promisify(execFile);
const LOG_CHARS_KEPT = 4000;

/** `ringbook start` as a process of its own. */
export class ServerProcess {
  /** Resolves with the gateway's port; rejects when the process ends before there is one. */
  readonly port: Promise<number>;
  private readonly child: ChildProcess;
  private readonly exited: Promise<unknown[]>;
  private log = "";

  constructor(configPath: string, nodeFlags: readonly string[] = []) {
    this.child = spawn(process.execPath, [...nodeFlags, CLI, "start", "--config", configPath, "--port", "0"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.exited = once(this.child, "exit");
    this.port = new Promise((resolve, reject) => {
      this.child.stderr?.on("data", (chunk: Buffer) => {
        this.log = (this.log + chunk.toString()).slice(-LOG_CHARS_KEPT);
        const line = this.log.split("\n").find((text) => text.includes('"gateway listening"') && text.endsWith("}"));
        if (line !== undefined) resolve(JSON.parse(line).port);
      });
      this.child.once("exit", (code, signal) => reject(new Error(`ringbook start ended with ${code ?? signal}:\n${this.log}`)));
    });
    // Whoever kills it while it starts does not ask for the port.
    this.port.catch(() => {});
  }

  /** At once, whatever it is doing. Resolves when it is gone. */
  async killNine(): Promise<void> {
    if (this.child.exitCode !== null) throw new Error(`ringbook start had ended by itself with ${this.child.exitCode}:\n${this.log}`);
    this.child.kill("SIGKILL");
    await this.exited;
  }

  /** As an operator would. Throws when it does not end well. */
  async stop(): Promise<void> {
    this.child.kill("SIGTERM");
    const [code] = await this.exited;
    if (code !== 0) throw new Error(`ringbook start ended with ${code} on SIGTERM:\n${this.log}`);
  }

  /** For whoever leaves early. */
  abandon(): void {
    this.child.kill("SIGKILL");
  }
}

export interface Replayed {
  readonly seq: number;
  readonly digest: string;
  readonly digestsCompared: number;
}

/** `ringbook replay` in a process of its own. */
export async function replayProcess(dir: string, ...args: string[]): Promise<Replayed> {
  const { stdout } = await execute(process.execPath, [CLI, "replay", dir, ...args]);
  return JSON.parse(stdout) as Replayed;
}

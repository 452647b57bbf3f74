import type { EnginePort } from "./engine-port.js";
import { GatewayError } from "./gateway-error.js";

/**
 * Waits until a new port takes and tells something. Rejects with GatewayError ENGINE_FAILED when it never will, with
 * ENGINE_NOT_READY when it takes longer than `timeoutMs`, with the signal's reason when that is aborted meanwhile.
 */
export async function portStarted(port: EnginePort, timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
  const failures: Error[] = [];
  const giveUp = (): void => port.close();
  port.onFailure((error) => failures.push(error));
  signal?.addEventListener("abort", giveUp, { once: true });
  await port.whenReady(timeoutMs);
  signal?.removeEventListener("abort", giveUp);
  signal?.throwIfAborted();
  for (const cause of failures) throw engineFailed(cause);
  if (!port.hasStarted) throw new GatewayError("ENGINE_NOT_READY", `the engine had not taken the gateway in after ${timeoutMs} ms`);
}

/** What `listen` rejects with when the engine is not there. */
export function engineFailed(cause: Error): GatewayError {
  return new GatewayError("ENGINE_FAILED", `the engine cannot be served: ${cause.message}`, { cause });
}

/** The thread of a GatewayThread: one gateway behind the port of a ticket. */
import { parentPort, workerData } from "node:worker_threads";
import { destination, pino } from "pino";
import { portOfTickets } from "../engine/index.js";
import { Gateway } from "./gateway.js";
import { GatewayError } from "./gateway-error.js";
import type { FromThread, ThreadStart, ToThread } from "./gateway-thread.js";

const STDERR = 2;

const { ticket, options } = workerData as ThreadStart;
const { logLevel = "silent", ...rest } = options;

function tell(message: FromThread): void {
  parentPort?.postMessage(message);
}

try {
  const logger = pino({ level: logLevel }, destination(STDERR));
  const gateway = await Gateway.listen({ openPort: () => portOfTickets(ticket) }, { ...rest, logger });
  const abort = async (): Promise<void> => {
    await gateway.abort();
    // Nothing else keeps the thread.
    parentPort?.close();
  };
  // An error ends the thread, but not with sockets of uWebSockets.js open: that would end the process.
  process.on("uncaughtException", (error) => {
    tell({ kind: "over", error: error.message });
    void abort();
  });
  parentPort?.on("message", (message: ToThread) => {
    if (message === "stats") tell({ kind: "stats", stats: gateway.stats() });
    else if (message === "abort") void abort();
    else void gateway.close();
  });
  void gateway.failed.then(async (error) => {
    tell({ kind: "over", error: error?.message });
    await gateway.close();
    parentPort?.close();
  });
  tell({ kind: "listening", port: gateway.port, transport: gateway.transport });
} catch (error) {
  const code = error instanceof GatewayError ? error.code : undefined;
  tell({ kind: "refused", code, message: error instanceof Error ? error.message : String(error) });
}

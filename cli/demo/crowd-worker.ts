import { parentPort, workerData } from "node:worker_threads";
import { BotCrowd, type CrowdOptions, type CrowdStats } from "./bot-crowd.js";

/** What the crowd's thread tells; it is told nothing but `"stop"`. */
export type CrowdMessage =
  | { readonly kind: "ready" }
  | { readonly kind: "stats"; readonly stats: CrowdStats }
  | { readonly kind: "failed"; readonly message: string };

const STATS_MS = 200;

const port = parentPort;
if (port === null) throw new Error("crowd-worker is the entry of a worker thread");
const tell = (message: CrowdMessage): void => port.postMessage(message);
const crowd = new BotCrowd(workerData as CrowdOptions);
const timer = setInterval(() => tell({ kind: "stats", stats: crowd.stats() }), STATS_MS);
port.on("message", () => crowd.stop());
try {
  await crowd.connect();
  tell({ kind: "ready" });
  await crowd.run();
  tell({ kind: "stats", stats: crowd.stats() });
} catch (error) {
  tell({ kind: "failed", message: (error as Error).message });
} finally {
  clearInterval(timer);
  port.close();
}

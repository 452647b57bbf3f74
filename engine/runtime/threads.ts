import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { JournalShared, JournalStart } from "./journal-shared.js";
import type { ShardReply, ShardRequest, ShardStart } from "./shard-shared.js";

/** A thread as its host sees it. */
export interface HostedThread {
  /** Ends it at once. Resolves when it is gone. */
  terminate(): Promise<unknown>;
}

export interface ShardThread extends HostedThread {
  post(request: ShardRequest): void;
  /** The next reply that has not been handed on: the news of an exit may overtake the last ones. */
  receive(): ShardReply | undefined;
  /** Nothing more is said either way. */
  close(): void;
}

export interface ShardThreadEvents {
  onReply(reply: ShardReply): void;
  /** It has failed; its exit follows. */
  onError(error: Error): void;
  onExit(code: number): void;
}

export interface JournalThreadEvents {
  /** The journal is open. */
  onOpen(): void;
  /** It has failed; its exit follows. */
  onError(error: Error): void;
  onExit(code: number): void;
}

/** What hosts start, and how: as threads; in the simulation of the tests as parts that take turns. Host thread only. */
export interface Threads {
  shard(start: ShardStart, events: ShardThreadEvents): ShardThread;
  journal(start: JournalStart, events: JournalThreadEvents): HostedThread;
  /** Makes segments ahead. */
  spares(shared: JournalShared, onError: (error: Error) => void): HostedThread;
}

/** Threads of this process. */
export const WORKER_THREADS: Threads = {
  shard(start, events) {
    const { port1, port2 } = new MessageChannel();
    const worker = new Worker(new URL("./shard-worker.js", import.meta.url), {
      workerData: { ...start, port: port2 },
      transferList: [port2],
    });
    port1.on("message", (reply: ShardReply) => events.onReply(reply));
    worker.on("error", (error) => events.onError(error as Error));
    worker.once("exit", (code) => events.onExit(code));
    return {
      post: (request) => port1.postMessage(request),
      receive: () => receiveMessageOnPort(port1)?.message as ShardReply | undefined,
      close: () => port1.close(),
      terminate: () => worker.terminate(),
    };
  },
  journal(start, events) {
    const worker = new Worker(new URL("./journal-worker.js", import.meta.url), { workerData: start });
    worker.once("message", () => events.onOpen());
    worker.on("error", (error) => events.onError(error as Error));
    worker.once("exit", (code) => events.onExit(code));
    return worker;
  },
  spares(shared, onError) {
    const worker = new Worker(new URL("./spare-worker.js", import.meta.url), { workerData: shared });
    worker.on("error", (error) => onError(error as Error));
    return worker;
  },
};

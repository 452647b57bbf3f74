import type { AccountStatement } from "../edge/statement.js";
import type { PortSeed, TradingQuestion } from "./trading-step.js";

/** What a port asks of the shard beside its rings. */
export interface PortSource {
  /** Lets the port's gate hold and resolves with what was there before its first event. */
  attach(): Promise<PortSeed>;
  /** What an account has between two commands; every event of those before it is published by then. */
  statement(account: number): Promise<AccountStatement>;
}

/** What a source needs of the shard's host. */
interface Shard {
  ask(kind: "ask", question: unknown, afterRecords: number): Promise<unknown>;
  attach(gate: number, question: unknown): Promise<unknown>;
}

/** Of the port with a gate, on the engine's thread. `ready` resolves when the engine is set up. */
export function portSource(host: Shard, gate: number, ready: Promise<unknown>): PortSource {
  return {
    async attach() {
      await ready;
      return (await host.attach(gate, { kind: "seed" } satisfies TradingQuestion)) as PortSeed;
    },
    async statement(account) {
      return (await host.ask("ask", { kind: "statement", account } satisfies TradingQuestion, 0)) as AccountStatement;
    },
  };
}

import type { Logger } from "pino";
import type { Role } from "./roles.js";

/** Who asked for what, and what became of it. */
export interface AuditEntry {
  /** Counts from 1, without gaps. */
  readonly id: number;
  /** ISO 8601. */
  readonly time: string;
  /** "" when the caller could not say who it is. */
  readonly who: string;
  readonly roles: readonly Role[];
  readonly address: string;
  /** The operation's id in the OpenAPI document. */
  readonly operation: string;
  readonly path: string;
  /** What was sent along; no operation takes a secret. */
  readonly body?: unknown;
  readonly status: number;
  /** Of the engine's command, when there was one. */
  readonly seq?: number;
  /** Why it was refused. */
  readonly code?: number | string;
  readonly reason?: string;
}

/** Every call that would change something: a line in the log, and the newest entries in memory. */
export class AuditLog {
  private readonly ring: AuditEntry[] = [];
  private count = 0;

  constructor(
    private readonly entriesMax: number,
    private readonly logger: Logger,
  ) {}

  add(entry: Omit<AuditEntry, "id" | "time">): void {
    const whole: AuditEntry = { id: this.count + 1, time: new Date().toISOString(), ...entry };
    this.ring[this.count % this.entriesMax] = whole;
    this.count += 1;
    const { time, ...logged } = whole;
    this.logger.info({ audit: logged }, "admin call");
  }

  /** The newest first, at most `limit`. */
  newest(limit: number): AuditEntry[] {
    const length = Math.min(limit, this.ring.length);
    return Array.from({ length }, (_, back) => this.ring[(this.count - 1 - back) % this.entriesMax] as AuditEntry);
  }
}

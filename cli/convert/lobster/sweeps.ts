import type { DerivedOp } from "./derive-ops.js";

/** A single operation, or executions that were one order when they happened. */
export type Step = { readonly kind: "op"; readonly op: DerivedOp } | { readonly kind: "sweep"; readonly executions: readonly DerivedOp[] };

/**
 * Joins executions of the same nanosecond and side that follow each other (hidden ones between them allowed) into one
 * sweep. It comes after the orders that come into view while it goes on: they were there for it to reach.
 */
export class SweepGrouper {
  private executions: DerivedOp[] = [];

  /** The steps that are complete once these operations have followed. */
  push(ops: readonly DerivedOp[]): Step[] {
    const steps: Step[] = [];
    for (const op of ops) {
      if (op.op === "X") {
        if (!this.continues(op)) steps.push(...this.end());
        this.executions.push(op);
        continue;
      }
      if (op.op !== "H" && op.op !== "S") steps.push(...this.end());
      steps.push({ kind: "op", op });
    }
    return steps;
  }

  /** Whether executions are held back that the next operation may still add to. */
  get isOpen(): boolean {
    return this.executions.length > 0;
  }

  /** The sweep that was still open. */
  end(): Step[] {
    if (this.executions.length === 0) return [];
    const executions = this.executions;
    this.executions = [];
    return [{ kind: "sweep", executions }];
  }

  private continues(op: DerivedOp): boolean {
    const last = this.executions.at(-1);
    return last !== undefined && last.timeNs === op.timeNs && last.side === op.side;
  }
}

import type { DecimalInput } from "../edge/types.js";
import { CODES } from "../wire/codes.js";
import type { Engine, SendOptions } from "./engine.js";
import type { Outcome } from "./outcome.js";

/** Funds that go from an account of one engine to an account of another. */
export interface TransferBetween {
  readonly account: string;
  /** The account of the destination; without it, the one of the same name. */
  readonly to?: string;
  readonly currency: string;
  readonly amount: DecimalInput;
  /** Idempotency key of both commands: 1 to 64 characters, used for no other movement on either engine. */
  readonly ref: string;
}

/** How far a transfer between two engines has come. */
export interface TransferProgress {
  /**
   * `done`: both commands are applied. `pendingReview`: `step` waits for an operator; repeat the transfer afterwards. `refused`: an
   * operator has refused `step` in review. `rejected`: the engine has, `code` and `reason` say why.
   */
  readonly status: "done" | "pendingReview" | "refused" | "rejected";
  readonly step: "withdraw" | "deposit";
  readonly code?: number;
  readonly reason?: string;
}

/** What the two sides have to offer: engines, or whoever stands for one. */
export type TransferSide = Pick<Engine, "withdraw" | "deposit" | "movement" | "balances">;

/**
 * Moves funds between two engines by two idempotent commands with one `ref`: a withdrawal here, then a deposit there. Whatever
 * interrupts it, the same call again goes on where it stopped, as often as needed, and never moves anything twice; until it is
 * `done` the funds may be on the way, on neither engine. Funds that were withdrawn and then not taken (`refused` or `rejected` at
 * step `deposit`) stay on the way: give them back by a deposit with a ref of its own.
 *
 * Rejects with RangeError for one and the same engine, CommandError when the destination has no such account, and as `withdraw`
 * and `deposit` do; an aborted signal ends the waiting, not the command that is under way.
 */
export async function transferBetween(
  from: TransferSide,
  to: TransferSide,
  transfer: TransferBetween,
  options: SendOptions = {},
): Promise<TransferProgress> {
  if (from === to) throw new RangeError("from and to must be two engines: use engine.transfer within one");
  const { account, currency, amount, ref } = transfer;
  const receiver = transfer.to ?? account;
  // Found before anything is taken, because what is taken can only be given back by hand.
  await to.balances(receiver, options);
  const taken = await progressOf(await from.withdraw({ account, currency, amount, ref }, options), from, ref, options);
  if (taken.status !== "done") return { ...taken, step: "withdraw" };
  const given = await progressOf(await to.deposit({ account: receiver, currency, amount, ref }, options), to, ref, options);
  return { ...given, step: "deposit" };
}

/** A ref that was used before may be of a movement that was applied, that waits, or that was refused. */
async function progressOf(
  outcome: Outcome,
  side: TransferSide,
  ref: string,
  options: SendOptions,
): Promise<Omit<TransferProgress, "step">> {
  const { status, code, reason } = outcome;
  if (status === "pendingReview") return { status };
  if (code === undefined || reason === undefined) return { status: "done" };
  if (code !== CODES.ALREADY_APPLIED) return { status: "rejected", code, reason };
  const was = await side.movement(ref, options);
  if (was === "applied") return { status: "done" };
  return was === "pending" ? { status: "pendingReview" } : { status: "refused" };
}

import { describe, expect, it } from "vitest";
import type { MovementState, Outcome } from "../../engine/index.js";
import { CommandError } from "../../engine/index.js";
import { type TransferSide, transferBetween } from "../../engine/runtime/transfer-between.js";

const TRANSFER = { account: "alice", currency: "USD", amount: "10", ref: "r" } as const;
const DONE: Outcome = { seq: 1, status: "done", events: [] };
const PENDING: Outcome = { seq: 1, status: "pendingReview", events: [] };
const APPLIED_BEFORE: Outcome = { seq: 1, status: "rejected", code: 4001, reason: "ALREADY_APPLIED", events: [] };

function rejected(code: number, reason: string): Outcome {
  return { seq: 1, status: "rejected", code, reason, events: [] };
}

/** One side, by what the engine's rules say: a ref counts once, and waits while `reviews` says so. Funds are what has been moved. */
class Side implements TransferSide {
  readonly movements = new Map<string, MovementState>();
  readonly asked: string[] = [];
  funds = 0;

  constructor(
    private readonly first: Outcome = DONE,
    readonly accounts: readonly string[] = ["alice", "bob"],
  ) {}

  async balances(account: string): Promise<never> {
    if (!this.accounts.includes(account)) throw new CommandError(`unknown account: ${account}`);
    return undefined as never;
  }

  async movement(ref: string): Promise<MovementState | undefined> {
    return this.movements.get(ref);
  }

  withdraw(movement: { account: string; ref: string; amount: unknown }): Promise<Outcome> {
    return this.move("withdraw", movement.account, movement.ref, -Number(movement.amount));
  }

  deposit(movement: { account: string; ref: string; amount: unknown }): Promise<Outcome> {
    return this.move("deposit", movement.account, movement.ref, Number(movement.amount));
  }

  release(ref: string, amount: number): void {
    this.movements.set(ref, "applied");
    this.funds += amount;
  }

  private async move(kind: string, account: string, ref: string, amount: number): Promise<Outcome> {
    this.asked.push(`${kind} ${account}`);
    if (this.movements.has(ref)) return APPLIED_BEFORE;
    if (this.first.status === "rejected") return this.first;
    this.movements.set(ref, this.first === PENDING ? "pending" : "applied");
    if (this.first !== PENDING) this.funds += amount;
    return this.first;
  }
}

describe("transferBetween", () => {
  it("withdraws here, then deposits there, and does nothing when it is repeated", async () => {
    const from = new Side();
    const to = new Side();
    expect(await transferBetween(from, to, { ...TRANSFER, to: "bob" })).toEqual({ status: "done", step: "deposit" });
    expect([from.asked, to.asked]).toEqual([["withdraw alice"], ["deposit bob"]]);
    expect(await transferBetween(from, to, { ...TRANSFER, to: "bob" })).toEqual({ status: "done", step: "deposit" });
    expect([from.funds, to.funds]).toEqual([-10, 10]);
  });

  it("goes on behind a crash between its two commands", async () => {
    const from = new Side();
    const to = new Side();
    await from.withdraw(TRANSFER);
    expect([from.funds, to.funds]).toEqual([-10, 0]);
    expect(await transferBetween(from, to, TRANSFER)).toEqual({ status: "done", step: "deposit" });
    expect([from.funds, to.funds]).toEqual([-10, 10]);
  });

  it("deposits nothing while the withdrawal waits for review, nor when it was refused", async () => {
    const from = new Side(PENDING);
    const to = new Side();
    for (let round = 0; round < 2; round++)
      expect(await transferBetween(from, to, TRANSFER)).toEqual({ status: "pendingReview", step: "withdraw" });
    from.movements.set("r", "refused");
    expect(await transferBetween(from, to, TRANSFER)).toEqual({ status: "refused", step: "withdraw" });
    expect(to.asked).toEqual([]);
    from.release("r", -10);
    expect(await transferBetween(from, to, TRANSFER)).toEqual({ status: "done", step: "deposit" });
    expect([from.funds, to.funds]).toEqual([-10, 10]);
  });

  it("says when the deposit waits, and when it was refused", async () => {
    const from = new Side();
    const to = new Side(PENDING);
    for (let round = 0; round < 2; round++)
      expect(await transferBetween(from, to, TRANSFER)).toEqual({ status: "pendingReview", step: "deposit" });
    to.movements.set("r", "refused");
    expect(await transferBetween(from, to, TRANSFER)).toEqual({ status: "refused", step: "deposit" });
    expect([from.funds, to.funds]).toEqual([-10, 0]);
  });

  it("tells why a step is rejected, and takes nothing for a receiver that is not there", async () => {
    const poor = new Side(rejected(2016, "INSUFFICIENT_FUNDS"));
    const to = new Side();
    const reason = { status: "rejected", code: 2016, reason: "INSUFFICIENT_FUNDS" };
    expect(await transferBetween(poor, to, TRANSFER)).toEqual({ ...reason, step: "withdraw" });
    expect(to.asked).toEqual([]);
    const full = new Side(rejected(2050, "NOTIONAL_OVERFLOW"));
    const from = new Side();
    expect(await transferBetween(from, full, TRANSFER)).toMatchObject({ status: "rejected", code: 2050, step: "deposit" });
    const untouched = new Side();
    await expect(transferBetween(untouched, to, { ...TRANSFER, to: "zoe" })).rejects.toThrow("unknown account: zoe");
    expect(untouched.asked).toEqual([]);
  });

  it("is not for one engine", async () => {
    const side = new Side();
    await expect(transferBetween(side, side, TRANSFER)).rejects.toThrow(RangeError);
  });
});

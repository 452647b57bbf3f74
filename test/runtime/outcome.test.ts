import { beforeEach, describe, expect, it } from "vitest";
import { OutcomeBuilder } from "../../engine/runtime/outcome.js";
import { CODES } from "../../engine/wire/codes.js";
import { CommandDone, CommandRejected, OrderCanceled, OrderRejected, PendingReview, Trade } from "../../engine/wire/flyweights.js";
import { NULL_UINT32 } from "../../engine/wire/numbers.js";

const words = new Int32Array(64);
const DEPOSIT = { cmd: "deposit", account: "alice", currency: "USD", amount: "1", ref: "r" } as const;
const CANCEL = { cmd: "cancel", account: "alice", clOrdId: 1 } as const;

function done(builder: OutcomeBuilder, riskPpm: number): void {
  CommandDone.init(words, 0, 5, 0);
  CommandDone.setRiskPpm(words, 0, riskPpm);
  builder.add(words, 0);
}

beforeEach(() => words.fill(0));

describe("the outcome of a movement", () => {
  it("has its risk score", () => {
    const builder = new OutcomeBuilder(DEPOSIT);
    done(builder, 150_000);
    expect(builder.build(5, () => undefined)).toEqual({ seq: 5, status: "done", riskPpm: 150_000, events: [] });
  });

  it("is pendingReview when it waits", () => {
    const builder = new OutcomeBuilder(DEPOSIT);
    done(builder, 0);
    PendingReview.init(words, 0, 5, 0);
    builder.add(words, 0);
    expect(builder.build(5, () => undefined)).toEqual({ seq: 5, status: "pendingReview", riskPpm: 0, events: [] });
  });

  it("has none when the command is no movement, or was refused", () => {
    const builder = new OutcomeBuilder({ cmd: "kyc", account: "alice", kyc: "verified" });
    done(builder, NULL_UINT32);
    expect(builder.build(5, () => undefined)).toEqual({ seq: 5, status: "done", events: [] });
    const refused = new OutcomeBuilder(DEPOSIT);
    CommandRejected.init(words, 0, 5, 0);
    CommandRejected.setCode(words, 0, CODES.ALREADY_APPLIED);
    refused.add(words, 0);
    expect(refused.build(5, () => undefined)).toEqual({ seq: 5, status: "rejected", code: 4001, reason: "ALREADY_APPLIED", events: [] });
  });
});

describe("what the engine does by itself behind a refused command", () => {
  it("is not taken for what became of it", () => {
    const builder = new OutcomeBuilder(CANCEL);
    OrderRejected.init(words, 0, 5, 0);
    OrderRejected.setCode(words, 0, CODES.UNKNOWN_ORDER);
    builder.add(words, 0);
    OrderCanceled.init(words, 0, 5, 0);
    OrderCanceled.setOrderId(words, 0, 9);
    builder.add(words, 0);
    Trade.init(words, 0, 5, 0);
    Trade.setTakerOrderId(words, 0, 0);
    Trade.setTakerLeavesQty(words, 0, 0);
    builder.add(words, 0);
    expect(builder.build(5, () => undefined)).toMatchObject({ status: "rejected", code: 3002 });
  });
});

import type { Engine } from "../../engine/runtime/engine.js";
import type { Outcome } from "../../engine/runtime/outcome.js";
import type { Random } from "../fuzz/random.js";
import { Violation } from "./violation.js";

interface Deposit {
  readonly account: string;
  readonly currency: string;
  readonly amount: string;
  readonly ref: string;
  state: "new" | "sent" | "doubted" | "acknowledged";
}

const ACCOUNTS = ["alice", "bob"];
const CURRENCIES = ["USD", "ABC", "DEF"];

/** Pays in through the embedding API, with refs; what has no answer when its engine dies is sent again. */
export class SimOperator {
  readonly deposits: Deposit[] = [];
  private failure: Violation | undefined;

  constructor(private readonly random: Random) {
    for (const account of ACCOUNTS) for (const currency of CURRENCIES) this.add(account, currency, "100000000");
  }

  /** The next thing that it does. Throws what was found since. */
  act(engine: Engine): void {
    this.check();
    const { random } = this;
    const next = this.deposits.find(({ state }) => state === "new" || state === "doubted");
    if (next !== undefined) return this.send(engine, next);
    const choice = random.below(9);
    if (choice < 3) this.add(random.pick(ACCOUNTS), random.pick(CURRENCIES), String(1 + random.below(1000)));
    else if (choice < 5) this.send(engine, random.pick(this.deposits));
  }

  /** Its engine is gone. */
  cutOff(): void {
    for (const deposit of this.deposits) if (deposit.state === "sent") deposit.state = "doubted";
  }

  check(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  /** Refs of what was acknowledged. */
  acknowledged(): string[] {
    return this.deposits.filter(({ state }) => state === "acknowledged").map(({ ref }) => ref);
  }

  private add(account: string, currency: string, amount: string): void {
    this.deposits.push({ account, currency, amount, ref: `ref-${this.deposits.length + 1}`, state: "new" });
  }

  private send(engine: Engine, deposit: Deposit): void {
    const { account, currency, amount, ref, state } = deposit;
    if (state !== "acknowledged") deposit.state = "sent";
    engine.deposit({ account, currency, amount, ref }).then(
      (outcome) => this.answered(deposit, state, outcome),
      // The engine is gone, or has no room: nothing is known.
      () => {
        if (deposit.state === "sent") deposit.state = "doubted";
      },
    );
  }

  private answered(deposit: Deposit, before: Deposit["state"], { status, reason }: Outcome): void {
    const isKnown = status === "rejected" && reason === "ALREADY_APPLIED";
    if (status === "rejected" && !isKnown) this.failure ??= new Violation(`deposit ${deposit.ref} was refused: ${reason}`);
    if (before === "acknowledged" && !isKnown)
      this.failure ??= new Violation(`deposit ${deposit.ref} was acknowledged, and is applied again`);
    if (before === "new" && isKnown) this.failure ??= new Violation(`deposit ${deposit.ref} was never sent before, and is there`);
    deposit.state = "acknowledged";
  }
}

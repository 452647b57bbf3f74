import type { KycName, MovementCommand, ReviewCommand } from "../../engine/edge/types.js";
import { atomOf } from "./amounts.js";
import { formatSteps, wholeSteps } from "./decimal.js";
import type { Directory } from "./directory.js";
import { checkName, Rejection, readDecimal } from "./input.js";
import { change } from "./ledger.js";
import type { Measures } from "./measures.js";
import type { Account, Currency } from "./state.js";
import { SAFE_MAX, smaller } from "./state.js";
import type { Tape } from "./tape.js";

const REF_LENGTH_MAX = 64;
const DAY_US = 86_400_000_000;
const VERIFIED: KycName = "verified";

/** A movement of funds that was taken: applied, waiting, or dropped by review. Its ref is spent (F1). */
export interface Movement {
  readonly kind: MovementCommand["cmd"];
  readonly account: Account;
  /** Who receives a transfer. */
  readonly to: Account | undefined;
  readonly currency: Currency;
  /** Atoms. */
  readonly amount: bigint;
  readonly ref: string;
  readonly at: number;
  stage: "applied" | "pending" | "refused";
}

/** SEMANTICS 9, section F: deposits, withdrawals, transfers and their review. */
export class Funding {
  constructor(
    readonly directory: Directory,
    readonly measures: Measures,
    readonly tape: Tape,
  ) {}

  move(command: MovementCommand): void {
    const movement = this.#checked(command);
    const riskPpm = this.#riskOf(movement);
    const { currency, amount } = movement;
    const isPending = currency.amlThreshold !== undefined && amount > currency.amlThreshold; // F4.
    if (isPending) movement.stage = "pending";
    else apply(movement);
    this.directory.movements.push(movement);
    this.tape.emit({ event: "ok", seq: this.tape.seq, cmd: command.cmd, riskPpm });
    if (isPending) this.#tellPending(movement);
  }

  review({ ref, release }: ReviewCommand): void {
    const movement = this.directory.movements.find((known) => known.ref === ref && known.stage === "pending");
    if (movement === undefined) throw new Rejection("UNKNOWN_MOVEMENT");
    if (release) this.#checkOverflow(movement);
    movement.stage = release ? "applied" : "refused";
    if (release) apply(movement);
    this.tape.emit({ event: "ok", seq: this.tape.seq, cmd: "review" });
  }

  /** In the order of RISK.md. */
  #checked(command: MovementCommand): Movement {
    const { cmd: kind, ref } = command;
    const account = this.directory.account(command.account);
    const to = command.cmd === "transfer" ? this.directory.account(command.to) : undefined;
    const currency = this.directory.currency(command.currency);
    const amount = wholeSteps(readDecimal(command.amount), atomOf(currency));
    if (amount === undefined || amount < 1n || amount > SAFE_MAX) throw new Rejection("BAD_AMOUNT");
    checkName(ref, REF_LENGTH_MAX);
    if (to === account) throw new Rejection("BAD_VALUE"); // N19.
    const movement: Movement = { kind, account, to, currency, amount, ref, at: this.tape.clock, stage: "applied" };
    this.#checkRef(movement);
    if (kind !== "deposit" && account.kyc !== VERIFIED) throw new Rejection("KYC_REQUIRED"); // F3, N24.
    if (kind !== "deposit" && amount > (this.measures.free(account, currency) ?? amount)) throw new Rejection("INSUFFICIENT_FUNDS");
    this.#checkOverflow(movement);
    return movement;
  }

  /** F1, F2: one space of refs for all kinds and accounts. */
  #checkRef({ kind, account, to, currency, amount, ref }: Movement): void {
    const known = this.directory.movements.find((movement) => movement.ref === ref);
    if (known === undefined) return;
    const isSame =
      known.kind === kind && known.account === account && known.to === to && known.currency === currency && known.amount === amount;
    throw new Rejection(isSame ? "ALREADY_APPLIED" : "REF_CONFLICT");
  }

  /** F7, RISK.md: what comes in must leave room for what fills may bring; what goes out, for what they may take. */
  #checkOverflow({ kind, account, to, currency, amount }: Movement): void {
    const { measures } = this;
    const receiver = kind === "deposit" ? account : to;
    if (receiver !== undefined) {
      const most = measures.inflow(receiver, currency) + measures.stake(receiver, currency);
      if (measures.balance(receiver, currency) + most + amount > SAFE_MAX) throw new Rejection("NOTIONAL_OVERFLOW");
    }
    if (kind === "deposit") return;
    const least = measures.outflow(account, currency) + measures.stake(account, currency);
    if (measures.balance(account, currency) - least - amount < -SAFE_MAX) throw new Rejection("NOTIONAL_OVERFLOW");
  }

  /** F5, N22. */
  #riskOf({ kind, account, to, currency, amount }: Movement): number {
    const { amlThreshold } = currency;
    const source = kind === "deposit" ? undefined : account;
    const destination = kind === "deposit" ? account : to;
    const before = this.directory.movements.filter((movement) => movement.account === account && movement.at > this.tape.clock - DAY_US);
    const share = amlThreshold === undefined ? 0n : amlThreshold === 0n ? 1_000_000n : (500_000n * amount) / amlThreshold;
    const parts = [
      100_000n,
      share,
      source?.riskLevel === "high" ? 300_000n : 0n,
      destination?.riskLevel === "high" ? 200_000n : 0n,
      50_000n * BigInt(Math.min(4, before.length)),
    ];
    return Number(
      smaller(
        1_000_000n,
        parts.reduce((sum, part) => sum + part, 0n),
      ),
    );
  }

  #tellPending({ kind, account, to, currency, amount, ref }: Movement): void {
    this.tape.emit({
      event: "pendingReview",
      seq: this.tape.seq,
      cmd: kind,
      account: account.name,
      ...(to === undefined ? {} : { to: to.name }),
      currency: currency.name,
      amount: formatSteps(amount, atomOf(currency)),
      ref,
    });
  }
}

function apply({ kind, account, to, currency, amount }: Movement): void {
  change(account, currency, kind === "deposit" ? amount : -amount);
  if (to !== undefined) change(to, currency, amount);
}

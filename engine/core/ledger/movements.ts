import type { StateReader, StateWriter } from "../../step.js";
import { MAX_SAFE } from "../../wire/numbers.js";

/** What a movement is. The numbers are those of saved states. */
export const enum Kind {
  DEPOSIT = 0,
  WITHDRAW = 1,
  TRANSFER = 2,
}

/** How far a movement has got. */
export const enum Stage {
  APPLIED = 0,
  PENDING = 1,
  REFUSED = 2,
}

/** A movement of funds; `to` is the receiver of a transfer, and the account itself otherwise. */
export interface Movement {
  readonly ref: string;
  readonly kind: Kind;
  readonly account: number;
  readonly to: number;
  readonly currency: number;
  /** Atoms. */
  readonly amount: number;
  /** When it was asked for, µs. */
  readonly time: number;
  stage: Stage;
}

/** All movements by their ref, in the order in which they came (SETTLED F1): a ref is spent once. Shard thread only. */
export class Movements {
  private readonly all: Movement[] = [];
  private readonly byRef = new Map<string, Movement>();
  private waiting = 0;

  constructor(readonly capacity: number) {}

  get isFull(): boolean {
    return this.all.length >= this.capacity;
  }

  find(ref: string): Movement | undefined {
    return this.byRef.get(ref);
  }

  add(movement: Movement): void {
    this.all.push(movement);
    this.byRef.set(movement.ref, movement);
    if (movement.stage === Stage.PENDING) this.waiting++;
  }

  /** A movement that waits is applied or refused. */
  settle(movement: Movement, stage: Stage.APPLIED | Stage.REFUSED): void {
    movement.stage = stage;
    this.waiting--;
  }

  /** Those that wait for review, the oldest first. */
  *pending(): Generator<Movement> {
    if (this.waiting === 0) return;
    for (const movement of this.all) if (movement.stage === Stage.PENDING) yield movement;
  }

  save(out: StateWriter): void {
    out.uint32(this.all.length);
    for (const { ref, kind, account, to, currency, amount, time, stage } of this.all) {
      out.text(ref);
      out.uint8(kind);
      out.uint32(account);
      out.uint32(to);
      out.uint32(currency);
      out.int64(amount);
      out.int64(time);
      out.uint8(stage);
    }
  }

  /** Throws RangeError when there are more than the capacity allows, and on what `save` would not have written. */
  load(input: StateReader, accounts: number, currencies: number): void {
    const count = input.uint32();
    if (count > this.capacity) throw new RangeError(`capacities.movements is ${this.capacity}, the saved state has ${count}`);
    for (let index = 0; index < count; index++) {
      const ref = input.text();
      const movement: Movement = {
        ref,
        kind: input.uint8(),
        account: input.uint32(),
        to: input.uint32(),
        currency: input.uint32(),
        amount: input.int64(),
        time: input.int64(),
        stage: input.uint8(),
      };
      const isKnown = movement.account < accounts && movement.to < accounts && movement.currency < currencies;
      const isGood =
        movement.time >= 0 &&
        movement.time <= MAX_SAFE &&
        movement.kind <= Kind.TRANSFER &&
        movement.stage <= Stage.REFUSED &&
        movement.amount >= 1 &&
        movement.amount <= MAX_SAFE;
      if (!isKnown || !isGood || this.byRef.has(ref)) throw new RangeError(`this is no saved state: the movement ${ref}`);
      this.add(movement);
    }
  }
}

/** What accounts have, for queries and reports. Shard thread only; nothing here is on the order path. */
export class Statements {
  /** Calls `tell` for every currency that an account has ever been touched in, by currency id: atoms. */
  eachBalance(_account: number, _tell: (currency: number, total: number, held: number, free: number) => void): void {}

  /** Calls `tell` for every margin position that an account has ever had, by instrument id: lots, and atoms of the quote currency. */
  eachPosition(
    _account: number,
    _tell: (instrument: number, lots: number, cost: number, realised: number, unrealised: number) => void,
  ): void {}

  /** 0: no movement with this ref was taken; 1: it was applied; 2: it waits for review; 3: it was refused there. */
  movementOf(_ref: string): number {
    return 0;
  }
}

import type { TradingCore } from "../core/core.js";

/** A balance in atoms of its currency; of margin accounts `total` is without what is unrealised, `held` the initial margin. */
export interface StatementBalance {
  readonly currency: string;
  /** An atom is 10^-scale of the currency. */
  readonly scale: number;
  readonly total: number;
  readonly held: number;
  readonly free: number;
}

/** A position in a margin instrument: lots, and atoms of its quote currency. Lots and cost are signed. */
export interface StatementPosition {
  readonly instrument: number;
  readonly lots: number;
  readonly cost: number;
  readonly realised: number;
  readonly unrealised: number;
}

/** What an account has, as records tell it: ids, lots and atoms. */
export interface AccountStatement {
  /** Sequence of the last command that it knows. */
  readonly seq: number;
  readonly balances: readonly StatementBalance[];
  readonly positions: readonly StatementPosition[];
}

/** In order of ids, what nothing has ever touched left out (SETTLED S7). Shard thread only, between two commands. */
export function statementOf(core: TradingCore, account: number): AccountStatement {
  const balances: StatementBalance[] = [];
  core.statements.eachBalance(account, (id, total, held, free) => {
    balances.push({ currency: core.currencies.nameOf(id), scale: core.currencies.scaleOf(id), total, held, free });
  });
  const positions: StatementPosition[] = [];
  core.statements.eachPosition(account, (instrument, lots, cost, realised, unrealised) => {
    positions.push({ instrument, lots, cost, realised, unrealised });
  });
  return { seq: core.lastSeq, balances, positions };
}

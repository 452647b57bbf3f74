import { atomOfScale, type Catalog } from "../../engine/edge/catalog.js";
import { fromUnits, type Step10 } from "../../engine/edge/decimal.js";
import { Balance, Position } from "../../engine/wire/flyweights.js";
import type { AccountBalance, AccountPosition } from "./reports.js";

const UNIT: Step10 = { mantissa: 1, exponent: 0 };

/** A row of an answer to BalanceRequest. */
export function readBalance(words: Int32Array, at: number): AccountBalance {
  const atom = atomOfScale(Balance.scale(words, at));
  return {
    currency: Balance.currency(words, at),
    total: fromUnits(Balance.total(words, at), atom),
    held: fromUnits(Balance.held(words, at), atom),
    free: fromUnits(Balance.free(words, at), atom),
  };
}

/** A row of an answer to PositionRequest. Of an instrument that is not in the catalog in lots and atoms. */
export function readPosition(words: Int32Array, at: number, catalog: Catalog): AccountPosition {
  const info = catalog.instrumentById(Position.instrument(words, at));
  const atom = info?.atom ?? UNIT;
  return {
    symbol: info?.symbol ?? "",
    qty: fromUnits(Position.qty(words, at), info?.lot ?? UNIT),
    cost: fromUnits(Position.cost(words, at), atom),
    realised: fromUnits(Position.realised(words, at), atom),
    unrealised: fromUnits(Position.unrealised(words, at), atom),
  };
}

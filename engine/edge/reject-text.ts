import type { TradingCore } from "../core/core.js";
import type { Shortfall } from "../core/risk/shortfall.js";
import { CODES } from "../wire/codes.js";
import { Side } from "../wire/generated/enums.js";
import { atomOfScale, type Catalog, type InstrumentInfo } from "./catalog.js";
import { fromUnits, toUnits } from "./decimal.js";
import type { Command, NewCommand, RejectedEvent, TransferCommand, WithdrawCommand } from "./types.js";

/**
 * What a rejected command was short of, in numbers: `needs 500.1 USD, free 20` or `limit 10, use 12`. Directly behind the command that was rejected.
 * Undefined when there are none to tell: then the code's meaning is the text.
 */
export function rejectText(core: TradingCore, catalog: Catalog, command: Command, { code }: RejectedEvent): string | undefined {
  if (command.cmd === "new") return ofOrder(core, catalog, command, code);
  if ((command.cmd === "withdraw" || command.cmd === "transfer") && code === CODES.INSUFFICIENT_FUNDS) return ofMovement(core, command);
  return undefined;
}

function ofOrder(core: TradingCore, catalog: Catalog, command: NewCommand, code: number): string | undefined {
  const account = core.accounts.idOf(command.account);
  const info = catalog.instrument(command.symbol);
  if (account === undefined || info === undefined) return undefined;
  const found = core.shortfall(account, info.id, Side[command.side], code);
  // A use that no amount can be is a double near it.
  if (found === undefined || !Number.isSafeInteger(found.wants) || !Number.isSafeInteger(found.has)) return undefined;
  const wants = amountOf(core, info, found.wants, found.unit);
  const has = amountOf(core, info, found.has, found.unit);
  const currency = found.unit === "quote" ? ` ${info.quote}` : found.unit === "base" ? ` ${info.base}` : "";
  if (code === CODES.INSUFFICIENT_FUNDS) return `needs ${wants}${currency}, free ${has}`;
  if (code === CODES.INSUFFICIENT_MARGIN) return `needs ${wants}${currency}, equity ${has}`;
  return `limit ${has}${currency}, use ${wants}`;
}

function amountOf(core: TradingCore, info: InstrumentInfo, units: number, unit: Shortfall["unit"]): string {
  if (unit === "orders") return String(units);
  if (unit === "lots") return fromUnits(units, info.lot);
  const { base, quote } = core.instruments.specOf(info.id);
  return fromUnits(units, atomOfScale(core.currencies.scaleOf(unit === "quote" ? quote : base)));
}

function ofMovement(core: TradingCore, { account, currency, amount }: WithdrawCommand | TransferCommand): string | undefined {
  const [owner, id] = [core.accounts.idOf(account), core.currencies.idOf(currency)];
  if (owner === undefined || id === undefined) return undefined;
  const atom = atomOfScale(core.currencies.scaleOf(id));
  return `needs ${fromUnits(toUnits(amount, atom, "amount"), atom)} ${currency}, free ${fromUnits(core.freeOf(owner, id), atom)}`;
}

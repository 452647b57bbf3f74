import type { AccountCommand, CurrencyCommand, InstrumentCommand, SetUpCommand } from "./types.js";

/** What a new core or engine is set up with. */
export interface SetUpConfig {
  /** By name; a currency without a scale, or that only an instrument names, has scale 6. */
  readonly currencies?: Readonly<Record<string, Omit<CurrencyCommand, "cmd" | "currency">>>;
  readonly instruments?: readonly Omit<InstrumentCommand, "cmd">[];
  readonly accounts?: readonly (Omit<AccountCommand, "cmd" | "account"> & { readonly name: string })[];
}

/** The configuration as the commands that do it: currencies, instruments, accounts. */
export function setUpCommands(config: SetUpConfig): SetUpCommand[] {
  const currencies = Object.entries(config.currencies ?? {}).map(
    ([currency, rest]): CurrencyCommand => ({ cmd: "currency", currency, ...rest }),
  );
  const instruments = (config.instruments ?? []).map((spec): InstrumentCommand => ({ cmd: "instrument", ...spec }));
  const accounts = (config.accounts ?? []).map(({ name, ...rest }): AccountCommand => ({ cmd: "account", account: name, ...rest }));
  return [...currencies, ...instruments, ...accounts];
}

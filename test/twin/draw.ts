import type { DecimalInput, IdInput, SideName, StateName } from "../../engine/edge/types.js";
import type { Decimal } from "./decimal.js";
import { formatSteps } from "./decimal.js";
import type { Directory } from "./directory.js";
import type { Random } from "./random.js";
import type { Instrument, Order } from "./state.js";
import type { WorldConfig, WorldInstrument } from "./world.js";
import { accountName, modeOf, worldInstrument } from "./world.js";

const BAD_COUNTS = [0n, -1n, -7n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n), 10n ** 30n, 1n, 2n, 10n ** 9n];
const NO_DECIMALS = ["", "abc", "1e3", ".5", "5.", "+1", " 1", "--1", "0x10"];
export const BAD_IDS: readonly IdInput[] = [0, -1, 2 ** 53 - 1, 2 ** 53, "9007199254740993", "0", "007", "-5", 1_000_000];
export const NO_IDS: readonly IdInput[] = ["", "abc", 1.5, "1.0", " 1"];
const EXTREME_LOTS = [2n ** 53n - 1n, 2n ** 53n - 2n, 2n ** 52n, 2n ** 51n, 2n ** 50n, 3n * 2n ** 51n];

/** Draws the parts of commands: names, ids, prices and quantities of one world, good and bad. */
export class Draw {
  readonly instruments: readonly WorldInstrument[];
  readonly #middles: number[];
  /** The time of the last `time` command. */
  clock = 0;

  constructor(
    readonly config: WorldConfig,
    readonly random: Random,
    readonly directory: Directory,
  ) {
    this.instruments = config.symbols.map(worldInstrument);
    this.#middles = this.instruments.map((instrument) => instrument.middle);
  }

  /** Bad things happen in proportion to the world's share; `parts` of a hundred weigh the kinds. */
  bad(parts: number): boolean {
    return this.random.below(100_000) < this.config.badPermille * parts;
  }

  account(): string {
    if (this.bad(12)) return this.random.pick(["nobody", "A0", ""]);
    return accountName(this.random.below(this.config.accounts));
  }

  /** One whose mode goes with the instrument, in most cases. */
  trader(index: number): string {
    if (this.config.risk === undefined || this.random.permille(30)) return this.account();
    const unfit = this.instruments[index]?.isMargin ? "cash" : "margin";
    const fit = Array.from({ length: this.config.accounts }, (_, i) => i).filter((i) => modeOf(this.config, i) !== unfit);
    return fit.length === 0 ? this.account() : accountName(this.random.pick(fit));
  }

  symbol(symbol: string = this.random.pick(this.config.symbols)): string {
    return this.bad(12) ? this.random.pick(["NOTHING", "abc", ""]) : symbol;
  }

  id(): IdInput {
    const { random } = this;
    if (this.bad(10)) return random.pick(random.permille(700) ? BAD_IDS : NO_IDS);
    const id = 1 + random.below(this.config.ids);
    return random.permille(900) ? id : String(id);
  }

  side(): SideName {
    return this.random.pick(["buy", "sell"] as const);
  }

  /** What the twin knows of the instrument at that index of the world. */
  declared(index: number): Instrument | undefined {
    return this.directory.instruments.find(({ symbol }) => symbol === this.config.symbols[index]);
  }

  stateOf(index: number): StateName {
    return this.declared(index)?.state ?? "open";
  }

  /** A live order, in most cases. */
  aim(): Order | undefined {
    const { random } = this;
    if (random.permille(120)) return undefined;
    for (let attempt = 0; attempt < 4; attempt++) {
      const { live } = random.pick(this.directory.accounts);
      if (live.size > 0) return random.pick([...live.values()]);
    }
    return undefined;
  }

  indexOf(target: Order | undefined): number {
    const index = this.instruments.findIndex((instrument) => instrument.symbol === target?.instrument.symbol);
    return index < 0 ? this.random.below(this.instruments.length) : index;
  }

  /** Ticks for a resting order: a part of them reaches through the middle. */
  ticks(index: number, side: SideName): bigint {
    const { random } = this;
    if (random.permille(20)) this.#middles[index] = Math.max(2, (this.#middles[index] as number) + random.below(3) - 1);
    // The least of two draws heaps prices near the middle, as in real books; a part of them reaches through it.
    const spread = this.config.spreadTicks;
    const distance = Math.min(random.below(spread), random.below(spread));
    const goesUp = random.permille(750) === (side === "sell");
    return BigInt(Math.max(1, (this.#middles[index] as number) + (goesUp ? distance : -distance)));
  }

  price(index: number, side: SideName): DecimalInput {
    const { tick } = this.instruments[index] as WorldInstrument;
    const ticks = this.ticks(index, side);
    return this.bad(15) ? this.badNumber(tick) : this.written(formatSteps(ticks, tick));
  }

  lots(instrument: WorldInstrument): bigint {
    const { random } = this;
    if (instrument.extreme && random.permille(400)) {
      const third = BigInt(1 + random.below(3));
      return random.pick(EXTREME_LOTS) / third - BigInt(random.below(2));
    }
    const most = random.permille(60) ? 10 * this.config.qtyLots : this.config.qtyLots;
    return BigInt(1 + random.below(most));
  }

  qty(instrument: WorldInstrument, lots: bigint = this.lots(instrument)): DecimalInput {
    return this.bad(15) ? this.badNumber(instrument.lot) : this.written(formatSteps(lots, instrument.lot));
  }

  /** A part of so many lots: mostly a small one, sometimes all, rarely more. */
  part(instrument: WorldInstrument, lots: bigint): DecimalInput {
    const { random } = this;
    if (this.bad(15)) return this.badNumber(instrument.lot);
    const most = Number(lots < 5n || random.permille(200) ? lots : 5n) || 1;
    return formatSteps(BigInt(1 + random.below(most)) + (random.permille(15) ? lots : 0n), instrument.lot);
  }

  /** The same number in another spelling: a JSON number, trailing or leading zeros. */
  written(text: string): DecimalInput {
    const style = this.random.below(20);
    if (style === 0 && text.length < 15) return Number(text);
    if (style === 1) return text.includes(".") ? `${text}00` : `${text}.0`;
    if (style === 2) return `00${text}`;
    return text;
  }

  badNumber(step: Decimal): DecimalInput {
    const { random } = this;
    const kind = random.below(10);
    if (kind === 0) return random.pick(NO_DECIMALS);
    if (kind === 1) return random.pick([0, -1, 1e21, 1e-7, 123456789012345680, 0.1 + 0.2]);
    if (kind === 2) return random.pick(["-0", "0.0", "0.000000000000000000001", "99999999999999999999.999"]);
    const count = random.pick(BAD_COUNTS);
    // Half a step off, and far out.
    if (kind < 6) return formatSteps(2n * count + 1n, { digits: step.digits * 5n, scale: step.scale + 1 });
    return formatSteps(count, step);
  }
}

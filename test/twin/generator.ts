import type {
  Command,
  DecimalInput,
  IdInput,
  NewCommand,
  OrderRef,
  ReplaceCommand,
  SideName,
  StpName,
  TifName,
} from "../../engine/edge/types.js";
import type { Decimal } from "./decimal.js";
import { formatSteps } from "./decimal.js";
import type { Directory } from "./directory.js";
import { Random } from "./random.js";
import type { Order } from "./state.js";
import { limitOf } from "./state.js";
import type { WorldConfig, WorldInstrument } from "./world.js";
import { accountName, declaration, setUp, worldInstrument } from "./world.js";

const STP_MODES: readonly StpName[] = ["none", "cancelNewest", "cancelOldest", "cancelBoth", "decrement"];
const TIFS: readonly TifName[] = ["gtc", "gtc", "gtc", "ioc", "fok"];
const BAD_COUNTS = [0n, -1n, -7n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n), 10n ** 30n, 1n, 2n, 10n ** 9n];
const NO_DECIMALS = ["", "abc", "1e3", ".5", "5.", "+1", " 1", "--1", "0x10"];
const BAD_IDS: readonly IdInput[] = [0, -1, 2 ** 53 - 1, 2 ** 53, "9007199254740993", "0", "007", "-5", 1_000_000];
const NO_IDS: readonly IdInput[] = ["", "abc", 1.5, "1.0", " 1"];
const EXTREME_LOTS = [2n ** 53n - 1n, 2n ** 53n - 2n, 2n ** 52n, 2n ** 51n, 2n ** 50n, 3n * 2n ** 51n];

/**
 * Draws commands for one world, for ever. It looks at the twin's live orders to hit them often; the same config, seed and
 * answers give the same commands.
 */
export class Generator {
  readonly #random: Random;
  readonly #instruments: readonly WorldInstrument[];
  readonly #middles: number[];
  #clock = 0;

  constructor(
    readonly config: WorldConfig,
    seed: number,
    readonly directory: Directory,
  ) {
    this.#random = new Random(seed);
    this.#instruments = config.symbols.map(worldInstrument);
    this.#middles = this.#instruments.map((instrument) => instrument.middle);
  }

  setUp(): Command[] {
    return setUp(this.config);
  }

  next(): Command {
    const random = this.#random;
    if (random.permille(this.config.massCancelPermille)) return this.#massCancel();
    const kind = random.below(1000);
    if (kind < 700) return this.#new();
    if (kind < 770) return { cmd: "cancel", ...this.#reference(this.#aim()) };
    if (kind < 840) return this.#reduce();
    if (kind < 965) return this.#replace();
    if (kind < 975) return { cmd: "book", symbol: random.pick(this.config.symbols), ...this.#depth() };
    if (kind < 980) return { cmd: "orders", account: this.#account() };
    if (kind < 990) return this.#time();
    return this.#declaration();
  }

  #new(): NewCommand {
    const random = this.#random;
    const index = random.below(this.#instruments.length);
    const instrument = this.#instruments[index] as WorldInstrument;
    const side = random.pick(["buy", "sell"] as const);
    const command: NewCommand = {
      cmd: "new",
      account: this.#account(),
      clOrdId: this.#id(),
      symbol: this.#symbol(instrument.symbol),
      side,
    };
    if (random.permille(80)) command.type = "market";
    else if (random.permille(300)) command.type = "limit";
    if (random.permille(350)) command.tif = random.pick(TIFS);
    const priced = command.type !== "market";
    if (priced !== this.#bad(8)) command.price = this.#price(index, side);
    if (!this.#bad(8)) command.qty = this.#qty(instrument);
    const plain = priced && (command.tif ?? "gtc") === "gtc";
    if (random.permille(plain ? 150 : 15)) command.postOnly = random.permille(900);
    if (random.permille(250)) command.stp = random.pick(STP_MODES);
    return command;
  }

  #reduce(): Command {
    const target = this.#aim();
    return { cmd: "reduce", ...this.#reference(target), by: this.#qty(this.#instruments[this.#indexOf(target)] as WorldInstrument) };
  }

  #replace(): ReplaceCommand {
    const random = this.#random;
    const target = this.#aim();
    const index = this.#indexOf(target);
    const command: ReplaceCommand = { cmd: "replace", ...this.#reference(target) };
    if (random.permille(350)) command.newClOrdId = this.#id();
    if (random.permille(600)) command.price = this.#newPrice(index, target);
    if (random.permille(600)) command.qty = this.#newTotal(index, target);
    return command;
  }

  /** The price that it has, in a third of the cases: a replace that moves nothing. */
  #newPrice(index: number, target: Order | undefined): DecimalInput {
    if (target === undefined || !this.#random.permille(330)) return this.#price(index, target?.side ?? "buy");
    return formatSteps(limitOf(target), target.instrument.tickSize);
  }

  /** Around what it has executed or has left, in half of the cases (R2, R3). */
  #newTotal(index: number, target: Order | undefined): DecimalInput {
    const random = this.#random;
    const instrument = this.#instruments[index] as WorldInstrument;
    if (target === undefined || random.permille(500)) return this.#qty(instrument);
    const around = random.permille(500) ? target.total : target.total - target.leaves;
    return formatSteps(around + BigInt(random.below(3) - 1), instrument.lot);
  }

  /** A live order, in most cases. */
  #aim(): Order | undefined {
    const random = this.#random;
    if (random.permille(120)) return undefined;
    for (let attempt = 0; attempt < 4; attempt++) {
      const { live } = random.pick(this.directory.accounts);
      if (live.size > 0) return random.pick([...live.values()]);
    }
    return undefined;
  }

  #indexOf(target: Order | undefined): number {
    const index = this.#instruments.findIndex((instrument) => instrument.symbol === target?.instrument.symbol);
    return index < 0 ? this.#random.below(this.#instruments.length) : index;
  }

  /** Mostly forward, sometimes the same time again, sometimes backwards. */
  #time(): Command {
    this.#clock += this.#random.below(1000);
    return { cmd: "time", at: Math.max(0, this.#clock - this.#random.below(500)) };
  }

  #massCancel(): Command {
    const random = this.#random;
    return {
      cmd: "massCancel",
      account: this.#account(),
      ...(random.permille(600) ? { symbol: this.#symbol(random.pick(this.config.symbols)) } : {}),
      ...(random.permille(500) ? { side: random.pick(["buy", "sell"] as const) } : {}),
    };
  }

  /** Declarations again, bad ones, and now and then a new name; few names, so that the world stays small. */
  #declaration(): Command {
    const random = this.#random;
    const name = random.pick(["USD", "ATOM", "CHF", "EUR", "NEW-LISTING", "", "SEVENTEEN-LETTERS", "with space", "a\u00e4"]);
    const kind = random.below(4);
    if (kind === 0) return { cmd: "currency", currency: name, scale: random.pick([-1, 0, 2, 6, 15, 16]) };
    if (kind === 1) {
      const stpGroup = random.pick(["desk", "", "x y"]);
      return { cmd: "account", account: name, mode: "unchecked", ...(random.permille(300) ? { stpGroup } : {}) };
    }
    const base = declaration(random.pick(this.config.symbols));
    if (kind === 2) return base;
    return {
      ...base,
      symbol: name,
      tickSize: random.pick(["0.01", "0", "-0.01", "0.0000001", "1", "0.10"]),
      lotSize: random.pick(["1", "0", "-1", "0.0000001", "0.001", "5"]),
      ...(random.permille(300) ? { minQty: random.pick(["5", "0.5", "0", "-5", "10"]) } : {}),
      ...(random.permille(300) ? { maxPrice: random.pick(["5", "0.005", "0", "-5", "10"]) } : {}),
    };
  }

  /** Names the target by either id, or something that may not exist, or may be another account's. */
  #reference(target: Order | undefined): OrderRef {
    const random = this.#random;
    const account = target === undefined || this.#bad(10) ? this.#account() : target.account.name;
    if (this.#bad(3)) return { account, clOrdId: this.#id(), orderId: 1 };
    if (this.#bad(3)) return { account };
    if (this.#bad(5)) return { account, orderId: random.pick([...BAD_IDS, ...NO_IDS]) };
    if (random.permille(800)) return { account, clOrdId: target?.clOrdId ?? this.#id() };
    const orderId = target?.orderId ?? 1 + random.below(100_000);
    return { account, orderId: random.permille(500) ? orderId : String(orderId) };
  }

  #account(): string {
    if (this.#bad(12)) return this.#random.pick(["nobody", "A0", ""]);
    return accountName(this.#random.below(this.config.accounts));
  }

  #symbol(symbol: string): string {
    return this.#bad(12) ? this.#random.pick(["NOTHING", "abc", ""]) : symbol;
  }

  #id(): IdInput {
    const random = this.#random;
    if (this.#bad(10)) return random.pick(random.permille(700) ? BAD_IDS : NO_IDS);
    const id = 1 + random.below(this.config.ids);
    return random.permille(900) ? id : String(id);
  }

  #depth(): { depth?: number } {
    return this.#random.permille(500) ? { depth: this.#random.below(8) - 1 } : {};
  }

  #price(index: number, side: SideName): DecimalInput {
    const random = this.#random;
    const instrument = this.#instruments[index] as WorldInstrument;
    if (random.permille(20)) this.#middles[index] = Math.max(2, (this.#middles[index] as number) + random.below(3) - 1);
    if (this.#bad(15)) return this.#badNumber(instrument.tick);
    // The least of two draws heaps prices near the middle, as in real books; a part of them reaches through it.
    const spread = this.config.spreadTicks;
    const distance = Math.min(random.below(spread), random.below(spread));
    const goesUp = random.permille(750) === (side === "sell");
    const ticks = Math.max(1, (this.#middles[index] as number) + (goesUp ? distance : -distance));
    return this.#written(formatSteps(BigInt(ticks), instrument.tick));
  }

  #qty(instrument: WorldInstrument): DecimalInput {
    const random = this.#random;
    if (this.#bad(15)) return this.#badNumber(instrument.lot);
    if (instrument.extreme && random.permille(400)) {
      const third = BigInt(1 + random.below(3));
      return formatSteps(random.pick(EXTREME_LOTS) / third - BigInt(random.below(2)), instrument.lot);
    }
    const most = random.permille(60) ? 10 * this.config.qtyLots : this.config.qtyLots;
    return this.#written(formatSteps(BigInt(1 + random.below(most)), instrument.lot));
  }

  /** The same number in another spelling: a JSON number, trailing or leading zeros. */
  #written(text: string): DecimalInput {
    const style = this.#random.below(20);
    if (style === 0 && text.length < 15) return Number(text);
    if (style === 1) return text.includes(".") ? `${text}00` : `${text}.0`;
    if (style === 2) return `00${text}`;
    return text;
  }

  #badNumber(step: Decimal): DecimalInput {
    const random = this.#random;
    const kind = random.below(10);
    if (kind === 0) return random.pick(NO_DECIMALS);
    if (kind === 1) return random.pick([0, -1, 1e21, 1e-7, 123456789012345680, 0.1 + 0.2]);
    if (kind === 2) return random.pick(["-0", "0.0", "0.000000000000000000001", "99999999999999999999.999"]);
    const count = random.pick(BAD_COUNTS);
    // Half a step off, and far out.
    if (kind < 6) return formatSteps(2n * count + 1n, { digits: step.digits * 5n, scale: step.scale + 1 });
    return formatSteps(count, step);
  }

  /** Bad things happen in proportion to the world's share; `parts` of a hundred weigh the kinds. */
  #bad(parts: number): boolean {
    return this.#random.below(100_000) < this.config.badPermille * parts;
  }
}

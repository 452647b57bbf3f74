import type { Command, LimitValues, MovementCommand } from "../../engine/edge/types.js";
import type { Decimal } from "./decimal.js";
import { formatDecimal, formatSteps } from "./decimal.js";
import type { Draw } from "./draw.js";
import type { RiskMix, WorldInstrument } from "./world.js";
import { accountName } from "./world.js";

const KINDS = ["deposit", "deposit", "withdraw", "transfer"] as const;
const STATES = ["active", "active", "suspended", "reduceOnly"] as const;
const BAD_REFS = ["", "two words", "r".repeat(65), "é"];
/** Off every tick, below the first, and beyond the last; positions at higher marks would be no safe integers. */
const BAD_MARKS = ["0", "-1", "10.0000001", "1e3", "99999999999999999999", 0.1 + 0.2];
/** Amounts of scale 0 that are close to the largest. */
const LARGEST = 2n ** 53n - 1n;

/** Draws funds, marks, limits and account states, mostly such as make sense in their world. */
export class DrawRisk {
  #refs = 0;
  readonly #sent: MovementCommand[] = [];

  constructor(
    readonly draw: Draw,
    readonly mix: RiskMix,
  ) {}

  /** Funds for everybody, and limits where the world has them. */
  setUp(): Command[] {
    const { config, instruments } = this.draw;
    return Array.from({ length: config.accounts }, (_, i) => accountName(i)).flatMap((account): Command[] => [
      ...instruments.map((instrument): Command => this.#deposit(account, instrument, instrument.quote)),
      ...instruments.filter(({ isMargin }) => !isMargin).map((instrument): Command => this.#deposit(account, instrument, instrument.base)),
      ...(this.mix.limits === "tight" ? [{ cmd: "limits", account, ...this.#limits(undefined) } as const] : []),
    ]);
  }

  next(): Command | undefined {
    const { random } = this.draw;
    if (random.permille(this.mix.funding)) return this.#movement();
    if (random.permille(this.mix.mark)) return this.#mark();
    if (random.permille(this.mix.limit)) return this.#limit();
    if (random.permille(this.mix.account)) return this.#account();
    const stopped = this.draw.directory.accounts.filter(({ state }) => state !== "active");
    if (stopped.length > 0 && random.permille(40)) return { cmd: "accountState", account: random.pick(stopped).name, state: "active" };
    if (random.permille(20)) return { cmd: "balances", account: this.draw.account() };
    return undefined;
  }

  #deposit(account: string, instrument: WorldInstrument, currency: string): MovementCommand {
    return { cmd: "deposit", account, currency, amount: this.#amount(instrument, currency, this.mix.riches), ref: this.#newRef() };
  }

  /** About what so many average orders cost, or deliver. */
  #amount(instrument: WorldInstrument, currency: string, orders: number): string {
    const { random, config } = this.draw;
    if (instrument.extreme && random.permille(300)) return String(LARGEST / BigInt(1 + random.below(5)) - BigInt(random.below(3)));
    const lots = 1 + random.below(Math.ceil(orders * config.qtyLots));
    return currency === instrument.base ? formatSteps(BigInt(lots), instrument.lot) : formatSteps(BigInt(lots), rounded(instrument.unit));
  }

  #movement(): Command {
    const { draw } = this;
    const { random } = draw;
    const held = draw.directory.movements.filter(({ stage }) => stage === "pending");
    if (random.permille(150)) {
      const ref = held.length > 0 && random.permille(900) ? random.pick(held).ref : `r${random.below(this.#refs + 2)}`;
      return { cmd: "review", ref, release: random.permille(600) };
    }
    const again = this.#sent.length > 0 && random.permille(60) ? random.pick(this.#sent) : undefined;
    if (again !== undefined) return random.permille(500) ? again : ({ ...again, account: draw.account() } as MovementCommand);
    const command = this.#fresh();
    this.#sent.push(command);
    return command;
  }

  #fresh(): MovementCommand {
    const { draw } = this;
    const { random } = draw;
    const instrument = random.pick(draw.instruments);
    const currency = draw.bad(20) ? random.pick(["NONE", "", "EUR"]) : random.pick([instrument.quote, instrument.quote, instrument.base]);
    const cmd = random.pick(KINDS);
    const amount = draw.bad(40)
      ? draw.badNumber({ digits: 1n, scale: 2 })
      : draw.written(this.#amount(instrument, currency, random.pick([1, 2, this.mix.riches])));
    const ref = draw.bad(20) ? random.pick(BAD_REFS) : this.#newRef();
    const account = draw.account();
    return cmd === "transfer" ? { cmd, account, to: draw.account(), currency, amount, ref } : { cmd, account, currency, amount, ref };
  }

  #newRef(): string {
    return `r${this.#refs++}`;
  }

  #mark(): Command {
    const { draw } = this;
    const { random } = draw;
    const index = random.below(draw.instruments.length);
    const { symbol, tick, middle, extreme } = draw.instruments[index] as WorldInstrument;
    if (draw.bad(60)) return { cmd: "mark", symbol: draw.symbol(symbol), price: random.pick(BAD_MARKS) };
    // A fifth up or down, which eats the margin of a position that has little more than it needs.
    const reach = extreme ? 2 : Math.max(2, Math.floor(middle / 5));
    const ticks = Math.max(1, middle + random.below(2 * reach + 1) - reach);
    return { cmd: "mark", symbol: draw.symbol(symbol), price: formatSteps(BigInt(ticks), tick) };
  }

  #limit(): Command {
    const { draw } = this;
    const { random } = draw;
    const kind = random.below(10);
    if (kind < 5) return { cmd: "limits", account: draw.account(), ...this.#limits(undefined) };
    const instrument = draw.bad(100) ? undefined : random.pick(draw.instruments);
    const limits = this.#limits(instrument);
    const symbol = draw.symbol(instrument?.symbol);
    if (kind < 8) return { cmd: "limits", account: draw.account(), symbol, ...limits };
    return draw.bad(20) ? { cmd: "limits", ...limits } : { cmd: "limits", symbol, ...limits };
  }

  /** One to three keys; in an instrument only those that it may have. */
  #limits(instrument: WorldInstrument | undefined): LimitValues {
    const { random, instruments } = this.draw;
    // What an account may do everywhere is measured by the instrument with the largest lot.
    const { lot, unit } = instrument ?? (instruments.toSorted((a, b) => (isLess(a.lot, b.lot) ? 1 : -1))[0] as WorldInstrument);
    const quantity = (orders: number) => this.#sized(lot, orders);
    const money = (orders: number) => this.#sized(unit, orders);
    const drawn: (() => LimitValues)[] = [
      () => ({ maxOrderQty: quantity(2) }),
      () => ({ maxOrderNotional: money(2) }),
      () => ({ maxOpenOrders: this.#count(14) }),
      () => ({ maxOpenNotional: money(10) }),
      () => ({ maxPosition: quantity(8) }),
      () => ({ maxExposure: money(12) }),
      () => ({ maxDailyNotional: money(20) }),
      () => ({ maxDailyLoss: money(0.3) }),
    ];
    const ofAccount: (() => LimitValues)[] = [
      () => ({ maxOrders: this.#count(15), windowUs: 10 + random.below(150) }),
      () => ({ maxDuplicates: this.#count(3) }),
      () => ({ maxRiskRejects: this.#count(12) }),
      () => ({ windowUs: this.draw.bad(50) ? random.pick([0, -1, 2 ** 53]) : 1 + random.below(300) }),
      () => ({ requireReference: random.permille(500) }),
    ];
    const all = instrument !== undefined ? drawn : [...drawn, ...ofAccount];
    const keys = Array.from({ length: 1 + random.below(3) }, () => random.pick(all)());
    return Object.assign({}, ...keys);
  }

  /** Some average orders, off the step now and then, and now and then no limit at all. */
  #sized(step: Decimal, orders: number): string {
    const { random, config } = this.draw;
    if (random.permille(350)) return "unlimited";
    if (random.permille(15)) return "0";
    if (this.draw.bad(15)) return "-1";
    const tenths = 1 + random.below(Math.ceil(orders * config.qtyLots * 10));
    return formatDecimal({ digits: step.digits * BigInt(tenths), scale: step.scale + 1 });
  }

  #count(most: number): number | "unlimited" {
    const { random } = this.draw;
    if (random.permille(350)) return "unlimited";
    if (this.draw.bad(30)) return random.pick([-1, 1_000_001, 1.5]);
    return random.permille(20) ? 0 : 1 + random.below(most);
  }

  #account(): Command {
    const { draw } = this;
    const { random } = draw;
    if (random.permille(400)) return { cmd: "kyc", account: draw.account(), kyc: random.permille(800) ? "verified" : "unverified" };
    return { cmd: "accountState", account: draw.account(), state: random.pick(STATES) };
  }
}

/** Of no more places than its currency has. */
function rounded(unit: Decimal): Decimal {
  return unit.scale > 2 ? { digits: unit.digits / 10n ** BigInt(unit.scale - 2) || 1n, scale: 2 } : unit;
}

function isLess(a: Decimal, b: Decimal): boolean {
  return a.digits * 10n ** BigInt(b.scale) < b.digits * 10n ** BigInt(a.scale);
}

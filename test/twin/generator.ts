import type {
  Command,
  DecimalInput,
  KillCommand,
  KillScopeName,
  NewCommand,
  OrderRef,
  ReplaceCommand,
  StateCommand,
  StateName,
} from "../../engine/edge/types.js";
import { formatSteps } from "./decimal.js";
import type { Directory } from "./directory.js";
import { BAD_IDS, Draw, NO_IDS } from "./draw.js";
import { DrawOrders } from "./draw-orders.js";
import { DrawRisk } from "./draw-risk.js";
import { Random } from "./random.js";
import type { Order } from "./state.js";
import type { WorldConfig, WorldInstrument } from "./world.js";
import { declaration, setUp } from "./world.js";

const STATES: readonly StateName[] = ["preOpen", "auctionCall", "open", "halted", "closed"];
const SCOPES: readonly KillScopeName[] = ["global", "instrument", "account"];

/**
 * Draws commands for one world, for ever. It looks at the twin's live orders to hit them often; the same config, seed and
 * answers give the same commands.
 */
export class Generator {
  readonly #random: Random;
  readonly #draw: Draw;
  readonly #orders: DrawOrders;
  readonly #risk: DrawRisk | undefined;
  /** Second legs of OCO pairs, on their way. */
  #planned: NewCommand[] = [];

  constructor(
    readonly config: WorldConfig,
    seed: number,
    readonly directory: Directory,
  ) {
    this.#random = new Random(seed);
    this.#draw = new Draw(config, this.#random, directory);
    this.#orders = new DrawOrders(this.#draw);
    this.#risk = config.risk === undefined ? undefined : new DrawRisk(this.#draw, config.risk);
  }

  setUp(): Command[] {
    return [...setUp(this.config), ...(this.#risk?.setUp() ?? [])];
  }

  next(): Command {
    const random = this.#random;
    const { mix, massCancelPermille } = this.config;
    if (this.#planned.length > 0 && random.permille(600)) return this.#planned.shift() as NewCommand;
    if (random.permille(massCancelPermille)) return this.#massCancel();
    if (random.permille(mix.time)) return this.#time();
    const state = this.#maybeState() ?? this.#maybeKill() ?? this.#risk?.next();
    if (state !== undefined) return state;
    const kind = random.below(1000);
    if (kind < 710) return this.#new();
    if (kind < 780) return { cmd: "cancel", ...this.#reference(this.#draw.aim()) };
    if (kind < 845) return this.#reduce();
    if (kind < 970) return this.#replace();
    if (kind < 980) return { cmd: "book", symbol: random.pick(this.config.symbols), ...this.#depth() };
    if (kind < 990) return { cmd: "orders", account: this.#draw.account() };
    return this.#declaration();
  }

  #new(): NewCommand {
    const [first, second] = this.#orders.next();
    if (second !== undefined) this.#planned.push(second);
    return first as NewCommand;
  }

  #reduce(): Command {
    const draw = this.#draw;
    const target = draw.aim();
    return { cmd: "reduce", ...this.#reference(target), by: draw.qty(draw.instruments[draw.indexOf(target)] as WorldInstrument) };
  }

  #replace(): ReplaceCommand {
    const random = this.#random;
    const draw = this.#draw;
    const target = draw.aim();
    const index = draw.indexOf(target);
    const command: ReplaceCommand = { cmd: "replace", ...this.#reference(target) };
    if (random.permille(350)) command.newClOrdId = draw.id();
    if (random.permille(target !== undefined && target.price === undefined ? 30 : 600)) command.price = this.#newPrice(index, target);
    if (random.permille(target?.partner === undefined ? 600 : 150)) command.qty = this.#newTotal(index, target);
    const sleeps = target?.place === "dormant" || target?.place === "pending";
    if (random.permille(sleeps && target?.type !== "trailingStop" ? 500 : 20)) command.stopPrice = this.#newStopPrice(index, target);
    const { iceberg } = this.config.mix;
    if (random.permille(target?.displayQty === undefined ? iceberg >> 2 : 400)) command.displayQty = this.#newDisplay(index, target);
    return command;
  }

  /** The price that it has, in a third of the cases: a replace that moves nothing. */
  #newPrice(index: number, target: Order | undefined): DecimalInput {
    if (target?.price === undefined || !this.#random.permille(330)) return this.#draw.price(index, target?.side ?? "buy");
    return formatSteps(target.price, target.instrument.tickSize);
  }

  /** Where the other side rests: a stop price beyond the market, in most cases. */
  #newStopPrice(index: number, target: Order | undefined): DecimalInput {
    if (target?.stopPrice !== undefined && this.#random.permille(200)) return formatSteps(target.stopPrice, target.instrument.tickSize);
    return this.#draw.price(index, target?.side === "buy" ? "sell" : "buy");
  }

  #newDisplay(index: number, target: Order | undefined): DecimalInput {
    if (target?.displayQty !== undefined && this.#random.permille(250)) return formatSteps(target.displayQty, target.instrument.lotSize);
    return this.#draw.part(this.#draw.instruments[index] as WorldInstrument, target?.total ?? 5n);
  }

  /** Around what it has executed or has left, in half of the cases (R2, R3). */
  #newTotal(index: number, target: Order | undefined): DecimalInput {
    const random = this.#random;
    const instrument = this.#draw.instruments[index] as WorldInstrument;
    if (target === undefined || random.permille(500)) return this.#draw.qty(instrument);
    const around = random.permille(500) ? target.total : target.total - target.leaves;
    return formatSteps(around + BigInt(random.below(3) - 1), instrument.lot);
  }

  /** Mostly forward by a small step, sometimes the same time again, sometimes backwards. */
  #time(): Command {
    const random = this.#random;
    if (this.#draw.bad(50)) return { cmd: "time", at: random.pick([-1, 1.5, this.#draw.clock - 1]) };
    if (this.config.risk !== undefined && random.permille(this.config.risk.day)) this.#draw.clock += 86_400_000_000 - random.below(3) * 400;
    this.#draw.clock += random.below(random.permille(100) ? 200 : 25);
    return { cmd: "time", at: this.#draw.clock };
  }

  /** Rarely out of `open`, and soon back: in most states hardly anything happens. */
  #maybeState(): StateCommand | undefined {
    const random = this.#random;
    const { mix } = this.config;
    if (mix.state === 0) return undefined;
    const index = random.below(this.config.symbols.length);
    const now = this.#draw.stateOf(index);
    const pressure = { open: 1, auctionCall: 1, preOpen: 2, halted: 8, closed: 12 }[now];
    if (!random.permille(Math.min(900, mix.state * pressure + (now === "open" ? 0 : 5)))) return undefined;
    const command: StateCommand = { cmd: "state", symbol: this.#draw.symbol(this.config.symbols[index]), state: this.#stateAfter(now) };
    if (random.permille(150)) command.cancel = random.permille(500);
    return command;
  }

  #stateAfter(now: StateName): StateName {
    const random = this.#random;
    if (random.permille(250)) return random.pick(STATES);
    if (now === "open") return random.pick(["auctionCall", "auctionCall", "auctionCall", "preOpen", "halted", "closed"] as const);
    if (now === "auctionCall") return "open";
    return random.pick(["auctionCall", "open"] as const);
  }

  /** What is on is soon turned off again. */
  #maybeKill(): KillCommand | undefined {
    const random = this.#random;
    const { kill } = this.config.mix;
    const killed = this.directory.instruments.find((instrument) => instrument.killed);
    const account = this.directory.accounts.find((known) => known.killed);
    if (killed !== undefined && random.permille(60)) return { cmd: "kill", scope: "instrument", symbol: killed.symbol, on: false };
    if (account !== undefined && random.permille(40)) return { cmd: "kill", scope: "account", account: account.name, on: false };
    // The global switch cannot be seen from here: it is turned off now and then in any case.
    if (kill > 0 && random.permille(25)) return { cmd: "kill", scope: "global", on: false };
    if (!random.permille(kill)) return undefined;
    const scope = random.pick(SCOPES);
    const command: KillCommand = { cmd: "kill", scope, on: random.permille(850) };
    if ((scope === "instrument") !== this.#draw.bad(20)) command.symbol = this.#draw.symbol();
    if ((scope === "account") !== this.#draw.bad(20)) command.account = this.#draw.account();
    if (random.permille(300)) command.cancel = random.permille(700);
    return command;
  }

  #massCancel(): Command {
    const random = this.#random;
    return {
      cmd: "massCancel",
      account: this.#draw.account(),
      ...(random.permille(600) ? { symbol: this.#draw.symbol() } : {}),
      ...(random.permille(500) ? { side: this.#draw.side() } : {}),
    };
  }

  /** Declarations again, bad ones, and now and then a new name; few names, so that the world stays small. */
  #declaration(): Command {
    const random = this.#random;
    const name = random.pick(["USD", "ATOM", "CHF", "EUR", "NEW-LISTING", "", "SEVENTEEN-LETTERS", "with space", "a\u00e4"]);
    const kind = random.below(5);
    if (kind === 0) return { cmd: "currency", currency: name, scale: random.pick([-1, 0, 2, 6, 15, 16]) };
    if (kind === 1) {
      const stpGroup = random.pick(["desk", "", "x y"]);
      return { cmd: "account", account: name, mode: "unchecked", ...(random.permille(300) ? { stpGroup } : {}) };
    }
    const base = declaration(random.pick(this.config.symbols));
    if (kind === 2) return base;
    const steps = {
      tickSize: random.pick(["0.01", "0", "-0.01", "0.0000001", "1", "0.10"]),
      lotSize: random.pick(["1", "0", "-1", "0.0000001", "0.001", "5"]),
    };
    return {
      ...base,
      symbol: name,
      ...(kind === 3 ? steps : {}),
      ...(random.permille(300) ? { minQty: random.pick(["5", "0.5", "0", "-5", "10"]) } : {}),
      ...(random.permille(300) ? { maxPrice: random.pick(["5", "0.005", "0", "-5", "10"]) } : {}),
      ...(random.permille(200) ? { minNotional: random.pick(["0", "-1", "0.0000001", "5", "99999999999999999"]) } : {}),
      ...(random.permille(200) ? { bandBps: random.pick([0, -1, 1_000_000, 1_000_001, 2 ** 53]) } : {}),
      ...(random.permille(200) ? { marketProtectionBps: random.pick([0, -1, 1_000_000, 1_000_001]) } : {}),
      ...(random.permille(200) ? { auctionUs: random.pick([0, -1, 2 ** 53 - 1, 2 ** 53]) } : {}),
      ...(random.permille(200) ? { lastPrice: random.pick(["0", "-1", "10", "0.005", "1000000"]) } : {}),
      ...(random.permille(200) ? { state: random.pick(STATES) } : {}),
    };
  }

  /** Names the target by either id, or something that may not exist, or may be another account's. */
  #reference(target: Order | undefined): OrderRef {
    const random = this.#random;
    const draw = this.#draw;
    const account = target === undefined || draw.bad(10) ? draw.account() : target.account.name;
    if (draw.bad(3)) return { account, clOrdId: draw.id(), orderId: 1 };
    if (draw.bad(3)) return { account };
    if (draw.bad(5)) return { account, orderId: random.pick([...BAD_IDS, ...NO_IDS]) };
    if (random.permille(800)) return { account, clOrdId: target?.clOrdId ?? draw.id() };
    const orderId = target?.orderId ?? 1 + random.below(100_000);
    return { account, orderId: random.permille(500) ? orderId : String(orderId) };
  }

  #depth(): { depth?: number } {
    return this.#random.permille(500) ? { depth: this.#random.below(8) - 1 } : {};
  }
}

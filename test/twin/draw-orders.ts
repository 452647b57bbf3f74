import type { DecimalInput, NewCommand, OrdTypeName, SideName, StpName, TifName } from "../../engine/edge/types.js";
import { formatSteps } from "./decimal.js";
import { BAD_IDS, type Draw, NO_IDS } from "./draw.js";
import type { Instrument } from "./state.js";
import { mayRest } from "./state.js";
import type { WorldInstrument } from "./world.js";

const STP_MODES: readonly StpName[] = ["none", "cancelNewest", "cancelOldest", "cancelBoth", "decrement"];
const PLAIN_TIFS: readonly TifName[] = ["gtc", "gtc", "gtc", "ioc", "fok"];
const ALL_TIFS: readonly TifName[] = ["gtc", "day", "gtd", "ioc", "fok"];
const BAD_BPS = [0, -1, 10_000, 1_000_000, 2 ** 53, 1.5];
/** Far enough to be there for a while, near enough to be reached. */
const EXPIRE_WITHIN_US = 80;

/** Where and for whom an order is drawn. */
interface Place {
  readonly index: number;
  readonly instrument: WorldInstrument;
  readonly side: SideName;
}

/** Draws new orders of every type, mostly such as make sense in their world. */
export class DrawOrders {
  constructor(readonly draw: Draw) {}

  /** One command, or the two legs of an OCO pair. */
  next(): NewCommand[] {
    const { random, config } = this.draw;
    if (random.permille(config.mix.oco)) return this.#pair();
    const index = random.below(this.draw.instruments.length);
    const order = this.#single(index, this.draw.side(), this.draw.trader(index));
    return [random.permille(config.mix.reduceOnly) ? this.#reducing(order, index) : order];
  }

  #single(index: number, side: SideName, account: string): NewCommand {
    const { draw } = this;
    const { random, config } = draw;
    const place: Place = { index, instrument: draw.instruments[index] as WorldInstrument, side };
    const command: NewCommand = { cmd: "new", account, clOrdId: draw.id(), symbol: draw.symbol(place.instrument.symbol), side };
    const isOpen = draw.stateOf(index) === "open";
    if (random.permille(config.mix.stop)) this.#makeStop(command, place);
    else if (random.permille(isOpen ? config.mix.market : config.mix.market >> 2)) this.#makeMarket(command, place);
    else this.#makeLimit(command, place, isOpen);
    if (random.permille(250)) command.stp = random.pick(STP_MODES);
    if (random.permille(30)) command.reduceOnly = random.permille(300);
    this.#spoil(command, place);
    return command;
  }

  #makeLimit(command: NewCommand, place: Place, isOpen: boolean): void {
    const { random, config } = this.draw;
    if (random.permille(300)) command.type = "limit";
    if (random.permille(350)) command.tif = random.pick(PLAIN_TIFS);
    const atOnce = random.permille(config.mix.atOnce);
    if (atOnce) command.tif = random.pick(["ioc", "fok"] as const);
    else if (random.permille(config.mix.expiring)) command.tif = random.pick(["day", "gtd"] as const);
    // While not open, what must match at once is refused; now and then it is sent all the same.
    if (!isOpen && (command.tif === "ioc" || command.tif === "fok") && random.permille(800)) command.tif = "gtc";
    if (!this.draw.bad(8)) command.price = this.draw.price(place.index, place.side);
    const lots = this.draw.lots(place.instrument);
    if (!this.draw.bad(8)) command.qty = this.draw.qty(place.instrument, lots);
    if (command.tif === "gtd") command.expireTime = this.#expireTime();
    const rests = mayRest({ type: "limit", tif: command.tif ?? "gtc" });
    if (atOnce && command.tif === "ioc") command.minQty = this.draw.part(place.instrument, lots);
    if (rests && random.permille(config.mix.iceberg)) command.displayQty = this.draw.part(place.instrument, lots);
    if (random.permille(rests ? 150 : 15)) command.postOnly = random.permille(900);
  }

  #makeMarket(command: NewCommand, place: Place): void {
    const { random, config } = this.draw;
    command.type = "market";
    if (random.permille(400)) command.tif = random.pick(config.mix.atOnce > 0 ? (["ioc", "fok", "gtc"] as const) : PLAIN_TIFS);
    if (random.permille(4 * config.mix.quoteQty)) {
      if (command.tif === "fok" && random.permille(900)) delete command.tif;
      command.quoteQty = this.#money(place);
    } else if (!this.draw.bad(8)) command.qty = this.draw.qty(place.instrument);
  }

  #makeStop(command: NewCommand, place: Place): void {
    const { draw } = this;
    const { random, config } = draw;
    const type: OrdTypeName = random.pick(["stop", "stopLimit", "stopLimit", "trailingStop"] as const);
    command.type = type;
    if (random.permille(300)) command.tif = random.pick(ALL_TIFS);
    if (draw.stateOf(place.index) !== "open" && (command.tif === "ioc" || command.tif === "fok")) delete command.tif;
    if (command.tif === "gtd") command.expireTime = this.#expireTime();
    const lots = draw.lots(place.instrument);
    if (!draw.bad(8)) command.qty = draw.qty(place.instrument, lots);
    if (type === "trailingStop") return this.#makeTrailing(command, place);
    // A buy stop lies above the market as a sell does below: where an order of the other side rests.
    const stopTicks = draw.ticks(place.index, place.side === "buy" ? "sell" : "buy");
    const { tick } = place.instrument;
    command.stopPrice = draw.bad(15) ? draw.badNumber(tick) : draw.written(formatSteps(stopTicks, tick));
    if (type !== "stopLimit") return;
    const limit = stopTicks + BigInt(random.below(5) - 1) * (place.side === "buy" ? 1n : -1n);
    command.price = draw.bad(15) ? draw.badNumber(tick) : formatSteps(limit > 1n ? limit : 1n, tick);
    if (mayRest({ type, tif: command.tif ?? "gtc" }) && random.permille(config.mix.iceberg))
      command.displayQty = draw.part(place.instrument, lots);
  }

  #makeTrailing(command: NewCommand, { instrument }: Place): void {
    const { draw } = this;
    const { random, config } = draw;
    const ticks = 1 + random.below(config.spreadTicks);
    if (draw.bad(10)) command.trailBps = random.pick(BAD_BPS);
    else if (random.permille(500)) command.trailBps = Math.min(9999, 1 + random.below(Math.ceil((ticks * 10_000) / instrument.middle)));
    if (draw.bad(10) || command.trailBps === undefined) {
      command.trail = draw.bad(15) ? draw.badNumber(instrument.tick) : draw.written(formatSteps(BigInt(ticks), instrument.tick));
    }
  }

  /** A limit and a stop that name each other, most of the time as they should. */
  #pair(): NewCommand[] {
    const { draw } = this;
    const { random } = draw;
    const index = random.below(draw.instruments.length);
    const side = draw.side();
    const account = draw.trader(index);
    const place: Place = { index, instrument: draw.instruments[index] as WorldInstrument, side };
    const legs: NewCommand[] = [true, false].map((isLimit) => {
      const leg: NewCommand = { cmd: "new", account, clOrdId: draw.id(), symbol: place.instrument.symbol, side };
      if (isLimit) this.#makeLimit(leg, place, false);
      else this.#makeStop(leg, place);
      if (isLimit && random.permille(950)) delete leg.postOnly;
      if (random.permille(300)) leg.reduceOnly = true;
      if (random.permille(300)) leg.stp = random.pick(STP_MODES);
      return leg;
    });
    const [limit, stop] = legs as [NewCommand, NewCommand];
    if (random.permille(700) && limit.qty !== undefined) stop.qty = limit.qty;
    limit.oco = stop.clOrdId;
    stop.oco = limit.clOrdId;
    if (random.permille(500)) legs.reverse();
    for (const leg of legs) this.#spoil(leg, place);
    if (draw.bad(100)) this.#spoilPair(legs as [NewCommand, NewCommand]);
    return legs;
  }

  #spoilPair([first, second]: [NewCommand, NewCommand]): void {
    const { draw } = this;
    const kind = draw.random.below(7);
    if (kind === 0) second.oco = draw.id();
    else if (kind === 1) second.side = second.side === "buy" ? "sell" : "buy";
    else if (kind === 2) second.symbol = draw.symbol();
    else if (kind === 3) second.clOrdId = draw.id();
    else if (kind === 4) first.oco = first.clOrdId;
    else if (kind === 5) delete second.oco;
    else second.oco = draw.random.pick(draw.random.permille(800) ? BAD_IDS : NO_IDS);
  }

  /** The same order for an account that has something to reduce, on the side that reduces it, in most cases. */
  #reducing(command: NewCommand, index: number): NewCommand {
    const { draw } = this;
    const positions = [...(draw.declared(index)?.positions ?? [])].filter(([, { lots }]) => lots !== 0n);
    if (positions.length > 0 && draw.random.permille(850)) {
      const [account, { lots }] = draw.random.pick(positions);
      command.account = account.name;
      command.side = lots > 0n === draw.random.permille(900) ? "sell" : "buy";
    }
    return { ...command, reduceOnly: true };
  }

  /** One key too many, too few or of a bad value, in proportion to the world's share of bad things. */
  #spoil(command: NewCommand, { instrument, index, side }: Place): void {
    const { draw } = this;
    if (!draw.bad(30)) return;
    const { random } = draw;
    const spoilers: readonly (() => void)[] = [
      () => Object.assign(command, { price: draw.price(index, side) }),
      () => Object.assign(command, { stopPrice: draw.price(index, side) }),
      () => Object.assign(command, { trail: draw.written(formatSteps(1n, instrument.tick)) }),
      () => Object.assign(command, { trailBps: random.pick([100, ...BAD_BPS]) }),
      () => Object.assign(command, { displayQty: draw.qty(instrument) }),
      () => Object.assign(command, { minQty: draw.qty(instrument) }),
      () => Object.assign(command, { quoteQty: this.#money({ index, instrument, side }) }),
      () => Object.assign(command, { expireTime: this.#expireTime() }),
      () => Object.assign(command, { expireTime: random.pick([0, -1, draw.clock, 2 ** 53, 2 ** 53 - 1, 1.5]) }),
      () => Object.assign(command, { postOnly: true }),
      () => Object.assign(command, { tif: random.pick(ALL_TIFS) }),
      () => Object.assign(command, { oco: draw.id() }),
      () => delete command.price,
      () => delete command.qty,
      () => delete command.stopPrice,
      () => delete command.expireTime,
    ];
    random.pick(spoilers)();
  }

  #expireTime(): number {
    return this.draw.bad(10) ? this.draw.clock : this.draw.clock + 1 + this.draw.random.below(EXPIRE_WITHIN_US);
  }

  /** About what some lots at some price cost, and a few atoms more or less. */
  #money(place: Place): DecimalInput {
    const { draw } = this;
    const declared: Instrument | undefined = draw.declared(place.index);
    const scale = declared?.quote.scale ?? 6;
    if (draw.bad(15)) return draw.badNumber({ digits: 1n, scale });
    const notional = draw.ticks(place.index, place.side) * draw.lots(place.instrument) * (declared?.atomsPerTickLot ?? 1n);
    const atoms = notional + BigInt(draw.random.below(5) - 2);
    return formatSteps(atoms > 1n ? atoms : 1n, { digits: 1n, scale });
  }
}

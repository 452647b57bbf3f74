import type { TradingCore } from "../../engine/core/core.js";
import { Cancel, Header, NewOrder } from "../../engine/wire/flyweights.js";
import { OrdType, Side, TimeInForce } from "../../engine/wire/generated/enums.js";
import { NULL_INT64, NULL_UINT8 } from "../../engine/wire/numbers.js";
import { CoreFlow } from "./core-flow.js";

const LIVE_MAX = 4096;
const MID_TICKS = 100_000;
const BATCH = 256;

/**
 * Adds, cancels and immediate orders without end on one core, from one seed, for measuring what a core allocates: the
 * harness itself allocates nothing after construction.
 */
export class SteadyFlow {
  private readonly flow = new CoreFlow(2 ** 14, 2 ** 12);
  private readonly order = new Int32Array(NewOrder.RECORD_BYTES / 4);
  private readonly cancel = new Int32Array(Cancel.RECORD_BYTES / 4);
  private readonly live = new Int32Array(LIVE_MAX);
  private liveCount = 0;
  private nextId = 1;
  private random = 2463534242;

  constructor() {
    NewOrder.init(this.order, 0, 0, 0);
    NewOrder.setClientSeq(this.order, 0, 0);
    NewOrder.setAccount(this.order, 0, 0);
    NewOrder.setSession(this.order, 0, 0);
    NewOrder.setInstrument(this.order, 0, 0);
    NewOrder.setOrdType(this.order, 0, OrdType.limit);
    NewOrder.setStp(this.order, 0, NULL_UINT8);
    Cancel.init(this.cancel, 0, 0, 0);
    Cancel.setClientSeq(this.cancel, 0, 0);
    Cancel.setOrderId(this.cancel, 0, NULL_INT64);
    Cancel.setAccount(this.cancel, 0, 0);
    Cancel.setSession(this.cancel, 0, 0);
  }

  get core(): TradingCore {
    return this.flow.core;
  }

  get eventCount(): number {
    return this.flow.eventCount;
  }

  /** Applies `count` more commands. */
  run(count: number): void {
    for (let done = 0; done < count; done += BATCH) {
      for (let i = 0; i < BATCH; i++) this.next();
      this.flow.drain();
    }
  }

  private next(): void {
    const draw = this.draw(100);
    if (this.liveCount > 0 && (draw < 45 || this.liveCount === LIVE_MAX)) this.cancelOne();
    else this.place(draw < 92 ? TimeInForce.gtc : TimeInForce.ioc);
  }

  private place(tif: number): void {
    const side = this.draw(2);
    const away = tif === TimeInForce.gtc ? 1 + this.draw(50) : -this.draw(8);
    const id = this.nextId++;
    Header.setSeq(this.order, 0, this.core.lastSeq + 1);
    NewOrder.setClOrdId(this.order, 0, id);
    NewOrder.setPrice(this.order, 0, side === Side.buy ? MID_TICKS - away : MID_TICKS + away);
    NewOrder.setQty(this.order, 0, 1 + this.draw(100));
    NewOrder.setSide(this.order, 0, side);
    NewOrder.setTif(this.order, 0, tif);
    this.core.apply(this.order, 0);
    if (tif === TimeInForce.gtc && this.liveCount < LIVE_MAX) this.live[this.liveCount++] = id;
  }

  /** The order may have been filled meanwhile: then the core rejects, which must not allocate either. */
  private cancelOne(): void {
    const index = this.draw(this.liveCount);
    Header.setSeq(this.cancel, 0, this.core.lastSeq + 1);
    Cancel.setClOrdId(this.cancel, 0, this.live[index]);
    this.live[index] = this.live[--this.liveCount];
    this.core.apply(this.cancel, 0);
  }

  private draw(below: number): number {
    let x = this.random;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.random = x;
    return (x >>> 0) % below;
  }
}

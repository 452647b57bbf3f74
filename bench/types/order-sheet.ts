import { Cancel, Header, MassCancel, NewOrder, NewOrderFull, SetState } from "../../engine/wire/flyweights.js";
import { OrdType, TimeInForce, type TradingState } from "../../engine/wire/generated/enums.js";
import { NULL_INT64, NULL_UINT8, NULL_UINT32 } from "../../engine/wire/numbers.js";
import { type FlowOrder, type OrderExtras, writeCancel, writeFullOrder, writeNewOrder } from "../flows/flow-records.js";

/** Command records, one behind the other, for a core that `setUpCore` has set up. */
export class OrderSheet {
  private memory = new Int32Array(1 << 16);
  private readonly starts: number[] = [];
  private end = 0;

  get words(): Int32Array {
    return this.memory;
  }

  get offsets(): Int32Array {
    return Int32Array.from(this.starts);
  }

  get count(): number {
    return this.starts.length;
  }

  /** Gives the records the seqs behind `lastSeq`, so that a sheet can be played again. */
  stamp(lastSeq: number): void {
    for (let index = 0; index < this.starts.length; index++) Header.setSeq(this.memory, this.starts[index], lastSeq + 1 + index);
  }

  /** A limit order that stays, unless told otherwise. */
  order(order: Pick<FlowOrder, "id" | "side" | "qty"> & Partial<FlowOrder>): void {
    const at = this.next(NewOrder.RECORD_BYTES);
    const whole = { ordType: OrdType.limit, tif: TimeInForce.gtc, price: NULL_INT64, ...order };
    writeNewOrder(this.memory, at, 0, whole);
  }

  fullOrder(order: Pick<FlowOrder, "id" | "side" | "qty"> & Partial<FlowOrder>, extras: OrderExtras): void {
    const at = this.next(NewOrderFull.RECORD_BYTES);
    writeFullOrder(this.memory, at, 0, { ordType: OrdType.limit, tif: TimeInForce.gtc, price: NULL_INT64, ...order }, extras);
  }

  cancel(id: number): void {
    const at = this.next(Cancel.RECORD_BYTES);
    writeCancel(this.memory, at, 0, id);
  }

  massCancel(): void {
    const at = this.next(MassCancel.RECORD_BYTES);
    MassCancel.init(this.memory, at, 0, 0);
    MassCancel.setClientSeq(this.memory, at, 0);
    MassCancel.setSession(this.memory, at, 0);
    MassCancel.setAccount(this.memory, at, 0);
    MassCancel.setInstrument(this.memory, at, NULL_UINT32);
    MassCancel.setSide(this.memory, at, NULL_UINT8);
  }

  state(state: TradingState): void {
    const at = this.next(SetState.RECORD_BYTES);
    SetState.init(this.memory, at, 0, 0);
    SetState.setClientSeq(this.memory, at, 0);
    SetState.setSession(this.memory, at, 0);
    SetState.setInstrument(this.memory, at, 0);
    SetState.setState(this.memory, at, state);
    SetState.setCancel(this.memory, at, 0);
  }

  private next(bytes: number): number {
    const at = this.end;
    this.end += bytes >> 2;
    if (this.end > this.memory.length) {
      const longer = new Int32Array(2 * this.memory.length);
      longer.set(this.memory);
      this.memory = longer;
    }
    this.starts.push(at);
    return at;
  }
}

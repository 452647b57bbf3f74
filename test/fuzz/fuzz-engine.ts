import { Core } from "../../engine/edge/index.js";
import { Header } from "../../engine/wire/index.js";
import { FakeEngine } from "../gateway/fake-port.js";

const TIME_US = 1_700_000_000_000_000;
const CAPACITIES = { orders: 5_000, levels: 2_000, accounts: 8, instruments: 8, currencies: 8 };

/** The trading core itself behind a gateway, on the gateway's thread: what passes the gateway must do no harm there either. */
export class FuzzEngine extends FakeEngine {
  readonly core = new Core({ capacities: CAPACITIES });
  /** Commands that were applied, and those of them that the core has rejected. */
  applied = 0;
  rejected = 0;

  constructor() {
    super();
    const steps = { quote: "USD", tickSize: "0.01", lotSize: "0.0001" };
    // Ids count from 0; those that the gateway knows are 1 and 2.
    for (const base of ["NIL", "BTC", "ETH"]) this.core.apply({ cmd: "instrument", symbol: `${base}-USD`, base, ...steps }, () => {});
    for (const account of ["nobody", "alice", "bob"]) this.core.apply({ cmd: "account", account, mode: "unchecked" }, () => {});
    this.respond = (command) => this.apply(command);
  }

  private apply(command: Int32Array): Int32Array[] {
    const events: Int32Array[] = [];
    const words = command.slice();
    Header.setSeq(words, 0, this.core.lastSeq + 1);
    // The clock stands still, so that a digest only changes with the books.
    Header.setTime(words, 0, TIME_US);
    this.core.applyRecord(words, 0, (record, at) => events.push(record.slice(at, at + (Header.length(record, at) >> 2))));
    this.applied += 1;
    if (events.length === 0) throw new Error(`the core has nothing to say to template ${Header.templateId(command, 0)}`);
    return events;
  }
}

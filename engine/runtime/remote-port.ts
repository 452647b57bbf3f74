import { MessageChannel, type MessagePort } from "node:worker_threads";
import { Catalog, type InstrumentInfo } from "../edge/catalog.js";
import type { AccountStatement } from "../edge/statement.js";
import { SharedCounters, type SharedCountersShared, SpscRing } from "../ring/index.js";
import { EngineClosedError, EngineFailedError } from "./engine-error.js";
import { EnginePort, type PortDescriptor, type PortJournal, type PortNames } from "./engine-port.js";
import { JOURNAL_FULL, JOURNAL_STATE_WORD, type JournalCounterName } from "./journal-shared.js";
import type { PortSource } from "./port-source.js";
import { type LedgerSummary, RecoveredSessions } from "./session-ledger.js";
import type { PortSeed } from "./trading-step.js";

/** What the journal's state is read from on another thread. */
export interface SharedJournalView {
  readonly isGating: boolean;
  readonly counters: SharedCountersShared;
  readonly control: SharedArrayBuffer;
}

/** A port for another thread: everything of it is shared memory and a channel. Post it with `link` in the transfer list. */
export interface PortTicket {
  readonly descriptor: PortDescriptor;
  readonly journal: SharedJournalView | undefined;
  readonly link: MessagePort;
}

/** Names as they are on the engine's thread. */
interface Names {
  readonly infos: readonly InstrumentInfo[];
  readonly accountNames: readonly string[];
  readonly firstStates: readonly number[];
}

type ToPort =
  | { readonly kind: "seed"; readonly seed: PortSeed; readonly names: Names; readonly recovered: LedgerSummary | undefined }
  | { readonly kind: "names"; readonly names: Names }
  | { readonly kind: "sealed" }
  | { readonly kind: "statement"; readonly id: number; readonly statement: AccountStatement }
  | { readonly kind: "refused"; readonly id: number; readonly message: string }
  | { readonly kind: "failed"; readonly message: string; readonly isClosed: boolean };

/** The port is given back, or asks what an account has. */
type FromPort = "closed" | { readonly id: number; readonly account: number };

/** How often the engine's thread looks for instruments and accounts that are new. */
const NAMES_MS = 100;

export interface RemoteHost {
  readonly descriptor: PortDescriptor;
  readonly journal: SharedJournalView | undefined;
  readonly names: PortNames;
  readonly source: PortSource;
  recovered(): LedgerSummary | undefined;
  /** The port is given back, or its thread is dead. */
  onClose(): void;
}

/** The engine's end of a port that another thread has. Engine's thread only. */
export class RemotePort {
  readonly ticket: PortTicket;
  readonly name: string;
  readonly gate: number;
  private readonly link: MessagePort;
  private readonly timer: NodeJS.Timeout;
  private known = 0;
  private isOver = false;

  constructor(private readonly host: RemoteHost) {
    const { port1, port2 } = new MessageChannel();
    this.link = port1;
    this.name = host.descriptor.name;
    this.gate = host.descriptor.gate;
    this.ticket = { descriptor: host.descriptor, journal: host.journal, link: port2 };
    // A thread that gives its port back says so. One that dies cannot, but its end of the channel goes with it.
    port1.on("message", (message: FromPort) => this.onMessage(message));
    port1.on("close", () => this.thereafter());
    port1.unref();
    this.timer = setInterval(() => this.tellNames(), NAMES_MS).unref();
    host.source.attach().then(
      (seed) => this.tellSeed(seed),
      (error: Error) => this.fail(error),
    );
  }

  /** No further claims. */
  seal(): void {
    this.tell({ kind: "sealed" });
  }

  /** Nothing more will come. */
  fail(error: Error): void {
    this.tell({ kind: "failed", message: error.message, isClosed: error instanceof EngineClosedError });
    clearInterval(this.timer);
  }

  private onMessage(message: FromPort): void {
    if (message === "closed") return this.end();
    const { id, account } = message;
    this.host.source.statement(account).then(
      (statement) => this.tell({ kind: "statement", id, statement }),
      (error: Error) => this.tell({ kind: "refused", id, message: error.message }),
    );
  }

  private tellSeed(seed: PortSeed): void {
    // Its thread has died meanwhile: the gate that has just begun to hold must not.
    if (this.isOver) return void SpscRing.attach(this.host.descriptor.events).evict(this.gate);
    this.known = this.size();
    this.tell({ kind: "seed", seed, names: this.namesNow(), recovered: this.host.recovered() });
  }

  private tellNames(): void {
    if (this.known === 0 || this.size() === this.known) return;
    this.known = this.size();
    this.tell({ kind: "names", names: this.namesNow() });
  }

  private size(): number {
    const { catalog } = this.host.names;
    return 1 + catalog.allInstruments().length + catalog.allAccounts().length;
  }

  private namesNow(): Names {
    const { catalog, firstStateOf } = this.host.names;
    const infos = [...catalog.allInstruments()];
    return { infos, accountNames: [...catalog.allAccounts()], firstStates: infos.map(({ id }) => firstStateOf(id)) };
  }

  private tell(message: ToPort): void {
    if (!this.isOver) this.link.postMessage(message);
  }

  private end(): void {
    if (this.isOver) return;
    this.isOver = true;
    clearInterval(this.timer);
    this.link.close();
    this.host.onClose();
  }

  /** The other end is gone without a word: its gate would hold the shard up, and its ring would belong to nobody. */
  private thereafter(): void {
    if (this.isOver) return;
    const { events, gate, ingress } = this.host.descriptor;
    SpscRing.attach(events).evict(gate);
    SpscRing.attach(ingress).producer({ takeOver: true }).close();
    this.end();
  }
}

/** Questions of a port on another thread that are not answered yet. */
class LinkQuestions {
  private readonly waiting = new Map<number, { resolve(statement: AccountStatement): void; reject(error: Error): void }>();
  private lastId = 0;

  constructor(private readonly link: MessagePort) {}

  readonly ask = (account: number): Promise<AccountStatement> => {
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.link.postMessage({ id, account } satisfies FromPort);
    });
  };

  settle(message: Extract<ToPort, { readonly kind: "statement" | "refused" }>): void {
    const asker = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (message.kind === "statement") asker?.resolve(message.statement);
    else asker?.reject(new EngineFailedError(message.message));
  }

  /** Nothing more will come. */
  failAll(error: Error): void {
    for (const asker of this.waiting.values()) asker.reject(error);
    this.waiting.clear();
  }
}

/**
 * The port of a ticket, on the thread that has received it. What the engine's thread knows of instruments and accounts follows with some
 * delay; everything else is shared memory.
 */
export function portOfTicket(ticket: PortTicket): EnginePort {
  const { descriptor, link } = ticket;
  const catalog = new Catalog();
  const firstStates = new Map<number, number>();
  let recovered: RecoveredSessions | undefined;
  let port: EnginePort | undefined;
  const questions = new LinkQuestions(link);
  const learn = ({ infos, accountNames, firstStates: states }: Names): void => {
    for (const [index, info] of infos.entries()) {
      catalog.addInstrument(info);
      firstStates.set(info.id, states[index]);
    }
    for (const [id, name] of accountNames.entries()) catalog.addAccount(id, name);
  };
  const names: PortNames = {
    catalog,
    firstStateOf: (instrument) => firstStates.get(instrument) ?? 0,
    journal: ticket.journal === undefined ? undefined : journalView(ticket.journal),
    recovered: () => recovered,
  };
  const attach = (): Promise<PortSeed> =>
    new Promise((resolve, reject) => {
      link.on("message", (message: ToPort) => {
        if (message.kind === "sealed") return port?.seal();
        if (message.kind === "statement" || message.kind === "refused") return questions.settle(message);
        if (message.kind === "failed") {
          const error = message.isClosed ? new EngineClosedError() : new EngineFailedError(message.message);
          reject(error);
          port?.fail(error);
          return questions.failAll(error);
        }
        learn(message.names);
        if (message.kind === "names") return;
        if (message.recovered !== undefined) recovered = new RecoveredSessions(message.recovered);
        // From here on whoever uses the port decides how long its thread lives.
        link.unref();
        resolve(message.seed);
      });
    });
  port = new EnginePort(descriptor, names, { attach, statement: questions.ask }, () => {
    link.postMessage("closed" satisfies FromPort);
    link.close();
    questions.failAll(new EngineClosedError());
  });
  return port;
}

function journalView({ isGating, counters, control }: SharedJournalView): PortJournal {
  const shared = SharedCounters.attach(counters);
  const index = shared.index("releasedSeq" satisfies JournalCounterName);
  const words = new Int32Array(control);
  return {
    isGating,
    releasedSeq: () => shared.read(index),
    get isFull() {
      return Atomics.load(words, JOURNAL_STATE_WORD) === JOURNAL_FULL;
    },
  };
}

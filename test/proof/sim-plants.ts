import type { JournalKeeper } from "../../engine/runtime/journal-keeper.js";
import { type LedgerSummary, RecoveredSessions, SessionLedger } from "../../engine/runtime/session-ledger.js";
import type { StateWriter, Step, StepModule } from "../../engine/step.js";
import { Header, NewOrder } from "../../engine/wire/index.js";
import { PLANTS } from "./plants.js";
import type { SimPlant } from "./sim-plan.js";

/** A server that takes its sessions up one request too early: what was the last is taken once more. */
class ShortMemory extends RecoveredSessions {
  override clientSeqOf(session: number): number {
    return Math.max(0, super.clientSeqOf(session) - 1);
  }
}

/** Sessions are not part of a snapshot. */
class ForgetfulLedger extends SessionLedger {
  override save(out: StateWriter): void {
    new SessionLedger().save(out);
  }
}

/** Every so many orders, a live engine and a replay of it do different things: it counts what it does not save. */
class MoodyStep implements Step {
  private orders = 0;

  constructor(private readonly step: Step) {
    // Questions and timers go to the core itself.
    Object.setPrototypeOf(this, step);
    this.apply = (words, at) => {
      const isOrder = Header.templateId(words, at) === NewOrder.TEMPLATE_ID;
      if (isOrder && ++this.orders % 50 === 0) NewOrder.setQty(words, at, NewOrder.qty(words, at) + 1);
      this.step.apply(words, at);
    };
  }

  apply: Step["apply"];
  save: Step["save"] = (out) => this.step.save(out);
  load: Step["load"] = (input) => this.step.load(input);
  digest: Step["digest"] = () => this.step.digest();
}

function remember(keeper: JournalKeeper, sessions: (summary: LedgerSummary) => RecoveredSessions): void {
  if (keeper.recovered !== undefined) keeper.recovered = sessions(keeper.recovered.summary);
}

/** Mistakes that a simulation must find. */
export const SIM_PLANTS: Readonly<Record<string, SimPlant>> = {
  "replies that do not wait for the journal": { durability: "none" },
  "an acknowledgement before the sync": { disk: PLANTS["an acknowledgement before the sync"] },
  "a sync that has failed, unheard": { disk: PLANTS["a sync that has failed, unheard"] },
  "a request that is taken again after a restart": { learned: (keeper) => remember(keeper, (summary) => new ShortMemory(summary)) },
  "a restart that does not tell what had become of requests": {
    learned: (keeper) => remember(keeper, (summary) => new RecoveredSessions({ ...summary, events: new Int32Array(0) })),
  },
  "snapshots without sessions": { module: (module) => ({ ...module, createCompanion: () => new ForgetfulLedger() }) },
  "a live engine that does what a replay does not": {
    module: (module: StepModule) => ({ ...module, createStep: (output, options) => new MoodyStep(module.createStep(output, options)) }),
  },
};

import type { CancelCommand, Command, ReduceCommand, ReplaceCommand } from "../../engine/edge/types.js";
import type { CheckIntervals, CoreUnderTest, FailedRun } from "./differential.js";
import { DEFAULT_INTERVALS, playScript } from "./differential.js";
import { TwinError } from "./input.js";
import { minimise, toJsonLines, withoutSpareKeys } from "./minimise.js";
import { Twin } from "./twin.js";

/** A short script is checked in full after every command, so that the cause shows and not only a late effect. */
function intervalsFor(script: readonly Command[]): CheckIntervals {
  return script.length <= SHORT_SCRIPT_COMMANDS ? { digestEvery: 1, consistentEvery: 1 } : DEFAULT_INTERVALS;
}

const SHORT_SCRIPT_COMMANDS = 200;

/**
 * The same script with client ids where it named live orders by order id: order ids count all orders, so not one could be
 * left out before such a reference.
 */
function namedByClOrdId(script: readonly Command[]): readonly Command[] {
  const twin = new Twin();
  return script.map((command) => {
    const renamed = "orderId" in command && command.orderId !== undefined ? withClOrdId(command, twin) : command;
    try {
      twin.apply(command);
    } catch (error) {
      if (!(error instanceof TwinError)) throw error;
    }
    return renamed;
  });
}

function withClOrdId(command: CancelCommand | ReduceCommand | ReplaceCommand, twin: Twin): Command {
  const account = twin.directory.accounts.find((known) => known.name === command.account);
  const order = [...(account?.live.values() ?? [])].find((live) => String(live.orderId) === String(command.orderId));
  if (order === undefined || command.clOrdId !== undefined) return command;
  const { orderId: _orderId, ...rest } = command;
  return { ...rest, clOrdId: order.clOrdId };
}

/** For people: the shortest script that still parts core and twin, and what each said at its end. */
export function describeFailure(failed: FailedRun, under: CoreUnderTest): string {
  const play = (script: readonly Command[]) => playScript(script, under, intervalsFor(script));
  const fails = (script: readonly Command[]) => play(script) !== undefined;
  const renamed = namedByClOrdId(failed.script);
  const shortest = withoutSpareKeys(minimise(fails(renamed) ? renamed : failed.script, fails), fails);
  const divergence = play(shortest) ?? failed.divergence;
  return [
    `core and twin differ in ${divergence.what} at command ${divergence.at + 1} of the shortest script (${shortest.length} commands,`,
    `found after ${failed.script.length}). As input of \`ringbook run\`:`,
    toJsonLines(shortest),
    "core:",
    ...divergence.core.map((line) => `  ${line}`),
    "twin:",
    ...divergence.twin.map((line) => `  ${line}`),
  ].join("\n");
}

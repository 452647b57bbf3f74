import type { Command } from "../../dist/engine/index.js";
import { Generator } from "../twin/generator.js";
import { TwinError } from "../twin/input.js";
import { Twin } from "../twin/twin.js";
import type { WorldConfig } from "../twin/world.js";

/** Random commands of a world, without those that are no commands at all. */
export function script(world: WorldConfig, commands: number): Command[] {
  const twin = new Twin();
  const generator = new Generator(world, 11, twin.directory);
  const found: Command[] = [];
  for (const command of generator.setUp()) {
    twin.apply(command);
    found.push(command);
  }
  while (found.length < commands) {
    const command = generator.next();
    if (command.cmd === "book" || command.cmd === "orders" || command.cmd === "hash" || command.cmd === "time") continue;
    try {
      twin.apply(command);
      found.push(command);
    } catch (error) {
      if (!(error instanceof TwinError)) throw error;
    }
  }
  return found;
}

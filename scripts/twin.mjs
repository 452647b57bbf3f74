#!/usr/bin/env node
// Plays millions of random commands through the core and its plain twin, from dist (run `npm run build` first).
//   node scripts/twin.mjs [--commands 3000000] [--seed 1] [--run N] [--world NAME | --funds]
// A run is one world and seed, by default so short that every world has one, and at most 100,000 commands.
// `--funds`: only the worlds in which accounts have funds and limits.
// Prints progress on stderr. Exit status 1 and the shortest diverging script on stdout when core and twin part.
import { parseArgs } from "node:util";
import { CommandError, Core } from "../dist/engine/edge/index.js";
import { playRandom } from "../dist/test/twin/differential.js";
import { describeFailure } from "../dist/test/twin/report.js";
import { ALL_WORLDS } from "../dist/test/twin/world.js";

const { values } = parseArgs({
  options: {
    commands: { type: "string", default: "3000000" },
    seed: { type: "string", default: "1" },
    run: { type: "string" },
    world: { type: "string" },
    funds: { type: "boolean", default: false },
  },
});

function positive(name) {
  const value = Number(values[name]);
  if (!Number.isSafeInteger(value) || value < 1) {
    console.error(`--${name} must be a positive integer, was ${values[name]}`);
    process.exit(2);
  }
  return value;
}

const total = positive("commands");
const firstSeed = positive("seed");
const worlds = ALL_WORLDS.filter((world) => (values.world ?? world.name) === world.name && (!values.funds || world.risk !== undefined));
if (worlds.length === 0) {
  console.error(
    `--world must be one of ${ALL_WORLDS.map((world) => world.name).join(", ")}, was ${values.world} (with --funds: one with funds)`,
  );
  process.exit(2);
}

const perRun = values.run === undefined ? Math.min(100_000, Math.ceil(total / worlds.length)) : positive("run");

// Room for every world. A default core reserves much more, and shortening a script makes thousands of cores.
const CAPACITIES = { orders: 20_000, levels: 5000, accounts: 64, instruments: 16, currencies: 32 };
const engine = { create: () => new Core({ capacities: CAPACITIES }), isCommandError: (error) => error instanceof CommandError };
const startedMs = Date.now();
let done = 0;
for (let run = 0; done < total; run++) {
  const world = worlds[run % worlds.length];
  const seed = firstSeed + Math.floor(run / worlds.length);
  const commands = Math.min(perRun, total - done);
  const failed = playRandom({ world, seed, commands }, engine);
  if (failed !== undefined) {
    console.error(`world ${world.name}, seed ${seed}: core and twin part; shortening the script`);
    console.log(describeFailure(failed, engine));
    process.exit(1);
  }
  done += commands;
  const seconds = (Date.now() - startedMs) / 1000;
  console.error(`${done} of ${total} commands agree (${world.name}, seed ${seed}), ${Math.round(done / seconds)} a second`);
}
console.log(
  `core and twin agree on ${done} commands over ${Math.min(worlds.length, Math.ceil(total / perRun))} worlds, seeds from ${firstSeed}`,
);

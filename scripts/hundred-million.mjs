#!/usr/bin/env node
// P12: so many trades through risk, match, ledger and journal, from dist (run `npm run build` first).
//   node scripts/hundred-million.mjs [--trades 100000000] [--durability async|group] [--dir DIR] [--keep]
// 32 cash accounts with fees rest orders and a 33rd takes them. Prints progress on stderr, and the final digest. The journal takes about 100 bytes a trade.
// The answer is checked: the balance of every account is what so many trades leave of it, worked out by a core that played a few.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { JournalRig } from "../dist/bench/journal/journal-rig.js";
import { CYCLE_ACCOUNTS, CYCLE_RULES, CYCLE_TRADES, tradeCycle } from "../dist/bench/trades/trade-cycle.js";
import { raiseInliningBudget } from "../dist/engine/runtime/inlining-budget.js";

const REPEATS = 512;
const { values } = parseArgs({
  options: {
    trades: { type: "string", default: "100000000" },
    durability: { type: "string", default: "async" },
    dir: { type: "string" },
    keep: { type: "boolean", default: false },
  },
});
const wanted = Number(values.trades);
if (!Number.isSafeInteger(wanted) || wanted < 1 || !["async", "group"].includes(values.durability)) {
  console.error("--trades must be a positive integer, --durability async or group");
  process.exit(2);
}

raiseInliningBudget();
const perRound = REPEATS * CYCLE_TRADES;
const rounds = Math.ceil(wanted / perRound);
const sheet = tradeCycle(REPEATS);
const costs = await costsOfRound();
const dir = values.dir ?? mkdtempSync(join(tmpdir(), "ringbook-hundred-million-"));
const rig = await JournalRig.start(join(dir, "journal"), values.durability);
const startedMs = performance.now();
let toldMs = startedMs;
const result = await rig.play(sheet, rounds, CYCLE_RULES, (sent) => {
  const nowMs = performance.now();
  if (nowMs - toldMs < 5000) return;
  toldMs = nowMs;
  const millions = (sent * perRound) / 1e6;
  console.error(
    `${millions.toFixed(1)} M of ${((rounds * perRound) / 1e6).toFixed(1)} M trades, ${(millions / ((nowMs - startedMs) / 1000)).toFixed(2)} M a second`,
  );
});
for (let account = 0; account < CYCLE_ACCOUNTS; account++) check(account, await amountsOf(rig, account));
await rig.stop();
if (!values.keep) rmSync(dir, { recursive: true });
const trades = rounds * perRound;
const seconds = result.elapsedMs / 1000;
console.log(
  `${trades} trades by ${result.commands} commands in ${seconds.toFixed(1)} s: ${(trades / seconds / 1e6).toFixed(2)} M trades/s, journal ${values.durability}`,
);
console.log(`digest ${result.digest}`);

/** What a round costs each account of both currencies, in atoms, by a shard without a journal that plays one and two. */
async function costsOfRound() {
  const found = [];
  for (const count of [1, 2]) {
    const small = await JournalRig.start(undefined, "none");
    await small.play(sheet, count, CYCLE_RULES);
    const all = [];
    for (let account = 0; account < CYCLE_ACCOUNTS; account++) all.push(await amountsOf(small, account));
    await small.stop();
    found.push(all);
  }
  return { first: found[0], step: found[0].map((amounts, account) => amounts.map((amount, index) => found[1][account][index] - amount)) };
}

async function amountsOf(shard, account) {
  const { balances } = await shard.balances(account);
  return balances.map(({ total }) => BigInt(Math.round(Number(total) * 1e6)));
}

function check(account, amounts) {
  const expected = costs.first[account].map((amount, index) => amount + BigInt(rounds - 1) * costs.step[account][index]);
  if (String(amounts) !== String(expected)) throw new Error(`account ${account} has ${amounts}, must have ${expected}`);
  if (costs.step[account].every((amount) => amount === 0n)) throw new Error(`account ${account} has paid nothing for its trades`);
}

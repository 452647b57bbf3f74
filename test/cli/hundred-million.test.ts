import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";

it("scripts/hundred-million.mjs plays trades through a journaled shard and checks every balance", { timeout: 120_000 }, () => {
  const args = ["scripts/hundred-million.mjs", "--trades", "60000", "--durability", "group"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", timeout: 110_000 });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  expect(stdout).toMatch(/^65536 trades by [0-9]+ commands in [0-9.]+ s: [0-9.]+ M trades\/s, journal group\ndigest [0-9a-f]{64}\n$/);
});

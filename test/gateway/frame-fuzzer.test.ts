import { describe, expect, it } from "vitest";
import { TEMPLATES } from "../../engine/wire/index.js";
import { FrameFuzz } from "../fuzz/frame-fuzz.js";
import { MapFuzz } from "../fuzz/map-fuzz.js";

const FRAMES = 30_000;
const MAPS = 10_000;

describe("mutated frames of every template, with the trading core behind the gateway", () => {
  it(`${FRAMES} of them: typed answers only, nothing of a refused frame is applied, nothing grows`, { timeout: 120_000 }, async () => {
    const fuzz = new FrameFuzz(20_261_130);
    await fuzz.open();
    await fuzz.run(FRAMES / 2);
    const half = fuzz.stats();
    await fuzz.run(FRAMES / 2);
    const end = fuzz.stats();
    await fuzz.close();
    const { malformed, refused, templates, commands, digests } = fuzz.counts;
    expect(malformed).toBeGreaterThan(FRAMES / 20);
    expect(commands).toBeGreaterThan(FRAMES / 10);
    expect(digests).toBeGreaterThan(50);
    expect([...Object.values(TEMPLATES)].filter((id) => !templates.has(id))).toEqual([]);
    for (const code of ["UNKNOWN_TEMPLATE", "NOT_A_CLIENT_MESSAGE", "UNSAFE_NUMBER", "BAD_ENUM", "BAD_SIDE", "BAD_FLAGS", "DUPLICATE_SEQ"])
      expect(refused.get(code) ?? 0, code).toBeGreaterThan(0);
    expect(end?.sessions).toBeLessThanOrEqual(2);
    expect(end?.keptBytes).toBeLessThanOrEqual(2 * (half?.keptBytes ?? 0) + 2 ** 20);
    expect(end?.throttleBudgets).toBe(half?.throttleBudgets);
  });
});

describe("mutated maps of MessagePack", () => {
  it(`${MAPS} frames of them: typed answers only, and nothing bad is applied`, { timeout: 120_000 }, async () => {
    const fuzz = new MapFuzz(20_261_130);
    await fuzz.open();
    await fuzz.run(MAPS);
    await fuzz.close();
    expect(fuzz.counts.commands).toBeGreaterThan(MAPS / 10);
    expect(fuzz.counts.answers).toBeGreaterThan(MAPS / 4);
    expect(fuzz.counts.closed).toBeGreaterThan(MAPS / 20);
  });
});

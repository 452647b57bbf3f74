import { expect, it } from "vitest";
import { AuctionPrice } from "../../engine/core/match/auction-price.js";
import { LevelTree } from "../../engine/flat/level-tree.js";
import { Random } from "../twin/random.js";

type Book = Map<number, bigint>;

interface Candidate {
  readonly price: number;
  readonly qty: bigint;
  readonly surplus: bigint;
}

/** Every way in which A3 decides. */
const branches = new Map<string, number>();

function took(branch: string): void {
  branches.set(branch, (branches.get(branch) ?? 0) + 1);
}

/** SETTLED A2 and A3, tick by tick. */
function slow(bids: Book, asks: Book, reference: number): { price: number; qty: bigint } {
  const candidates: Candidate[] = [];
  const top = Math.max(0, ...bids.keys());
  for (let price = Math.min(...asks.keys()); price <= top; price++) {
    const bought = sum(bids, (bid) => bid >= price);
    const sold = sum(asks, (ask) => ask <= price);
    candidates.push({ price, qty: bought < sold ? bought : sold, surplus: bought - sold });
  }
  if (candidates.length === 0) {
    took("nothing crosses");
    return { price: 0, qty: 0n };
  }
  const qty = candidates.map((candidate) => candidate.qty).reduce((most, one) => (one > most ? one : most));
  const largest = candidates.filter((candidate) => candidate.qty === qty);
  if (largest.length === 1) took("the quantity decides");
  const least = largest.map(({ surplus }) => absolute(surplus)).reduce((less, one) => (one < less ? one : less));
  const best = largest.filter(({ surplus }) => absolute(surplus) === least);
  if (largest.length > 1 && best.length === 1) took("the surplus decides");
  return { price: chosen(best, reference), qty };
}

function chosen(best: readonly Candidate[], reference: number): number {
  const prices = best.map(({ price }) => price);
  const [lowest, highest] = [Math.min(...prices), Math.max(...prices)];
  if (best.length === 1) return lowest;
  if (best.every(({ surplus }) => surplus > 0n)) {
    took("all have buy surplus: the highest");
    return highest;
  }
  if (best.every(({ surplus }) => surplus < 0n)) {
    took("all have sell surplus: the lowest");
    return lowest;
  }
  took(best.every(({ surplus }) => surplus === 0n) ? "no surplus" : "surplus on both sides or none");
  if (reference === 0) {
    took("no reference: the lower");
    return lowest;
  }
  const distance = Math.min(...prices.map((price) => Math.abs(price - reference)));
  const nearest = prices.filter((price) => Math.abs(price - reference) === distance);
  if (nearest.length > 1) took("two are as near: the lower");
  else took(reference < lowest ? "reference below" : reference > highest ? "reference above" : "reference between");
  return Math.min(...nearest);
}

function sum(book: Book, counts: (price: number) => boolean): bigint {
  return [...book].reduce((all, [price, qty]) => (counts(price) ? all + qty : all), 0n);
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** A book side: prices from `from` to `from + width`, small quantities so that ties are many, or huge ones. */
function side(random: Random, from: number, width: number, isHuge: boolean): Book {
  const book: Book = new Map();
  const levels = random.below(5);
  for (let level = 0; level < levels; level++) {
    const qty = isHuge ? BigInt(Number.MAX_SAFE_INTEGER) - BigInt(random.below(3)) : BigInt(1 + random.below(4));
    book.set(from + random.below(width), qty);
  }
  return book;
}

function fill(tree: LevelTree, bids: Book, asks: Book): void {
  for (const [price, qty] of bids) tree.addTotal(tree.insert(0, -price), Number(qty));
  for (const [price, qty] of asks) tree.addTotal(tree.insert(1, price), Number(qty));
}

const MAX = BigInt(Number.MAX_SAFE_INTEGER);

it("the auction's price and quantity are those of a look at every tick, and every rule of A3 has decided some", () => {
  const random = new Random(5);
  for (let round = 0; round < 30_000; round++) {
    const isHuge = round % 7 === 0;
    const bids = side(random, 10, 12, isHuge);
    const asks = side(random, 10 - random.below(6), 12, isHuge);
    const reference = random.below(3) === 0 ? 0 : 5 + random.below(22);
    const tree = new LevelTree(2, 16);
    fill(tree, bids, asks);
    const price = new AuctionPrice(tree);
    price.find(0, reference);
    const expected = slow(bids, asks, reference);
    const text = JSON.stringify([[...bids], [...asks], reference], (_, value) => (typeof value === "bigint" ? String(value) : value));
    expect(price.price, text).toBe(expected.price);
    expect(BigInt(price.quantity), text).toBe(expected.qty > MAX ? MAX : expected.qty);
    expect(price.isCrossed(0), text).toBe(expected.price !== 0);
  }
  const rules = ["nothing crosses", "the quantity decides", "the surplus decides", "all have buy surplus: the highest"];
  const ties = ["all have sell surplus: the lowest", "no surplus", "surplus on both sides or none", "no reference: the lower"];
  const near = ["reference below", "reference above", "reference between"];
  for (const branch of [...rules, ...ties, ...near]) expect(branches.get(branch), branch).toBeGreaterThan(20);
  // The best candidates lie side by side and the reference is a tick, so one of them is always the nearest.
  expect(branches.get("two are as near: the lower")).toBeUndefined();
});

it("a book with a million ticks between best ask and best bid costs as many looks as it has levels", () => {
  const tree = new LevelTree(2, 16);
  fill(tree, new Map([[9_000_000_000_000, 5n]]), new Map([[1, 5n]]));
  const price = new AuctionPrice(tree);
  price.find(0, 4_000_000_000_000);
  expect([price.price, price.quantity]).toEqual([4_000_000_000_000, 5]);
});

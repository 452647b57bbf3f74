// Backtest a market maker against random takers, without threads and without a clock: node dist/examples/core-backtest.js
// The same seed gives the same result on every machine.
import { Core, type Event } from "ringbook/core";

const core = new Core({
  instruments: [{ symbol: "ABC", base: "ABC", quote: "USD", tickSize: "0.01", lotSize: "1" }],
  accounts: [
    { name: "maker", mode: "unchecked" },
    { name: "taker", mode: "unchecked" },
  ],
});

const HALF_SPREAD_CENTS = 5;
const ROUNDS = 10_000;
let seed = 42;
let fairCents = 10_000;
let position = 0;
let cashCents = 0;
let fills = 0;

/** 0 to bound − 1, from a small linear congruential generator. */
function random(bound: number): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 2 ** 32) * bound);
}

function onEvent(event: Event): void {
  if (event.event !== "trade") return;
  const makerBuys = event.aggressor === "sell";
  const qty = Number(event.qty) * (makerBuys ? 1 : -1);
  position += qty;
  cashCents -= qty * Math.round(Number(event.price) * 100);
  fills++;
}

function quote(clOrdId: number, side: "buy" | "sell"): void {
  const cents = fairCents + (side === "buy" ? -HALF_SPREAD_CENTS : HALF_SPREAD_CENTS);
  core.apply(
    { cmd: "new", account: "maker", clOrdId, symbol: "ABC", side, price: (cents / 100).toFixed(2), qty: 10, postOnly: true },
    onEvent,
  );
}

for (let round = 1; round <= ROUNDS; round++) {
  fairCents += random(5) - 2;
  core.apply({ cmd: "massCancel", account: "maker" }, onEvent);
  quote(2 * round, "buy");
  quote(2 * round + 1, "sell");
  const side = random(2) === 0 ? "buy" : "sell";
  core.apply({ cmd: "new", account: "taker", clOrdId: round, symbol: "ABC", side, type: "market", qty: 1 + random(12) }, onEvent);
}

const resultUsd = (cashCents + position * fairCents) / 100;
console.log(`${fills} fills, position ${position}, result ${resultUsd.toFixed(2)} USD, state ${core.stateHash().slice(0, 16)}`);

// Funds, fees and limits of cash accounts: node dist/examples/funds.js
import { Engine } from "ringbook";

await using engine = await Engine.start({
  currencies: { USD: { scale: 2 }, GOLD: { scale: 3 } },
  instruments: [{ symbol: "GOLD-USD", base: "GOLD", quote: "USD", tickSize: "0.01", lotSize: "1", takerFeePpm: 1000 }],
  accounts: [
    { name: "alice", mode: "cash", limits: "unlimited", kyc: "verified" },
    { name: "bob", mode: "cash", limits: { maxOrderQty: "10", maxOpenOrders: 5, maxOrders: "unlimited", maxDuplicates: "unlimited" } },
  ],
});

async function show(account: string): Promise<void> {
  const { balances } = await engine.balances(account);
  const texts = balances.map(({ currency, total, held }) => `${total} ${currency}${held === "0" ? "" : ` (${held} held)`}`);
  console.log(`${account} has ${texts.join(", ")}`);
}

await engine.deposit({ account: "alice", currency: "USD", amount: "1000", ref: "in-1" });
await engine.deposit({ account: "bob", currency: "GOLD", amount: "5", ref: "in-2" });
const again = await engine.deposit({ account: "alice", currency: "USD", amount: "1000", ref: "in-1" });
console.log(`the same deposit again: ${again.reason}`);

const bid = { account: "alice", clOrdId: 1, symbol: "GOLD-USD", side: "buy", price: "100.00", qty: "4" } as const;
await engine.submit(bid);
await show("alice");

const blocked = await engine.submit({ account: "bob", clOrdId: 1, symbol: "GOLD-USD", side: "sell", price: "100.00", qty: "3" });
console.log(`bob's order is ${blocked.status}: ${blocked.reason}`);
await engine.setLimits({
  account: "bob",
  maxOrderNotional: "1000",
  maxOpenNotional: "1000",
  maxPosition: "10",
  maxExposure: "unlimited",
  maxDailyNotional: "unlimited",
  maxDailyLoss: "unlimited",
});
const sold = await engine.submit({ account: "bob", clOrdId: 1, symbol: "GOLD-USD", side: "sell", price: "100.00", qty: "3" });
console.log(`bob's order is ${sold.status}`);
await show("alice");
await show("bob");

const out = await engine.withdraw({ account: "alice", currency: "USD", amount: "600", ref: "out-1" });
console.log(`alice may not take 600 USD: ${out.reason}`);

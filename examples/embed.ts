// An engine inside your own service, on a thread of its own: node dist/examples/embed.js
import { Engine } from "ringbook";

await using engine = await Engine.start({
  currencies: { USD: { scale: 6 }, BTC: { scale: 8 } },
  instruments: [{ symbol: "BTC-USD", base: "BTC", quote: "USD", tickSize: "0.01", lotSize: "0.0001" }],
  accounts: [
    { name: "alice", mode: "unchecked" },
    { name: "bob", mode: "unchecked" },
  ],
});

const events = engine.events({ account: "alice" });
const bid = await engine.submit({ account: "alice", clOrdId: 1, symbol: "BTC-USD", side: "buy", price: "65000", qty: "0.5" });
console.log(`alice's order ${bid.orderId} is ${bid.status}`);

const hit = await engine.submit({ account: "bob", clOrdId: 1, symbol: "BTC-USD", side: "sell", price: "64990", qty: "0.2" });
console.log(`bob's order is ${hit.status}`);

for await (const event of events) {
  if (event.event !== "trade") continue;
  console.log(`trade ${event.tradeId}: ${event.qty} at ${event.price}, alice has ${event.maker.leavesQty} left`);
  break;
}

const { bids } = await engine.book("BTC-USD");
console.log(`best bid ${bids[0]?.[0]} for ${bids[0]?.[1]}`);

// Trade over a WebSocket. Start a market first: ringbook start --demo
// Then: node dist/examples/client.js [ws://127.0.0.1:9001]
import { connect } from "ringbook/client";

const url = process.argv[2] ?? "ws://127.0.0.1:9001";
await using client = await connect(url, { key: "demo", secret: "demo" });

// A quote far below the market rests until it is canceled.
const bid = await client.submit({ clOrdId: 1, symbol: "BTC-USD", side: "buy", price: "1000", qty: "0.01", postOnly: true });
console.log(`bid ${bid.orderId}: ${bid.status}, ${bid.leavesQty} open`);

// The best prices as they are now, then every change: wait for somebody to sell to us.
for await (const top of client.subscribe({ symbol: "BTC-USD", channel: "top" })) {
  console.log(`${top.symbol} ${top.bidPrice ?? "none"} for ${top.bidQty} / ${top.askPrice ?? "none"} for ${top.askQty}`);
  if (top.askPrice !== undefined) break;
}

const take = await client.submit({ clOrdId: 2, symbol: "BTC-USD", side: "buy", type: "market", qty: "0.01" });
const fills = take.reports.flatMap((report) => (report.event === "filled" ? [`${report.qty} at ${report.price}`] : []));
console.log(`market order: ${take.status}, ${fills.join(", ")}`);

const gone = await client.cancel({ clOrdId: 1 });
console.log(`bid: ${gone.status}`);

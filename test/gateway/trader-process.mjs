// Two traders in a process of their own, over the compiled package: alice makes a market, bob takes from it and watches. Tells its parent what they saw.
import { connect } from "../../dist/gateway/client/index.js";

const [url] = process.argv.slice(2);
const alice = await connect(url, { key: "alice-1", secret: "a" });
const bob = await connect(url, { key: "bob-1", secret: "b" });
const symbol = "BTC-USD";
const prints = bob.subscribe({ symbol, channel: "trades" });
const tops = bob.subscribe({ symbol, channel: "top" });
const first = (await tops.next()).value;

const fills = [];
const reading = (async () => {
  for await (const report of alice.reports()) if (report.event === "filled") fills.push(report);
})();

const asks = await Promise.all(
  Array.from({ length: 10 }, (_, i) => alice.submit({ clOrdId: i + 1, symbol, side: "sell", price: `${100 + i}.5`, qty: "0.3" })),
);
const taken = await bob.submit({ clOrdId: 1, symbol, side: "buy", type: "market", tif: "ioc", qty: "1" });
const crossed = await bob.submit({ clOrdId: 2, symbol, side: "buy", price: "104.5", qty: "0.3", postOnly: true });
const reduced = await alice.reduce({ symbol, clOrdId: 5, by: "0.1" });
const replaced = await alice.replace({ symbol, clOrdId: 6, newClOrdId: 60, price: "99.5", qty: "0.4" });
const canceled = await alice.cancel({ orderId: asks[9].orderId });
const unknown = await alice.cancel({ clOrdId: 999 });
const swept = await alice.massCancel({ symbol, side: "sell" });
const rest = await bob.submit({ clOrdId: 3, symbol, side: "buy", price: "42.01", qty: "2.5" });

const seenPrints = [];
for (let i = 0; i < 4; i++) seenPrints.push((await prints.next()).value);
let top = first;
while (top.bidPrice !== "42.01" || top.askPrice !== undefined) top = (await tops.next()).value;

await alice.close();
await bob.close();
await reading;
process.send({
  first,
  asks: asks.map((outcome) => outcome.status),
  taken: { status: taken.status, cumQty: taken.cumQty, events: taken.reports.map((report) => report.event) },
  crossed: crossed.reason,
  reduced: [reduced.status, reduced.leavesQty],
  replaced: [replaced.status, replaced.leavesQty],
  canceled: canceled.status,
  unknown: unknown.reason,
  swept: [swept.status, swept.count],
  rest: [rest.status, rest.leavesQty],
  prints: seenPrints.map((print) => [print.seq, print.price, print.qty, print.aggressor]),
  fills: fills.map((fill) => [fill.clOrdId, fill.price, fill.qty, fill.leavesQty, fill.liquidity]),
});
process.disconnect();

// A trading client as a user would write it, over the compiled package. Sends 100 orders, ten at a time, and tells its parent what came back.
import { connect } from "../../dist/gateway/client/index.js";

const [url, key, secret] = process.argv.slice(2);
const client = await connect(url, { key, secret });
let reports = 0;
const reading = (async () => {
  for await (const _ of client.reports()) reports += 1;
})();
const outcomes = [];
for (let i = 0; i < 10; i++) {
  const ten = Array.from({ length: 10 }, (_, k) =>
    client.submit({ clOrdId: i * 10 + k + 1, symbol: "BTC-USD", side: "buy", price: "100.25", qty: "0.5" }),
  );
  outcomes.push(...(await Promise.all(ten)));
}
await client.close();
await reading;
const { code } = await client.closed;
process.send({ orders: outcomes.length, statuses: [...new Set(outcomes.map((outcome) => outcome.status))], reports, closeCode: code });
process.disconnect();

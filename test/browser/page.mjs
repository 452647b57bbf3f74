// Runs in the browser, as a user's page would: the client straight from dist, no bundler. Tells the server what it has seen.
import { connect } from "/dist/gateway/client/index.js";

const query = new URLSearchParams(location.search);
const tell = (path, body) => fetch(path, { method: "POST", body: JSON.stringify(body) });

async function trade() {
  const seen = { userAgent: navigator.userAgent };
  const options = { key: "page", secret: "s", encoding: query.get("encoding"), reconnect: { minDelayMs: 20 } };
  const client = await connect(query.get("gateway"), options);
  seen.symbols = (await client.instruments()).map(({ symbol }) => symbol);
  const tops = client.subscribe({ symbol: "ABC", channel: "top" });
  seen.firstTop = (await tops.next()).value;
  seen.accepted = await client.submit({ clOrdId: 1, symbol: "ABC", side: "buy", price: "10.01", qty: 5 });
  seen.nextTop = (await tops.next()).value;
  seen.rejected = await client.submit({ clOrdId: 2, symbol: "ABC", side: "buy", price: "10.01", qty: 5, postOnly: true, tif: "ioc" });
  // Somebody else sells into the order, which is the server's part: once before the socket is cut, and once while it is.
  const reports = client.reports();
  const untilFilled = async () => {
    for (let report; report?.event !== "filled"; ) {
      report = (await reports.next()).value;
      seen.reports.push(report);
    }
  };
  seen.reports = [];
  await tell("/sell", {});
  await untilFilled();
  await tell("/cut", {});
  await untilFilled();
  seen.canceled = await client.cancel({ clOrdId: 1 });
  await client.close();
  seen.closed = await client.closed;
  return seen;
}

trade().then(
  (seen) => tell("/result", seen),
  (error) => tell("/result", { failed: `${error?.stack ?? error}` }),
);

// Runs in the browser, as a user's page would: the client straight from dist, no bundler. Tells the server what it has seen.
import { connect } from "/dist/gateway/client/index.js";

const gateway = new URLSearchParams(location.search).get("gateway");
const tell = (path, body) => fetch(path, { method: "POST", body: JSON.stringify(body) });

async function trade() {
  const seen = { userAgent: navigator.userAgent };
  const client = await connect(gateway, { key: "page", secret: "s" });
  seen.symbols = (await client.instruments()).map(({ symbol }) => symbol);
  const tops = client.subscribe({ symbol: "ABC", channel: "top" });
  seen.firstTop = (await tops.next()).value;
  seen.accepted = await client.submit({ clOrdId: 1, symbol: "ABC", side: "buy", price: "10.01", qty: 5 });
  seen.nextTop = (await tops.next()).value;
  seen.rejected = await client.submit({ clOrdId: 2, symbol: "ABC", side: "buy", price: "10.01", qty: 5, postOnly: true, tif: "ioc" });
  // Somebody else sells into the order: that is the server's part.
  const reports = client.reports();
  await tell("/sell", {});
  seen.fill = (await reports.next()).value;
  // The socket is cut under it.
  await tell("/cut", {});
  const { code, error } = await client.closed;
  seen.closed = { code, error: error?.code };
  const again = await connect(gateway, { key: "page", secret: "s" });
  seen.canceled = await again.cancel({ clOrdId: 1 });
  await again.close();
  return seen;
}

trade().then(
  (seen) => tell("/result", seen),
  (error) => tell("/result", { failed: `${error?.stack ?? error}` }),
);

/** A process with an engine that does nothing: prints the processor time of a second in ms, then closes and must end by itself. */
import { Engine } from "../../dist/engine/index.js";

const engine = await Engine.start({
  instruments: [{ symbol: "ABC", base: "ABC", quote: "USD", tickSize: "0.01", lotSize: "1" }],
  accounts: [{ name: "alice", mode: "unchecked" }],
  capacities: { orders: 1024, levels: 1024, accounts: 16, instruments: 4, currencies: 8 },
});
const port = engine.openPort("idle");
await engine.submit({ account: "alice", clOrdId: 1, symbol: "ABC", side: "buy", price: "1", qty: "1" });
void engine.events();
if (process.argv[2] === "stay") {
  console.log("open");
} else {
  await new Promise((resolve) => setTimeout(resolve, 200));
  const before = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const { user, system } = process.cpuUsage(before);
  console.log((user + system) / 1000);
  await engine.close();
  port.close();
}

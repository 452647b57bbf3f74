import { describe, expect, it } from "vitest";
import { Core } from "../../engine/edge/core.js";
import type { Command } from "../../engine/edge/types.js";

/** The lines that a script prints, rejection texts left out: they are for people. */
function linesOf(commands: readonly Command[]): string[] {
  const core = new Core({ capacities: { orders: 10, levels: 10, accounts: 4, instruments: 2, currencies: 4 } });
  const lines: string[] = [];
  for (const command of commands) {
    core.apply(command, (event) => {
      const line = event.event === "hash" ? { ...event, hash: event.hash.length } : event;
      lines.push(JSON.stringify(line).replace(/,"text":"[^"]+"\}$/, "}"));
    });
  }
  return lines;
}

describe("events as objects", () => {
  it("print as SCRIPT shows them: keys in its order, what does not apply left out, no trailing zeros", () => {
    const lines = linesOf([
      { cmd: "currency", currency: "USD", scale: 6 },
      { cmd: "instrument", symbol: "ABC", base: "ABC", quote: "USD", tickSize: "0.010", lotSize: "0.5" },
      { cmd: "account", account: "alice", mode: "unchecked" },
      { cmd: "account", account: "bob", mode: "unchecked" },
      { cmd: "new", account: "alice", clOrdId: 1, symbol: "ABC", side: "buy", type: "limit", tif: "gtc", price: "100.010", qty: "5.0" },
      {
        cmd: "new",
        account: "bob",
        clOrdId: "7",
        symbol: "ABC",
        side: "sell",
        tif: "ioc",
        price: 100,
        qty: 7.5,
        postOnly: false,
        stp: "none",
      },
      { cmd: "new", account: "alice", clOrdId: 1, symbol: "ABC", side: "sell", price: "1000", qty: "10" },
      { cmd: "replace", account: "alice", clOrdId: 1, newClOrdId: 2, price: "100.02" },
      { cmd: "reduce", account: "alice", orderId: 3, by: "1.5" },
      { cmd: "cancel", account: "bob", orderId: "3" },
      { cmd: "book", symbol: "ABC" },
      { cmd: "orders", account: "alice" },
      { cmd: "massCancel", account: "alice" },
      { cmd: "new", account: "alice", clOrdId: 3, symbol: "ABC", side: "buy", type: "market", qty: "1" },
      { cmd: "time", at: 5 },
      { cmd: "account", account: "bob", mode: "unchecked" },
      { cmd: "hash" },
    ]);
    expect(lines).toEqual([
      '{"event":"ok","seq":1,"cmd":"currency"}',
      '{"event":"ok","seq":2,"cmd":"instrument"}',
      '{"event":"ok","seq":3,"cmd":"account"}',
      '{"event":"ok","seq":4,"cmd":"account"}',
      '{"event":"accepted","seq":5,"account":"alice","clOrdId":1,"orderId":"1","symbol":"ABC","side":"buy","type":"limit","tif":"gtc","price":"100.01","qty":"5"}',
      '{"event":"accepted","seq":6,"account":"bob","clOrdId":7,"orderId":"2","symbol":"ABC","side":"sell","type":"limit","tif":"ioc","price":"100","qty":"7.5","postOnly":false,"stp":"none"}',
      '{"event":"trade","seq":6,"tradeId":1,"symbol":"ABC","price":"100.01","qty":"5","aggressor":"sell","maker":{"account":"alice","clOrdId":1,"leavesQty":"0"},"taker":{"account":"bob","clOrdId":7,"leavesQty":"2.5"}}',
      '{"event":"canceled","seq":6,"account":"bob","clOrdId":7,"symbol":"ABC","qty":"2.5","reason":"ioc"}',
      '{"event":"accepted","seq":7,"account":"alice","clOrdId":1,"orderId":"3","symbol":"ABC","side":"sell","type":"limit","tif":"gtc","price":"1000","qty":"10"}',
      '{"event":"replaced","seq":8,"account":"alice","clOrdId":2,"origClOrdId":1,"symbol":"ABC","price":"100.02","qty":"10","leavesQty":"10","keptPriority":false}',
      '{"event":"reduced","seq":9,"account":"alice","clOrdId":2,"symbol":"ABC","by":"1.5","leavesQty":"8.5","reason":"user"}',
      '{"event":"rejected","seq":10,"cmd":"cancel","account":"bob","code":3002,"reason":"UNKNOWN_ORDER"}',
      '{"event":"book","symbol":"ABC","bids":[],"asks":[["100.02","8.5",1]]}',
      '{"event":"orders","account":"alice","orders":[{"clOrdId":2,"symbol":"ABC","side":"sell","type":"limit","price":"100.02","leavesQty":"8.5","status":"resting"}]}',
      '{"event":"canceled","seq":11,"account":"alice","clOrdId":2,"symbol":"ABC","qty":"8.5","reason":"massCancel"}',
      '{"event":"massCanceled","seq":11,"account":"alice","count":1}',
      '{"event":"accepted","seq":12,"account":"alice","clOrdId":3,"orderId":"4","symbol":"ABC","side":"buy","type":"market","tif":"gtc","qty":"1"}',
      '{"event":"canceled","seq":12,"account":"alice","clOrdId":3,"symbol":"ABC","qty":"1","reason":"noLiquidity"}',
      '{"event":"ok","seq":13,"cmd":"time"}',
      '{"event":"rejected","seq":14,"cmd":"account","account":"bob","code":5001,"reason":"ALREADY_EXISTS"}',
      '{"event":"hash","seq":14,"hash":64}',
    ]);
  });

  it("every rejection tells people why", () => {
    const core = new Core({ capacities: { orders: 10, levels: 10, accounts: 4, instruments: 2, currencies: 4 } });
    core.apply({ cmd: "cancel", account: "nobody", clOrdId: 1 }, (event) => {
      expect(event).toMatchObject({ event: "rejected", reason: "UNKNOWN_ACCOUNT", text: expect.stringMatching(/\w/) });
    });
    expect.assertions(1);
  });
});

import { describe, expect, it } from "vitest";
import { runCli } from "./run-cli.js";

const SET_UP = [
  '{"cmd":"instrument","symbol":"ABC","base":"ABC","quote":"USD","tickSize":"0.01","lotSize":"1"}',
  '{"cmd":"account","account":"a","mode":"unchecked"}',
  '{"cmd":"account","account":"b","mode":"unchecked"}',
];

const SCRIPT = [
  ...SET_UP,
  '{"cmd":"new","account":"a","clOrdId":1,"symbol":"ABC","side":"sell","price":"100.5","qty":"5"}',
  '{"cmd":"new","account":"b","clOrdId":1,"symbol":"ABC","side":"buy","price":"100.5","qty":"2"}',
  '{"cmd":"time","at":1000000}',
  '{"cmd":"state","symbol":"ABC","state":"auctionCall"}',
  '{"cmd":"new","account":"b","clOrdId":2,"symbol":"ABC","side":"buy","price":"101","qty":"1"}',
  '{"cmd":"state","symbol":"ABC","state":"open"}',
];

const CANDLE = '"open":"100.5","high":"100.5","low":"100.5","close":"100.5"';

/** What stands beside the core's own events. */
const EXPECTED = [
  '{"event":"orderAdded","seq":4,"symbol":"ABC","orderId":"1","side":"sell","price":"100.5","qty":"5"}',
  '{"event":"top","seq":4,"symbol":"ABC","ask":["100.5","5"]}',
  '{"event":"level","seq":4,"symbol":"ABC","side":"sell","level":["100.5","5",1]}',
  '{"event":"orderChanged","seq":5,"symbol":"ABC","orderId":"1","side":"sell","price":"100.5","qty":"3","traded":true}',
  '{"event":"print","seq":5,"symbol":"ABC","tradeId":1,"price":"100.5","qty":"2","aggressor":"buy"}',
  '{"event":"top","seq":5,"symbol":"ABC","ask":["100.5","3"]}',
  '{"event":"level","seq":5,"symbol":"ABC","side":"sell","level":["100.5","3",1]}',
  `{"event":"candle","seq":5,"symbol":"ABC","intervalMs":1000,"openTime":0,${CANDLE},"volume":"2","trades":1}`,
  `{"event":"candle","seq":5,"symbol":"ABC","intervalMs":60000,"openTime":0,${CANDLE},"volume":"2","trades":1}`,
  `{"event":"candle","seq":5,"symbol":"ABC","intervalMs":3600000,"openTime":0,${CANDLE},"volume":"2","trades":1}`,
  '{"event":"statistics","seq":5,"symbol":"ABC","since":0,"open":"100.5","high":"100.5","low":"100.5","last":"100.5","vwap":"100.5","volume":"2","trades":1}',
  `{"event":"candle","seq":6,"symbol":"ABC","intervalMs":1000,"openTime":0,${CANDLE},"volume":"2","trades":1,"closed":true}`,
  '{"event":"marketState","seq":7,"symbol":"ABC","state":"auctionCall","reason":"admin"}',
  '{"event":"marketState","seq":7,"symbol":"ABC","state":"auctionCall","reason":"admin"}',
  '{"event":"marketState","seq":8,"symbol":"ABC","state":"auctionCall","reason":"admin","price":"100.5","qty":"1"}',
  '{"event":"orderAdded","seq":8,"symbol":"ABC","orderId":"3","side":"buy","price":"101","qty":"1"}',
  '{"event":"top","seq":8,"symbol":"ABC","bid":["101","1"],"ask":["100.5","3"]}',
  '{"event":"level","seq":8,"symbol":"ABC","side":"buy","level":["101","1",1]}',
  '{"event":"marketState","seq":9,"symbol":"ABC","state":"open","reason":"admin"}',
  '{"event":"marketState","seq":9,"symbol":"ABC","state":"open","reason":"admin","price":"100.5","qty":"1","final":true}',
  '{"event":"orderChanged","seq":9,"symbol":"ABC","orderId":"1","side":"sell","price":"100.5","qty":"2","traded":true}',
  '{"event":"orderRemoved","seq":9,"symbol":"ABC","orderId":"3","side":"buy","price":"101","traded":true}',
  '{"event":"print","seq":9,"symbol":"ABC","tradeId":2,"price":"100.5","qty":"1"}',
  '{"event":"top","seq":9,"symbol":"ABC","ask":["100.5","2"]}',
  '{"event":"level","seq":9,"symbol":"ABC","side":"sell","level":["100.5","2",1]}',
  '{"event":"level","seq":9,"symbol":"ABC","side":"buy","level":["101","0",0]}',
  `{"event":"candle","seq":9,"symbol":"ABC","intervalMs":1000,"openTime":1000000,${CANDLE},"volume":"1","trades":1}`,
  `{"event":"candle","seq":9,"symbol":"ABC","intervalMs":60000,"openTime":0,${CANDLE},"volume":"3","trades":2}`,
  `{"event":"candle","seq":9,"symbol":"ABC","intervalMs":3600000,"openTime":0,${CANDLE},"volume":"3","trades":2}`,
  '{"event":"statistics","seq":9,"symbol":"ABC","since":0,"open":"100.5","high":"100.5","low":"100.5","last":"100.5","vwap":"100.5","volume":"3","trades":2}',
];

const MARKET_DATA = /^\{"event":"(top|print|level|order(Added|Changed|Removed)|candle|statistics|marketState)"/;

describe("run --market-data", () => {
  it("prints what market data tells, behind the events that it follows from", async () => {
    const { stdout, exitCode } = await runCli(["run", "--market-data"], SCRIPT.join("\n"));
    expect(exitCode).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines.filter((line) => MARKET_DATA.test(line))).toEqual(EXPECTED);
    const plain = await runCli(["run"], SCRIPT.join("\n"));
    expect(lines.filter((line) => !MARKET_DATA.test(line))).toEqual(plain.stdout.trimEnd().split("\n"));
  });

  it("prints it whatever --events says", async () => {
    const { stdout } = await runCli(["run", "--market-data", "--events", "none"], SCRIPT.join("\n"));
    expect(stdout.trimEnd().split("\n")).toEqual(EXPECTED);
  });
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { Report } from "../../gateway/client/index.js";
import { StatementWorld } from "./statement-world.js";
import { describeOverTransports } from "./transports.js";

const dirs: string[] = [];
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
});

describeOverTransports("statements", (transport) => {
  for (const encoding of ["sbe", "msgpack"] as const) {
    describe(`balances and positions in ${encoding}`, () => {
      it("of cash accounts have fees and holds", async () => {
        const world = await StatementWorld.open(transport);
        await world.fund("alice", "USD", "1000");
        await world.fund("bob", "ABC", "10");
        const alice = await world.connect("alice-1", { encoding });
        const bob = await world.connect("bob-1", { encoding });
        expect(await alice.balances()).toEqual([{ currency: "USD", total: "1000", held: "0", free: "1000" }]);
        await bob.submit({ clOrdId: 1, symbol: "ABC", side: "sell", price: "100", qty: "4" });
        // The taker's fee is a thousandth of 300; what rests holds its price and the fee that it may come to.
        void alice.submit({ clOrdId: 1, symbol: "ABC", side: "buy", price: "100", qty: "3" });
        void alice.submit({ clOrdId: 2, symbol: "ABC", side: "buy", price: "50", qty: "2" });
        const balances = await alice.balances();
        expect(balances).toEqual((await world.engine.balances("alice")).balances);
        expect(balances).toEqual([
          { currency: "USD", total: "699.7", held: "100.1", free: "599.6" },
          { currency: "ABC", total: "3", held: "0", free: "3" },
        ]);
        expect(await bob.balances()).toEqual([
          { currency: "USD", total: "300", held: "0", free: "300" },
          { currency: "ABC", total: "7", held: "1", free: "6" },
        ]);
        expect([await alice.positions(), await bob.positions({ symbol: "ABC" })]).toEqual([[], []]);
        // A key that may read sees the same.
        expect(await (await world.connect("reader-1", { encoding })).balances()).toEqual(balances);
      }, 30_000);

      it("of margin accounts are signed and at the mark", async () => {
        const world = await StatementWorld.open(transport);
        await world.fund("mia", "USD", "1000");
        await world.fund("max", "USD", "2000");
        const mia = await world.connect("mia-1", { encoding });
        const max = await world.connect("max-1", { encoding });
        await max.submit({ clOrdId: 1, symbol: "PERP", side: "sell", price: "100", qty: "5" });
        await mia.submit({ clOrdId: 1, symbol: "PERP", side: "buy", price: "100", qty: "5" });
        await world.engine.setMark({ symbol: "PERP", price: "90.5" });
        const long = { symbol: "PERP", qty: "5", cost: "500", realised: "0", unrealised: "-47.5" };
        expect(await mia.positions()).toEqual([long]);
        expect(await mia.positions({ symbol: "PERP" })).toEqual([long]);
        expect(await mia.positions({ symbol: "ABC" })).toEqual([]);
        expect(await max.positions()).toEqual([{ symbol: "PERP", qty: "-5", cost: "-500", realised: "0", unrealised: "47.5" }]);
        // A tenth of 5 × 90.50, and 1000 − 47.50 less that.
        expect(await mia.balances()).toEqual([{ currency: "USD", total: "1000", held: "45.25", free: "907.25" }]);
        await expect(mia.positions({ symbol: "XYZ" })).rejects.toMatchObject({ code: "UNKNOWN_INSTRUMENT" });
      }, 30_000);

      it("of unchecked accounts may be negative, and there may be none", async () => {
        const world = await StatementWorld.open(transport);
        await world.fund("alice", "USD", "1000");
        const una = await world.connect("una-1", { encoding });
        const alice = await world.connect("alice-1", { encoding });
        expect([await una.balances(), await una.positions()]).toEqual([[], []]);
        await una.submit({ clOrdId: 1, symbol: "ABC", side: "sell", price: "100", qty: "3" });
        await alice.submit({ clOrdId: 1, symbol: "ABC", side: "buy", price: "100", qty: "2" });
        expect(await una.balances()).toEqual([
          { currency: "USD", total: "200", held: "0", free: "200" },
          { currency: "ABC", total: "-2", held: "0", free: "-2" },
        ]);
      }, 30_000);
    });
  }

  describe(`statements`, () => {
    it("in a burst of orders are those of one moment, and behind the reports of what they know", async () => {
      const world = await StatementWorld.open(transport);
      for (const fund of [
        ["alice", "USD"],
        ["bob", "ABC"],
      ] as const)
        await world.fund(fund[0], fund[1], "4000");
      const alice = await world.connect("alice-1");
      const bob = await world.connect("bob-1");
      let bought = 0;
      const reports = alice.reports();
      const following = (async () => {
        for await (const report of reports) if (report.event === "filled") bought += Number(report.qty);
      })();
      const asked: Promise<number>[] = [];
      const orders: Promise<unknown>[] = [];
      for (let i = 1; i <= 500; i++) {
        orders.push(bob.submit({ clOrdId: i, symbol: "ABC", side: "sell", price: "1", qty: "1" }));
        orders.push(alice.submit({ clOrdId: i, symbol: "ABC", side: "buy", price: "1", qty: "1" }));
        if (i % 50 !== 0) continue;
        asked.push(checkMoment(i - 49));
        await new Promise((resolve) => setImmediate(resolve));
      }
      async function checkMoment(atLeast: number): Promise<number> {
        const rows = await alice.balances();
        // Those reports have been handed over before; their iterator takes some turns.
        await new Promise((resolve) => setImmediate(resolve));
        const abc = Number(rows.find(({ currency }) => currency === "ABC")?.total ?? 0);
        const usd = rows.find(({ currency }) => currency === "USD");
        const cents = Math.round(Number(usd?.total) * 100);
        // Every trade takes 1 USD, and a fee of a tenth of a cent, rounded up to one, from the side that came last.
        expect(cents).toBeGreaterThanOrEqual(400_000 - 101 * abc);
        expect(cents).toBeLessThanOrEqual(400_000 - 100 * abc);
        expect(bought).toBeGreaterThanOrEqual(abc);
        expect(abc + Math.round(Number(usd?.held) / 1.01)).toBeGreaterThanOrEqual(atLeast);
        return abc;
      }
      const seen = await Promise.all(asked);
      await Promise.all(orders);
      expect(seen).toEqual([...seen].sort((one, other) => one - other));
      expect((await alice.balances()).find(({ currency }) => currency === "ABC")).toEqual({
        currency: "ABC",
        total: "500",
        held: "0",
        free: "500",
      });
      await alice.close();
      await following;
    }, 30_000);

    it("need a key that may read", async () => {
      const world = await StatementWorld.open(transport);
      for (const key of ["feed-1", "copy-1"]) {
        const client = await world.connect(key);
        await expect(client.balances()).rejects.toMatchObject({ code: "NOT_PERMITTED" });
        await expect(client.positions()).rejects.toMatchObject({ code: "NOT_PERMITTED" });
      }
    }, 30_000);

    it("wait for the journal as reports do, and outlive the engine", async () => {
      const dir = mkdtempSync(join(tmpdir(), "statements-"));
      dirs.push(dir);
      const journal = { dir, durability: "group" } as const;
      const world = await StatementWorld.open(transport, { journal });
      await world.fund("alice", "USD", "1000");
      const alice = await world.connect("alice-1");
      void alice.submit({ clOrdId: 1, symbol: "ABC", side: "buy", price: "10", qty: "1" });
      const before = await alice.balances();
      expect(before).toEqual([{ currency: "USD", total: "1000", held: "10.01", free: "989.99" }]);
      await alice.close();
      await world.gateway.close();
      await world.engine.close();
      // Nothing has been written yet when the first question comes.
      const again = await StatementWorld.open(transport, { journal });
      expect(await (await again.connect("alice-1")).balances()).toEqual(before);
    }, 30_000);

    it("liquidations are told as fills and cancels; alerts, reviews and the liquidation itself are not for sockets", async () => {
      const world = await StatementWorld.open(transport);
      await world.fund("mia", "USD", "100");
      await world.fund("max", "USD", "2000");
      const mia = await world.connect("mia-1");
      const max = await world.connect("max-1");
      const reports = mia.reports();
      await max.submit({ clOrdId: 1, symbol: "PERP", side: "sell", price: "100", qty: "5" });
      await mia.submit({ clOrdId: 1, symbol: "PERP", side: "buy", price: "100", qty: "5" });
      await mia.submit({ clOrdId: 2, symbol: "PERP", side: "buy", price: "70", qty: "1" });
      await max.submit({ clOrdId: 2, symbol: "PERP", side: "buy", price: "80", qty: "9" });
      const told = world.engine.events();
      await world.engine.setMark({ symbol: "PERP", price: "82" });
      const large = { account: "mia", currency: "USD", amount: "9000", ref: "large" } as const;
      expect(await world.engine.deposit(large)).toMatchObject({ status: "pendingReview" });
      expect(await mia.positions()).toMatchObject([{ symbol: "PERP", qty: "0", realised: "-100" }]);
      const seen: Report[] = [];
      while (seen.length < 5) seen.push((await reports.next()).value as Report);
      expect(seen.slice(3)).toMatchObject([
        { event: "canceled", clOrdId: 2, reason: "liquidation" },
        { event: "filled", clOrdId: 0, side: "sell", price: "80", qty: "5", liquidity: "taker", leavesQty: "0" },
      ]);
      const names: string[] = [];
      for await (const event of told) {
        names.push(event.event);
        if (event.event === "pendingReview") break;
      }
      expect(names).toEqual(expect.arrayContaining(["liquidation", "canceled", "trade", "pendingReview"]));
      // The session goes on without a hole.
      await world.fund("mia", "USD", "10");
      expect((await mia.submit({ clOrdId: 3, symbol: "PERP", side: "buy", price: "1", qty: "1" })).reports).toMatchObject([
        { event: "accepted" },
      ]);
      expect(await mia.openOrders()).toMatchObject([{ clOrdId: 3 }]);
      expect(await max.openOrders()).toMatchObject([{ clOrdId: 2, leavesQty: "4" }]);
    }, 30_000);
  });
});

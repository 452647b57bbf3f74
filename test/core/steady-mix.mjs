// Orders of every type without end on one compiled core, from one seed: what the core allocates shows as growth of the heap, because
// the harness allocates nothing once it runs. Node must be started with --expose-gc and a young generation that is never collected, and
// with --trace-gc the test sees that it was not: between the word `measured` and the result no collection is told.
import { TradingCore } from "../../dist/engine/core/core.js";
import { Catalog } from "../../dist/engine/edge/catalog.js";
import { encodeSetUp } from "../../dist/engine/edge/encode-set-up.js";
import { SpscRing } from "../../dist/engine/ring/index.js";
import * as Wire from "../../dist/engine/wire/flyweights.js";

const NULL = -(2 ** 63);
const ACCOUNTS = 4;
const IDS = 900;
const BATCH = 64;
const { NewOrder, NewOrderFull, Cancel, Reduce, Replace, MassCancel, SetTime, SetState, SetKill, DefineInstrument, DefineAccount } = Wire;

const ring = SpscRing.create({ capacityBytes: 1 << 18, shared: false });
const producer = ring.producer();
const gate = ring.gate();
const events = new Float64Array(256);
const count = (words, at) => {
  events[Wire.Header.templateId(words, at)]++;
};
function drain() {
  producer.publish();
  gate.poll(count, 1 << 16);
}
const capacities = { orders: 4096, levels: 1024, instruments: 4, accounts: 8, positions: 64, balances: 64, currencies: 8 };
const core = new TradingCore({ ring: producer, makeRoom: drain }, capacities);

const record = (Message) => {
  const words = new Int32Array(Message.RECORD_BYTES / 4);
  Message.init(words, 0, 0, 0);
  return words;
};
const plain = record(NewOrder);
const full = record(NewOrderFull);
const cancel = record(Cancel);
const reduce = record(Reduce);
const replace = record(Replace);
const massCancel = record(MassCancel);
const time = record(SetTime);
const state = record(SetState);
const kill = record(SetKill);

const catalog = new Catalog();
let random = 2463534242;
function draw(below) {
  random ^= random << 13;
  random ^= random >>> 17;
  random ^= random << 5;
  return (random >>> 0) % below;
}

function apply(words) {
  Wire.Header.setSeq(words, 0, core.lastSeq + 1);
  core.apply(words, 0);
}

function setUp() {
  for (const [symbol, bandBps, protection, auctionUs] of [
    ["PLAIN", 0, 0, 0],
    ["BAND", 300, 400, 40],
  ]) {
    const words = record(DefineInstrument);
    const bounds = { bandBps, marketProtectionBps: protection, auctionUs, lastPrice: "0.001" };
    encodeSetUp(
      { cmd: "instrument", symbol, base: `${symbol}B`, quote: "Q", tickSize: "0.000001", lotSize: "1", ...bounds },
      catalog,
      words,
      0,
      0,
      0,
    );
    apply(words);
  }
  const modes = ["none", "cancelNewest", "cancelOldest", "cancelBoth"];
  for (let account = 0; account < ACCOUNTS; account++) {
    const words = record(DefineAccount);
    const group = account < 2 ? { stpGroup: "desk" } : {};
    encodeSetUp(
      { cmd: "account", account: `account${account}`, mode: "unchecked", stp: modes[account], ...group },
      catalog,
      words,
      0,
      0,
      0,
    );
    apply(words);
  }
  if (core.instruments.count !== 2 || core.accounts.count !== ACCOUNTS) throw new Error("the core refused the set-up");
}

const around = (side, away) => (side === 0 ? 1000 - away : 1000 + away);

function placePlain(type, tif, away) {
  const side = draw(2);
  NewOrder.setClientSeq(plain, 0, 1);
  NewOrder.setClOrdId(plain, 0, 1 + draw(IDS));
  NewOrder.setPrice(plain, 0, type === 1 ? NULL : around(side, away));
  NewOrder.setQty(plain, 0, 1 + draw(20));
  NewOrder.setAccount(plain, 0, draw(ACCOUNTS));
  NewOrder.setSession(plain, 0, 1);
  NewOrder.setInstrument(plain, 0, draw(2));
  NewOrder.setFlags(plain, 0, draw(12) === 0 ? 2 : 0);
  NewOrder.setSide(plain, 0, side);
  NewOrder.setOrdType(plain, 0, type);
  NewOrder.setTif(plain, 0, tif);
  NewOrder.setStp(plain, 0, 255);
  apply(plain);
}

/** Everything but what the kind sets is as a gtc limit without extras has it. */
function startFull(side, type, tif) {
  NewOrderFull.setClientSeq(full, 0, 1);
  NewOrderFull.setClOrdId(full, 0, 1 + draw(IDS));
  NewOrderFull.setPrice(full, 0, type === 0 || type === 3 ? around(side, draw(12) - 3) : NULL);
  NewOrderFull.setQty(full, 0, 1 + draw(40));
  NewOrderFull.setStopPrice(full, 0, type === 2 || type === 3 ? around(1 - side, draw(10)) : NULL);
  NewOrderFull.setTrail(full, 0, NULL);
  NewOrderFull.setTrailBps(full, 0, NULL);
  NewOrderFull.setDisplayQty(full, 0, NULL);
  NewOrderFull.setMinQty(full, 0, NULL);
  NewOrderFull.setQuoteQty(full, 0, NULL);
  NewOrderFull.setExpireTime(full, 0, tif === 4 ? core.time + 1 + draw(60) : NULL);
  NewOrderFull.setOco(full, 0, NULL);
  NewOrderFull.setAccount(full, 0, draw(ACCOUNTS));
  NewOrderFull.setSession(full, 0, 1);
  NewOrderFull.setInstrument(full, 0, draw(2));
  NewOrderFull.setFlags(full, 0, draw(8) === 0 ? 2 : 0);
  NewOrderFull.setSide(full, 0, side);
  NewOrderFull.setOrdType(full, 0, type);
  NewOrderFull.setTif(full, 0, tif);
  NewOrderFull.setStp(full, 0, draw(5));
}

function iceberg() {
  startFull(draw(2), 0, draw(2) === 0 ? 4 : 0);
  NewOrderFull.setDisplayQty(full, 0, 1);
  apply(full);
}
function atLeast() {
  startFull(draw(2), 0, 1);
  NewOrderFull.setMinQty(full, 0, 1);
  apply(full);
}
function allOrNothing() {
  startFull(draw(2), draw(2), 2);
  apply(full);
}
function money() {
  startFull(draw(2), 1, 1);
  NewOrderFull.setQty(full, 0, NULL);
  NewOrderFull.setQuoteQty(full, 0, (1 + draw(30_000)) * 1_000_000);
  apply(full);
}
function stop() {
  startFull(draw(2), 2 + draw(2), draw(3) === 0 ? 4 : 0);
  apply(full);
}
function trailing() {
  startFull(draw(2), 4, draw(2));
  if (draw(2) === 0) NewOrderFull.setTrail(full, 0, 1 + draw(12));
  else NewOrderFull.setTrailBps(full, 0, 1 + draw(120));
  apply(full);
}
function pair() {
  const account = draw(ACCOUNTS);
  const instrument = draw(2);
  const side = draw(2);
  const id = 1 + draw(IDS);
  for (let leg = 0; leg < 2; leg++) {
    startFull(side, leg === 0 ? 0 : 2 + draw(2), 0);
    NewOrderFull.setAccount(full, 0, account);
    NewOrderFull.setInstrument(full, 0, instrument);
    NewOrderFull.setClOrdId(full, 0, id + leg);
    NewOrderFull.setOco(full, 0, id + 1 - leg);
    apply(full);
  }
}
function cancelOne() {
  Cancel.setClientSeq(cancel, 0, 1);
  Cancel.setClOrdId(cancel, 0, 1 + draw(IDS));
  Cancel.setOrderId(cancel, 0, NULL);
  Cancel.setAccount(cancel, 0, draw(ACCOUNTS));
  Cancel.setSession(cancel, 0, 1);
  apply(cancel);
}
function reduceOne() {
  Reduce.setClientSeq(reduce, 0, 1);
  Reduce.setClOrdId(reduce, 0, 1 + draw(IDS));
  Reduce.setOrderId(reduce, 0, NULL);
  Reduce.setBy(reduce, 0, 1 + draw(5));
  Reduce.setAccount(reduce, 0, draw(ACCOUNTS));
  Reduce.setSession(reduce, 0, 1);
  apply(reduce);
}
function replaceOne() {
  Replace.setClientSeq(replace, 0, 1);
  Replace.setClOrdId(replace, 0, 1 + draw(IDS));
  Replace.setOrderId(replace, 0, NULL);
  Replace.setNewClOrdId(replace, 0, draw(3) === 0 ? 1 + draw(IDS) : NULL);
  Replace.setPrice(replace, 0, draw(3) === 0 ? 995 + draw(10) : NULL);
  Replace.setQty(replace, 0, draw(2) === 0 ? 1 + draw(40) : NULL);
  Replace.setStopPrice(replace, 0, draw(6) === 0 ? 990 + draw(20) : NULL);
  Replace.setDisplayQty(replace, 0, draw(6) === 0 ? 1 + draw(3) : NULL);
  Replace.setAccount(replace, 0, draw(ACCOUNTS));
  Replace.setSession(replace, 0, 1);
  apply(replace);
}
function cancelMany() {
  MassCancel.setClientSeq(massCancel, 0, 1);
  MassCancel.setAccount(massCancel, 0, draw(ACCOUNTS));
  MassCancel.setSession(massCancel, 0, 1);
  MassCancel.setInstrument(massCancel, 0, 0xffffffff);
  MassCancel.setSide(massCancel, 0, 255);
  apply(massCancel);
}
function tick() {
  SetTime.setClientSeq(time, 0, 1);
  SetTime.setAt(time, 0, core.time + 1);
  SetTime.setSession(time, 0, 1);
  apply(time);
}
function callAndOpen() {
  const instrument = draw(2);
  for (const to of STATES) {
    SetState.setClientSeq(state, 0, 1);
    SetState.setInstrument(state, 0, instrument);
    SetState.setSession(state, 0, 1);
    SetState.setState(state, 0, to);
    SetState.setCancel(state, 0, 0);
    apply(state);
    for (let order = 0; order < 6; order++) placePlain(0, 0, draw(8) - 4);
    tick();
  }
}
const STATES = [4, 1, 2];
function switchKill() {
  for (let on = 1; on >= 0; on--) {
    SetKill.setClientSeq(kill, 0, 1);
    SetKill.setScope(kill, 0, 1 + draw(2));
    SetKill.setAccount(kill, 0, 1);
    SetKill.setInstrument(kill, 0, 1);
    SetKill.setSession(kill, 0, 1);
    SetKill.setOn(kill, 0, on);
    SetKill.setCancel(kill, 0, on);
    apply(kill);
  }
}
function limit() {
  placePlain(0, draw(8) === 0 ? 3 : 0, draw(14) - 3);
}
function market() {
  placePlain(1, draw(2), 0);
}

const KINDS = { limit, market, iceberg, atLeast, allOrNothing, money, stop, trailing, pair, cancelOne, reduceOne, replaceOne };
const RARE = { cancelMany, tick, callAndOpen, switchKill };
const often = Object.values(KINDS);
const rare = Object.values(RARE);

function run(commands) {
  const end = core.lastSeq + commands;
  while (core.lastSeq < end) {
    for (let index = 0; index < BATCH; index++) {
      if (draw(150) === 0) rare[draw(rare.length)]();
      else if (draw(4) === 0) tick();
      else if (draw(2) === 0) limit();
      else often[draw(often.length)]();
    }
    drain();
  }
}

function grown(commands) {
  globalThis.gc();
  console.log("measured");
  const before = process.memoryUsage().heapUsed;
  const from = core.lastSeq;
  run(commands);
  const bytes = process.memoryUsage().heapUsed - before;
  return { commands: core.lastSeq - from, bytes };
}

/** Microseconds since the epoch, beyond what V8 keeps in a word: a clock as a shard has it. */
const NOW_US = 1_700_000_000_000_000;

const warmUp = Number(process.argv[2]);
const commands = Number(process.argv[3]);
setUp();
SetTime.setClientSeq(time, 0, 1);
SetTime.setAt(time, 0, NOW_US);
SetTime.setSession(time, 0, 1);
apply(time);
run(warmUp);
// The first measurement compiles what measures.
grown(1000);
events.fill(0);
const result = grown(commands);
core.assertConsistent();
const told = Object.entries(Wire).filter(([, message]) => events[message.TEMPLATE_ID] > 0);
console.log(JSON.stringify({ ...result, told: told.map(([name]) => name) }));

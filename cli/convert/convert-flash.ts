import type { Command } from "../../engine/edge/index.js";
import { CliError } from "../args/cli-error.js";
import type { Output } from "../output.js";
import { FlashEngine, type FlashSink } from "./flash/flash-engine.js";
import { FLASH_MODIFY, FLASH_NEW, type FlashRecord, readFlashRecords } from "./flash/flash-records.js";
import { streamBytes } from "./read-input.js";

const SYMBOL = "FLOW";
const ACCOUNT = "flow";

const SET_UP: readonly Command[] = [
  { cmd: "currency", currency: "USD", scale: 6 },
  { cmd: "instrument", symbol: SYMBOL, base: SYMBOL, quote: "USD", tickSize: "1", lotSize: "1" },
  { cmd: "account", account: ACCOUNT, mode: "unchecked", stp: "none" },
];

/**
 * Writes a benchmark file as a script. A modify becomes a cancel and a new order; of an order that does not rest it
 * becomes the cancel alone, which the engine rejects as the benchmark does. Which orders rest is known by playing along.
 */
export async function convertFlash(path: string, limit: number | undefined, out: Output): Promise<void> {
  const sink = new ModifySink();
  const engine = new FlashEngine(sink);
  let left = limit ?? Number.POSITIVE_INFINITY;
  for (const command of SET_UP) write(command, out);
  try {
    for await (const records of readFlashRecords(streamBytes(path))) {
      for (const record of records) {
        if (left-- <= 0) break;
        sink.wasModified = false;
        engine.apply(record);
        writeRecord(record, sink.wasModified, out);
        if (out.isFull) await out.flush();
      }
      if (left <= 0 || out.isClosed) break;
    }
  } catch (error) {
    throw new CliError(`${path}: ${(error as Error).message}`);
  }
  await out.flush();
}

/** Notices whether a modify found its order. */
class ModifySink implements FlashSink {
  wasModified = false;

  modifyAck(): void {
    this.wasModified = true;
  }

  orderAck(): void {}
  trade(): void {}
  cancelAck(): void {}
  cancelReject(): void {}
  modifyReject(): void {}
}

function writeRecord(record: FlashRecord, wasModified: boolean, out: Output): void {
  const { type, id, side, isImmediate, price, qty } = record;
  if (type !== FLASH_NEW) write({ cmd: "cancel", account: ACCOUNT, clOrdId: id }, out);
  if (type !== FLASH_NEW && !(type === FLASH_MODIFY && wasModified)) return;
  const tif = isImmediate ? ({ tif: "ioc" } as const) : {};
  const order = { cmd: "new", account: ACCOUNT, clOrdId: id, symbol: SYMBOL, side: side === 0 ? "buy" : "sell" } as const;
  write({ ...order, ...tif, price: String(price), qty: String(qty) }, out);
}

function write(command: Command, out: Output): void {
  out.line(JSON.stringify(command));
}

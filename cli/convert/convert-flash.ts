import type { Command } from "../../engine/edge/index.js";
import { CliError } from "../args/cli-error.js";
import type { Output } from "../output.js";
import { FLASH_ACCOUNT, FLASH_SYMBOL, FlashBook } from "./flash/flash-book.js";
import { FLASH_CANCEL, FLASH_MODIFY, FLASH_NEW, type FlashRecord, readFlashRecords } from "./flash/flash-records.js";
import { streamBytes } from "./read-input.js";

const SET_UP: readonly Command[] = [
  { cmd: "currency", currency: "USD", scale: 6 },
  { cmd: "instrument", symbol: FLASH_SYMBOL, base: FLASH_SYMBOL, quote: "USD", tickSize: "1", lotSize: "1" },
  { cmd: "account", account: FLASH_ACCOUNT, mode: "unchecked", stp: "none" },
];

/**
 * Writes a benchmark file as a script. A modify becomes a cancel and a new order; of an order that does not rest it
 * becomes the cancel alone, which the engine rejects as the benchmark does. Which orders rest is known by playing along.
 */
export async function convertFlash(path: string, limit: number | undefined, out: Output): Promise<void> {
  const book = new FlashBook();
  let left = limit ?? Number.POSITIVE_INFINITY;
  for (const command of SET_UP) write(command, out);
  try {
    for await (const records of readFlashRecords(streamBytes(path))) {
      for (const record of records) {
        if (left-- <= 0) break;
        convertRecord(record, book, out);
        if (out.isFull) await out.flush();
      }
      if (left <= 0 || out.isClosed) break;
    }
  } catch (error) {
    throw new CliError(`${path}: ${(error as Error).message}`);
  }
  await out.flush();
}

function convertRecord(record: FlashRecord, book: FlashBook, out: Output): void {
  const { type, seq, id } = record;
  if (type !== FLASH_NEW && type !== FLASH_CANCEL && type !== FLASH_MODIFY)
    throw new RangeError(`message ${seq} has the unknown type ${type}`);
  if (type !== FLASH_NEW) {
    write({ cmd: "cancel", account: FLASH_ACCOUNT, clOrdId: id }, out);
    const didRest = book.cancel(id);
    if (type === FLASH_CANCEL || !didRest) return;
  }
  book.enter(record);
  write(orderOf(record), out);
}

function orderOf({ id, side, isImmediate, price, qty }: FlashRecord): Command {
  const tif = isImmediate ? ({ tif: "ioc" } as const) : {};
  const terms = { price: String(price), qty: String(qty) };
  return { cmd: "new", account: FLASH_ACCOUNT, clOrdId: id, symbol: FLASH_SYMBOL, side: side === 0 ? "buy" : "sell", ...tif, ...terms };
}

function write(command: Command, out: Output): void {
  out.line(JSON.stringify(command));
}

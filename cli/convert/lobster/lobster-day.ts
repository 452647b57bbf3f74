/** One line of a LOBSTER message file. */
export interface LobsterMessage {
  /** Nanoseconds after midnight, cut at 9 decimals. */
  readonly timeNs: number;
  /** 1 new limit, 2 partial cancel, 3 delete, 4 visible execution, 5 hidden execution, 7 trading halt. */
  readonly type: number;
  readonly id: number;
  readonly size: number;
  /** USD × 10,000. */
  readonly price: number;
  /** Of the resting order. */
  readonly side: LobsterSide;
}

/** 1 buy, −1 sell, as LOBSTER writes it. */
export type LobsterSide = 1 | -1;

/** Price and size of a level. */
export type LobsterLevel = readonly [price: number, size: number];

/** One row of an orderbook file: the levels that are in the window, best first. */
export interface LobsterRow {
  readonly bids: readonly LobsterLevel[];
  readonly asks: readonly LobsterLevel[];
}

export const MESSAGE_NEW = 1;
export const MESSAGE_REDUCE = 2;
export const MESSAGE_DELETE = 3;
export const MESSAGE_EXECUTION = 4;
export const MESSAGE_HIDDEN = 5;

/** Price of a level that is not there (its size is 0). */
const EMPTY_LEVEL_PRICE = 9_999_999_999;

/** Messages of a file's text; the last line may lack its newline. Throws RangeError with the line that is none. */
export function parseMessages(text: string): LobsterMessage[] {
  return linesOf(text).map((line, index) => {
    const [time = "", type, id, size, price, side] = line.split(",");
    const message = {
      timeNs: nanosecondsOf(time),
      type: Number(type),
      id: Number(id),
      size: Number(size),
      price: Number(price),
      side: Number(side) as LobsterSide,
    };
    const isGood = Object.values(message).every(Number.isSafeInteger) && (message.side === 1 || message.side === -1);
    if (!isGood) throw new RangeError(`message line ${index + 1} is no LOBSTER message: ${line}`);
    return message;
  });
}

/** One line of an orderbook file. Throws RangeError when it is none. */
export function parseRow(line: string): LobsterRow {
  const cells = line.split(",").map(Number);
  if (cells.length === 0 || cells.length % 4 !== 0 || !cells.every(Number.isSafeInteger)) {
    throw new RangeError(`no LOBSTER orderbook row: ${line}`);
  }
  const asks: LobsterLevel[] = [];
  const bids: LobsterLevel[] = [];
  for (let at = 0; at < cells.length; at += 4) {
    pushLevel(asks, cells[at] as number, cells[at + 1] as number);
    pushLevel(bids, cells[at + 2] as number, cells[at + 3] as number);
  }
  return { asks, bids };
}

export function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

function pushLevel(levels: LobsterLevel[], price: number, size: number): void {
  if (Math.abs(price) !== EMPTY_LEVEL_PRICE) levels.push([price, size]);
}

/** As text, so that no digit is lost: a double would not keep nanoseconds as a fraction of seconds. */
function nanosecondsOf(seconds: string): number {
  const [whole = "", fraction = ""] = seconds.split(".");
  return whole === "" ? Number.NaN : Number(whole) * 1_000_000_000 + Number(fraction.slice(0, 9).padEnd(9, "0"));
}

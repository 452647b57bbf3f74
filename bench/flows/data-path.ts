import { existsSync } from "node:fs";
import { resolve } from "node:path";

/** Where the data of tests and benches lies: RINGBOOK_DATA, else `../shared/data` beside the working directory. */
export function dataPath(...parts: string[]): string {
  return resolve(process.env.RINGBOOK_DATA ?? resolve(process.cwd(), "../shared/data"), ...parts);
}

/** The path when the file is there, else undefined: whoever asks skips with a message. */
export function dataFile(...parts: string[]): string | undefined {
  const path = dataPath(...parts);
  return existsSync(path) ? path : undefined;
}

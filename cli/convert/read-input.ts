import { createReadStream, readFileSync } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip, gunzipSync } from "node:zlib";
import { CliError } from "../args/cli-error.js";

const GZIP_MAGIC = [0x1f, 0x8b] as const;

/** A whole text file, unpacked when it is gzip, whatever its name. Throws CliError when it cannot be read. */
export function readText(path: string): string {
  try {
    const bytes = readFileSync(path);
    return (isGzip(bytes) ? gunzipSync(bytes) : bytes).toString("latin1");
  } catch (error) {
    throw new CliError(`cannot read ${path}: ${(error as Error).message}`);
  }
}

/** The bytes of a file as they come, unpacked when its name ends in .gz. */
export function streamBytes(path: string): AsyncIterable<Buffer> {
  const file = createReadStream(path, { highWaterMark: 1 << 18 });
  if (!path.endsWith(".gz")) return file;
  // An error of either stream reaches whoever iterates over the second one.
  return pipeline(file, createGunzip({ chunkSize: 1 << 18 }), () => {});
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === GZIP_MAGIC[0] && bytes[1] === GZIP_MAGIC[1];
}

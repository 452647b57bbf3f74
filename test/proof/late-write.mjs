// A planted mistake for `ringbook start` (node --import): the journal's frames are acknowledged before they are written, each is only written with the next one.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const MAGIC = "RBJF";
const { writeSync } = fs;
const late = new Map();

fs.writeSync = (descriptor, bytes, offset, length, position) => {
  if (Buffer.from(bytes.buffer, bytes.byteOffset + offset, 4).toString() !== MAGIC)
    return writeSync(descriptor, bytes, offset, length, position);
  const before = late.get(descriptor);
  if (before !== undefined) writeSync(descriptor, before.bytes, 0, before.bytes.length, before.position);
  late.set(descriptor, { bytes: Uint8Array.from(bytes.subarray(offset, offset + length)), position });
  return length;
};
syncBuiltinESMExports();

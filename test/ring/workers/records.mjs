/** Records that prove themselves: who wrote them, in which order, and a checksum over every word. */

/** Bytes of record `sequence` of producer `id`: 24 up to the longest, in a sequence that looks random and is the same everywhere. */
export function lengthOf(id, sequence, maxRecordBytes) {
  let x = Math.imul(sequence + 1, 0x9e3779b1) ^ Math.imul(id + 1, 0x85ebca6b);
  x ^= x >>> 15;
  return 24 + 8 * ((x >>> 1) % (Math.min(maxRecordBytes, 256) / 8 - 2));
}

export function writeRecord(words, at, lengthBytes, id, sequence) {
  const last = lengthBytes / 4 - 1;
  let sum = lengthBytes;
  words[at + 1] = id;
  words[at + 2] = sequence;
  for (let i = 3; i < last; i++) words[at + i] = Math.imul(sequence + i, 0x2c1b3c6d) ^ id;
  for (let i = 1; i < last; i++) sum = (Math.imul(sum, 31) + words[at + i]) | 0;
  words[at + last] = sum;
}

/** Throws when the record is torn. */
export function checkRecord(words, at, lengthBytes) {
  const last = lengthBytes / 4 - 1;
  let sum = lengthBytes;
  if (words[at] !== lengthBytes) throw new Error(`torn record: length ${words[at]} for ${lengthBytes}`);
  for (let i = 1; i < last; i++) sum = (Math.imul(sum, 31) + words[at + i]) | 0;
  if (words[at + last] !== sum)
    throw new Error(`torn record: checksum ${words[at + last]} for ${sum}, producer ${words[at + 1]}, record ${words[at + 2]}`);
  return { id: words[at + 1], sequence: words[at + 2] };
}

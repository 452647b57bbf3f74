/** Arrays of bytes in records: text padded with NUL, and plain bytes. Not for the path of an order: reading allocates. */

/** Reads characters up to the first NUL or lengthBytes. A byte above 127, which only a foreign sender writes, becomes its Latin-1 character. */
export function readText(words: Int32Array, at: number, lengthBytes: number): string {
  let text = "";
  for (let i = 0; i < lengthBytes; i++) {
    const code = (words[at + (i >> 2)] >>> ((i & 3) << 3)) & 0xff;
    if (code === 0) break;
    text += String.fromCharCode(code);
  }
  return text;
}

/**
 * Writes text and pads it with NUL.
 * Throws RangeError, before anything is written, when it has more than lengthBytes characters or one that is not printable ASCII (32 to 126).
 */
export function writeText(words: Int32Array, at: number, lengthBytes: number, text: string): void {
  if (text.length > lengthBytes) throw new RangeError(`text must have at most ${lengthBytes} characters, had ${text.length}`);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 32 || code > 126) throw new RangeError(`text must be printable ASCII, had character ${code} at ${i}`);
  }
  for (let i = 0; i < lengthBytes; i += 4) words[at + (i >> 2)] = packFour(text, i);
}

function packFour(text: string, from: number): number {
  let word = 0;
  for (let i = 0; i < 4 && from + i < text.length; i++) word |= text.charCodeAt(from + i) << (i << 3);
  return word;
}

/** A copy of lengthBytes bytes. */
export function readBytes(words: Int32Array, at: number, lengthBytes: number): Uint8Array {
  const bytes = new Uint8Array(lengthBytes);
  for (let i = 0; i < lengthBytes; i++) bytes[i] = words[at + (i >> 2)] >>> ((i & 3) << 3);
  return bytes;
}

/** Copies bytes in and pads with 0. Throws RangeError when there are more than lengthBytes. */
export function writeBytes(words: Int32Array, at: number, lengthBytes: number, bytes: Uint8Array): void {
  if (bytes.length > lengthBytes) throw new RangeError(`there must be at most ${lengthBytes} bytes, were ${bytes.length}`);
  for (let i = 0; i < lengthBytes; i += 4) {
    let word = 0;
    for (let k = 0; k < 4 && i + k < bytes.length; k++) word |= bytes[i + k] << (k << 3);
    words[at + (i >> 2)] = word;
  }
}

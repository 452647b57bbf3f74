/**
 * CRC-32C (Castagnoli; RFC 3720, as in iSCSI, ext4 and Kafka): the reflected polynomial 0x82F63B78, start and final XOR all
 * ones; "123456789" gives 0xE3069283. Four bytes a step (slicing by four, M. Kounavis and F. Berry, 2005).
 */
const POLYNOMIAL = 0x82f63b78;
const SLICES = slices();

/** Of the bytes, as they lie in little-endian memory, of `count` words from word `at` on. An unsigned 32-bit number. */
export function crc32cOfWords(words: Int32Array, at: number, count: number): number {
  const table = SLICES;
  let crc = -1;
  for (let word = at; word < at + count; word++) {
    crc ^= words[word];
    crc = table[768 + (crc & 0xff)] ^ table[512 + ((crc >>> 8) & 0xff)] ^ table[256 + ((crc >>> 16) & 0xff)] ^ table[crc >>> 24];
  }
  return ~crc >>> 0;
}

/** Row s, entry b: what byte b does to the sum when s more bytes follow it. */
function slices(): Int32Array {
  const table = new Int32Array(4 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ POLYNOMIAL;
    table[byte] = crc;
  }
  for (let at = 256; at < 1024; at++) table[at] = (table[at - 256] >>> 8) ^ table[table[at - 256] & 0xff];
  return table;
}

/**
 * Records are little-endian and read in place, so a big-endian host is refused: header.ts calls this when it is loaded.
 * Throws Error unless the first byte of the int32 1 is 1.
 */
export function assertLittleEndian(firstByteOfOne: number): void {
  if (firstByteOfOne !== 1) throw new Error("ringbook reads little-endian records in place and does not run on a big-endian host");
}

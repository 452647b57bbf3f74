import { describe, expect, it } from "vitest";
import { assertLittleEndian } from "../../engine/wire/host-order.js";

describe("host byte order", () => {
  it("is accepted when the low byte comes first", () => {
    expect(() => assertLittleEndian(1)).not.toThrow();
  });

  it("is refused with a clear error when it does not", () => {
    expect(() => assertLittleEndian(0)).toThrow("does not run on a big-endian host");
  });
});

import { createRequire } from "node:module";
import { pino } from "pino";
import { describe, expect, it, vi } from "vitest";
import { chooseTransport } from "../../gateway/transport/choose-transport.js";
import { lookUpUws } from "../../gateway/transport/load-uws.js";
import { chooseSubprotocol } from "../../gateway/transport/transport.js";
import { uwsTransport } from "../../gateway/transport/uws-transport.js";
import { wsTransport } from "../../gateway/transport/ws-transport.js";
import { describeTransport } from "./transport-contract.js";

const uws = lookUpUws(() => {});

describeTransport(wsTransport, { skip: [] });
if ("module" in uws) describeTransport(uwsTransport(uws.module), { skip: [] });
else describe.skip(`transport contract: uws (${uws.missing})`, () => it("needs the native binary", () => {}));

describe("choosing a transport", () => {
  function capture() {
    const lines: { transport?: string; reason?: string; msg: string }[] = [];
    return { lines, logger: pino({ base: null }, { write: (line: string) => lines.push(JSON.parse(line)) }) };
  }

  it("takes ws when it is asked for, and logs that", () => {
    const { lines, logger } = capture();
    expect(chooseTransport("ws", logger).name).toBe("ws");
    expect(lines).toMatchObject([{ transport: "ws", reason: "asked for" }]);
  });

  it("auto takes uws only when its native binary runs", () => {
    const { lines, logger } = capture();
    const expected = "module" in uws ? "uws" : "ws";
    expect(chooseTransport("auto", logger).name).toBe(expected);
    expect(lines).toMatchObject([{ transport: expected }]);
  });

  it("takes the JavaScript imitation for no uWebSockets.js at all, and keeps its warnings off the console", () => {
    vi.stubEnv("UWS_USE_FALLBACK", "1");
    const onConsole = vi.spyOn(console, "log");
    try {
      const { lines, logger } = capture();
      forgetModule("uWebSockets.js");
      expect(chooseTransport("auto", logger).name).toBe("ws");
      expect(lines[0]?.reason).toContain("no native binary");
      expect(() => chooseTransport("uws", logger)).toThrow(expect.objectContaining({ code: "TRANSPORT_MISSING" }));
      expect(onConsole).not.toHaveBeenCalled();
    } finally {
      vi.unstubAllEnvs();
      onConsole.mockRestore();
      forgetModule("uWebSockets.js");
    }
  });
});

describe("sub-protocols", () => {
  it("takes the server's first choice among the offers", () => {
    expect(chooseSubprotocol("b, a", ["a", "b"])).toBe("a");
    expect(chooseSubprotocol("b ,c", ["a", "b"])).toBe("b");
  });

  it("finds none in an empty or foreign header", () => {
    expect(chooseSubprotocol(undefined, ["a"])).toBeUndefined();
    expect(chooseSubprotocol("", ["a"])).toBeUndefined();
    expect(chooseSubprotocol("aa", ["a"])).toBeUndefined();
  });
});

/** Makes the next require run the package's own choice between binary and imitation again. */
function forgetModule(name: string): void {
  const { cache, resolve } = createRequire(import.meta.url);
  delete cache[resolve(name)];
}

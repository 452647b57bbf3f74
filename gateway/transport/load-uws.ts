import { createRequire } from "node:module";

/** The binary exports this flag, its published types do not list it. */
export type UwsModule = typeof import("uWebSockets.js") & { readonly LIBUS_LISTEN_EXCLUSIVE_PORT: number };

/** The native module, or why there is none. */
export type UwsLookup = { readonly module: UwsModule } | { readonly missing: string };

/**
 * Looks for uWebSockets.js, an optional peer. Only its native binary counts: the npm build of it falls back to a slow
 * imitation in JavaScript on a Node that it has no binary for, and says so on the console, which is passed to `say`.
 */
export function lookUpUws(say: (text: string) => void): UwsLookup {
  const warn = console.warn;
  const log = console.log;
  console.warn = console.log = (...words: unknown[]) => say(words.join(" ").trim());
  try {
    const module = createRequire(import.meta.url)("uWebSockets.js") as UwsModule;
    if (isNative(module.App)) return { module };
    return { missing: `uWebSockets.js has no native binary for Node ${process.versions.node} on ${process.platform}-${process.arch}` };
  } catch (error) {
    return { missing: `uWebSockets.js cannot be loaded: ${error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error)}` };
  } finally {
    console.warn = warn;
    console.log = log;
  }
}

/** A function that comes out of a binary shows no source. */
function isNative(candidate: unknown): boolean {
  return typeof candidate === "function" && Function.prototype.toString.call(candidate).includes("[native code]");
}

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Flow, FlowName } from "./flow.js";
import { EXPECTED_FLOWS, readFlow } from "./flow.js";
import { generateFlow } from "./generate-flow.js";

/** SHA-256 of the bytes, in hex. */
export function sha256Hex(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/**
 * A flow, from the cache under the system's temporary folder, else generated and put there. The SHA-256 is checked
 * either way, so neither a stale cache nor a broken generator can give a wrong flow. Throws when it does not hold.
 */
export function loadFlow(name: FlowName): Flow {
  const expected = EXPECTED_FLOWS[name].sha256;
  const cached = readCached(name);
  if (cached !== undefined && sha256Hex(cached) === expected) return readFlow(cached);
  const made = generateFlow(name);
  const found = sha256Hex(made);
  if (found !== expected) throw new Error(`flow ${name} must have SHA-256 ${expected}, was ${found}`);
  writeCached(name, made);
  return readFlow(made);
}

function cachePath(name: FlowName): string {
  return join(tmpdir(), "ringbook-flows", `${name}.flow`);
}

function readCached(name: FlowName): Uint8Array | undefined {
  try {
    const bytes = readFileSync(cachePath(name));
    // A fresh copy starts on an aligned offset, which a pooled Buffer does not promise.
    return new Uint8Array(bytes);
  } catch {
    return undefined;
  }
}

function writeCached(name: FlowName, bytes: Uint8Array): void {
  const path = cachePath(name);
  // Several test processes may write at once: each renames a whole file into place.
  const unfinished = `${path}.${process.pid}`;
  try {
    mkdirSync(join(tmpdir(), "ringbook-flows"), { recursive: true });
    writeFileSync(unfinished, bytes);
    renameSync(unfinished, path);
  } catch {
    // A cache that cannot be written costs time only.
  }
}

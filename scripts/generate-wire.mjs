#!/usr/bin/env node
/**
 * Generates everything that is derived from engine/wire/schema.xml and engine/wire/codes.ts: flyweights, tables, docs and golden vectors.
 * `node scripts/generate-wire.mjs` writes what changed; `--check` writes nothing and exits 1 when anything on disk is stale.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readCodes } from "./wire/codes.mjs";
import { emitDocs } from "./wire/emit-docs.mjs";
import { emitFlyweights } from "./wire/emit-flyweights.mjs";
import { emitGolden } from "./wire/emit-golden.mjs";
import { emitTables } from "./wire/emit-tables.mjs";
import { readModel } from "./wire/model.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const GENERATED_DIR = "engine/wire/generated";

/** Path below the repository root to wanted text. */
async function wantedFiles() {
  const model = readModel(readFileSync(join(ROOT, "engine/wire/schema.xml"), "utf8"));
  const wanted = new Map();
  for (const [name, text] of [...emitFlyweights(model), ...emitTables(model)]) wanted.set(`engine/wire/${name}`, text);
  for (const [path, text] of [...emitDocs(model, await readCodes(ROOT)), ...emitGolden(model)]) wanted.set(path, text);
  return wanted;
}

function textOnDisk(path) {
  try {
    return readFileSync(join(ROOT, path), "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Files of messages that the schema no longer has. */
function orphans(wanted) {
  mkdirSync(join(ROOT, GENERATED_DIR), { recursive: true });
  const present = readdirSync(join(ROOT, GENERATED_DIR)).map((name) => `${GENERATED_DIR}/${name}`);
  return present.filter((path) => !wanted.has(path));
}

function write(path, text) {
  mkdirSync(dirname(join(ROOT, path)), { recursive: true });
  writeFileSync(join(ROOT, path), text);
}

async function main(args) {
  const unknown = args.filter((arg) => arg !== "--check");
  if (unknown.length > 0) {
    console.error(`unknown argument ${unknown[0]}; usage: node scripts/generate-wire.mjs [--check]`);
    return 2;
  }
  const wanted = await wantedFiles();
  const stale = [...wanted].filter(([path, text]) => textOnDisk(path) !== text).map(([path]) => path);
  const superfluous = orphans(wanted);
  if (args.includes("--check")) {
    for (const path of [...stale, ...superfluous]) console.error(`stale: ${path}`);
    return stale.length + superfluous.length === 0 ? 0 : 1;
  }
  for (const path of stale) write(path, wanted.get(path));
  for (const path of superfluous) rmSync(join(ROOT, path));
  console.log(`${wanted.size} files, ${stale.length} written, ${superfluous.length} removed`);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));

import { readFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const DOOR = fileURLToPath(new URL("../../gateway/client/index.ts", import.meta.url));

/** Every module that a bundler would follow from a file, types left out, with who imports it. */
function reach(file: string, from: string, found: Map<string, string>): Map<string, string> {
  if (found.has(file)) return found;
  found.set(file, from);
  for (const [, name] of readFileSync(file, "utf8").matchAll(/^(?:import|export)(?! type)[^;]*?from "([^"]+)";/gms)) {
    if (name === undefined) continue;
    if (name.startsWith(".")) reach(resolve(dirname(file), name.replace(/\.js$/, ".ts")), file, found);
    else found.set(name, file);
  }
  return found;
}

it("the client reaches nothing that a browser lacks", () => {
  const modules = [...reach(DOOR, "", new Map()).keys()];
  const packages = modules.filter((name) => !name.startsWith("/"));
  expect(packages).toEqual(["decimal.js"]);
  const rooms = modules.filter((name) => name.startsWith("/")).map((name) => dirname(relative(ROOT, name)));
  expect([...new Set(rooms)].sort()).toEqual(["engine/edge", "engine/wire", "engine/wire/generated", "gateway/client"]);
});

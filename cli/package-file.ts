import { readFileSync } from "node:fs";
import { CliError } from "./args/cli-error.js";

/** The package's folder lies two above the compiled file and one above the source. */
const ROOTS = ["../../", "../"];

/** Path of a file of this package, from the folder of its package.json. */
export function packageFile(path: string): URL {
  for (const root of ROOTS) {
    const url = new URL(root, import.meta.url);
    if (nameOf(url) === "ringbook") return new URL(path, url);
  }
  throw new CliError("the package.json of ringbook is not where it should be");
}

export function packageVersion(): string {
  return (JSON.parse(readFileSync(packageFile("package.json"), "utf8")) as { version: string }).version;
}

function nameOf(folder: URL): string | undefined {
  try {
    return (JSON.parse(readFileSync(new URL("package.json", folder), "utf8")) as { name?: string }).name;
  } catch {
    return undefined;
  }
}

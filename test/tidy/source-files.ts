import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Files that git tracks, or would, and that are there. */
export function trackedFiles(...patterns: string[]): SourceFile[] {
  const list = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "--", ...patterns], { encoding: "utf8" });
  const paths = [...new Set(list.split("\n").filter((path) => path !== "" && existsSync(path)))].sort();
  return paths.map((path) => ({ path, text: readFileSync(path, "utf8") }));
}

export function sourceFiles(): SourceFile[] {
  return trackedFiles("*.ts");
}

import { readdirSync, readFileSync } from "node:fs";

/** One case of a scenario file: what goes in, what must come out. */
export interface ScenarioCase {
  readonly name: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  /** Arguments of `ringbook run`. */
  readonly args: readonly string[];
  readonly exitCode: number;
}

export interface Scenario {
  readonly file: string;
  /** Commands in front of every case; each prints one line, which is not compared. */
  readonly setUp: readonly string[];
  readonly cases: readonly ScenarioCase[];
}

const FOLDER = new URL("./scenarios/", import.meta.url);
const SET_UP = "set-up";
const ANY_TEXT = /"text":"(?:[^"\\]|\\.)+"/;

export function readScenarios(): Scenario[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith(".txt"))
    .map(readScenario);
}

/** `== name`, then lines of `>` input, `<` output, `$` arguments, `=` exit code. Throws on any other line. */
function readScenario(file: string): Scenario {
  const [, ...blocks] = readFileSync(new URL(file, FOLDER), "utf8").split(/^== /m);
  const cases = blocks.map((block) => readCase(file, block));
  const setUp = cases[0]?.name === SET_UP ? (cases.shift()?.input ?? []) : [];
  return { file, setUp, cases };
}

function readCase(file: string, block: string): ScenarioCase {
  const [name = "", ...lines] = block.trimEnd().split("\n");
  for (const line of lines) {
    if (!/^(> |>$|< |\$ |= exit [0-9]+$)/.test(line)) throw new Error(`${file}, ${name}: no scenario line: ${line}`);
  }
  const after = (mark: string) => lines.filter((line) => line.startsWith(mark)).map((line) => line.slice(2));
  const exitCode = Number(after("=")[0]?.split(" ")[1] ?? 0);
  return { name, input: after(">"), output: after("<"), args: after("$").flatMap((line) => line.split(" ")), exitCode };
}

/** Texts are for people: where `…` is expected, any text will do, but there must be one. */
export function withoutText(line: string): string {
  return line.replace(ANY_TEXT, '"text":"…"');
}

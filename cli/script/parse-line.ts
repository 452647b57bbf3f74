import { parse as losslessParse } from "lossless-json";
import { CommandError, NumberText } from "../../engine/edge/index.js";

/** A run of more than 15 digits, or an exponent: a double may not keep the number, so its source text has to (SETTLED S2). */
const NEEDS_SOURCE_TEXT = /[0-9](?:\.?[0-9]){15}|[0-9][eE][-+]?[0-9]/;
const KEY_MARK = /"\s*:/g;
const TOKEN = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g;

/**
 * The JSON value on a line, with numbers that a double cannot keep as NumberText. Throws CommandError when it is no JSON,
 * or when a key stands twice in one object.
 */
export function parseLine(line: string): unknown {
  const value = parseJson(line);
  return NEEDS_SOURCE_TEXT.test(line) ? parseLosslessly(line) : value;
}

/** The text is known to be JSON. What can still go wrong is that it is nested deeper than the stack of this parser. */
function parseLosslessly(text: string): unknown {
  try {
    return losslessParse(text, null, (number) => new NumberText(number));
  } catch {
    throw new CommandError("bad JSON: nested too deeply");
  }
}

/** A JSON text with plain numbers, in which no key stands twice in one object. Throws CommandError. */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new CommandError(`bad JSON: ${reasonOf(text)}`);
  }
  if (typeof value === "object" && value !== null && countKeyMarks(text) !== Object.keys(value).length) refuseDuplicateKeys(text);
  return value;
}

/** The lossless parser's message: unlike the one of the runtime it does not change with the version of Node. */
function reasonOf(text: string): string {
  try {
    losslessParse(text);
    return "not a JSON text";
  } catch (error) {
    return error instanceof SyntaxError ? error.message : "nested too deeply";
  }
}

function countKeyMarks(text: string): number {
  let count = 0;
  KEY_MARK.lastIndex = 0;
  while (KEY_MARK.test(text)) count++;
  return count;
}

/** The text is known to be valid JSON, so braces and strings are all that has to be told apart. */
function refuseDuplicateKeys(text: string): void {
  const open: Set<string>[] = [];
  for (const [token, colon] of text.matchAll(TOKEN)) {
    if (token === "{" || token === "[") open.push(new Set());
    else if (token === "}" || token === "]") open.pop();
    else if (colon !== undefined) {
      const keys = open.at(-1) as Set<string>;
      const key = JSON.parse(token.slice(0, token.length - colon.length)) as string;
      if (keys.has(key)) throw new CommandError(`duplicate key: ${key}`);
      keys.add(key);
    }
  }
}

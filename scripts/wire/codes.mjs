/** Loads the code tables from their TypeScript sources, so that the generator needs no build. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** `{ codes, closeCodes }`, each a list of `{ name, code, meaning }` by code. Throws an Error when a meaning is missing or superfluous. */
export async function readCodes(root) {
  const { CODES, CLOSE_CODES } = await importTypeScript(join(root, "engine/wire/codes.ts"));
  const { CODE_MEANINGS, CLOSE_CODE_MEANINGS } = await importTypeScript(join(root, "engine/wire/code-meanings.ts"));
  return { codes: withMeanings(CODES, CODE_MEANINGS), closeCodes: withMeanings(CLOSE_CODES, CLOSE_CODE_MEANINGS) };
}

// Both files stand alone once their types are erased, so a data URL can hold them.
async function importTypeScript(path) {
  // The compiler takes longer to load than all the rest takes to run, so a schema that is refused does not wait for it.
  const { default: ts } = await import("typescript");
  const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true };
  const { outputText } = ts.transpileModule(readFileSync(path, "utf8"), { compilerOptions: options, fileName: path });
  return import(`data:text/javascript;base64,${Buffer.from(outputText).toString("base64")}`);
}

function withMeanings(codes, meanings) {
  for (const name of Object.keys(meanings)) {
    if (!(name in codes)) throw new Error(`engine/wire/code-meanings.ts: ${name} is no code`);
  }
  const list = Object.entries(codes).map(([name, code]) => {
    const meaning = meanings[name];
    if (meaning === undefined) throw new Error(`engine/wire/code-meanings.ts: ${name} has no meaning`);
    return { name, code, meaning };
  });
  return list.sort((a, b) => a.code - b.code);
}

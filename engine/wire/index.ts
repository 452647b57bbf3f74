/**
 * The public door of the wire: flyweights, header, tables and codes. Free of `node:` imports, so it bundles for a browser.
 *
 * The schema itself is the package's `ringbook/wire/schema.xml`. Node finds its path with
 * `fileURLToPath(import.meta.resolve("ringbook/wire/schema.xml"))`; inside this repository the compiled files find it with
 * `new URL("../../../engine/wire/schema.xml", import.meta.url)`, counted from `dist/engine/wire/`.
 */
export { CLOSE_CODE_MEANINGS, CODE_MEANINGS } from "./code-meanings.js";
export * from "./codes.js";
export * from "./flyweights.js";
export * from "./generated/enums.js";
export { type FieldSpec, RECORD_SPECS, type RecordSpec } from "./generated/fields.js";
export * as FrameTable from "./generated/frame-table.js";
export { SCHEMA_ID, VERSION } from "./generated/frame-table.js";
export { TEMPLATES, type TemplateName, templateName } from "./generated/templates.js";
export {
  isNullInt64,
  isSafeInt64,
  MAX_SAFE,
  NULL_INT64,
  NULL_UINT8,
  NULL_UINT16,
  NULL_UINT32,
  readInt64,
  writeInt64,
} from "./numbers.js";

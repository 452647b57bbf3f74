/** Calls flyweights by field name, as tests that walk over every message need it. */
import * as Flyweights from "../../engine/wire/flyweights.js";
import { nullValue, type SchemaField, type SchemaMessage, type Value } from "./schema-codec.js";

export type Raw = number | string | Uint8Array;

export interface Flyweight {
  Word: Record<string, number>;
  TEMPLATE_ID: number;
  BLOCK_BYTES: number;
  RECORD_BYTES: number;
  init(words: Int32Array, at: number, seq: number, time: number): void;
  initClaimed(words: Int32Array, at: number, seq: number, time: number): void;
}

type Getter = (words: Int32Array, at: number) => Raw;
type Setter = (words: Int32Array, at: number, value: Raw) => void;

const MODULES = Flyweights as unknown as Record<string, Flyweight & Record<string, unknown>>;

/** Every message that has a flyweight; the header is exported beside them. */
export const MESSAGE_NAMES = Object.keys(MODULES).filter((name) => name !== "Header");

export function flyweightOf(name: string): Flyweight {
  const found = MODULES[name];
  if (found === undefined) throw new Error(`no flyweight ${name}`);
  return found;
}

/** Every exported name of a flyweight. */
export function exportsOf(name: string): string[] {
  return Object.keys(flyweightOf(name));
}

function callable(message: SchemaMessage, name: string): unknown {
  const found = MODULES[message.name]?.[name];
  if (typeof found !== "function") throw new Error(`${message.name} has no function ${name}`);
  return found;
}

export function setterName(field: string): string {
  return `set${field.charAt(0).toUpperCase()}${field.slice(1)}`;
}

export function setField(message: SchemaMessage, field: SchemaField, words: Int32Array, at: number, value: Value): void {
  (callable(message, setterName(field.name)) as Setter)(words, at, toRaw(field, value));
}

/** What the getter gives, in the codec's terms: null for the null of an optional field. */
export function getField(message: SchemaMessage, field: SchemaField, words: Int32Array, at: number): Value {
  const raw = (callable(message, field.name) as Getter)(words, at);
  if (typeof raw === "string") return raw;
  if (raw instanceof Uint8Array) return Buffer.from(raw).toString("hex");
  if (field.optional && raw === Number(nullValue(field.primitive))) return null;
  return field.primitive.endsWith("int64") ? BigInt(raw) : raw;
}

function toRaw(field: SchemaField, value: Value): Raw {
  if (value === null) return Number(nullValue(field.primitive));
  if (field.kind === "bytes") return Uint8Array.from(Buffer.from(String(value), "hex"));
  return typeof value === "string" ? value : Number(value);
}

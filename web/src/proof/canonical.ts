import { firstDifference, textOf, utf8, type Bytes } from "./bytes";
import { Fault } from "./fault";

/** JSON of the evidence profile: no floats, no null, no booleans. */
export type Json = string | number | readonly Json[] | { readonly [key: string]: Json };

const DEPTH_MAX = 16;
const HALF_A_PAIR = /\p{Surrogate}/u;
const DOCUMENT_BYTES_MAX = 16 * 1024 * 1024;

/** Whether this is a list: narrows readonly lists, which `Array.isArray` does not. */
export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function written(value: unknown, depth: number): string {
  if (typeof value === "string") {
    if (HALF_A_PAIR.test(value)) throw new Fault("form.json");
    // RFC 8785 takes its escapes from JSON.stringify
    return JSON.stringify(value);
  }
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new Fault("form.json");
    return String(value);
  }
  if (typeof value !== "object" || value === null || depth >= DEPTH_MAX) throw new Fault("form.json");
  if (Array.isArray(value)) return `[${value.map((item: unknown) => written(item, depth + 1)).join(",")}]`;
  const object = value as Readonly<Record<string, unknown>>;
  // the default order of `sort` is by UTF-16 code units, as RFC 8785 wants it
  const entries = Object.keys(object)
    .sort()
    .map((key) => `${written(key, depth + 1)}:${written(object[key], depth + 1)}`);
  return `{${entries.join(",")}}`;
}

/** The one way to write a value: RFC 8785 in the profile of docs/evidence.md section 2. */
export function encode(value: Json): Bytes {
  return utf8(written(value, 0));
}

/** The value of canonical bytes. Every other way to write the same value is refused: what would not be written is not read. */
export function decode(bytes: Bytes, bytesMax = DOCUMENT_BYTES_MAX): Json {
  const text = bytes.length > bytesMax ? null : textOf(bytes);
  if (text === null) throw new Fault("form.json");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Fault("form.json");
  }
  const again = utf8(written(value, 0));
  const differs = firstDifference(again, bytes);
  if (differs !== -1) throw new Fault("form.canonical", { start: differs });
  return value as Json;
}

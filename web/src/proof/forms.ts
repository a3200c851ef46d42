import { fromBase64, fromHex, type Bytes } from "./bytes";
import { isList, type Json } from "./canonical";
import { Fault } from "./fault";

const ID = /^[A-Za-z0-9][A-Za-z0-9._:/@~+-]{0,127}$/;

/** The fields of an object, read by name. `what` names it in a report. */
export interface Fields {
  readonly what: string;
  readonly of: ReadonlyMap<string, Json>;
}

function bad(what: string): Fault {
  return new Fault("form.field", {}, { what });
}

/** An object with all of `always`, perhaps some of `maybe`, and nothing else; both lists separated by blanks. */
export function fields(what: string, value: Json, always: string, maybe = ""): Fields {
  if (typeof value !== "object" || isList(value)) throw bad(what);
  const of = new Map(Object.entries(value));
  const wanted = always.split(" ");
  const known = new Set([...wanted, ...maybe.split(" ").filter((name) => name !== "")]);
  if (!wanted.every((name) => of.has(name)) || ![...of.keys()].every((name) => known.has(name))) throw bad(what);
  return { what, of };
}

function get(from: Fields, name: string): Json {
  const value = from.of.get(name);
  if (value === undefined) throw bad(`${from.what}.${name}`);
  return value;
}

/** The value under a name that has to be there. */
export function valueIn(from: Fields, name: string): Json {
  return get(from, name);
}

/** A string. */
export function textIn(from: Fields, name: string): string {
  const value = get(from, name);
  if (typeof value !== "string") throw bad(`${from.what}.${name}`);
  return value;
}

/** A string of a form. */
export function matchIn(from: Fields, name: string, form: RegExp): string {
  const value = textIn(from, name);
  if (!form.test(value)) throw bad(`${from.what}.${name}`);
  return value;
}

/** An id: ASCII only, so that no two look alike. */
export function idIn(from: Fields, name: string): string {
  return matchIn(from, name, ID);
}

/** An id, or null where the field is left out. */
export function idMaybe(from: Fields, name: string): string | null {
  return from.of.has(name) ? idIn(from, name) : null;
}

/** One of a closed vocabulary. */
export function wordIn<Word extends string>(from: Fields, name: string, words: readonly Word[]): Word {
  const value = textIn(from, name);
  const found = words.find((word) => word === value);
  if (found === undefined) throw bad(`${from.what}.${name}`);
  return found;
}

/** An integer from `lowest` on. */
export function integerIn(from: Fields, name: string, lowest = 0): number {
  const value = get(from, name);
  if (typeof value !== "number" || value < lowest) throw bad(`${from.what}.${name}`);
  return value;
}

/** 32 bytes in 64 lower-case hex digits. */
export function hashOf(what: string, value: Json): Bytes {
  const bytes = typeof value === "string" && value.length === 64 ? fromHex(value) : null;
  if (bytes === null) throw bad(what);
  return bytes;
}

/** 32 bytes in hex under a name. */
export function hashIn(from: Fields, name: string): Bytes {
  return hashOf(`${from.what}.${name}`, get(from, name));
}

/** A list of at most so many. */
export function listIn(from: Fields, name: string, countMax: number): readonly Json[] {
  const value = get(from, name);
  if (!isList(value) || value.length > countMax) throw bad(`${from.what}.${name}`);
  return value;
}

/** Hashes of a proof. */
export function hashesIn(from: Fields, name: string, countMax: number): readonly Bytes[] {
  return listIn(from, name, countMax).map((item) => hashOf(`${from.what}.${name}`, item));
}

/** The version that the format has. */
export function versionIn(from: Fields): void {
  if (get(from, "v") !== 1) throw bad(`${from.what}.v`);
}

/** The bytes of strict base64. */
export function base64Of(what: string, text: string): Bytes {
  const bytes = fromBase64(text);
  if (bytes === null) throw bad(what);
  return bytes;
}

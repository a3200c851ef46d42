import { encode, isList, type Json } from "./canonical";
import { hmac } from "./crypto";
import { Fault } from "./fault";
import { fields, hashIn, listIn, matchIn, valueIn } from "./forms";
import { hex, type Bytes } from "./bytes";

const ITEMS_MAX = 512;
const NAME = /^[a-z][a-z0-9_.]{0,63}$/;
const DIGEST = /^([a-z][a-z0-9_.]{0,63}):[0-9a-f]{64}$/;

/** What a payload shows by name, and the names of what it withholds, under one commitment (hex). */
export interface Payload {
  readonly commit: string;
  readonly shown: ReadonlyMap<string, Json>;
  readonly withheld: readonly string[];
}

interface Item {
  readonly name: string;
  readonly digest: string;
  readonly value: Json | undefined;
}

async function disclosed(name: string, salt: Bytes, value: Json): Promise<string> {
  return `${name}:${hex(await hmac(salt, encode([name, value])))}`;
}

async function itemOf(item: Json): Promise<Item> {
  if (typeof item === "object" && !isList(item) && Object.keys(item).join() === "digest") {
    const digest = matchIn(fields("payload.item", item, "digest"), "digest", DIGEST);
    return { name: digest.slice(0, digest.indexOf(":")), digest, value: undefined };
  }
  const read = fields("payload.item", item, "name salt value");
  const name = matchIn(read, "name", NAME);
  const value = valueIn(read, "value");
  return { name, digest: await disclosed(name, hashIn(read, "salt"), value), value };
}

/** A payload of docs/evidence.md section 3.2 with the commitment that its leaf has to have. */
export async function payloadOf(value: Json): Promise<Payload> {
  const payload = fields("payload", value, "salt items");
  const salt = hashIn(payload, "salt");
  const items = await Promise.all(listIn(payload, "items", ITEMS_MAX).map(itemOf));
  const names = new Set(items.map((item) => item.name));
  if (items.length === 0 || names.size !== items.length) throw new Fault("form.field", {}, { what: "payload.items" });
  const shown = new Map<string, Json>();
  for (const { name, value: said } of items) if (said !== undefined) shown.set(name, said);
  return {
    commit: hex(await hmac(salt, encode(items.map((item) => item.digest)))),
    shown,
    withheld: items.filter((item) => item.value === undefined).map((item) => item.name),
  };
}

import { hex, fromHex, joined, same, utf8, type Bytes } from "./bytes";
import { decode, encode, type Json } from "./canonical";
import { signatureHolds } from "./ed25519";
import { Fault } from "./fault";
import { base64Of, fields, hashIn, integerIn, listIn, matchIn, textIn, versionIn, wordIn } from "./forms";
import { KEY_NAME, keyId, type Checkpoint } from "./note";
import { vrfOutput } from "./vrf";

const USES = ["log", "witness", "bundle", "vrf"] as const;
const KEYS_MAX = 256;
const AUTHORITIES_MAX = 16;
const ED25519_TYPE = new Uint8Array([0x01]);
const COSIGNATURE_TYPE = new Uint8Array([0x04]);
const VRF_TYPE = joined(new Uint8Array([0xff]), utf8("ECVRF-EDWARDS25519-SHA512-TAI"));
/** The first second of the year 10000. */
const SECONDS_END = 253_402_300_800n;

/** What a key is for. */
export type Use = (typeof USES)[number];

/** A key that is believed for tree sizes from `from` up to, not including, `to`. */
export interface Key {
  readonly use: Use;
  readonly name: string;
  readonly public: Bytes;
  readonly from: number;
  readonly to: number;
}

/** The keys of one log, and time authorities by their certificates (DER). */
export interface Trust {
  readonly log: string;
  readonly keys: readonly Key[];
  readonly authorities: readonly { readonly name: string; readonly certificate: Bytes }[];
}

function bad(what: string): Fault {
  return new Fault("form.field", {}, { what });
}

function keyOf(value: Json): Key {
  const key = fields("trust.keys", value, "use name public from", "to");
  const from = integerIn(key, "from");
  return {
    use: wordIn(key, "use", USES),
    name: matchIn(key, "name", KEY_NAME),
    public: hashIn(key, "public"),
    from,
    to: key.of.has("to") ? integerIn(key, "to", from) : Infinity,
  };
}

/** A trust.json. */
export function parseTrust(bytes: Bytes): Trust {
  const trust = fields("trust", decode(bytes), "v log keys", "tsa");
  versionIn(trust);
  const log = textIn(trust, "log");
  const written = listIn(trust, "keys", KEYS_MAX);
  const keys = written.map(keyOf);
  if (new Set(keys.map((key) => `${key.use} ${key.name} ${hex(key.public)}`)).size !== keys.length) throw bad("trust.keys");
  const authorities = (trust.of.has("tsa") ? listIn(trust, "tsa", AUTHORITIES_MAX) : []).map((value) => {
    const authority = fields("trust.tsa", value, "name certificate");
    return { name: textIn(authority, "name"), certificate: base64Of("trust.tsa.certificate", textIn(authority, "certificate")) };
  });
  return { log, keys, authorities };
}

/** Whether a key is believed for that use at that tree size. */
export function isBelieved(key: Key, use: Use, size: number): boolean {
  return key.use === use && key.from <= size && size < key.to;
}

/** A key's printed id. */
async function printedId(key: Key): Promise<string> {
  return `${key.name}+${await keyId(key.name, key.use === "vrf" ? VRF_TYPE : ED25519_TYPE, key.public)}`;
}

/** The keys for one use by printed id. */
export async function keysByPrintedId(trust: Trust, use: Use): Promise<ReadonlyMap<string, Key>> {
  const keys = trust.keys.filter((key) => key.use === use);
  return new Map(await Promise.all(keys.map(async (key) => [await printedId(key), key] as const)));
}

/** The name of a log key that is believed at this size and signed the note in one line of its own, or null. */
export async function signerOf(note: Checkpoint, trust: Trust): Promise<string | null> {
  for (const key of trust.keys) {
    if (!isBelieved(key, "log", note.size)) continue;
    const id = await keyId(key.name, ED25519_TYPE, key.public);
    const lines = note.signatures.filter((line) => line.key === key.name && line.id === id);
    const [line] = lines;
    if (lines.length === 1 && line !== undefined && (await signatureHolds(key.public, line.blob, utf8(note.body)))) return key.name;
  }
  return null;
}

/** Who cosigned, and at which Unix second. */
export interface Cosigned {
  readonly by: string;
  readonly atSeconds: number;
}

async function cosignedBy(note: Checkpoint, key: Key): Promise<Cosigned | null> {
  const id = await keyId(key.name, COSIGNATURE_TYPE, key.public);
  let latest = 0n;
  for (const line of note.signatures.filter((one) => one.key === key.name && one.id === id)) {
    if (line.blob.length !== 72) return null;
    const seconds = new DataView(line.blob.buffer, line.blob.byteOffset).getBigUint64(0);
    const message = utf8(`cosignature/v1\ntime ${seconds}\n${note.body}`);
    if (seconds === 0n || seconds >= SECONDS_END) return null;
    if (!(await signatureHolds(key.public, line.blob.slice(8), message))) return null;
    if (seconds > latest) latest = seconds;
  }
  return latest === 0n ? null : { by: key.name, atSeconds: Number(latest) };
}

/** The first witness, believed at this size, whose cosignatures all hold, or null. */
export async function witnessOf(note: Checkpoint, trust: Trust): Promise<Cosigned | null> {
  for (const key of trust.keys) {
    const cosigned = isBelieved(key, "witness", note.size) ? await cosignedBy(note, key) : null;
    if (cosigned !== null) return cosigned;
  }
  return null;
}

function said(shown: ReadonlyMap<string, Json>, name: string): Json {
  const value = shown.get(name);
  if (value === undefined) throw new Fault("rotation.notShown");
  return value;
}

/** A VRF key does not sign: its proof over the message stands for a signature. */
async function isSaidBy(use: Use, key: Bytes, said: Bytes, message: Bytes): Promise<boolean> {
  return use === "vrf" ? (await vrfOutput(key, message, said)) !== null : signatureHolds(key, said, message);
}

/** The keys after a hand-over that leaf `seq` discloses. Where the reader has let go of the old key there is nothing to hand over. */
export async function handedOver(trust: Trust, shown: ReadonlyMap<string, Json>, seq: number): Promise<Trust> {
  const object = Object.fromEntries(
    ["use", "name", "old", "new", "from", "sig_old", "sig_new"].map((part) => [part, said(shown, `key.${part}`)]),
  );
  const told = fields("key.rotated", object, "use name old new from sig_old sig_new");
  const use = wordIn(told, "use", USES);
  const name = textIn(told, "name");
  const [before, after] = [hashIn(told, "old"), hashIn(told, "new")];
  const from = integerIn(told, "from", -Number.MAX_SAFE_INTEGER);
  const [byOld, byNew] = [fromHex(textIn(told, "sig_old")), fromHex(textIn(told, "sig_new"))];
  const bytesOfProof = use === "vrf" ? 80 : 64;
  if (byOld?.length !== bytesOfProof || byNew?.length !== bytesOfProof) throw bad("key.rotated");
  const mine = trust.keys.filter((key) => key.use === use && key.name === name);
  const hasNew = mine.some((key) => same(key.public, after));
  if (hasNew && !mine.some((key) => same(key.public, before))) return trust;
  const message = encode(["dialer/key.rotated/v1", trust.log, use, name, hex(before), hex(after), from]);
  const holds =
    !same(before, after) &&
    (use === "vrf" ? from === seq + 1 : from > seq) &&
    mine.some((key) => same(key.public, before) && isBelieved(key, use, seq)) &&
    (await isSaidBy(use, before, byOld, message)) &&
    (await isSaidBy(use, after, byNew, message));
  if (!holds) throw new Fault("rotation.unsigned");
  if (hasNew) return trust;
  const keys = trust.keys.map((key) =>
    mine.includes(key) && same(key.public, before) ? { ...key, to: Math.min(key.to, from) } : key,
  );
  return { ...trust, keys: [...keys, { use, name, public: after, from, to: Infinity }] };
}

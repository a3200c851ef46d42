import { fromHex, joined, same, type Bytes } from "./bytes";
import { decode, encode, type Json } from "./canonical";
import { sha256 } from "./crypto";
import { Fault } from "./fault";
import { fields, hashIn, hashesIn, idIn, integerIn, listIn, matchIn, textIn, valueIn, versionIn, type Fields } from "./forms";
import type { DncHead } from "./note";
import { nodeHash } from "./tree";

const PLACES_MAX = 64;
const SIBLINGS_MAX = 256;
const CHANGES_MAX = 1000;
const EMPTY = new Uint8Array(32);
const PROOF = /^[0-9a-f]{160}$/;

/** The scope of refusals that bind everybody on this platform. */
export const PLATFORM = "platform";

/** The way from the root of a DNC tree down to where a place would be. */
export interface PlaceProof {
  readonly siblings: readonly Bytes[];
  readonly end: { readonly place: Bytes; readonly changes: readonly number[] } | null;
}

/** One place of the number: its scope, the key that says where it is, and what the trees say there. */
interface Place {
  readonly scope: string;
  readonly key: string;
  readonly proof: Bytes;
  readonly after: PlaceProof;
  readonly before: PlaceProof | null;
}

/** A dnc.json. */
export interface Dnc {
  readonly beforeSize: number | null;
  readonly places: readonly Place[];
}

function changesIn(end: Fields): readonly number[] {
  const changes = listIn(end, "changes", CHANGES_MAX).map((value) => {
    if (typeof value !== "number" || value < 0) throw new Fault("form.field", {}, { what: "dnc.changes" });
    return value;
  });
  const ascending = changes.every((change, at) => at === 0 || (changes[at - 1] ?? change) < change);
  if (changes.length === 0 || !ascending) throw new Fault("form.field", {}, { what: "dnc.changes" });
  return changes;
}

function placeProofOf(value: Json): PlaceProof {
  const proof = fields("dnc.proof", value, "siblings", "end");
  const siblings = hashesIn(proof, "siblings", SIBLINGS_MAX);
  if (!proof.of.has("end")) return { siblings, end: null };
  const end = fields("dnc.end", valueIn(proof, "end"), "place changes");
  return { siblings, end: { place: hashIn(end, "place"), changes: changesIn(end) } };
}

function placeOf(value: Json, hasBefore: boolean): Place {
  const place = fields("dnc.places", value, hasBefore ? "scope key proof after before" : "scope key proof after");
  return {
    scope: idIn(place, "scope"),
    key: textIn(place, "key"),
    proof: fromHex(matchIn(place, "proof", PROOF)) ?? EMPTY,
    after: placeProofOf(valueIn(place, "after")),
    before: hasBefore ? placeProofOf(valueIn(place, "before")) : null,
  };
}

/** A dnc.json from its bytes. */
export function parseDnc(bytes: Bytes): Dnc {
  const dnc = fields("dnc", decode(bytes), "v places", "before_size");
  versionIn(dnc);
  const hasBefore = dnc.of.has("before_size");
  return {
    beforeSize: hasBefore ? integerIn(dnc, "before_size", -Infinity) : null,
    places: listIn(dnc, "places", PLACES_MAX).map((place) => placeOf(place, hasBefore)),
  };
}

/** What the VRF is asked for a number in a scope. */
export function alphaOf(scope: string, number: string): Bytes {
  return encode(["dnc/v1", scope, number]);
}

function bitAt(place: Bytes, at: number): number {
  return ((place[at >> 3] ?? 0) >> (7 - (at & 7))) & 1;
}

/** The changes of a place under a DNC root: none means never on the list. A proof that leads elsewhere is a fault. */
export async function answerAt(proof: PlaceProof, place: Bytes, head: DncHead): Promise<readonly number[]> {
  const depth = proof.siblings.length;
  for (let at = 0; proof.end !== null && at < depth; at += 1) {
    if (bitAt(proof.end.place, at) !== bitAt(place, at)) throw new Fault("dnc.root");
  }
  let running: Bytes =
    proof.end === null ? EMPTY : await sha256(joined(new Uint8Array([0x00]), proof.end.place, encode(proof.end.changes)));
  for (let at = depth - 1; at >= 0; at -= 1) {
    const sibling = proof.siblings[at] ?? EMPTY;
    running = bitAt(place, at) === 1 ? await nodeHash(sibling, running) : await nodeHash(running, sibling);
  }
  if (!same(running, head.root) || (head.entries === 0) !== same(head.root, EMPTY)) throw new Fault("dnc.root");
  return proof.end !== null && same(proof.end.place, place) ? proof.end.changes : [];
}

/** Whether a number with these changes is on the list at a leaf. */
export function isListed(changes: readonly number[], seq: number): boolean {
  return changes.filter((change) => change <= seq).length % 2 === 1;
}

/** A place as something to look up by. */
export function placeName(scope: string, key: string): string {
  return `${scope} ${key}`;
}

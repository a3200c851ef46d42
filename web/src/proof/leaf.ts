import { decode, type Json } from "./canonical";
import { Fault } from "./fault";
import { fields, hashIn, hashOf, idIn, idMaybe, integerIn, listIn, matchIn, textIn, valueIn, versionIn, wordIn, type Fields } from "./forms";
import { hex, type Bytes } from "./bytes";

const ORIGIN = /^[a-z0-9][a-z0-9._/-]{0,127}$/;

/** An origin that starts so is of a log whose clock was shifted. */
export const DEMO_PREFIX = "demo/";

const LEAF_BYTES_MAX = 64 * 1024;
const CAUSES_MAX = 256;
const ACTORS = ["user", "callee", "process", "partner"] as const;

/** The closed vocabulary of docs/evidence.md section 3.1. */
const TYPES: ReadonlySet<string> = new Set(
  Object.entries({
    consent: "recorded withdrawn expired",
    decision: "permitted refused",
    attempt:
      "authorised placed ringing answered connected wrapping sealed refused failed abandoned cancelled lapsed uncertain ended_unknown",
    gate2: "passed refused",
    recording: "sealed missing",
    refusal: "heard acknowledged",
    dnc: "added",
    disposition: "set",
    complaint: "received verified unfounded closed",
    violation: "recorded handled closed",
    evidence: "accessed exported",
    number: "revealed",
    subject: "erased",
    hold: "set lifted",
    retention: "purged",
    key: "rotated",
    clock: "stepped",
    config: "changed",
    verify: "run",
    talk: "held resumed transferred listened listening_ended words_heard words_reviewed script_ticked",
    inbound: "received connected ended disposed",
    lead: "skipped",
    incident: "opened",
  }).flatMap(([group, names]) => names.split(" ").map((name) => `${group}.${name}`)),
);

/** What a leaf says of a sealed recording. */
export interface Recording {
  readonly frames: number;
  readonly rate: number;
  readonly channels: number;
}

/** One event of the log: what the checks read of it. Hashes in hex. */
export interface Leaf {
  readonly log: string;
  readonly seq: number;
  readonly atMicros: number;
  readonly type: string;
  readonly org: string | null;
  readonly attempt: string | null;
  readonly consent: string | null;
  readonly cause: readonly string[];
  readonly policySha256: string | null;
  readonly commit: string | null;
  readonly recording: Recording | null;
  readonly prev: string | null;
}

function causes(leaf: Fields): readonly string[] {
  if (!leaf.of.has("cause")) return [];
  const all = listIn(leaf, "cause", CAUSES_MAX).map((item) => hex(hashOf("leaf.cause", item)));
  if (all.length === 0 || new Set(all).size !== all.length) throw new Fault("form.field", {}, { what: "leaf.cause" });
  return all;
}

function recording(leaf: Fields): Recording | null {
  if (!leaf.of.has("rec")) return null;
  const rec = fields("leaf.rec", valueIn(leaf, "rec"), "id ct_sha256 ct_bytes frames rate ch");
  idIn(rec, "id");
  hashIn(rec, "ct_sha256");
  integerIn(rec, "ct_bytes", 1);
  return { frames: integerIn(rec, "frames"), rate: integerIn(rec, "rate", 1), channels: integerIn(rec, "ch", 1) };
}

function policy(leaf: Fields): string | null {
  if (!leaf.of.has("policy")) return null;
  const named = fields("leaf.policy", valueIn(leaf, "policy"), "id sha256");
  idIn(named, "id");
  return hex(hashIn(named, "sha256"));
}

function checkRest(leaf: Fields): void {
  for (const name of ["node", "boot", "sw"]) idIn(leaf, name);
  for (const name of ["call_id", "sid"]) idMaybe(leaf, name);
  const actor = fields("leaf.actor", valueIn(leaf, "actor"), "kind id");
  wordIn(actor, "kind", ACTORS);
  idIn(actor, "id");
  if (leaf.of.has("ct")) {
    const sealed = fields("leaf.ct", valueIn(leaf, "ct"), "sha256 bytes");
    hashIn(sealed, "sha256");
    integerIn(sealed, "bytes", 1);
  }
}

function maybeHash(leaf: Fields, name: string): string | null {
  return leaf.of.has(name) ? hex(hashIn(leaf, name)) : null;
}

function leafOf(value: Json): Leaf {
  const leaf = fields(
    "leaf",
    value,
    "v log seq ts node boot type actor sw",
    "org call_id attempt_id sid consent_id cause policy commit ct rec prev",
  );
  versionIn(leaf);
  checkRest(leaf);
  const read = {
    log: matchIn(leaf, "log", ORIGIN),
    seq: integerIn(leaf, "seq"),
    atMicros: integerIn(leaf, "ts", 1),
    type: textIn(leaf, "type"),
    org: idMaybe(leaf, "org"),
    attempt: idMaybe(leaf, "attempt_id"),
    consent: idMaybe(leaf, "consent_id"),
    cause: causes(leaf),
    policySha256: policy(leaf),
    commit: maybeHash(leaf, "commit"),
    recording: recording(leaf),
    prev: maybeHash(leaf, "prev"),
  };
  if (!TYPES.has(read.type)) throw new Fault("form.field", {}, { what: "leaf.type" });
  if ((read.prev !== null) !== read.seq > 0) throw new Fault("form.field", {}, { what: "leaf.prev" });
  return read;
}

/** A leaf from its own bytes. */
export function parseLeaf(bytes: Bytes): Leaf {
  return leafOf(decode(bytes, LEAF_BYTES_MAX));
}

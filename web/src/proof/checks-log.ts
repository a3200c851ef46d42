import { hex, same, utf8 } from "./bytes";
import { decode, type Json } from "./canonical";
import { leafName, type Case, type Earlier, type Inclusion } from "./case";
import { fields, hashIn, hashesIn, integerIn, listIn, textIn, versionIn } from "./forms";
import { parseLeaf } from "./leaf";
import { checkpointOf, parseNote } from "./note";
import { payloadOf } from "./payload";
import { checkStory } from "./story";
import { isConsistent, leafHash, rootByInclusion } from "./tree";
import { signerOf, witnessOf } from "./trust";
import type { Said } from "./report";
import { Fault } from "./fault";

const LEAVES_MAX = 10_000;
const EARLIER_MAX = 64;
const PATH_MAX = 64;

/** Checks 5, 6, 8 to 10 and 12 to 16: the leaves, the tree they are in, who signed it, and the story they tell. */
export async function checkLeaves(subject: Case): Promise<Said> {
  const { manifest } = subject;
  for (const [name, { bytes }] of subject.files) {
    if (!name.startsWith("leaves/")) continue;
    const leaf = await subject.parse(name, parseLeaf);
    if (leafName(leaf.seq) !== name) throw subject.fault("leaf.name", name, {}, leaf.seq);
    if (leaf.log !== manifest.log) throw subject.fault("leaf.log", name, {}, leaf.seq);
    if (leaf.org !== null && leaf.org !== manifest.org) throw subject.fault("leaf.org", name, {}, leaf.seq);
    subject.leaves.set(leaf.seq, leaf);
    subject.hashes.set(leaf.seq, await leafHash(bytes));
  }
  if (subject.own().length === 0) throw new Fault("leaf.noneOfAttempt");
  return { code: "leaves", about: { count: subject.leaves.size, own: subject.own().length } };
}

export async function checkPayloads(subject: Case): Promise<void> {
  const opened = await subject.parse("opened.json", (bytes) => {
    const read = fields("opened", decode(bytes), "v opened");
    versionIn(read);
    return listIn(read, "opened", LEAVES_MAX);
  });
  let last = -1;
  for (const value of opened) {
    const [seq, payload] = await subject.parse("opened.json", async () => {
      const entry = fields("opened", value, "seq payload");
      return [integerIn(entry, "seq"), await payloadOf(entry.of.get("payload") ?? "")] as const;
    });
    const leaf = subject.leaves.get(seq);
    if (seq <= last || leaf === undefined) throw subject.fault("payload.stranger", "opened.json", {}, seq);
    if (payload.commit !== leaf.commit) throw subject.fault("payload.commit", "opened.json", {}, seq);
    subject.payloads.set(seq, payload);
    last = seq;
  }
}

function inclusionOf(value: Json): Inclusion {
  const proof = fields("proofs.leaves", value, "seq hash path");
  return { seq: integerIn(proof, "seq", -Infinity), hash: hex(hashIn(proof, "hash")), path: hashesIn(proof, "path", PATH_MAX) };
}

function earlierOf(value: Json): Earlier {
  const earlier = fields("proofs.earlier", value, "note path");
  return { note: parseNote(utf8(textIn(earlier, "note"))), path: hashesIn(earlier, "path", PATH_MAX) };
}

export async function checkCheckpoint(subject: Case): Promise<Said> {
  const checkpoint = await subject.parse("checkpoint", (bytes) => checkpointOf(parseNote(bytes)));
  const proofs = await subject.parse("proofs.json", (bytes) => {
    const read = fields("proofs", decode(bytes), "v size leaves earlier");
    versionIn(read);
    return {
      size: integerIn(read, "size", -Infinity),
      leaves: listIn(read, "leaves", LEAVES_MAX).map(inclusionOf),
      earlier: listIn(read, "earlier", EARLIER_MAX).map(earlierOf),
    };
  });
  if (checkpoint.origin !== subject.manifest.log) throw subject.fault("checkpoint.log", "checkpoint");
  if (checkpoint.size !== subject.manifest.size) throw subject.fault("checkpoint.size", "checkpoint");
  if (proofs.size !== checkpoint.size) throw subject.fault("checkpoint.size", "proofs.json");
  subject.establish({ checkpoint, proofs });
  return { code: "size", about: { size: checkpoint.size } };
}

export async function checkCheckpointSignature(subject: Case): Promise<Said> {
  const by = await signerOf(subject.checkpoint, subject.trust);
  if (by === null) throw subject.fault("checkpoint.unsigned", "checkpoint");
  return { code: "signed", about: { by } };
}

export async function checkCosignature(subject: Case): Promise<Said> {
  const cosigned = await witnessOf(subject.checkpoint, subject.trust);
  if (cosigned === null) throw subject.fault("witness.none", "checkpoint");
  const time = new Date(cosigned.atSeconds * 1_000).toISOString();
  return { code: "cosigned", about: { by: cosigned.by, time: `${time.slice(0, 10)} ${time.slice(11, 19)}` } };
}

export async function checkInclusion(subject: Case): Promise<Said> {
  const { proofs, checkpoint } = subject;
  const proven = new Set(proofs.leaves.map((proof) => proof.seq));
  const exactly = proven.size === proofs.leaves.length && proven.size === subject.leaves.size;
  if (!exactly || ![...proven].every((seq) => subject.leaves.has(seq))) throw subject.fault("proof.leaves", "proofs.json");
  for (const { seq, hash, path } of proofs.leaves) {
    const leaf = subject.hashes.get(seq);
    if (leaf === undefined || hex(leaf) !== hash) throw subject.fault("proof.hash", "proofs.json", {}, seq);
    const root = await rootByInclusion(leaf, seq, checkpoint.size, path);
    if (root === null || !same(root, checkpoint.root)) throw subject.fault("proof.path", leafName(seq), {}, seq);
  }
  return { code: "included", about: { count: proven.size, size: checkpoint.size } };
}

export async function checkEarlier(subject: Case): Promise<Said> {
  const { checkpoint, proofs, trust } = subject;
  for (const { note, path } of proofs.earlier) {
    const before = await subject.parse("proofs.json", () => checkpointOf(note));
    if (before.origin !== checkpoint.origin || subject.earlier.has(before.size)) throw subject.fault("earlier.log", "proofs.json");
    if ((await signerOf(before, trust)) === null) throw subject.fault("earlier.unsigned", "proofs.json");
    if (!(await isConsistent(before.size, before.root, checkpoint.size, checkpoint.root, path))) {
      throw subject.fault("earlier.inconsistent", "proofs.json");
    }
    subject.earlier.set(before.size, before);
  }
  return { code: "earlier", about: { count: subject.earlier.size } };
}

export function checkChain(subject: Case): Promise<void> {
  const seqOf = new Map([...subject.hashes].map(([seq, hash]) => [hex(hash), seq] as const));
  for (const leaf of subject.leaves.values()) {
    const before = subject.hashes.get(leaf.seq - 1);
    if (before !== undefined && leaf.prev !== hex(before)) throw subject.fault("chain.prev", leafName(leaf.seq), {}, leaf.seq);
    for (const cause of leaf.cause) {
      const at = seqOf.get(cause);
      if (at !== undefined && at >= leaf.seq) throw subject.fault("chain.later", leafName(leaf.seq), {}, leaf.seq);
      if (at === undefined && !subject.lacks(`leaf:${cause}`)) throw subject.fault("chain.cause", leafName(leaf.seq), {}, leaf.seq);
    }
  }
  subject.own().reduce((before, leaf) => {
    const hash = subject.hashes.get(before.seq);
    if (hash === undefined || !leaf.cause.includes(hex(hash))) throw subject.fault("chain.gap", leafName(leaf.seq), {}, leaf.seq);
    return leaf;
  });
  return Promise.resolve();
}

export function checkWithheld(subject: Case): Promise<Said> {
  const declared = new Set(subject.manifest.withheld);
  if (declared.size !== subject.manifest.withheld.length) throw subject.fault("withheld.twice", "manifest.json");
  const withheld = [...subject.payloads].flatMap(([seq, payload]) => payload.withheld.map((name) => `${seq} ${name}`));
  const differs = withheld.length !== declared.size || !withheld.every((entry) => declared.has(entry));
  if (differs) throw subject.fault("withheld.undeclared", "manifest.json");
  for (const { seq, commit } of subject.leaves.values()) {
    if (commit !== null && subject.payloads.has(seq) === subject.lacks(`payload:${seq}`)) {
      throw subject.fault("payload.undeclared", "opened.json", {}, seq);
    }
  }
  return Promise.resolve({ code: withheld.length === 0 ? "shownAll" : "withheld", about: { count: withheld.length } });
}

export function checkAttempt(subject: Case): Promise<Said> {
  const state = checkStory(subject);
  return Promise.resolve({ code: subject.consumedSeq === null ? "notPlaced" : "placed", about: { state } });
}

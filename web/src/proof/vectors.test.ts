/// <reference types="node" />
import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { fromBase64, fromHex, hex, joined, utf8, type Bytes } from "./bytes";
import type { Json } from "./canonical";
import { sha256Hex } from "./crypto";
import { byBrowser, byLibrary } from "./ed25519";
import { checkpointOf, parseNote } from "./note";
import { payloadOf } from "./payload";
import { isDossier } from "./container";
import { verifyDossier } from "./dossier";
import type { Report } from "./report";
import { isSignedBy, parseToken } from "./token";
import { isConsistent, leafHash, rootByInclusion } from "./tree";
import { parseTrust } from "./trust";
import { CHECK_IDS, verifyBundle } from "./verify";
import { vrfOutput } from "./vrf";

const VECTORS = new URL("../../../tests/vectors/", import.meta.url);

function read(name: string): Bytes {
  return new Uint8Array(readFileSync(new URL(name, VECTORS)));
}

function json(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, VECTORS), "utf8"));
}

function bytes(digits: string): Bytes {
  const read = fromHex(digits);
  if (read === null) throw new Error("a vector is not hex");
  return read;
}

type Outcomes = Readonly<Record<string, string>>;
interface Expected { readonly exit: number; readonly checks: Outcomes }
interface Tampered {
  readonly base: string;
  readonly cases: readonly {
    readonly name: string;
    readonly sha256: string;
    readonly not_passed: Outcomes;
    readonly delta: readonly ({ readonly from: number; readonly bytes: number } | { readonly base64: string })[];
  }[];
}
interface Primitives {
  readonly leaves: readonly { readonly body: string; readonly hash: string }[];
  readonly roots: readonly { readonly size: number; readonly root: string }[];
  readonly inclusion: readonly { readonly seq: number; readonly size: number; readonly path: readonly string[] }[];
  readonly consistency: readonly { readonly old: number; readonly new: number; readonly path: readonly string[] }[];
  readonly payloads: readonly { readonly payload: Json; readonly commit: string }[];
  readonly notes: readonly string[];
  readonly places: readonly { readonly public: string; readonly alpha: string; readonly proof: string; readonly place: string }[];
}

const TRUST = parseTrust(read("trust.json"));
const EXPECTED = json("expected.json") as Readonly<Record<string, { readonly pinned: Expected; readonly unpinned: Expected }>>;
const TAMPERED = json("tampered.json") as Tampered;
const PRIMITIVES = json("primitives.json") as Primitives;
const DOSSIERS = json("dossiers/expected.json") as { readonly pinned: Expected; readonly unpinned: Expected };
const TAMPERED_DOSSIERS = json("dossiers/tampered.json") as Tampered;

function spoilt({ delta }: Tampered["cases"][number], base: Bytes): Bytes {
  return joined(
    ...delta.map((step) => ("base64" in step ? (fromBase64(step.base64) ?? utf8("?")) : base.slice(step.from, step.from + step.bytes))),
  );
}

function notPassed(report: Report<string>): Outcomes {
  return Object.fromEntries(Object.entries(outcomes(report)).filter(([, outcome]) => outcome !== "pass"));
}

function outcomes(report: Report<string>): Outcomes {
  return Object.fromEntries(report.checks.map(({ id, ended }) => [id, ended.outcome]));
}

describe("the committed vectors", () => {
  it.each(Object.keys(EXPECTED))("%s: every check ends as expected, pinned and not", async (name) => {
    const bundle = read(`bundles/${name}.zip`);
    for (const [expected, trust] of [[EXPECTED[name]?.pinned, TRUST], [EXPECTED[name]?.unpinned, null]] as const) {
      const report = await verifyBundle(bundle, trust);
      expect(outcomes(report)).toEqual(expected?.checks);
      expect(report.exitCode).toBe(expected?.exit);
      expect(report.exitCode).toBe(trust === null ? 3 : 0);
    }
  });

  it.each(TAMPERED.cases)("$name: found, by the expected checks", async (attack) => {
    const bundle = spoilt(attack, read(TAMPERED.base));
    expect(await sha256Hex(bundle)).toBe(attack.sha256);
    const report = await verifyBundle(bundle, TRUST);
    expect(report.exitCode).toBe(1);
    expect(notPassed(report)).toEqual(attack.not_passed);
    expect(report.checks.filter(({ ended }) => ended.outcome === "fail" && ended.code === "broken")).toEqual([]);
  });

  it("hold a dossier of many bundles, pinned and not", async () => {
    const dossier = read("dossiers/quiet.zip");
    expect(isDossier(dossier)).toBe(true);
    expect(isDossier(read("bundles/talked.zip"))).toBe(false);
    for (const [expected, trust] of [[DOSSIERS.pinned, TRUST], [DOSSIERS.unpinned, null]] as const) {
      const report = await verifyDossier(dossier, trust);
      expect(outcomes(report)).toEqual(expected.checks);
      expect(report.exitCode).toBe(expected.exit);
    }
    expect((await verifyDossier(read("dossiers/whole.zip"), TRUST)).exitCode).toBe(0);
  });

  it.each(TAMPERED_DOSSIERS.cases)("a dossier, $name: found, by the expected checks", async (attack) => {
    const dossier = spoilt(attack, read(`dossiers/${TAMPERED_DOSSIERS.base.replace("dossiers/", "")}`));
    expect(await sha256Hex(dossier)).toBe(attack.sha256);
    const report = await verifyDossier(dossier, TRUST);
    expect(report.exitCode).toBe(1);
    expect(notPassed(report)).toEqual(attack.not_passed);
    expect(report.checks.filter(({ ended }) => ended.outcome === "fail" && ended.code === "broken")).toEqual([]);
  });

  it("are of more than sixty attacks", () => {
    expect(TAMPERED.cases.length).toBeGreaterThan(60);
    expect(CHECK_IDS).toHaveLength(24);
  });
});

describe("the pieces", () => {
  const roots = new Map(PRIMITIVES.roots.map(({ size, root }) => [size, bytes(root)]));
  const leaves = PRIMITIVES.leaves;

  it("hash leaves and lead proofs to the roots, and no proof of another length", async () => {
    for (const { body, hash } of leaves) expect(hex(await leafHash(utf8(body)))).toBe(hash);
    let proven = 0;
    for (const { seq, size, path } of PRIMITIVES.inclusion) {
      const leaf = leaves[seq];
      const root = roots.get(size);
      if (leaf === undefined || root === undefined) continue;
      const steps = path.map(bytes);
      expect(await rootByInclusion(bytes(leaf.hash), seq, size, steps)).toEqual(root);
      expect(await rootByInclusion(bytes(leaf.hash), seq, size, [...steps, root])).toBeNull();
      if (steps.length > 0) expect(await rootByInclusion(bytes(leaf.hash), seq, size, steps.slice(1))).not.toEqual(root);
      proven += 1;
    }
    expect(proven).toBeGreaterThan(10);
  });

  it("hold consistency proofs, and refuse each with one hash changed", async () => {
    const last = Math.max(...roots.keys());
    const newRoot = roots.get(last) ?? utf8("?");
    for (const { old, path } of PRIMITIVES.consistency) {
      const oldRoot = roots.get(old) ?? utf8("?");
      const steps = path.map(bytes);
      expect(await isConsistent(old, oldRoot, last, newRoot, steps)).toBe(true);
      for (let at = 0; at < steps.length; at += 1) {
        const spoilt = steps.map((step, place) => (place === at ? step.map((byte, n) => (n === 0 ? byte ^ 1 : byte)) : step));
        expect(await isConsistent(old, oldRoot, last, newRoot, spoilt)).toBe(false);
      }
    }
  });

  it("give commitments, notes and places", async () => {
    for (const { payload, commit } of PRIMITIVES.payloads) expect((await payloadOf(payload)).commit).toBe(commit);
    for (const note of PRIMITIVES.notes) expect(checkpointOf(parseNote(utf8(note))).origin).toBe("demo/sample");
    for (const place of PRIMITIVES.places) {
      const output = await vrfOutput(bytes(place.public), bytes(place.alpha), bytes(place.proof));
      expect(hex(output ?? utf8("")).slice(0, 64)).toBe(place.place);
      const other = bytes(place.alpha).map((byte, at) => (at === 0 ? byte ^ 1 : byte));
      expect(await vrfOutput(bytes(place.public), other, bytes(place.proof))).toBeNull();
    }
  });

  it("take a time token that another program made, and only with its authority's certificate", async () => {
    const token = parseToken(read("time/openssl.tsr"));
    expect(hex(token.imprint)).toBe(await sha256Hex(read("time/stamped.txt")));
    expect(await isSignedBy(token, read("time/openssl-authority.der"))).toBe(true);
    expect(await isSignedBy({ ...token, info: joined(token.info, new Uint8Array([0])) }, read("time/openssl-authority.der"))).toBe(false);
    expect(await isSignedBy(token, new Uint8Array([0x30, 0x00]))).toBe(false);
  });

  it("check Ed25519 alike by the browser and by the library", async () => {
    const key = bytes("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"); // RFC 8032, test 1
    const signature = bytes(
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    );
    const spoilt = signature.map((byte, at) => (at === 40 ? byte ^ 1 : byte));
    for (const verifies of [byBrowser, byLibrary]) {
      expect(await verifies(key, signature, new Uint8Array())).toBe(true);
      expect(await verifies(key, spoilt, new Uint8Array())).toBe(false);
      expect(await verifies(key, signature, utf8("x"))).toBe(false);
      expect(await verifies(new Uint8Array(32).fill(255), signature, new Uint8Array())).toBe(false);
    }
  });
});

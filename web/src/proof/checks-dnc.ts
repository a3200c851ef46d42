import { type Bytes } from "./bytes";
import type { Case } from "./case";
import { answerAt, alphaOf, isListed, parseDnc, placeName, PLATFORM, type Dnc } from "./dnc";
import { Skip } from "./fault";
import type { DncHead } from "./note";
import type { Said } from "./report";
import { keysByPrintedId } from "./trust";
import { vrfOutput } from "./vrf";

const FILE = "dnc.json";
const PLACE_BYTES = 32;

/** Checks 22 and 23: the places are the number's only ones, and no list had it there. */
async function dncOf(subject: Case): Promise<Dnc> {
  if (!subject.files.has(FILE)) {
    if (subject.consumedSeq !== null && !subject.lacks("dnc")) throw subject.fault("dnc.undeclared", "manifest.json");
    throw new Skip("dnc");
  }
  subject.dnc ??= await subject.parse(FILE, parseDnc);
  return subject.dnc;
}

function shownNumber(subject: Case): string {
  const shown = [...subject.payloads.values()].flatMap((payload) => {
    const value = payload.shown.get("callee.number");
    return value === undefined ? [] : [value];
  });
  const [number] = shown;
  if (typeof number !== "string" || shown.some((other) => other !== number)) throw subject.fault("dnc.number", "opened.json");
  return number;
}

export async function checkPlaces(subject: Case): Promise<Said> {
  const dnc = await dncOf(subject);
  const number = shownNumber(subject);
  const keys = await keysByPrintedId(subject.trust, "vrf");
  for (const place of dnc.places) {
    const name = placeName(place.scope, place.key);
    const key = keys.get(place.key);
    if (key === undefined) throw subject.fault("dnc.key", FILE);
    const output = subject.places.has(name) ? null : await vrfOutput(key.public, alphaOf(place.scope, number), place.proof);
    if (output === null) throw subject.fault("dnc.place", FILE);
    subject.places.set(name, output.slice(0, PLACE_BYTES));
  }
  const known = [...keys.values()].filter((key) => key.from <= subject.checkpoint.size).length;
  if (known !== (subject.checkpoint.dnc?.vrfKeys ?? 1)) throw subject.fault("dnc.keyCount", "checkpoint");
  const until = subject.consumedSeq ?? subject.checkpoint.size;
  for (const scope of [`org:${subject.manifest.org ?? ""}`, PLATFORM]) {
    for (const [printed, key] of keys) {
      if (key.from <= until && !subject.places.has(placeName(scope, printed))) throw subject.fault("dnc.lacking", FILE);
    }
  }
  return { code: "places", about: { count: subject.places.size } };
}

function decisionSeq(subject: Case): number {
  return Math.min(...subject.own().flatMap((leaf) => (leaf.type.startsWith("decision.") ? [leaf.seq] : [])));
}

function headBefore(subject: Case, dnc: Dnc, decision: number): DncHead | null {
  if (dnc.beforeSize === null) {
    if (subject.consumedSeq !== null && !subject.lacks("dnc.before")) throw subject.fault("dnc.before", FILE);
    return null;
  }
  const head = subject.earlier.get(dnc.beforeSize)?.dnc ?? null;
  if (dnc.beforeSize > decision || head === null) throw subject.fault("dnc.before", FILE);
  return head;
}

function checkChanges(subject: Case, changes: readonly number[], decision: number): void {
  changes.forEach((change, at) => {
    const type = subject.leaves.get(change)?.type;
    const wanted = at % 2 === 0 ? "dnc.added" : "consent.recorded";
    if (change >= subject.checkpoint.size || (type !== undefined && type !== wanted)) throw subject.fault("dnc.change", FILE, {}, change);
  });
  const consumed = subject.consumedSeq;
  if (consumed === null) return;
  if (isListed(changes, decision) || isListed(changes, consumed)) throw subject.fault("dnc.listed", FILE);
  const between = changes.find((change) => decision < change && change <= consumed);
  if (between !== undefined) throw subject.fault("dnc.between", FILE, {}, between);
}

export async function checkAbsence(subject: Case): Promise<Said> {
  const dnc = await dncOf(subject);
  const head = subject.checkpoint.dnc;
  if (head === null) throw subject.fault("dnc.noTree", "checkpoint");
  const decision = decisionSeq(subject);
  const older = headBefore(subject, dnc, decision);
  let listed = 0;
  for (const place of dnc.places) {
    const asked: Bytes = subject.places.get(placeName(place.scope, place.key)) ?? new Uint8Array();
    const changes = await subject.parse(FILE, () => answerAt(place.after, asked, head));
    if (older !== null && place.before !== null) {
      const { before } = place;
      const past = await subject.parse(FILE, () => answerAt(before, asked, older));
      const expected = changes.filter((change) => change < (dnc.beforeSize ?? 0));
      if (past.join() !== expected.join()) throw subject.fault("dnc.past", FILE);
    }
    checkChanges(subject, changes, decision);
    listed += isListed(changes, decision) ? 1 : 0;
  }
  return subject.consumedSeq === null
    ? { code: "listed", about: { count: listed, places: dnc.places.length } }
    : { code: "absent", about: {} };
}

import type { Bytes } from "./bytes";
import { Case, type DecodeSound } from "./case";
import { checkConsentFiles, checkPacks, checkRecording, checkRecordingShape, checkRecordingSound, checkTimeTokens } from "./checks-content";
import { checkAbsence, checkPlaces } from "./checks-dnc";
import { checkContainer, checkListedFiles, checkManifest, checkManifestSignature, checkRotations, checkTrust } from "./checks-files";
import {
  checkAttempt,
  checkChain,
  checkCheckpoint,
  checkCheckpointSignature,
  checkCosignature,
  checkEarlier,
  checkInclusion,
  checkLeaves,
  checkPayloads,
  checkWithheld,
} from "./checks-log";
import { Fault, Skip } from "./fault";
import { DEMO_PREFIX } from "./leaf";
import type { Check, Ended, Report, Said, Subject } from "./report";
import type { Trust } from "./trust";

type Run = ((subject: Case) => Promise<Said>) | ((subject: Case) => Promise<void>);

const STEPS = [
  ["zip.container", [], checkContainer],
  ["manifest.form", ["zip.container"], checkManifest],
  ["manifest.files", ["manifest.form"], checkListedFiles],
  ["trust.form", ["manifest.form"], checkTrust],
  ["leaves.form", ["manifest.form"], checkLeaves],
  ["payloads.commit", ["leaves.form"], checkPayloads],
  ["keys.rotation", ["trust.form", "payloads.commit"], checkRotations],
  ["checkpoint.form", ["leaves.form"], checkCheckpoint],
  ["checkpoint.signature", ["checkpoint.form", "keys.rotation"], checkCheckpointSignature],
  ["witness.cosignature", ["checkpoint.form", "keys.rotation"], checkCosignature],
  ["manifest.signature", ["manifest.form", "keys.rotation"], checkManifestSignature],
  ["leaves.included", ["checkpoint.form"], checkInclusion],
  ["checkpoints.earlier", ["checkpoint.form", "keys.rotation"], checkEarlier],
  ["leaves.chain", ["checkpoint.form"], checkChain],
  ["withheld.declared", ["payloads.commit"], checkWithheld],
  ["attempt.story", ["leaves.form"], checkAttempt],
  ["policy.packs", ["payloads.commit"], checkPacks],
  ["consent.files", ["payloads.commit"], checkConsentFiles],
  ["recording.hash", ["payloads.commit"], checkRecording],
  ["recording.shape", ["recording.hash"], checkRecordingShape],
  ["recording.sound", ["recording.hash"], checkRecordingSound],
  ["dnc.places", ["attempt.story", "payloads.commit", "keys.rotation", "checkpoint.form"], checkPlaces],
  ["dnc.absence", ["dnc.places", "checkpoints.earlier"], checkAbsence],
  ["tsr.tokens", ["checkpoints.earlier"], checkTimeTokens],
] as const satisfies readonly (readonly [string, readonly string[], Run])[];

/** The checks of docs/evidence.md section 9, by id. */
export type CheckId = (typeof STEPS)[number][0];

/** All of them, in their order. */
export const CHECK_IDS: readonly CheckId[] = STEPS.map(([id]) => id);

async function ended(run: Run, subject: Case): Promise<Ended> {
  try {
    return { outcome: "pass", said: (await run(subject)) ?? null };
  } catch (error) {
    if (error instanceof Skip) return { outcome: "skip", why: error.why };
    if (error instanceof Fault) return { outcome: "fail", code: error.code, where: error.where, about: error.about };
    // whatever the verifier stumbles over was not verified
    return { outcome: "fail", code: "broken", where: {}, about: {} };
  }
}

/**
 * Verify one bundle as docs/evidence.md prescribes: nothing but its bytes and the reader's own keys is looked at.
 *
 * `pinned`: the reader's trust.json, had by another way than the bundle; null: the bundle's own keys are used, and then the
 * signer is not established. `tick` is told of each check as it ends. Never throws.
 */
export async function verifyBundle(
  bytes: Bytes,
  pinned: Trust | null,
  decodeSound: DecodeSound | null = null,
  tick: (check: Check) => void = () => undefined,
): Promise<Report> {
  const subject = new Case(bytes, pinned, decodeSound);
  const done = new Map<CheckId, Ended>();
  for (const [id, needs, run] of STEPS) {
    const because = needs.find((need) => ["fail", "unreached"].includes(done.get(need)?.outcome ?? ""));
    const end: Ended = because === undefined ? await ended(run, subject) : { outcome: "unreached", because };
    done.set(id, end);
    tick({ id, ended: end });
  }
  const checks = [...done].map(([id, end]) => ({ id, ended: end }));
  const failed = checks.some((check) => check.ended.outcome === "fail");
  return {
    checks,
    exitCode: failed ? 1 : pinned === null ? 3 : 0,
    isPinned: pinned !== null,
    subject: done.get("manifest.form")?.outcome === "pass" ? aboutWhat(subject) : null,
  };
}

function aboutWhat({ manifest }: Case): Subject {
  const { attempt, log, madeMicros } = manifest;
  return { attempt, log, isDemo: log.startsWith(DEMO_PREFIX), madeMicros };
}

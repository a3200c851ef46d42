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
import { DEMO_PREFIX } from "./leaf";
import type { Check, Report, Subject } from "./report";
import { exitCodeOf, runSteps, type Steps } from "./steps";
import type { Trust } from "./trust";

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
] as const satisfies Steps<Case>;

/** The checks of docs/evidence.md section 9, by id. */
export type CheckId = (typeof STEPS)[number][0];

/** All of them, in their order. */
export const CHECK_IDS: readonly CheckId[] = STEPS.map(([id]) => id);

/** One bundle's checks, and what they established. */
export interface Examined {
  readonly subject: Case;
  readonly checks: readonly Check<CheckId>[];
}

/** Run every check on one bundle. Never throws. */
export async function examine(
  bytes: Bytes,
  pinned: Trust | null,
  decodeSound: DecodeSound | null,
  tick: (check: Check<CheckId>) => void,
): Promise<Examined> {
  const subject = new Case(bytes, pinned, decodeSound);
  return { subject, checks: await runSteps<Case, CheckId>(STEPS, subject, tick) };
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
  tick: (check: Check<CheckId>) => void = () => undefined,
): Promise<Report<CheckId>> {
  const { subject, checks } = await examine(bytes, pinned, decodeSound, tick);
  const isRead = checks.some(({ id, ended }) => id === "manifest.form" && ended.outcome === "pass");
  return {
    checks,
    exitCode: exitCodeOf(checks, pinned),
    isPinned: pinned !== null,
    subject: isRead ? aboutWhat(subject) : null,
  };
}

function aboutWhat({ manifest }: Case): Subject {
  const { attempt, log, madeMicros, missing, withheld } = manifest;
  return { id: attempt, log, isDemo: log.startsWith(DEMO_PREFIX), madeMicros, missing: missing.size, withheld: withheld.length };
}

import type { Bytes } from "./bytes";
import type { DecodeSound } from "./case";
import { isDossier } from "./container";
import { DOSSIER_CHECK_IDS, verifyDossier, type AnyCheckId, type Progress } from "./dossier";
import type { Check, Report } from "./report";
import { parseTrust } from "./trust";
import { CHECK_IDS, verifyBundle } from "./verify";

/** Who is told of what while a file is verified. */
export interface Watcher {
  readonly begins: (ids: readonly AnyCheckId[]) => void;
  readonly tick: (check: Check<AnyCheckId>) => void;
  readonly progress: (progress: Progress) => void;
}

/**
 * Verify a bundle or a dossier, whichever the file is.
 *
 * `trust`: the reader's own trust.json, or null to take the file's own keys.
 *
 * @throws Fault where `trust` is no trust.json; whatever is wrong with the file is in the report.
 */
export async function verifyFile(
  bytes: Bytes,
  trust: Bytes | null,
  decodeSound: DecodeSound | null,
  watcher: Watcher,
): Promise<Report<AnyCheckId>> {
  const pinned = trust === null ? null : parseTrust(trust);
  if (isDossier(bytes)) {
    watcher.begins(DOSSIER_CHECK_IDS);
    return verifyDossier(bytes, pinned, decodeSound, watcher.tick, watcher.progress);
  }
  watcher.begins(CHECK_IDS);
  return verifyBundle(bytes, pinned, decodeSound, watcher.tick);
}

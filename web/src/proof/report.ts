import type { FaultCode, SkipCode } from "./codes";
import type { About, Where } from "./fault";

/** What a check can say that it found. */
type FoundCode =
  | "leaves"
  | "size"
  | "signed"
  | "cosigned"
  | "included"
  | "earlier"
  | "shownAll"
  | "withheld"
  | "placed"
  | "notPlaced"
  | "packs"
  | "consentFiles"
  | "recording"
  | "frames"
  | "stamped"
  | "stampedByUnpinned"
  | "places"
  | "absent"
  | "listed"
  | "bundles"
  | "bundlesHold";

/** What a check found, as words of the console under `found`. */
export interface Said {
  readonly code: FoundCode;
  readonly about: About;
}

/** How one check ended: it holds, it fails (what and where), there was nothing to look at, or what it stands on failed. */
export type Ended<Id extends string> =
  | { readonly outcome: "pass"; readonly said: Said | null }
  | { readonly outcome: "fail"; readonly code: FaultCode; readonly where: Where; readonly about: About }
  | { readonly outcome: "skip"; readonly why: SkipCode }
  | { readonly outcome: "unreached"; readonly because: Id };

/** One check of a report. */
export interface Check<Id extends string> {
  readonly id: Id;
  readonly ended: Ended<Id>;
}

/** What a verification found. `exitCode` as docs/evidence.md section 9: 0 holds, 1 fails, 3 consistent but nobody's keys were pinned. */
export interface Report<Id extends string> {
  readonly checks: readonly Check<Id>[];
  readonly exitCode: 0 | 1 | 3;
  readonly isPinned: boolean;
  readonly subject: Subject | null;
}

/** What a bundle or a dossier says of itself, as far as it could be read. `missing` and `withheld` are counts. */
export interface Subject {
  readonly id: string;
  readonly log: string;
  readonly isDemo: boolean;
  readonly madeMicros: number;
  readonly missing: number;
  readonly withheld: number;
}

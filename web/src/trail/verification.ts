import type { AnyCheckId, Progress } from "../proof/dossier";
import type { Check, Report } from "../proof/report";

/** What went wrong before a check could be made: the file or the keys could not be had or read. */
export type Trouble = { readonly kind: "keys" } | { readonly kind: "file" } | { readonly kind: "asked"; readonly error: unknown };

/** One verification as it goes on. A check that has ended stays ended; nothing is green that was not checked. */
export type Verification =
  | { readonly kind: "idle" }
  | { readonly kind: "fetching" }
  | {
      readonly kind: "running";
      readonly ids: readonly AnyCheckId[];
      readonly checks: readonly Check<AnyCheckId>[];
      readonly progress: Progress | null;
    }
  | { readonly kind: "done"; readonly ids: readonly AnyCheckId[]; readonly report: Report<AnyCheckId>; readonly tookMs: number }
  | { readonly kind: "failed"; readonly trouble: Trouble };

/** What happens to it. */
export type VerificationEvent =
  | { readonly type: "asked" }
  | { readonly type: "began"; readonly ids: readonly AnyCheckId[] }
  | { readonly type: "ticked"; readonly check: Check<AnyCheckId> }
  | { readonly type: "progressed"; readonly progress: Progress }
  | { readonly type: "ended"; readonly report: Report<AnyCheckId>; readonly tookMs: number }
  | { readonly type: "failed"; readonly trouble: Trouble };

/** Before anything was asked. */
export const IDLE: Verification = { kind: "idle" };

/** The verification after an event. */
export function verificationAfter(state: Verification, event: VerificationEvent): Verification {
  switch (event.type) {
    case "asked":
      return { kind: "fetching" };
    case "began":
      return { kind: "running", ids: event.ids, checks: [], progress: null };
    case "ticked":
      return state.kind === "running" ? { ...state, checks: [...state.checks, event.check] } : state;
    case "progressed":
      return state.kind === "running" ? { ...state, progress: event.progress } : state;
    case "ended":
      return { kind: "done", ids: event.report.checks.map(({ id }) => id), report: event.report, tookMs: event.tookMs };
    case "failed":
      return { kind: "failed", trouble: event.trouble };
  }
}

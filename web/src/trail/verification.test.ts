import { describe, expect, it } from "vitest";

import type { Report } from "../proof/report";
import type { AnyCheckId } from "../proof/dossier";

import { IDLE, verificationAfter, type Verification, type VerificationEvent } from "./verification";

const PASSED = { outcome: "pass", said: null } as const;
const REPORT: Report<AnyCheckId> = {
  checks: [{ id: "zip.container", ended: PASSED }],
  exitCode: 3,
  isPinned: false,
  subject: null,
};

function after(...events: readonly VerificationEvent[]): Verification {
  return events.reduce(verificationAfter, IDLE);
}

describe("a verification", () => {
  it("shows only the checks that have ended", () => {
    const began = after({ type: "asked" }, { type: "began", ids: ["zip.container", "manifest.form"] });
    expect(began).toMatchObject({ kind: "running", checks: [] });
    expect(verificationAfter(began, { type: "ticked", check: { id: "zip.container", ended: PASSED } })).toMatchObject({
      checks: [{ id: "zip.container" }],
    });
  });

  it("forgets the former one when asked again, and takes no tick from it", () => {
    const again = after({ type: "began", ids: [] }, { type: "ended", report: REPORT, tookMs: 5 }, { type: "asked" });
    expect(again).toEqual({ kind: "fetching" });
    expect(verificationAfter(again, { type: "ticked", check: { id: "zip.container", ended: PASSED } })).toBe(again);
    expect(verificationAfter(again, { type: "progressed", progress: { done: 1, of: 2 } })).toBe(again);
  });

  it("ends with its report or with what stood in the way", () => {
    expect(after({ type: "ended", report: REPORT, tookMs: 5 })).toMatchObject({ kind: "done", ids: ["zip.container"], tookMs: 5 });
    expect(after({ type: "asked" }, { type: "failed", trouble: { kind: "keys" } })).toEqual({ kind: "failed", trouble: { kind: "keys" } });
  });
});

import { expect, it } from "vitest";

import type { HeardPrompt, HeardView } from "../api/models";

import { answerByKey, newestOpen } from "./heard";

function prompt(id: string, more: Partial<HeardPrompt>): HeardPrompt {
  return {
    id,
    kind: "dnc",
    by: "callee",
    what: { zh: "明确拒绝来电", en: "Clear refusal" },
    text: "do not call",
    at: "2026-11-18T02:30:00Z",
    state: "open",
    answers: ["confirm", "dismiss"],
    ...more,
  };
}

const heard = (...prompts: HeardPrompt[]): HeardView => ({ trouble: null, lines: [], prompts });

it("a question comes before what is only to be known", () => {
  const view = heard(prompt("a", {}), prompt("b", { state: "noted", answers: [], kind: "warn", by: "agent" }));
  expect(newestOpen(view)?.id).toBe("a");
  expect(newestOpen(heard(prompt("a", { state: "confirmed", answers: [] })))).toBeUndefined();
});

it("one key confirms and one dismisses, and neither does anything where nothing is asked", () => {
  expect(answerByKey(heard(prompt("a", {})), "confirm")).toEqual({ id: "a", answer: "confirm" });
  expect(answerByKey(heard(prompt("a", {})), "dismiss")).toEqual({ id: "a", answer: "dismiss" });
  expect(answerByKey(heard(prompt("a", { kind: "hold", answers: ["seen"] })), "confirm")).toEqual({ id: "a", answer: "seen" });
  expect(answerByKey(heard(prompt("a", { kind: "hold", answers: ["seen"] })), "dismiss")).toBeNull();
  expect(answerByKey(heard(), "confirm")).toBeNull();
  expect(answerByKey(null, "confirm")).toBeNull();
});

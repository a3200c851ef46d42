import { describe, expect, it } from "vitest";

import { bodyOf, FIRST, missing } from "./simulation-form";

describe("the form of a simulation", () => {
  it("travels in whole parts per million and minutes", () => {
    const body = bodyOf({ ...FIRST, hours: 1.5, capPercent: 0.7, answerPercent: 28.5 });
    expect(body).toMatchObject({ shift_minutes: 90, cap_ppm: 7_000, answer_ppm: 285_000, campaign: null, leaves: [] });
  });

  it("asks what if only when somebody leaves", () => {
    expect(bodyOf({ ...FIRST, leavers: 2, leaveAfterMinutes: 45 }).leaves).toEqual([{ count: 2, after_minutes: 45 }]);
  });

  it("names the campaign only where its history is wanted", () => {
    const chosen = { ...FIRST, campaign: "c-1" };
    expect(bodyOf(chosen).campaign).toBeNull();
    expect(bodyOf({ ...chosen, source: "history" }).campaign).toBe("c-1");
  });

  it("says what is missing before it can be asked", () => {
    expect(missing(FIRST)).toBeNull();
    expect(missing({ ...FIRST, methods: [] })).toBe("methods");
    expect(missing({ ...FIRST, source: "history" })).toBe("campaign");
    expect(missing({ ...FIRST, source: "scenario", methods: [] })).toBe("scenario");
    expect(missing({ ...FIRST, source: "scenario", scenario: "name = 1" })).toBeNull();
  });
});

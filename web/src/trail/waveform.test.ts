import { describe, expect, it } from "vitest";

import { AT, timelineEvent } from "../testing/views";

import { barsOf, gainOf, isSilent, marksOf } from "./waveform";

describe("the waveform", () => {
  it("keeps the loudest peak of each stretch", () => {
    expect(barsOf([0, 127, 10, 0], 2)).toEqual([1, 10 / 127]);
  });

  it("has a bar for each place also when there are fewer peaks than bars", () => {
    expect(barsOf([127], 3)).toEqual([1, 1, 1]);
    expect(barsOf([], 3)).toEqual([]);
    expect(barsOf([1], 0)).toEqual([]);
  });

  it("draws a quiet line taller, up to four times, and never cuts a loud one", () => {
    expect(gainOf({ callee: [10], agent: [5] })).toBe(4);
    expect(gainOf({ callee: [127], agent: [5] })).toBe(1);
    expect(gainOf({ callee: [], agent: [] })).toBe(4);
  });

  it("knows a leg without any sound", () => {
    expect(isSilent([0, 0])).toBe(true);
    expect(isSilent([0, 1])).toBe(false);
  });

  it("marks a refusal where it was said in the recording", () => {
    const heard = timelineEvent("refusal.heard", "2026-11-18T02:30:15.000000Z", 7);
    expect(marksOf([heard], AT, 30)).toEqual([{ atSeconds: 15, kind: "refusal", seq: 7 }]);
  });

  it("marks nothing outside the recording, nor in a call that nobody answered", () => {
    const late = timelineEvent("refusal.heard", "2026-11-18T02:31:00.000000Z");
    const early = timelineEvent("refusal.heard", "2026-11-18T02:29:59.000000Z");
    const other = timelineEvent("attempt.connected", "2026-11-18T02:30:01.000000Z");
    expect(marksOf([late, early, other], AT, 30)).toEqual([]);
    expect(marksOf([late], null, 300)).toEqual([]);
    expect(marksOf([late], AT, 300)).toHaveLength(1);
  });
});

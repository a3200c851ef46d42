import { describe, expect, it } from "vitest";

import { deadlineOf } from "./deadline";

const NOW = Date.parse("2026-11-18T04:00:00Z");

describe("a deadline", () => {
  it.each([
    ["2026-12-08T15:59:59Z", "far", 20],
    ["2026-11-21T04:00:00Z", "far", 3],
    ["2026-11-21T03:59:59Z", "near", 2],
    ["2026-11-18T15:59:59Z", "near", 0],
    ["2026-11-18T03:59:59Z", "over", 1],
    ["2026-11-16T03:00:00Z", "over", 2],
  ] as const)("on %s is %s", (due, tone, days) => {
    expect(deadlineOf(due, NOW)).toEqual({ tone, days });
  });
});

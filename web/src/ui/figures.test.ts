import { describe, expect, it } from "vitest";

import { filledPercent, percent, shortHash } from "./figures";

describe("figures", () => {
  it.each([
    [6_024, "0.6 %"],
    [10_000, "1 %"],
    [842_000, "84 %"],
    [0, "0 %"],
  ])("write %i ppm as %s", (ppm, text) => {
    expect(percent(ppm)).toBe(text);
  });

  it("fill a budget up to its end, and one of nothing at the first call", () => {
    expect(filledPercent(5_000, 10_000)).toBe(50);
    expect(filledPercent(30_000, 10_000)).toBe(100);
    expect(filledPercent(0, 0)).toBe(0);
    expect(filledPercent(1, 0)).toBe(100);
  });

  it("shorten a digest and leave a short one whole", () => {
    expect(shortHash("a".repeat(64))).toBe(`${"a".repeat(12)}…`);
    expect(shortHash("abc")).toBe("abc");
  });
});

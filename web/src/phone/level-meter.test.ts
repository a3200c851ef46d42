import { describe, expect, it } from "vitest";

import { levelOf } from "./level-meter";

describe("loudness", () => {
  it("is nothing in silence and everything at full scale", () => {
    expect(levelOf(new Float32Array(64))).toBe(0);
    expect(levelOf(new Float32Array(64).fill(1))).toBe(1);
    expect(levelOf(new Float32Array(0))).toBe(0);
  });

  it("grows with the sound", () => {
    const quiet = levelOf(new Float32Array(64).fill(0.01));
    const loud = levelOf(new Float32Array(64).fill(0.3));
    expect(quiet).toBeGreaterThan(0);
    expect(loud).toBeGreaterThan(quiet);
  });
});

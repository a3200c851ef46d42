import { describe, expect, it } from "vitest";

import { samplesOf } from "./decode-sound";

const SAMPLES = [0, 1, -1, 12_345, -12_345, 32_767, -32_768];

describe("what a browser decoded", () => {
  it.each([32_768, 32_767])("becomes the 16-bit samples again when positive ones were divided by %s", (scale) => {
    const callee = Float32Array.from(SAMPLES, (sample) => sample / (sample < 0 ? 32_768 : scale));
    const silent = new Float32Array(SAMPLES.length);
    expect([...(samplesOf([callee, silent]) ?? [])]).toEqual(SAMPLES.flatMap((sample) => [sample, 0]));
  });

  it("is nothing where the numbers come from no 16-bit samples: resampled sound is not what was sealed", () => {
    expect(samplesOf([Float32Array.from([0.1, 0.200_01, 0.300_02])])).toBeNull();
    expect(samplesOf([])).toBeNull();
  });
});

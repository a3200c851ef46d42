import { describe, expect, it } from "vitest";

import { audioHealth, type MediaSample } from "./audio-health";

const BEFORE: MediaSample = { atMs: 0, packetsReceived: 100, packetsLost: 0, microphoneEnergy: 1 };
const GOOD: MediaSample = { atMs: 2_000, packetsReceived: 200, packetsLost: 0, microphoneEnergy: 1.5 };
const TALKING = { incoming: true, outgoing: true };

const rows: readonly [string, Partial<MediaSample>, typeof TALKING, string][] = [
  ["both sides are heard", {}, TALKING, "good"],
  ["nothing came in", { packetsReceived: 100 }, TALKING, "no_incoming"],
  ["nothing came in, but nobody is on the line", { packetsReceived: 100 }, { incoming: false, outgoing: false }, "good"],
  ["the microphone gave digital silence", { microphoneEnergy: 1 }, TALKING, "microphone_silent"],
  ["the microphone is silent because the agent is muted", { microphoneEnergy: 1 }, { incoming: true, outgoing: false }, "good"],
  ["one packet in ten was lost", { packetsReceived: 190, packetsLost: 10 }, TALKING, "lossy"],
  ["one packet in a hundred was lost", { packetsLost: 1 }, TALKING, "good"],
  ["the samples are too close", { atMs: 500 }, TALKING, "unknown"],
];

describe("what two samples say about the sound", () => {
  it.each(rows)("when %s", (_, over, expects, health) => {
    expect(audioHealth(BEFORE, { ...GOOD, ...over }, expects)).toBe(health);
  });
});

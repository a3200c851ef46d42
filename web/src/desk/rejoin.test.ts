import { describe, expect, it } from "vitest";

import { MemoryStorage } from "../testing/memory-storage";
import { deskCall, deskView } from "../testing/views";

import { keepTakenBack, restoreTakenBack, shouldRejoin, takenBackUntil } from "./rejoin";

const NOW = 1_000_000;
const WAITING = { kind: "waiting" } as const;

describe("a phone that lost its leg", () => {
  it("is called again while its agent takes calls", () => {
    expect(shouldRejoin(deskView(), WAITING, 0, NOW)).toBe(true);
    expect(shouldRejoin(deskView({ state: "talking", call: deskCall() }), WAITING, 0, NOW)).toBe(true);
  });

  it("is not called before it has registered, nor when it has its leg", () => {
    expect(shouldRejoin(deskView(), { kind: "connecting" }, 0, NOW)).toBe(false);
    expect(shouldRejoin(deskView(), { kind: "live", muted: false, audio: "good", steppedIn: null }, 0, NOW)).toBe(false);
  });

  it("is called again when the server gave up its agent a moment ago, and not later", () => {
    const until = takenBackUntil(deskView(), 0, NOW);
    const gone = deskView({ state: "offline" });
    expect(shouldRejoin(gone, WAITING, until, NOW + 10_000)).toBe(true);
    expect(shouldRejoin(gone, WAITING, until, NOW + 60_000)).toBe(false);
  });

  it("is left alone when its agent never went ready, or paused", () => {
    const gone = deskView({ state: "offline" });
    expect(shouldRejoin(gone, WAITING, takenBackUntil(gone, 0, NOW), NOW)).toBe(false);
    const paused = takenBackUntil(deskView({ state: "paused" }), NOW + 30_000, NOW);
    expect(shouldRejoin(gone, WAITING, paused, NOW)).toBe(false);
    expect(shouldRejoin(deskView({ state: "paused" }), WAITING, NOW + 30_000, NOW)).toBe(false);
  });

  it("is remembered over one reload", () => {
    const storage = new MemoryStorage();
    keepTakenBack(NOW + 30_000, storage);
    expect(restoreTakenBack(storage)).toBe(NOW + 30_000);
    expect(restoreTakenBack(storage)).toBe(0);
  });
});

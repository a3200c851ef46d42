import { describe, expect, it } from "vitest";

import { AT, floorAgent } from "../testing/views";

import { byNeed } from "./help";

const NOW = Date.parse(AT) + 60_000;
const minutesAgo = (minutes: number): string => new Date(NOW - minutes * 60_000).toISOString();

function order(...agents: Parameters<typeof byNeed>[0]): readonly string[] {
  return byNeed(agents, NOW).map(({ name }) => name);
}

describe("agents on the floor", () => {
  it("stand by what needs help: alert, refusal just said, long wrap-up, then the rest", () => {
    expect(
      order(
        floorAgent("offline", { state: "offline", since: null }),
        floorAgent("paused", { state: "paused" }),
        floorAgent("ready"),
        floorAgent("long-wrap", { state: "wrapping", since: minutesAgo(5) }),
        floorAgent("short-wrap", { state: "wrapping", since: minutesAgo(1) }),
        floorAgent("talking", { state: "talking" }),
        floorAgent("closing", { state: "closing" }),
        floorAgent("silent", { state: "talking", alert: { zh: "没有声音", en: "No sound" } }),
      ),
    ).toEqual(["silent", "closing", "long-wrap", "talking", "short-wrap", "ready", "paused", "offline"]);
  });

  it("in one state stand longest first", () => {
    expect(order(floorAgent("new", { since: minutesAgo(1) }), floorAgent("old", { since: minutesAgo(9) }))).toEqual(["old", "new"]);
  });

  it("keep the list they came in as it was", () => {
    const agents = [floorAgent("b"), floorAgent("a")];
    byNeed(agents, NOW);
    expect(agents.map(({ name }) => name)).toEqual(["b", "a"]);
  });
});

import { describe, expect, it } from "vitest";

import { OUT, reduceListening, type Listening, type ListeningEvent } from "./listening";

const ASKED: ListeningEvent = { type: "asked", agentId: "agent-1", name: "陈晓", ear: "quiet" };

function after(...events: readonly ListeningEvent[]): Listening {
  return events.reduce(reduceListening, OUT);
}

describe("a supervisor in a talk", () => {
  it("is in once the leg is answered", () => {
    expect(after(ASKED).kind).toBe("joining");
    expect(after(ASKED, { type: "phone", phone: "waiting" }).kind).toBe("joining");
    expect(after(ASKED, { type: "phone", phone: "live" })).toMatchObject({ kind: "in", name: "陈晓", ear: "quiet" });
  });

  it("is out when the talk is over", () => {
    expect(after(ASKED, { type: "phone", phone: "live" }, { type: "phone", phone: "waiting" })).toEqual(OUT);
  });

  it("is out when they leave", () => {
    expect(after(ASKED, { type: "phone", phone: "live" }, { type: "left" })).toEqual(OUT);
  });

  it("is told why not", () => {
    const sentence = { zh: "该坐席现在没有通话", en: "That agent has no talk" };
    expect(after(ASKED, { type: "declined", sentence })).toEqual({ kind: "out", trouble: sentence });
  });

  it("is not in by a leg that nobody asked for", () => {
    expect(after({ type: "phone", phone: "live" })).toEqual(OUT);
  });
});

import { describe, expect, it } from "vitest";

import { inboundOutcome } from "./inbound";

const ENDED = { state: "ended", wish: "none", agent: null, asked_agent: false };

describe("what came of a call to our number", () => {
  it("is the refusal before everything else", () => {
    expect(inboundOutcome({ ...ENDED, wish: "refused", agent: "Chen", asked_agent: true })).toBe("refused");
  });

  it("tells a talk from nobody who came, and both from a caller who wished nothing", () => {
    expect(inboundOutcome({ ...ENDED, agent: "Chen", asked_agent: true })).toBe("talked");
    expect(inboundOutcome({ ...ENDED, asked_agent: true })).toBe("nobody");
    expect(inboundOutcome(ENDED)).toBe("none");
    expect(inboundOutcome({ ...ENDED, state: "under_way" })).toBe("under_way");
    expect(inboundOutcome({ ...ENDED, wish: "callback", asked_agent: true })).toBe("callback");
  });
});

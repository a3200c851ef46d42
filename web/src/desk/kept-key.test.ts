import { describe, expect, it } from "vitest";

import { deskCall, deskView } from "../testing/views";

import { EMPTY_DESK, reduceDesk, type Act, type Desk } from "./desk";
import { keptKey, turnOf } from "./kept-key";

const END = { kind: "end" } as const;

function talking(attemptId = "attempt-1"): Desk {
  const view = deskView({ state: "talking", call: deskCall({ attempt_id: attemptId }) });
  return reduceDesk(EMPTY_DESK, { type: "view", view });
}

function during(act: Act, desk: Desk = talking()): Desk {
  return reduceDesk(desk, { type: "act", act });
}

describe("a key pressed while another act is on its way", () => {
  it("is kept until that act is done, and then has its turn", () => {
    const busy = during("pause");
    const kept = keptKey(END, busy);
    expect(kept).toEqual({ key: END, talk: "attempt-1" });
    if (kept === null) return;
    expect(turnOf(kept, busy)).toBe("later");
    expect(turnOf(kept, talking())).toBe("now");
  });

  it("is not kept on a desk where nothing is on its way", () => {
    expect(keptKey(END, talking())).toBeNull();
  });

  it("is dropped where it asks for the act that is on its way already", () => {
    expect(keptKey({ kind: "hold" }, during("hold"))).toBeNull();
    expect(keptKey(END, during("hold"))).not.toBeNull();
  });

  it("is dropped with its talk: the next one is not ended by it", () => {
    const kept = keptKey(END, during("pause"));
    expect(kept).not.toBeNull();
    if (kept === null) return;
    expect(turnOf(kept, talking("attempt-2"))).toBe("dropped");
    expect(turnOf(kept, EMPTY_DESK)).toBe("dropped");
  });

  it("that needs no server acts at once", () => {
    expect(keptKey({ kind: "mute" }, during("hold"))).toBeNull();
    expect(keptKey({ kind: "refuse" }, during("hold"))).toBeNull();
  });
});

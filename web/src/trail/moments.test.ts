import { describe, expect, it } from "vitest";

import type { AttemptView } from "../api/models";
import { timelineEvent } from "../testing/views";

import { momentsOf } from "./moments";

const second = (at: number): string => `2026-11-18T02:30:${String(at).padStart(2, "0")}.000000Z`;

const ATTEMPT: AttemptView["attempt"] = {
  id: "attempt-1",
  state: "sealed",
  campaign: { id: "c", name: { zh: "回访", en: "Callbacks" } },
  lead_id: "lead-1",
  caller_id: null,
  agent: null,
  authorised_at: second(0),
  placed_at: second(1),
  ringing_at: null,
  answered_at: second(5),
  connected_at: second(5),
  ended_at: second(30),
  sealed_at: second(40),
  outcome: null,
  disposition: null,
  hangup_by: null,
  dial_status: null,
  sip_text: null,
  abandon_cause: null,
};

describe("the moments of a call", () => {
  it("stand in their order with the time between them, and what did not happen is left out", () => {
    const moments = momentsOf(ATTEMPT, []);
    expect(moments.map(({ kind }) => kind)).toEqual(["placed", "answered", "connected", "ended", "sealed"]);
    expect(moments.map(({ sinceLastMs }) => sinceLastMs)).toEqual([null, 4_000, 0, 25_000, 10_000]);
  });

  it("have a refusal where it was said", () => {
    const kinds = momentsOf(ATTEMPT, [timelineEvent("refusal.heard", second(20))]).map(({ kind }) => kind);
    expect(kinds).toEqual(["placed", "answered", "connected", "refusal", "ended", "sealed"]);
  });

  it("have a refusal of the wrap-up after the end", () => {
    const kinds = momentsOf(ATTEMPT, [timelineEvent("refusal.heard", second(35))]).map(({ kind }) => kind);
    expect(kinds.slice(-3)).toEqual(["ended", "refusal", "sealed"]);
  });
});

import type { DeskCall, DeskView, FloorAgent, TimelineEvent } from "../api/models";

/** Views with plainly invented content, for tests beside the reducers. */
export const AT = "2026-11-18T02:30:00.000000Z";

export function deskCall(over: Partial<DeskCall> = {}): DeskCall {
  return {
    attempt_id: "attempt-1",
    lead_id: "lead-1",
    campaign: { zh: "回访", en: "Callbacks" },
    name: "王芳",
    number: "130****0007",
    zone: "Asia/Shanghai",
    asked: null,
    asked_at: null,
    answered_at: AT,
    connected_at: AT,
    ended_at: null,
    wrap_until: null,
    consent: null,
    script: null,
    earlier: [],
    dispositions: [],
    refused: null,
    held_since: null,
    ...over,
  };
}

export function deskView(over: Partial<DeskView> = {}): DeskView {
  return {
    taken: { by: "server-1", number: 0 },
    state: "ready",
    since: AT,
    pause_reason: null,
    seat_id: "seat-1",
    phone_up: true,
    queue: [],
    queue_due: 0,
    queue_later: 0,
    call: null,
    today: { calls: 0, talk_seconds: 0, callbacks_kept: 0 },
    idle_reason: null,
    ready_blocked: null,
    pause_reasons: [],
    ...over,
  };
}

export function floorAgent(name: string, over: Partial<FloorAgent> = {}): FloorAgent {
  return {
    id: name,
    name,
    state: "ready",
    since: AT,
    campaigns: [],
    attempt_id: null,
    calls_today: 0,
    talk_seconds_today: 0,
    alert: null,
    ...over,
  };
}

export function timelineEvent(type: string, at: string, seq = 1): TimelineEvent {
  return { seq, at, type, sentence: { zh: type, en: type }, actor: "dialer", details: [], leaf_hash: "00" };
}

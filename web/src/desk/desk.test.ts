import { describe, expect, it } from "vitest";

import type { RefusedView } from "../api/models";
import { AT, deskCall, deskView } from "../testing/views";

import { blocks, type Surroundings } from "./acts";
import { EMPTY_DESK, mayRefuse, NOTE_CHARACTERS_MAX, reduceDesk, saidParts, type Desk, type DeskEvent } from "./desk";

const REFUSED: RefusedView = {
  attempt_id: "attempt-1",
  at: AT,
  took_ms: 6,
  stopped: { leads: 1, permits: 0, legs: 0 },
  closing_until: AT,
};
const PHONE_LIVE: Surroundings = { phone: { kind: "live", muted: false, audio: "good", steppedIn: null }, audioChecked: "today" };

function after(...events: readonly DeskEvent[]): Desk {
  return events.reduce(reduceDesk, EMPTY_DESK);
}

function view(over: Parameters<typeof deskView>[0] = {}): DeskEvent {
  return { type: "view", view: deskView(over) };
}

const IN_CALL = view({ state: "talking", call: deskCall() });

describe("a refusal", () => {
  it("is held, sent and then shown with what it stopped", () => {
    const held = after(IN_CALL, { type: "refuse_touched" });
    expect(held.refusal.kind).toBe("holding");
    const sent = reduceDesk(held, { type: "refuse_sent" });
    expect(sent.refusal.kind).toBe("sending");
    const done = reduceDesk(sent, { type: "refuse_done", refused: REFUSED });
    expect(done.refusal.kind).toBe("idle");
    expect(done.refused).toEqual(REFUSED);
  });

  it("is not registered when the button is let go too early", () => {
    const desk = after(IN_CALL, { type: "refuse_touched" }, { type: "refuse_let_go" });
    expect(desk.refusal.kind).toBe("idle");
    expect(desk.refused).toBeNull();
  });

  it("can't be taken back by letting go once it was sent", () => {
    const desk = after(IN_CALL, { type: "refuse_touched" }, { type: "refuse_sent" }, { type: "refuse_let_go" });
    expect(desk.refusal.kind).toBe("sending");
  });

  it("stays under way while the server's views come in", () => {
    const desk = after(IN_CALL, { type: "refuse_touched" }, { type: "refuse_sent" }, IN_CALL);
    expect(desk.refusal.kind).toBe("sending");
  });

  it("can't be pressed twice in one call, but in the next one", () => {
    const done = after(IN_CALL, { type: "refuse_sent" }, { type: "refuse_done", refused: REFUSED });
    expect(mayRefuse(done)).toBe(false);
    expect(reduceDesk(done, { type: "refuse_touched" }).refusal.kind).toBe("idle");
    const next = reduceDesk(done, view({ state: "talking", call: deskCall({ attempt_id: "attempt-2" }) }));
    expect(mayRefuse(next)).toBe(true);
    expect(next.refused).toBeNull();
  });

  it("that failed says why and may be tried again", () => {
    const sentence = { zh: "没有登记", en: "Not registered" };
    const failed = after(IN_CALL, { type: "refuse_sent" }, { type: "refuse_failed", sentence });
    expect(failed.refusal).toEqual({ kind: "failed", sentence });
    expect(mayRefuse(failed)).toBe(true);
  });

  it("is not possible before anybody answered, nor without a call", () => {
    expect(mayRefuse(after(view({ state: "incoming", call: deskCall({ answered_at: null }) })))).toBe(false);
    expect(mayRefuse(after(view()))).toBe(false);
    expect(mayRefuse(after(IN_CALL))).toBe(true);
  });

  it("stays on the screen between calls", () => {
    const desk = after(IN_CALL, { type: "refuse_done", refused: REFUSED }, view());
    expect(desk.refused).toEqual(REFUSED);
  });
});

describe("notes", () => {
  it("belong to one call and start empty in the next", () => {
    const noted = after(IN_CALL, { type: "note", text: "发票" });
    expect(noted.draft).toEqual({ attemptId: "attempt-1", note: "发票" });
    const next = reduceDesk(noted, view({ state: "talking", call: deskCall({ attempt_id: "attempt-2" }) }));
    expect(next.draft).toEqual({ attemptId: "attempt-2", note: "" });
  });

  it("survive the server's views of the same call", () => {
    const desk = after(IN_CALL, { type: "note", text: "发票" }, view({ state: "wrapping", call: deskCall({ ended_at: AT }) }));
    expect(desk.draft?.note).toBe("发票");
  });

  it("have a bound", () => {
    const desk = after(IN_CALL, { type: "note", text: "x".repeat(NOTE_CHARACTERS_MAX + 1) });
    expect(desk.draft?.note).toHaveLength(NOTE_CHARACTERS_MAX);
  });

  it("that were kept are not brought back into another call", () => {
    const kept = { attemptId: "attempt-0", note: "old" };
    expect(after(IN_CALL, { type: "draft_restored", draft: kept }).draft?.note).toBe("");
    const own = { attemptId: "attempt-1", note: "mine" };
    expect(after(IN_CALL, { type: "draft_restored", draft: own }).draft).toEqual(own);
  });
});

describe("a tick of the script", () => {
  const part = (key: string, said_at: string | null = null) => ({ key, sentence: { zh: key, en: key }, required: true, said_at });
  const talk = (...parts: readonly ReturnType<typeof part>[]): DeskEvent =>
    view({ state: "talking", call: deskCall({ script: { id: "script-3", version: 3, parts: [...parts] } }) });
  const said = (desk: Desk): readonly string[] => {
    const script = desk.view?.call?.script ?? null;
    return script === null ? [] : [...saidParts(desk, script)];
  };
  const pressed: DeskEvent = { type: "ticking", part: "a", tick: "said" };

  it("is shown at once and then as the server has it", () => {
    const desk = after(talk(part("a"), part("b", AT)), pressed);
    expect(said(desk)).toEqual(["a", "b"]);
    const answered = deskView({ state: "talking", call: deskCall({ script: { id: "script-3", version: 3, parts: [part("a", AT), part("b", AT)] } }) });
    const done = reduceDesk(desk, { type: "ticked", part: "a", tick: "said", view: answered });
    expect(said(done)).toEqual(["a", "b"]);
    expect(done.ticking).toEqual({});
  });

  it("that was pressed again before the answer stays as it was pressed last", () => {
    const again = after(talk(part("a")), pressed, { type: "ticking", part: "a", tick: "taken_back" });
    const answered = deskView({ state: "talking", call: deskCall({ script: { id: "script-3", version: 3, parts: [part("a", AT)] } }) });
    expect(said(reduceDesk(again, { type: "ticked", part: "a", tick: "said", view: answered }))).toEqual([]);
  });

  it("that did not reach the log is not shown and says why", () => {
    const sentence = { zh: "没有记录", en: "Not recorded" };
    const desk = after(talk(part("a")), pressed, { type: "tick_failed", part: "a", sentence });
    expect(said(desk)).toEqual([]);
    expect(desk.trouble).toEqual(sentence);
  });

  it("on its way belongs to its call alone", () => {
    const next = view({ state: "talking", call: deskCall({ attempt_id: "attempt-2" }) });
    expect(after(talk(part("a")), pressed, next).ticking).toEqual({});
  });
});

describe("an act", () => {
  it("is under way until its own answer, whatever views come in between", () => {
    const asked = after(view({ state: "offline" }), { type: "act", act: "ready" }, view({ state: "offline" }));
    expect(asked.busy).toBe("ready");
    expect(reduceDesk(asked, { type: "acted", view: deskView() }).busy).toBeNull();
  });

  it("whose answer was overtaken by a later view is done, and the later view stays", () => {
    const taken = (number: number, by = "server-1") => ({ taken: { by, number } });
    const asked = after(view({ state: "talking", ...taken(1) }), { type: "act", act: "hangup" });
    const wrapping = reduceDesk(asked, view({ state: "wrapping", ...taken(3) }));
    const answered = reduceDesk(wrapping, { type: "acted", view: deskView({ state: "closing", ...taken(2) }) });
    expect([answered.busy, answered.view?.state]).toEqual([null, "wrapping"]);
    const restarted = reduceDesk(answered, view({ state: "ready", ...taken(0, "server-2") }));
    expect(restarted.view?.state).toBe("ready");
  });

  it("that was declined leaves the desk as it was and says why", () => {
    const sentence = { zh: "没有空闲的坐席位", en: "No seat is free" };
    const desk = after(view({ state: "offline" }), { type: "act", act: "ready" }, { type: "act_failed", sentence });
    expect(desk.busy).toBeNull();
    expect(desk.trouble).toEqual(sentence);
    expect(desk.view?.state).toBe("offline");
  });
});

describe("what may be done", () => {
  const rows: readonly [string, Desk, Surroundings, Partial<ReturnType<typeof blocks>>][] = [
    ["nothing is known yet", EMPTY_DESK, PHONE_LIVE, { ready: "loading", pause: "loading", end: "no_call" }],
    ["offline, all is well", after(view({ state: "offline" })), PHONE_LIVE, { ready: null, pause: "offline", refuse: "no_call" }],
    ["the audio was not checked today", after(view({ state: "offline" })), { ...PHONE_LIVE, audioChecked: "not_yet" }, { ready: "audio_unchecked" }],
    ["the phone is not registered", after(view({ state: "offline" })), { ...PHONE_LIVE, phone: { kind: "connecting" } }, { ready: "phone_down", mute: "no_leg" }],
    ["the microphone is unplugged", after(view({ state: "paused" })), { ...PHONE_LIVE, phone: { kind: "live", muted: false, audio: "microphone_gone", steppedIn: null } }, { ready: "microphone_gone" }],
    ["the phone is in another tab", after(view({ state: "paused" })), { ...PHONE_LIVE, phone: { kind: "taken_over" } }, { ready: "phone_elsewhere" }],
    ["the server says no", after(view({ state: "offline", ready_blocked: { zh: "未培训", en: "Untrained" } })), PHONE_LIVE, { ready: "server" }],
    ["ready", after(view()), PHONE_LIVE, { ready: "already_ready", pause: null, mute: null }],
    ["talking", after(IN_CALL), PHONE_LIVE, { ready: "in_call", pause: null, hold: null, transfer: null, end: null, refuse: null, dispose: "call_goes_on" }],
    ["wrapping up", after(view({ state: "wrapping", call: deskCall({ ended_at: AT }) })), PHONE_LIVE, { end: "call_ended", hold: "call_ended", refuse: null, dispose: null }],
  ];
  it.each(rows)("when %s", (_, desk, around, expected) => {
    expect(blocks(desk, around)).toMatchObject(expected);
  });
});

describe("what may be done in a talk", () => {
  const LIVE = { ...PHONE_LIVE };
  const NO_LEG: Surroundings = { phone: { kind: "waiting" }, audioChecked: "today" };
  const AGREED = { lead_id: "lead-2", opens: AT, closes: AT };

  it("is the keypad, while there is a line and nobody is on hold", () => {
    expect(blocks(after(IN_CALL), LIVE).keypad).toBeNull();
    expect(blocks(after(IN_CALL), NO_LEG).keypad).toBe("no_leg");
    expect(blocks(after(view({ state: "talking", call: deskCall({ held_since: AT }) })), LIVE).keypad).toBe("held");
    expect(blocks(after(view({ state: "ready" })), LIVE).keypad).toBe("no_call");
  });

  it("is a callback, once, also in the wrap-up, and never after a refusal", () => {
    expect(blocks(after(IN_CALL), LIVE).callback).toBeNull();
    expect(blocks(after(view({ state: "wrapping", call: deskCall({ ended_at: AT }) })), LIVE).callback).toBeNull();
    expect(blocks(after(view({ state: "talking", call: deskCall({ callback: AGREED }) })), LIVE).callback).toBe("callback_agreed");
    expect(blocks(after(IN_CALL, { type: "refuse_done", refused: REFUSED }), LIVE).callback).toBe("closing");
  });
});

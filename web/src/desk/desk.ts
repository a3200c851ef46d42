import type { Choice, DeskCall, DeskView, RefusedView, ScriptView, Sentence } from "../api/models";

/**
 * The agent's desk as a value. The server's picture (`view`) is whole and wins; beside it stands what only this desk
 * knows: notes of the call at hand, ticks on their way to the log, the hold of the *refused* button, an act under way.
 *
 * Refusal: idle ──touch──▶ holding ──held 0.6 s, or hot key──▶ sending ──▶ done (in the view)
 *            ▲                │ let go too early                 │
 *            └────────────────┘◀──────── failed ◀────────────────┘ (says so; may be pressed again)
 */
type Refusal =
  | { readonly kind: "idle" }
  | { readonly kind: "holding" }
  | { readonly kind: "sending" }
  | { readonly kind: "failed"; readonly sentence: Sentence };

export type Act = "ready" | "pause" | "hangup" | "dispose" | "hold" | "transfer" | "heard" | "preview";

/** What the agent wrote in one call; kept over a refresh of the page. */
export interface Draft {
  readonly attemptId: string;
  readonly note: string;
}

/** Whether a sentence of the script was said, or its tick was a slip. */
export type Tick = "said" | "taken_back";

export interface Desk {
  readonly view: DeskView | null;
  /** Why the first view could not be had; gone with the first that came. */
  readonly failure: unknown;
  readonly draft: Draft | null;
  /** Ticks on their way to the log, by sentence: shown at once, the server's view wins when it answers. */
  readonly ticking: Readonly<Record<string, Tick>>;
  readonly refusal: Refusal;
  /** The last refusal that took effect; stays on the screen until the next call. */
  readonly refused: RefusedView | null;
  readonly busy: Act | null;
  /** A pause asked for in a call: the exchange's next call doesn't come, this one ends first. */
  readonly pauseAfter: Choice | null;
  readonly trouble: Sentence | null;
}

export type DeskEvent =
  | { readonly type: "view"; readonly view: DeskView }
  | { readonly type: "load_failed"; readonly problem: unknown }
  | { readonly type: "draft_restored"; readonly draft: Draft }
  | { readonly type: "note"; readonly text: string }
  | { readonly type: "ticking"; readonly part: string; readonly tick: Tick }
  | { readonly type: "ticked"; readonly part: string; readonly tick: Tick; readonly view: DeskView }
  | { readonly type: "tick_failed"; readonly part: string; readonly sentence: Sentence }
  | { readonly type: "refuse_touched" }
  | { readonly type: "refuse_let_go" }
  | { readonly type: "refuse_sent" }
  | { readonly type: "refuse_done"; readonly refused: RefusedView }
  | { readonly type: "refuse_failed"; readonly sentence: Sentence }
  | { readonly type: "act"; readonly act: Act }
  | { readonly type: "acted"; readonly view: DeskView }
  | { readonly type: "pause_planned"; readonly reason: Choice | null }
  | { readonly type: "act_failed"; readonly sentence: Sentence }
  | { readonly type: "trouble_read" };

export const NOTE_CHARACTERS_MAX = 2_000;

export const EMPTY_DESK: Desk = {
  view: null,
  failure: null,
  draft: null,
  ticking: {},
  refusal: { kind: "idle" },
  refused: null,
  busy: null,
  pauseAfter: null,
  trouble: null,
};

/** The sentences that were said, with those whose tick is on its way. */
export function saidParts({ ticking }: Pick<Desk, "ticking">, script: ScriptView): ReadonlySet<string> {
  const said = script.parts.filter(({ key, said_at }) => (ticking[key] ?? (said_at == null ? "taken_back" : "said")) === "said");
  return new Set(said.map(({ key }) => key));
}

function withoutTick(ticking: Desk["ticking"], part: string): Desk["ticking"] {
  return Object.fromEntries(Object.entries(ticking).filter(([other]) => other !== part));
}

/** A refusal may be registered from the connection until the wrap-up ends, once. */
export function mayRefuse(desk: Desk): boolean {
  const call = desk.view?.call ?? null;
  const caller = desk.view?.caller ?? null;
  if (caller !== null) return caller.refused == null && TALKS.includes(desk.view?.state ?? "offline");
  if (call === null) return false;
  return call.answered_at !== null && call.refused === null && desk.refused?.attempt_id !== call.attempt_id;
}

const TALKS: readonly DeskView["state"][] = ["talking", "closing"];
const IN_CALL: readonly DeskView["state"][] = ["incoming", "talking", "closing", "wrapping"];

/** From the moment a call is on its way until its wrap-up is over. */
export function inCall(view: DeskView): boolean {
  return IN_CALL.includes(view.state);
}

function draftFor(desk: Desk, attemptId: string | null): Draft | null {
  if (attemptId === null) return null;
  return desk.draft?.attemptId === attemptId ? desk.draft : { attemptId, note: "" };
}

/** The refusal to show beside a view: the view's own, or the one just answered until another call comes. */
function refusalBeside(desk: Desk, call: DeskCall | null): RefusedView | null {
  if (call === null) return desk.refused;
  if (call.refused !== null) return call.refused;
  return desk.refused?.attempt_id === call.attempt_id ? desk.refused : null;
}

/** An answer and an event overtake each other on their way; of two views by one server the later one holds. */
function isOvertaken(view: DeskView, shown: DeskView | null): boolean {
  return shown !== null && shown.taken.by === view.taken.by && view.taken.number < shown.taken.number;
}

function withView(desk: Desk, view: DeskView): Desk {
  if (isOvertaken(view, desk.view)) return desk;
  const { call } = view;
  const caller = view.caller ?? null;
  const goesOn =
    (call !== null && call.refused === null && call.attempt_id === desk.view?.call?.attempt_id) ||
    (caller !== null && caller.refused == null && caller.inbound_id === desk.view?.caller?.inbound_id);
  return {
    ...desk,
    view,
    failure: null,
    draft: draftFor(desk, call?.attempt_id ?? null),
    ticking: call !== null && call.attempt_id === desk.view?.call?.attempt_id ? desk.ticking : {},
    refused: refusalBeside(desk, call),
    refusal: goesOn ? desk.refusal : { kind: "idle" },
    pauseAfter: inCall(view) ? desk.pauseAfter : null,
  };
}

export function reduceDesk(desk: Desk, event: DeskEvent): Desk {
  switch (event.type) {
    case "view":
      return withView(desk, event.view);
    case "acted":
      return { ...withView(desk, event.view), busy: null };
    case "load_failed":
      return { ...desk, failure: desk.view === null ? event.problem : null };
    case "draft_restored":
      return desk.draft?.attemptId === event.draft.attemptId ? { ...desk, draft: event.draft } : desk;
    case "note":
      return desk.draft === null
        ? desk
        : { ...desk, draft: { ...desk.draft, note: event.text.slice(0, NOTE_CHARACTERS_MAX) } };
    case "ticking":
      return desk.view?.call == null ? desk : { ...desk, ticking: { ...desk.ticking, [event.part]: event.tick } };
    case "ticked": {
      const seen = withView(desk, event.view);
      // pressed again meanwhile: the later press is still on its way
      return seen.ticking[event.part] === event.tick ? { ...seen, ticking: withoutTick(seen.ticking, event.part) } : seen;
    }
    case "tick_failed":
      return { ...desk, ticking: withoutTick(desk.ticking, event.part), trouble: event.sentence };
    case "refuse_touched":
      return mayRefuse(desk) && desk.refusal.kind !== "sending" ? { ...desk, refusal: { kind: "holding" } } : desk;
    case "refuse_let_go":
      return desk.refusal.kind === "holding" ? { ...desk, refusal: { kind: "idle" } } : desk;
    case "refuse_sent":
      return mayRefuse(desk) ? { ...desk, refusal: { kind: "sending" } } : desk;
    case "refuse_done":
      return { ...desk, refusal: { kind: "idle" }, refused: event.refused };
    case "refuse_failed":
      return { ...desk, refusal: { kind: "failed", sentence: event.sentence } };
    case "act":
      return { ...desk, busy: event.act, trouble: null };
    case "pause_planned":
      return { ...desk, pauseAfter: desk.view !== null && inCall(desk.view) ? event.reason : null };
    case "act_failed":
      return { ...desk, busy: null, trouble: event.sentence };
    case "trouble_read":
      return { ...desk, trouble: null };
  }
}

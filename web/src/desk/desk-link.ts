import { answer, api, refuseCallerWhileLeaving, refuseWhileLeaving } from "../api/client";
import type { CallbackSlots, Choice, Colleague, DeskView } from "../api/models";
import { phoneAccountOf } from "../api/phone-account";
import { Problem } from "../api/problem";
import { JsSipPhone } from "../phone/jssip-phone";
import { oneTab, type OneTab } from "../phone/one-tab";
import type { Softphone } from "../phone/softphone";
import { createStore, type Store } from "../ui/store";

import { microphoneGone } from "./acts";
import { EMPTY_DESK, mayRefuse, reduceDesk, saidParts, type Act, type Desk, type DeskEvent, type Tick } from "./desk";
import { keepDraft, restoreDraft } from "./drafts";
import { keepTakenBack, restoreTakenBack, shouldRejoin, takenBackUntil } from "./rejoin";

const PHONE_LOCK = "dialer-phone";
/** The pause of an agent whom nobody would hear. */
const UNHEARD = "technical";
/** A pause that the server declined is asked for again, in its own time. */
const PAUSE_AGAIN_MS = 3_000;
const PHONE_RETRY_MS = 3_000;
const REJOIN_EVERY_MS = 500;
/** The leg that was asked for may take this long to come. */
const REJOIN_PATIENCE_MS = 4_000;

/** The desk's verbs, outside React. */
export interface DeskLink {
  readonly desk: Store<Desk, DeskEvent>;
  readonly phone: Softphone;
  readonly tab: OneTab;
  readonly load: () => void;
  readonly startPhone: () => Promise<void>;
  readonly goReady: () => Promise<void>;
  readonly pause: (reason: Choice) => Promise<void>;
  /** Dials the lead on the screen; the gate decides. */
  readonly callPreviewed: () => Promise<void>;
  /** Puts the lead on the screen back for later. */
  readonly skipPreviewed: (reason: string) => Promise<void>;
  /** Takes back a pause that was planned for after the call. */
  readonly stay: () => Promise<void>;
  readonly hangUp: () => Promise<void>;
  /** Lets the callee hear music, or takes them back. */
  readonly hold: () => Promise<void>;
  readonly colleagues: () => Promise<readonly Colleague[]>;
  readonly transfer: (to: string) => Promise<void>;
  /** A week of half hours from the callee's day on, with what speaks against each. */
  readonly callbackWeek: (first: string) => Promise<CallbackSlots>;
  /** Agrees on a callback; the desk then shows it. A refusal is thrown, for the dialog to say. */
  readonly agreeCallback: (at: string) => Promise<void>;
  /** Says of a sentence of the script that it was said, or takes that back; it is on the log. */
  readonly tick: (part: string) => Promise<void>;
  readonly refuse: () => Promise<void>;
  /** Says of words that were heard whether they were said. */
  readonly answerHeard: (heard: string, answer: "confirm" | "dismiss" | "seen") => Promise<void>;
  readonly dispose: (code: string) => Promise<void>;
  /** Asks for the phone and follows the tab; the answer ends that and leaves the call to the exchange. */
  readonly open: () => () => void;
}

function attemptOf(desk: Desk): string | null {
  return desk.view?.call?.attempt_id ?? null;
}

function callerOf(desk: Desk): string | null {
  return desk.view?.caller?.inbound_id ?? null;
}

type Outcome = "done" | "declined";

/** Does one act and shows what came of it: the desk afterwards, or the server's own sentence. */
function acting(desk: Store<Desk, DeskEvent>): (name: Act, request: () => Promise<DeskView>) => Promise<Outcome> {
  return async (name, request) => {
    desk.send({ type: "act", act: name });
    try {
      desk.send({ type: "acted", view: await request() });
      return "done";
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      desk.send({ type: "act_failed", sentence: error.sentence });
      return "declined";
    }
  };
}

/** Watches for a phone without its leg and asks the exchange to call it again. */
function keepSeated(desk: Store<Desk, DeskEvent>, phone: Softphone, ask: () => Promise<DeskView>): () => void {
  let until = restoreTakenBack();
  let askedAtMs = 0;
  const offDesk = desk.subscribe(() => {
    const { view } = desk.get();
    if (view !== null) until = takenBackUntil(view, until, Date.now());
  });
  const look = (): void => {
    const { view, busy } = desk.get();
    const nowMs = Date.now();
    if (busy !== null || nowMs - askedAtMs < REJOIN_PATIENCE_MS) return;
    if (!shouldRejoin(view, phone.get(), until, nowMs)) return;
    askedAtMs = nowMs;
    // declined or not answered: the next look asks again
    ask().then(
      (answered) => desk.send({ type: "view", view: answered }),
      () => undefined,
    );
  };
  // at once when the phone has registered: the callee waits; later looks are for an exchange that was busy
  let before = phone.get().kind;
  const offPhone = phone.subscribe(() => {
    const { kind } = phone.get();
    if (kind === "waiting" && before !== "waiting" && before !== "live") look();
    before = kind;
  });
  const timer = setInterval(look, REJOIN_EVERY_MS);
  const whenLeaving = (): void => keepTakenBack(until);
  addEventListener("pagehide", whenLeaving);
  return () => {
    offDesk();
    offPhone();
    clearInterval(timer);
    removeEventListener("pagehide", whenLeaving);
  };
}

/** Notes of each call, kept over a refresh and brought back once. */
function draftKeeper(desk: Store<Desk, DeskEvent>): () => void {
  let draftOf: string | null = null;
  return () => {
    const { draft } = desk.get();
    if (draft !== null && draft.attemptId !== draftOf) {
      draftOf = draft.attemptId;
      const kept = restoreDraft(draft.attemptId);
      if (kept !== null) desk.send({ type: "draft_restored", draft: kept });
      return;
    }
    keepDraft(draft);
  };
}

type Acting = ReturnType<typeof acting>;

/** Ticks go to the log one after the other, in the order of the presses; an act elsewhere doesn't wait for them. */
function ticking(desk: Store<Desk, DeskEvent>): DeskLink["tick"] {
  let last: Promise<void> = Promise.resolve();
  const send = async (attempt: string, part: string, tick: Tick): Promise<void> => {
    try {
      const sent = { params: { path: { attempt } }, body: { part, tick } };
      desk.send({ type: "ticked", part, tick, view: await answer(api.POST("/api/agent/calls/{attempt}/script", sent)) });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      desk.send({ type: "tick_failed", part, sentence: error.sentence });
    }
  };
  return (part) => {
    const now = desk.get();
    const call = now.view?.call ?? null;
    if (call?.script == null) return Promise.resolve();
    const tick: Tick = saidParts(now, call.script).has(part) ? "taken_back" : "said";
    desk.send({ type: "ticking", part, tick });
    last = last.then(() => send(call.attempt_id, part, tick));
    return last;
  };
}

/** What an agent does within a talk. */
function talkVerbs(desk: Store<Desk, DeskEvent>, act: Acting): Pick<DeskLink, "hold" | "colleagues" | "transfer" | "answerHeard" | "callbackWeek" | "agreeCallback"> {
  const here = (): { readonly params: { readonly path: { readonly attempt: string } } } => ({
    params: { path: { attempt: attemptOf(desk.get()) ?? "" } },
  });
  return {
    hold: async () => {
      const held = desk.get().view?.call?.held_since != null;
      await act("hold", () =>
        held
          ? answer(api.POST("/api/agent/calls/{attempt}/resume", here()))
          : answer(api.POST("/api/agent/calls/{attempt}/hold", here())),
      );
    },
    callbackWeek: (first) =>
      answer(
        api.GET("/api/agent/calls/{attempt}/callback-slots", {
          params: { ...here().params, query: { first } },
        }),
      ),
    agreeCallback: async (at) => {
      await answer(api.POST("/api/agent/calls/{attempt}/callback", { ...here(), body: { at } }));
      desk.send({ type: "view", view: await answer(api.GET("/api/agent/desk")) });
    },
    answerHeard: async (heard, said) => {
      const path = { ...here().params.path, heard };
      await act("heard", () =>
        answer(api.POST("/api/agent/calls/{attempt}/heard/{heard}", { params: { path }, body: { answer: said } })),
      );
    },
    colleagues: async () => (await answer(api.GET("/api/agent/calls/{attempt}/colleagues", here()))).items,
    transfer: async (to) => {
      await act("transfer", () =>
        answer(api.POST("/api/agent/calls/{attempt}/transfer", { ...here(), body: { to } })),
      );
    },
  };
}

/** How a talk ends, whoever called whom. */
function endVerbs(desk: Store<Desk, DeskEvent>, act: Acting): Pick<DeskLink, "hangUp" | "dispose"> {
  return {
    hangUp: async () => {
      const attempt = attemptOf(desk.get());
      const inbound = callerOf(desk.get());
      if (inbound !== null) {
        const params = { path: { inbound } };
        await act("hangup", () => answer(api.POST("/api/agent/callers/{inbound}/hangup", { params })));
      }
      if (attempt === null) return;
      await act("hangup", () =>
        answer(api.POST("/api/agent/calls/{attempt}/hangup", { params: { path: { attempt } } })),
      );
    },
    dispose: async (code) => {
      const { draft } = desk.get();
      const attempt = attemptOf(desk.get());
      const inbound = callerOf(desk.get());
      if (inbound !== null) {
        const sent = { params: { path: { inbound } }, body: { code } };
        await act("dispose", () => answer(api.POST("/api/agent/callers/{inbound}/disposition", sent)));
      }
      if (attempt === null) return;
      const note = draft?.note.trim() ?? "";
      await act("dispose", () =>
        answer(
          api.POST("/api/agent/calls/{attempt}/disposition", {
            params: { path: { attempt } },
            body: { code, ...(note === "" ? {} : { note }) },
          }),
        ),
      );
    },
  };
}

/** The desk of the agent who is logged in; nothing happens before `open`. */
export function deskLink(): DeskLink {
  const desk = createStore(reduceDesk, EMPTY_DESK);
  const phone = new JsSipPhone(() => {
    const state = desk.get().view?.state;
    return state === "talking" || state === "closing";
  });
  const tab = oneTab(PHONE_LOCK);
  let closed = true;
  let retry: ReturnType<typeof setTimeout> | undefined;

  const act = acting(desk);

  const askReady = (): Promise<DeskView> => answer(api.POST("/api/agent/ready"));

  const startPhone = async (): Promise<void> => {
    clearTimeout(retry);
    if (closed || tab.get() !== "ours") return;
    try {
      await phone.start(phoneAccountOf(await answer(api.POST("/api/agent/phone"))));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.status !== 401) retry = setTimeout(() => void startPhone(), PHONE_RETRY_MS);
    }
  };

  const load = (): void => {
    answer(api.GET("/api/agent/desk")).then(
      (view) => desk.send({ type: "view", view }),
      (error: unknown) => desk.send({ type: "load_failed", problem: error }),
    );
  };

  const refuse = async (): Promise<void> => {
    const attempt = attemptOf(desk.get());
    const inbound = callerOf(desk.get());
    if (!mayRefuse(desk.get()) || desk.get().refusal.kind === "sending") return;
    desk.send({ type: "refuse_sent" });
    try {
      if (attempt === null) {
        if (inbound === null) return;
        await answer(api.POST("/api/agent/callers/{inbound}/refused", { params: { path: { inbound } } }));
        // the view says what the refusal stopped
        load();
        return;
      }
      const refused = await answer(
        api.POST("/api/agent/calls/{attempt}/refused", { params: { path: { attempt } } }),
      );
      desk.send({ type: "refuse_done", refused });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      desk.send({ type: "refuse_failed", sentence: error.sentence });
    }
  };

  const whenTabChanges = (): void => {
    if (tab.get() === "ours") void startPhone();
    if (tab.get() === "elsewhere") phone.stop("taken_over");
  };
  const whenLeaving = (): void => {
    // a tab closed in the middle of the hold counts as refused
    const attempt = attemptOf(desk.get());
    const inbound = callerOf(desk.get());
    if (desk.get().refusal.kind !== "holding") return;
    if (attempt !== null) refuseWhileLeaving(attempt);
    else if (inbound !== null) refuseCallerWhileLeaving(inbound);
  };

  const pause = async (reason: Choice): Promise<void> => {
    const outcome = await act("pause", () => answer(api.POST("/api/agent/pause", { body: { reason: reason.code } })));
    if (outcome === "done") desk.send({ type: "pause_planned", reason });
  };
  // whoever answers next would hear nobody: no further call comes before there is a microphone
  let pausedAtMs = 0;
  const pauseUnheard = (): void => {
    const { view, busy } = desk.get();
    if (view?.state !== "ready" || busy !== null || !microphoneGone(phone.get()) || Date.now() - pausedAtMs < PAUSE_AGAIN_MS) return;
    pausedAtMs = Date.now();
    const reason = view.pause_reasons.find(({ code }) => code === UNHEARD) ?? view.pause_reasons[0];
    if (reason !== undefined) void pause(reason);
  };

  const open = (): (() => void) => {
    closed = false;
    const offDrafts = desk.subscribe(draftKeeper(desk));
    const offSeat = keepSeated(desk, phone, askReady);
    const offUnheard = [desk.subscribe(pauseUnheard), phone.subscribe(pauseUnheard)];
    const unheardTimer = setInterval(pauseUnheard, PAUSE_AGAIN_MS);
    const offTab = tab.subscribe(whenTabChanges);
    const giveBack = tab.open();
    addEventListener("pagehide", whenLeaving);
    load();
    return () => {
      closed = true;
      clearTimeout(retry);
      offDrafts();
      offSeat();
      for (const off of offUnheard) off();
      clearInterval(unheardTimer);
      offTab();
      removeEventListener("pagehide", whenLeaving);
      phone.stop("off");
      giveBack();
    };
  };

  return {
    desk,
    phone,
    tab,
    startPhone,
    refuse,
    load,
    open,
    goReady: async () => {
      await act("ready", askReady);
    },
    pause,
    callPreviewed: async () => {
      await act("preview", () => answer(api.POST("/api/agent/preview/call")));
    },
    skipPreviewed: async (reason) => {
      await act("preview", () => answer(api.POST("/api/agent/preview/skip", { body: { reason } })));
    },
    stay: async () => {
      if ((await act("ready", askReady)) === "done") desk.send({ type: "pause_planned", reason: null });
    },
    tick: ticking(desk),
    ...talkVerbs(desk, act),
    ...endVerbs(desk, act),
  };
}

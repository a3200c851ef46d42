import { answer, api, refuseWhileLeaving } from "../api/client";
import type { Choice, DeskView } from "../api/models";
import { Problem } from "../api/problem";
import { JsSipPhone } from "../phone/jssip-phone";
import { oneTab, type OneTab } from "../phone/one-tab";
import type { PhoneAccount, Softphone } from "../phone/softphone";
import { createStore, type Store } from "../ui/store";

import { EMPTY_DESK, mayRefuse, reduceDesk, type Act, type Desk, type DeskEvent } from "./desk";
import { keepDraft, restoreDraft } from "./drafts";
import { keepTakenBack, restoreTakenBack, shouldRejoin, takenBackUntil } from "./rejoin";

const PHONE_LOCK = "dialer-phone";
const PHONE_RETRY_MS = 3_000;
const REJOIN_EVERY_MS = 1_500;

/** The desk's verbs, outside React. */
export interface DeskLink {
  readonly desk: Store<Desk, DeskEvent>;
  readonly phone: Softphone;
  readonly tab: OneTab;
  readonly load: () => void;
  readonly startPhone: () => Promise<void>;
  readonly goReady: () => Promise<void>;
  readonly pause: (reason: Choice) => Promise<void>;
  /** Takes back a pause that was planned for after the call. */
  readonly stay: () => Promise<void>;
  readonly hangUp: () => Promise<void>;
  readonly refuse: () => Promise<void>;
  readonly dispose: (code: string) => Promise<void>;
  /** Asks for the phone and follows the tab; the answer ends that and leaves the call to the exchange. */
  readonly open: () => () => void;
}

function attemptOf(desk: Desk): string | null {
  return desk.view?.call?.attempt_id ?? null;
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
  const offDesk = desk.subscribe(() => {
    const { view } = desk.get();
    if (view !== null) until = takenBackUntil(view, until, Date.now());
  });
  const timer = setInterval(() => {
    const { view, busy } = desk.get();
    if (busy === null && shouldRejoin(view, phone.get(), until, Date.now())) {
      // declined or not answered: the next look asks again
      ask().then(
        (answered) => desk.send({ type: "view", view: answered }),
        () => undefined,
      );
    }
  }, REJOIN_EVERY_MS);
  const whenLeaving = (): void => keepTakenBack(until);
  addEventListener("pagehide", whenLeaving);
  return () => {
    offDesk();
    clearInterval(timer);
    removeEventListener("pagehide", whenLeaving);
  };
}

/** Notes and ticks of each call, kept over a refresh and brought back once. */
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

async function phoneAccount(): Promise<PhoneAccount> {
  const { uri, user, password, ws_path, ice_servers } = await answer(api.POST("/api/agent/phone"));
  const iceServers = ice_servers.map(({ urls, username, credential }) => ({
    urls: [...urls],
    ...(username === null ? {} : { username }),
    ...(credential === null ? {} : { credential }),
  }));
  return { uri, user, password, wsPath: ws_path, iceServers };
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
      await phone.start(await phoneAccount());
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.status !== 401) retry = setTimeout(() => void startPhone(), PHONE_RETRY_MS);
    }
  };

  const refuse = async (): Promise<void> => {
    const attempt = attemptOf(desk.get());
    if (attempt === null || !mayRefuse(desk.get()) || desk.get().refusal.kind === "sending") return;
    desk.send({ type: "refuse_sent" });
    try {
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
    if (desk.get().refusal.kind === "holding" && attempt !== null) refuseWhileLeaving(attempt);
  };

  const load = (): void => {
    answer(api.GET("/api/agent/desk")).then(
      (view) => desk.send({ type: "view", view }),
      (error: unknown) => desk.send({ type: "load_failed", problem: error }),
    );
  };

  const open = (): (() => void) => {
    closed = false;
    const offDrafts = desk.subscribe(draftKeeper(desk));
    const offSeat = keepSeated(desk, phone, askReady);
    const offTab = tab.subscribe(whenTabChanges);
    const giveBack = tab.open();
    addEventListener("pagehide", whenLeaving);
    load();
    return () => {
      closed = true;
      clearTimeout(retry);
      offDrafts();
      offSeat();
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
    pause: async (reason) => {
      const outcome = await act("pause", () =>
        answer(api.POST("/api/agent/pause", { body: { reason: reason.code } })),
      );
      if (outcome === "done") desk.send({ type: "pause_planned", reason });
    },
    stay: async () => {
      if ((await act("ready", askReady)) === "done") desk.send({ type: "pause_planned", reason: null });
    },
    hangUp: async () => {
      const attempt = attemptOf(desk.get());
      if (attempt === null) return;
      await act("hangup", () =>
        answer(api.POST("/api/agent/calls/{attempt}/hangup", { params: { path: { attempt } } })),
      );
    },
    dispose: async (code) => {
      const { draft } = desk.get();
      const attempt = attemptOf(desk.get());
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

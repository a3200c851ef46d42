import { answer, api } from "../api/client";
import { phoneAccountOf } from "../api/phone-account";
import { Problem } from "../api/problem";
import type { Softphone } from "../phone/softphone";
import { createStore, type Store } from "../ui/store";

import { OUT, reduceListening, type Ear, type Listening, type ListeningEvent } from "./listening";

/** The supervisor's verbs within somebody's talk. Their phone starts with the first one and stops with the page. */
export interface ListeningLink {
  readonly state: Store<Listening, ListeningEvent>;
  readonly listen: (agentId: string, name: string, ear: Ear) => Promise<void>;
  readonly leave: () => Promise<void>;
  readonly open: () => () => void;
}

async function startedPhone(): Promise<Softphone> {
  const { JsSipPhone } = await import("../phone/jssip-phone");
  const phone = new JsSipPhone(() => true);
  await phone.start(phoneAccountOf(await answer(api.POST("/api/floor/phone"))));
  return phone;
}

/** Resolves when the phone has registered; a phone that can't says so by its own state. */
function registered(phone: Softphone): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      const { kind } = phone.get();
      if (kind === "connecting" || kind === "retry" || kind === "off") return;
      off();
      resolve();
    };
    const off = phone.subscribe(look);
    look();
  });
}

export function listeningLink(): ListeningLink {
  const state = createStore(reduceListening, OUT);
  let phone: Promise<Softphone> | null = null;
  const leave = async (): Promise<void> => {
    state.send({ type: "left" });
    await answer(api.DELETE("/api/floor/listening")).catch(() => undefined);
  };
  return {
    state,
    leave,
    listen: async (agentId, name, ear) => {
      state.send({ type: "asked", agentId, name, ear });
      try {
        phone ??= startedPhone().then((started) => {
          started.subscribe(() => state.send({ type: "phone", phone: started.get().kind }));
          return started;
        });
        await registered(await phone);
        await answer(
          api.POST("/api/floor/agents/{agent}/listen", { params: { path: { agent: agentId } }, body: { ear } }),
        );
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        phone = null;
        state.send({ type: "declined", sentence: error.sentence });
      }
    },
    open: () => () => {
      if (state.get().kind !== "out") void leave();
      void phone?.then((started) => started.stop("off"));
      phone = null;
    },
  };
}

import { answer, api, setCsrf, whenSessionLost } from "./client";
import { Problem } from "./problem";
import type { SessionView } from "./models";
import { createStore } from "../ui/store";

/**
 *   asking ──▶ out ⇄ in
 *
 * `ended`: the server ended it (elsewhere, or by time), so the login page says so.
 */
export type SessionState =
  | { readonly kind: "asking" }
  | { readonly kind: "unreachable"; readonly problem: Problem }
  | { readonly kind: "out"; readonly ended: boolean }
  | { readonly kind: "in"; readonly session: SessionView };

type SessionEvent =
  | { readonly type: "asked" }
  | { readonly type: "failed"; readonly problem: Problem }
  | { readonly type: "opened"; readonly session: SessionView }
  | { readonly type: "left" }
  | { readonly type: "lost" };

export function reduceSession(state: SessionState, event: SessionEvent): SessionState {
  switch (event.type) {
    case "asked":
      return { kind: "asking" };
    case "failed":
      return event.problem.status === 401 ? { kind: "out", ended: false } : { kind: "unreachable", problem: event.problem };
    case "opened":
      return { kind: "in", session: event.session };
    case "left":
      return { kind: "out", ended: false };
    case "lost":
      return state.kind === "in" ? { kind: "out", ended: true } : state;
  }
}

export const session = createStore(reduceSession, { kind: "asking" });

function opened(view: SessionView): SessionView {
  setCsrf(view.csrf);
  session.send({ type: "opened", session: view });
  return view;
}

whenSessionLost(() => {
  setCsrf("");
  session.send({ type: "lost" });
});

/** Asks whether this browser is logged in already. */
export async function resumeSession(): Promise<void> {
  session.send({ type: "asked" });
  try {
    opened(await answer(api.GET("/api/session")));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    session.send({ type: "failed", problem: error });
  }
}

export interface Credentials {
  readonly login: string;
  readonly password: string;
  readonly totp: string;
}

/** @throws Problem when the server says no; its words name no field, on purpose. */
export async function openSession({ login, password, totp }: Credentials): Promise<SessionView> {
  return opened(
    await answer(api.POST("/api/session", { body: { login, password, ...(totp === "" ? {} : { totp }) } })),
  );
}

export async function closeSession(): Promise<void> {
  try {
    await answer(api.DELETE("/api/session"));
  } finally {
    setCsrf("");
    session.send({ type: "left" });
  }
}

import { answer, api, setCsrf, whenSessionLost } from "./client";
import { Problem } from "./problem";
import type { SessionView } from "./models";
import { createStore } from "../ui/store";

import { reduceSession } from "./session-state";

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

/** The same login, shown anew: a second factor counts by now. */
export function renewSession(view: SessionView): void {
  opened(view);
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

const BINDING = "dialer.sign-on";

/** Leaves for the operator's own provider; what it must bring back stays in this tab. */
export async function beginSignOn(): Promise<void> {
  const { url, binding } = await answer(api.POST("/api/sign-on"));
  sessionStorage.setItem(BINDING, binding);
  location.assign(url);
}

/** @throws Problem when the provider vouches for nobody whom we know, or this tab did not begin it. */
export async function finishSignOn(code: string, state: string): Promise<SessionView> {
  const binding = sessionStorage.getItem(BINDING) ?? "";
  sessionStorage.removeItem(BINDING);
  return opened(await answer(api.POST("/api/sign-on/return", { body: { code, state, binding } })));
}

export async function closeSession(): Promise<void> {
  try {
    await answer(api.DELETE("/api/session"));
  } finally {
    setCsrf("");
    session.send({ type: "left" });
  }
}

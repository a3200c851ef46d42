import type { SessionView } from "./models";
import type { Problem } from "./problem";

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

export type SessionEvent =
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

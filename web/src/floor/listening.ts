import type { Sentence } from "../api/models";
import type { PhoneState } from "../phone/softphone";

/** How a supervisor is in a talk: heard by nobody, by the agent, or by both. */
export const EARS = ["quiet", "whisper", "barge"] as const;
export type Ear = (typeof EARS)[number];

/**
 *   out ──asked──▶ joining ──leg answered──▶ in ──left, or the talk ended──▶ out
 *    ▲                │ declined
 *    └────────────────┘ (says why)
 */
export type Listening =
  | { readonly kind: "out"; readonly trouble: Sentence | null }
  | { readonly kind: "joining" | "in"; readonly agentId: string; readonly name: string; readonly ear: Ear };

export type ListeningEvent =
  | { readonly type: "asked"; readonly agentId: string; readonly name: string; readonly ear: Ear }
  | { readonly type: "declined"; readonly sentence: Sentence }
  | { readonly type: "phone"; readonly phone: PhoneState["kind"] }
  | { readonly type: "left" };

export const OUT: Listening = { kind: "out", trouble: null };

export function reduceListening(state: Listening, event: ListeningEvent): Listening {
  switch (event.type) {
    case "asked":
      return { kind: "joining", agentId: event.agentId, name: event.name, ear: event.ear };
    case "declined":
      return { kind: "out", trouble: event.sentence };
    case "left":
      return OUT;
    case "phone":
      if (event.phone === "live") return state.kind === "joining" ? { ...state, kind: "in" } : state;
      // the leg ended: the exchange takes a listener out when the talk is over
      return state.kind === "in" ? OUT : state;
  }
}

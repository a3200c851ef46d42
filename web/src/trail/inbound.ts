import type { InboundRow } from "../api/models";

/** What came of a call to our number, in one word. */
export type InboundOutcome = "refused" | "callback" | "talked" | "nobody" | "under_way" | "none";

export function inboundOutcome(row: Pick<InboundRow, "state" | "wish" | "agent" | "asked_agent">): InboundOutcome {
  if (row.wish === "refused") return "refused";
  if (row.wish === "callback") return "callback";
  if (row.agent !== null) return "talked";
  if (row.state === "under_way") return "under_way";
  return row.asked_agent ? "nobody" : "none";
}

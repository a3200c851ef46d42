const DAY_MS = 86_400_000;
const NEAR_DAYS = 3;

/** How a deadline stands: over, within three days, or further away; in whole days from now. */
export interface Deadline {
  readonly tone: "over" | "near" | "far";
  readonly days: number;
}

/** The deadline at a moment; the server counts working days, this counts what is left of them by the calendar. */
export function deadlineOf(dueOn: string, nowMs: number): Deadline {
  const left = Date.parse(dueOn) - nowMs;
  if (left < 0) return { tone: "over", days: Math.max(1, Math.floor(-left / DAY_MS)) };
  const days = Math.floor(left / DAY_MS);
  return { tone: days < NEAR_DAYS ? "near" : "far", days };
}

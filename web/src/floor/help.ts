import type { FloorAgent } from "../api/models";

/** A wrap-up longer than this needs a look. */
const WRAP_UP_LONG_MS = 3 * 60_000;

const STATE_RANK: Record<FloorAgent["state"], number> = {
  closing: 1,
  talking: 3,
  incoming: 3,
  wrapping: 4,
  ready: 5,
  paused: 6,
  offline: 7,
};

/** How soon an agent needs help: 0 first. An alert comes before everything, then a refusal just said, a long wrap-up. */
function rank(agent: FloorAgent, nowMs: number): number {
  if (agent.alert !== null) return 0;
  const inState = agent.since === null ? 0 : nowMs - Date.parse(agent.since);
  if (agent.state === "wrapping" && inState > WRAP_UP_LONG_MS) return 2;
  return STATE_RANK[agent.state];
}

/** Agents by what needs help; within one rank the longest in their state first, then by name. */
export function byNeed(agents: readonly FloorAgent[], nowMs: number): readonly FloorAgent[] {
  return [...agents].sort((a, b) => {
    const ranks = rank(a, nowMs) - rank(b, nowMs);
    if (ranks !== 0) return ranks;
    const since = (a.since ?? "9").localeCompare(b.since ?? "9");
    return since !== 0 ? since : a.name.localeCompare(b.name);
  });
}

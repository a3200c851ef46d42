import type { FloorAgent } from "../api/models";

/** A wrap-up longer than this needs a look. */
const WRAP_UP_LONG_MS = 3 * 60_000;

const BY_NAME = new Intl.Collator();

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
  return agents
    .map((agent) => ({ agent, rank: rank(agent, nowMs), since: agent.since ?? "9" }))
    .sort((a, b) => {
      if (a.rank !== b.rank) return a.rank - b.rank;
      if (a.since !== b.since) return a.since < b.since ? -1 : 1;
      return BY_NAME.compare(a.agent.name, b.agent.name);
    })
    .map(({ agent }) => agent);
}

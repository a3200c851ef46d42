import type { AttemptView, TimelineEvent } from "../api/models";

type Kind = "placed" | "ringing" | "answered" | "connected" | "refusal" | "ended" | "sealed";

export interface Moment {
  readonly kind: Kind;
  readonly at: string;
  readonly sinceLastMs: number | null;
}

/** The moments of one call in their order; a refusal stands where it was said. */
export function momentsOf(attempt: AttemptView["attempt"], timeline: readonly TimelineEvent[]): readonly Moment[] {
  const refusal = timeline.find(({ type }) => type === "refusal.heard");
  const known: readonly (readonly [Kind, string | null])[] = [
    ["placed", attempt.placed_at],
    ["ringing", attempt.ringing_at],
    ["answered", attempt.answered_at],
    ["connected", attempt.connected_at],
    ["refusal", refusal?.at ?? null],
    ["ended", attempt.ended_at],
    ["sealed", attempt.sealed_at],
  ];
  const happened = known.flatMap(([kind, at]) => (at === null ? [] : [{ kind, at }]));
  // a stable sort: moments of the same microsecond keep the order of the machine
  happened.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return happened.map(({ kind, at }, index) => {
    const before = happened[index - 1];
    return { kind, at, sinceLastMs: before === undefined ? null : Date.parse(at) - Date.parse(before.at) };
  });
}

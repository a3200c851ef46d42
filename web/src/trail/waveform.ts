import type { PeaksView, TimelineEvent } from "../api/models";

/** Peaks travel as 0 … 127. */
const PEAK_MAX = 127;

/** A quiet line is drawn up to four times as tall, so that its words can be seen; both legs by the same measure. */
const GAIN_MAX = 4;

export function gainOf(peaks: Pick<PeaksView, "callee" | "agent">): number {
  let loudest = 1;
  for (const leg of [peaks.callee, peaks.agent]) for (const peak of leg) loudest = Math.max(loudest, peak);
  return Math.min(GAIN_MAX, PEAK_MAX / loudest);
}

/** The loudest peak in each of `bars` equal stretches, 0 … 1. */
export function barsOf(peaks: readonly number[], bars: number): readonly number[] {
  if (peaks.length === 0 || bars <= 0) return [];
  return Array.from({ length: bars }, (_, bar) => {
    const from = Math.floor((bar * peaks.length) / bars);
    const to = Math.max(from + 1, Math.floor(((bar + 1) * peaks.length) / bars));
    let loudest = 0;
    for (let at = from; at < to; at += 1) loudest = Math.max(loudest, peaks[at] ?? 0);
    return Math.min(1, loudest / PEAK_MAX);
  });
}

/** Whether a leg has any sound at all. */
export function isSilent(leg: PeaksView["callee"]): boolean {
  return leg.every((peak) => peak === 0);
}

interface Mark {
  readonly atSeconds: number;
  readonly kind: "refusal" | "key";
  readonly seq: number;
}

const MARKED: Readonly<Record<string, Mark["kind"]>> = { "refusal.heard": "refusal", "key.pressed": "key" };

/** Where in the recording something was said or pressed; the recording begins when the callee answers. */
export function marksOf(timeline: readonly TimelineEvent[], answeredAt: string | null, seconds: number): readonly Mark[] {
  if (answeredAt === null) return [];
  const start = Date.parse(answeredAt);
  return timeline.flatMap(({ type, at, seq }) => {
    const kind = MARKED[type];
    const atSeconds = (Date.parse(at) - start) / 1_000;
    return kind === undefined || atSeconds < 0 || atSeconds > seconds ? [] : [{ atSeconds, kind, seq }];
  });
}

import type { components } from "../api/schema";

type AttemptSearch = components["schemas"]["AttemptSearch"];

/** What a search is narrowed by. The number is kept out of the address of the page: it is typed, sent and forgotten. */
export interface TrailFilter {
  readonly campaign: string | null;
  readonly agent: string | null;
  readonly state: AttemptSearch["state"];
  readonly outcome: string | null;
  readonly code: string | null;
  readonly consent: string | null;
  readonly caller_id: string | null;
  /** Days of the viewer's calendar, both included. */
  readonly from: string | null;
  readonly to: string | null;
}

export const CHIPS = ["campaign", "agent", "state", "outcome", "code", "caller_id", "consent", "from", "to"] as const;
export type Chip = (typeof CHIPS)[number];

const STATES = [
  "authorised",
  "placed",
  "ringing",
  "answered",
  "connected",
  "abandoned",
  "wrapping",
  "sealed",
  "refused",
  "failed",
  "cancelled",
  "lapsed",
  "uncertain",
  "ended_unknown",
] as const;

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The filter in the page's address; what can't be read narrows nothing. */
export function readFilter(search: URLSearchParams): TrailFilter {
  const day = (name: string): string | null => {
    const value = search.get(name);
    return value !== null && DAY.test(value) && !Number.isNaN(Date.parse(value)) ? value : null;
  };
  return {
    campaign: search.get("campaign"),
    agent: search.get("agent"),
    state: STATES.find((state) => state === search.get("state")) ?? null,
    outcome: search.get("outcome"),
    code: search.get("code"),
    consent: search.get("consent"),
    caller_id: search.get("caller_id"),
    from: day("from"),
    to: day("to"),
  };
}

/** The address with one chip set or taken away. */
export function withChip(search: URLSearchParams, chip: Chip, value: string | null): URLSearchParams {
  const next = new URLSearchParams(search);
  if (value === null) next.delete(chip);
  else next.set(chip, value);
  return next;
}

function dayStart(day: string, addDays: number): string {
  const [year = 1970, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date + addDays).toISOString();
}

/** The search as the server takes it: days of the viewer's zone become moments, the last day included. */
export function searchBody(filter: TrailFilter, number: string, after: string | null): Partial<AttemptSearch> {
  const { from, to, ...same } = filter;
  const body = {
    ...same,
    number: number.trim() === "" ? null : number.trim(),
    from: from === null ? null : dayStart(from, 0),
    to: to === null ? null : dayStart(to, 1),
    after,
  };
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}

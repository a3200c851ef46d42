import type { CampaignChoices, CampaignDetail, CampaignSent } from "../api/models";

/** The cap as people say it. */
const PPM_PER_PERCENT = 10_000;

/** What the page's form holds. */
export interface CampaignInput extends Omit<CampaignSent, "abandon_cap_ppm" | "caller_ids" | "agents" | "sources" | "hours"> {
  readonly caller_ids: string[];
  readonly agents: string[];
  readonly sources: string[];
  /** Both or neither: the campaign's own hours, or the law's. */
  readonly opens?: string | undefined;
  readonly closes?: string | undefined;
  readonly cap_percent: number;
}

export function inputOf({ form }: CampaignDetail): CampaignInput {
  return {
    name_zh: form.name.zh,
    name_en: form.name.en,
    purpose: form.purpose,
    purpose_text: form.purpose_text,
    declared_business: form.declared_business,
    industry: form.industry,
    country: form.country,
    script: form.script,
    caller_ids: [...form.caller_ids],
    agents: [...form.agents],
    sources: [...form.sources],
    ...form.hours,
    mode: form.mode,
    cap_percent: form.abandon_cap_ppm / PPM_PER_PERCENT,
    kept_days: form.kept_days,
    owner: form.owner,
  };
}

/** A new campaign starts from what stops nobody. */
export const FRESH: Partial<CampaignInput> = {
  purpose: "callback",
  industry: "general",
  country: "CN",
  caller_ids: [],
  agents: [],
  sources: [],
  mode: "progressive",
  cap_percent: 1,
  kept_days: 1095,
};

export function sentOf({ cap_percent, opens, closes, ...rest }: CampaignInput): CampaignSent {
  const hours = opens === undefined || closes === undefined ? null : { opens, closes };
  return { ...rest, hours, abandon_cap_ppm: Math.round(cap_percent * PPM_PER_PERCENT) };
}

/** What is thought of in the form, before it is saved; what is left out stays as it is set. */
export interface ForecastWish {
  readonly mode?: CampaignSent["mode"];
  readonly cap_percent?: number | null;
  readonly agents?: readonly string[];
}

export interface ForecastQuery {
  readonly mode?: CampaignSent["mode"];
  readonly cap_ppm?: number;
  readonly agents?: number;
}

export function forecastWish({ mode, cap_percent, agents }: ForecastWish): ForecastQuery {
  return {
    ...(mode === undefined ? {} : { mode }),
    ...(cap_percent === undefined || cap_percent === null ? {} : { cap_ppm: Math.round(cap_percent * PPM_PER_PERCENT) }),
    ...(agents === undefined ? {} : { agents: agents.length }),
  };
}

interface Option {
  readonly value: string;
  readonly label: string;
  readonly disabled: boolean;
}

interface Says {
  readonly say: (sentence: { readonly zh: string; readonly en: string }) => string;
  readonly otherPurpose: string;
}

type Purpose = CampaignSent["purpose"];

/** Scripts for a purpose; one that can't be chosen says why in its own line. */
export function scriptOptions(choices: CampaignChoices, purpose: Purpose | undefined, { say, otherPurpose }: Says): Option[] {
  return choices.scripts.map(({ id, purpose: own, why_not }) => {
    const why = why_not !== null ? say(why_not) : own !== purpose ? otherPurpose : null;
    return { value: id, label: why === null ? id : `${id} — ${why}`, disabled: why !== null };
  });
}

/** Caller IDs for a purpose; the same. */
export function numberOptions(choices: CampaignChoices, purpose: Purpose | undefined, { say, otherPurpose }: Says): Option[] {
  return choices.numbers.map(({ id, number, purposes, why_not }) => {
    const fits = purpose !== undefined && purposes.includes(purpose);
    const why = why_not !== null ? say(why_not) : fits ? null : otherPurpose;
    return { value: id, label: why === null ? number : `${number} — ${why}`, disabled: why !== null };
  });
}

/** Sources whose leads the campaign calls; one that isn't verified may be chosen, and says what the gate will say. */
export function sourceOptions(choices: CampaignChoices, say: Says["say"]): Option[] {
  return choices.sources.map(({ id, name, note }) => ({ value: id, label: note === null ? name : `${name} — ${say(note)}`, disabled: false }));
}

type Lawful = CampaignChoices["hours"][number];
export type Hours = NonNullable<Lawful["weekday"]>;

/** The hours of the law in a country, by kind of day; nothing where no pack knows the country. */
export function lawfulHours(choices: CampaignChoices, country: string | undefined): Lawful | undefined {
  return choices.hours.find((hours) => hours.country === country);
}

const STEP_MINUTES = 30;

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

function timeOf(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}

/** Half hours from the first opening to the last close of the law's week: nothing beyond them can be chosen. */
export function timesWithin(law: Lawful | undefined): string[] {
  const open = [law?.weekday, law?.saturday, law?.sunday].filter((hours): hours is Hours => hours !== null && hours !== undefined);
  const first = Math.min(...open.map(({ opens }) => minutesOf(opens)));
  const last = Math.max(...open.map(({ closes }) => minutesOf(closes)));
  const times = [];
  for (let at = first; at <= last; at += STEP_MINUTES) times.push(timeOf(at));
  return times;
}

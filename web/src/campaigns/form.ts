import type { CampaignChoices, CampaignDetail, CampaignSent } from "../api/models";

/** The cap as people say it. */
const PPM_PER_PERCENT = 10_000;

/** What the page's form holds. */
export interface CampaignInput extends Omit<CampaignSent, "abandon_cap_ppm" | "caller_ids" | "agents"> {
  readonly caller_ids: string[];
  readonly agents: string[];
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
  mode: "progressive",
  cap_percent: 1,
  kept_days: 1095,
};

export function sentOf({ cap_percent, ...rest }: CampaignInput): CampaignSent {
  return { ...rest, abandon_cap_ppm: Math.round(cap_percent * PPM_PER_PERCENT) };
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

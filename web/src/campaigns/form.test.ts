import { describe, expect, it } from "vitest";

import type { CampaignChoices, CampaignDetail } from "../api/models";

import { forecastWish, inputOf, numberOptions, scriptOptions, sentOf } from "./form";

const SAYS = { say: (sentence: { en: string }) => sentence.en, otherPurpose: "another purpose" };
const CHOICES: CampaignChoices = {
  purposes: [],
  industries: [],
  modes: [],
  agents: [],
  cap_ppm_max: 10_000,
  scripts: [
    { id: "s1", version: 1, purpose: "callback", why_not: null },
    { id: "s2", version: 2, purpose: "callback", why_not: { zh: "未备案", en: "not filed" } },
    { id: "s3", version: 1, purpose: "info_consult", why_not: null },
  ],
  numbers: [
    { id: "n1", number: "4000000000", purposes: ["callback"], why_not: null },
    { id: "n2", number: "4000000001", purposes: ["callback"], why_not: { zh: "停用", en: "suspended" } },
    { id: "n3", number: "4000000002", purposes: [], why_not: null },
  ],
};
const DETAIL: CampaignDetail = {
  id: "c1",
  version: 4,
  state: "ready",
  review: null,
  open_leads: 0,
  form: {
    name: { zh: "甲", en: "A" },
    purpose: "callback",
    purpose_text: "x",
    declared_business: "y",
    industry: "general",
    country: "CN",
    script: "s1",
    caller_ids: ["n1"],
    agents: [],
    mode: "preview",
    abandon_cap_ppm: 5_500,
    kept_days: 60,
    owner: "z",
  },
};

describe("a campaign's form", () => {
  it("gives back what it was filled with", () => {
    const { name, ...rest } = DETAIL.form;
    expect(sentOf(inputOf(DETAIL))).toEqual({ ...rest, name_zh: name.zh, name_en: name.en });
  });

  it("asks for a forecast of what is thought of, and leaves out what is not", () => {
    expect(forecastWish({})).toEqual({});
    expect(forecastWish({ cap_percent: null })).toEqual({});
    expect(forecastWish({ mode: "predictive", cap_percent: 0.55, agents: ["a", "b"] })).toEqual({ mode: "predictive", cap_ppm: 5_500, agents: 2 });
  });

  it("lets nothing be chosen that can't be, and says why", () => {
    expect(scriptOptions(CHOICES, "callback", SAYS).map(({ label, disabled }) => [label, disabled])).toEqual([
      ["s1", false],
      ["s2 — not filed", true],
      ["s3 — another purpose", true],
    ]);
    expect(numberOptions(CHOICES, "callback", SAYS).map(({ label, disabled }) => [label, disabled])).toEqual([
      ["4000000000", false],
      ["4000000001 — suspended", true],
      ["4000000002 — another purpose", true],
    ]);
  });
});

import { describe, expect, it } from "vitest";

import type { CampaignChoices, CampaignDetail } from "../api/models";

import { forecastWish, inputOf, lawfulHours, numberOptions, scriptOptions, sentOf, sourceOptions, timesWithin } from "./form";

const SAYS = { say: (sentence: { en: string }) => sentence.en, otherPurpose: "another purpose" };
const CHOICES: CampaignChoices = {
  purposes: [],
  industries: [],
  modes: [],
  agents: [],
  sources: [
    { id: "o1", name: "site", note: null },
    { id: "o2", name: "stall", note: { zh: "未核验", en: "not verified" } },
  ],
  hours: [{ country: "CN", weekday: { opens: "09:00", closes: "21:00" }, saturday: { opens: "10:00", closes: "20:00" }, sunday: null }],
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
    sources: ["o1"],
    hours: { opens: "10:00", closes: "18:30" },
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

  it("keeps the law's own hours unless both ends are chosen", () => {
    const { opens, closes, ...rest } = inputOf(DETAIL);
    expect(sentOf(rest).hours).toBeNull();
    expect(sentOf({ ...rest, opens }).hours).toBeNull();
    expect(sentOf({ ...rest, opens, closes }).hours).toEqual({ opens: "10:00", closes: "18:30" });
  });

  it("offers no hour beyond the law's, and none where no pack knows the country", () => {
    const times = timesWithin(lawfulHours(CHOICES, "CN"));
    expect([times[0], times.at(-1), times.length]).toEqual(["09:00", "21:00", 25]);
    expect(timesWithin(lawfulHours(CHOICES, "ZZ"))).toEqual([]);
  });

  it("says of a source what the gate will say", () => {
    expect(sourceOptions(CHOICES, SAYS.say).map(({ label, disabled }) => [label, disabled])).toEqual([
      ["site", false],
      ["stall — not verified", false],
    ]);
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

import { describe, expect, it } from "vitest";

import type { ReportTable } from "../api/models";

import { chartOf, figureOf } from "./chart";

const WORDS = { zh: "任务", en: "Campaign" };
const TABLE: ReportTable = {
  part: "certificate",
  title: WORDS,
  first: WORDS,
  columns: ["live", "abandoned", "share", "cap", "within"].map((en) => ({ zh: "列", en })),
  rows: [{ name: { zh: "周三", en: "Wednesday" }, values: ["120", "1", "0.83 %", "1.00 %", "✓"] }],
};

describe("a table drawn", () => {
  it("is the share beside its cap in the certificate, in per cent", () => {
    const chart = chartOf(TABLE, ({ en }) => en);
    expect(chart?.points).toEqual([{ name: "Wednesday", v2: 0.83, v3: 1 }]);
    expect(chart?.series.map(({ name, kind }) => [name, kind])).toEqual([
      ["share", "first"],
      ["cap", "cap"],
    ]);
    expect(chart?.percent).toBe(true);
  });

  it("is nothing where nothing was counted", () => {
    expect(chartOf({ ...TABLE, rows: [] }, ({ en }) => en)).toBeNull();
  });

  it("reads figures and takes words for none", () => {
    expect(["12", "10.5", "0.83 %", "✓", undefined].map(figureOf)).toEqual([12, 10.5, 0.83, 0, 0]);
  });
});

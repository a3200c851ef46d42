import { describe, expect, it } from "vitest";

import { callbackDays, firstOpenDay } from "./callback-days";

const CLOSED = { zh: "不在时段内", en: "outside the hours" };

function slot(opens: string, why: typeof CLOSED | null = null) {
  return { opens, closes: opens, why };
}

describe("the days of a callback", () => {
  it("are the callee's, not the viewer's", () => {
    const days = callbackDays([slot("2026-11-18T15:30:00Z"), slot("2026-11-18T16:30:00Z")], "Asia/Shanghai");
    expect(days.map(({ day }) => day)).toEqual(["2026-11-18", "2026-11-19"]);
  });

  it("begin with the first that has something to choose", () => {
    const days = callbackDays(
      [slot("2026-11-18T02:00:00Z", CLOSED), slot("2026-11-19T02:00:00Z"), slot("2026-11-19T02:30:00Z", CLOSED)],
      "Asia/Shanghai",
    );
    expect(days.map(({ lawful }) => lawful)).toEqual([0, 1]);
    expect(firstOpenDay(days)).toBe("2026-11-19");
    expect(firstOpenDay(days.slice(0, 1))).toBe("2026-11-18");
    expect(firstOpenDay([])).toBeNull();
  });
});

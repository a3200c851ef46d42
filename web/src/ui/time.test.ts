import { describe, expect, it } from "vitest";

import { clockTime, dayTime, duration, elsewhere, fullTime, isoDay, productNowMs, setProductNow } from "./time";

const MOMENT = "2026-11-18T02:30:09.123456Z";
const NOW = Date.parse(MOMENT);
const SHANGHAI = "Asia/Shanghai";

describe("times for people", () => {
  it("are in the zone that was asked for", () => {
    expect(clockTime(MOMENT, "zh", SHANGHAI)).toBe("10:30");
    expect(clockTime(MOMENT, "en", "America/New_York")).toBe("21:30");
    expect(fullTime(MOMENT, "zh", SHANGHAI)).toBe("2026-11-18 10:30:09");
  });

  it("leave out what today makes plain", () => {
    expect(dayTime(MOMENT, "zh", NOW, SHANGHAI)).toBe("10:30");
    expect(dayTime("2026-11-17T23:00:00Z", "zh", NOW, SHANGHAI)).toBe("07:00");
    expect(dayTime("2026-11-17T15:00:00Z", "zh", NOW, SHANGHAI)).toBe("11-17 23:00");
    expect(dayTime("2027-05-20T02:00:00Z", "en", NOW, SHANGHAI)).toBe("2027-05-20 10:00");
  });

  it("write midnight as 00, not as 24", () => {
    expect(clockTime("2026-11-17T16:00:00Z", "zh", SHANGHAI)).toBe("00:00");
    expect(clockTime("2026-11-17T16:00:00Z", "en", SHANGHAI)).toBe("00:00");
  });

  it("know on which day a moment falls", () => {
    expect(isoDay("2026-11-17T15:59:59Z", SHANGHAI)).toBe("2026-11-17");
    expect(isoDay("2026-11-17T16:00:00Z", SHANGHAI)).toBe("2026-11-18");
  });

  it("show the callee's clock only where it differs", () => {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    expect(elsewhere(MOMENT, "zh", own)).toBeNull();
    expect(elsewhere(MOMENT, "zh", null)).toBeNull();
    const far = own === "Pacific/Kiritimati" ? "Asia/Shanghai" : "Pacific/Kiritimati";
    expect(elsewhere(MOMENT, "zh", far)).toMatch(/^\d\d:\d\d$/);
  });

  it.each([
    [0, "00:00"],
    [37_400, "00:37"],
    [-5_000, "00:00"],
    [3_599_000, "59:59"],
    [3_600_000, "1:00:00"],
    [3_723_000, "1:02:03"],
  ])("write %i ms as %s", (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it("follow the product's clock, however wrong this machine's is", () => {
    setProductNow("2020-01-01T00:00:00Z");
    expect(Math.abs(productNowMs() - Date.parse("2020-01-01T00:00:00Z"))).toBeLessThan(1_000);
    setProductNow(new Date().toISOString());
    expect(Math.abs(productNowMs() - Date.now())).toBeLessThan(1_000);
  });
});

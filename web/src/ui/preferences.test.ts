import { describe, expect, it } from "vitest";

import { readPreferences } from "./read-preferences";

describe("preferences", () => {
  it("follow the browser when nothing was chosen", () => {
    expect(readPreferences(null, "zh-CN").language).toBe("zh");
    expect(readPreferences(null, "de-DE").language).toBe("en");
    expect(readPreferences(null, "en-GB")).toMatchObject({ scheme: "system", letterKeys: "on" });
  });

  it("are what was chosen", () => {
    const stored = JSON.stringify({ language: "en", scheme: "dark", letterKeys: "off" });
    expect(readPreferences(stored, "zh-CN")).toEqual({ language: "en", scheme: "dark", letterKeys: "off" });
  });

  it.each(["{broken", "null", "7", '{"language":"fr","scheme":"pink","letterKeys":3}'])("survive %s", (stored) => {
    expect(readPreferences(stored, "zh-CN")).toEqual({ language: "zh", scheme: "system", letterKeys: "on" });
  });
});

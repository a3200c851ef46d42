import { describe, expect, it } from "vitest";

import { readFilter, searchBody, withChip } from "./filter";

function filterOf(query: string): ReturnType<typeof readFilter> {
  return readFilter(new URLSearchParams(query));
}

describe("the filter of the trail", () => {
  it("is read from the address, and what it can't read narrows nothing", () => {
    expect(filterOf("state=refused&outcome=busy&from=2026-11-01")).toMatchObject({
      state: "refused",
      outcome: "busy",
      from: "2026-11-01",
    });
    expect(filterOf("state=happy&from=yesterday&to=2026-13-40")).toMatchObject({ state: null, from: null, to: null });
  });

  it("changes one chip and keeps the others", () => {
    const search = new URLSearchParams("state=refused&outcome=busy");
    expect(withChip(search, "outcome", null).toString()).toBe("state=refused");
    expect(withChip(search, "campaign", "c1").toString()).toBe("state=refused&outcome=busy&campaign=c1");
    expect(search.toString()).toBe("state=refused&outcome=busy");
  });

  it("never takes a number out of an address", () => {
    expect(searchBody(filterOf("number=13000000001"), "", null)).toEqual({});
  });

  it("sends only what was chosen", () => {
    expect(searchBody(filterOf("state=sealed"), " 130 0000 0001 ", "cursor")).toEqual({
      state: "sealed",
      number: "130 0000 0001",
      after: "cursor",
    });
  });

  it("means whole days of the viewer, the last one included", () => {
    const body = searchBody(filterOf("from=2026-11-18&to=2026-11-18"), "", null);
    const hours = (Date.parse(body.to ?? "") - Date.parse(body.from ?? "")) / 3_600_000;
    expect(hours).toBe(24);
    expect(new Date(body.from ?? "").getHours()).toBe(0);
  });

  it("goes over the end of a month", () => {
    const body = searchBody(filterOf("to=2026-11-30"), "", null);
    expect(new Date(body.to ?? "").getDate()).toBe(1);
  });
});

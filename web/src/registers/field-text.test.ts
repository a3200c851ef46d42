import { describe, expect, it } from "vitest";

import type { RegisterField } from "../api/models";

import { fieldText } from "./field-text";
import { fieldValue, inputOf } from "./field-value";

const WORDS = { yes: "yes", no: "no", none: "none" };
const OWN = { code: "own", sentence: { zh: "自有", en: "Own" } };

function field(shape: RegisterField["shape"], value: unknown, more: Partial<RegisterField> = {}): RegisterField {
  return { name: "x", words: { zh: "某", en: "Some" }, shape, choices: [], inner: [], value: value === undefined ? null : JSON.stringify(value), ...more };
}

describe("a filed value", () => {
  it("is read in words and never as a code", () => {
    expect(fieldText(field("choice", "own", { choices: [OWN] }), "zh", WORDS)).toBe("自有");
    expect(fieldText(field("choices", ["own"], { choices: [OWN] }), "en", WORDS)).toBe("Own");
    expect(fieldText(field("truth", false), "en", WORDS)).toBe("no");
    expect(fieldText(field("words", []), "en", WORDS)).toBe("none");
  });

  it("of a group names each part", () => {
    const inner = [{ name: "kind", words: { zh: "类别", en: "Kind" }, shape: "choice" as const, choices: [OWN] }];
    expect(fieldText(field("group", { kind: "own" }, { inner }), "en", WORDS)).toBe("Kind: Own");
  });
});

describe("a value in the form", () => {
  it("comes back as it went in", () => {
    for (const one of [field("text", "软件"), field("whole", 3), field("truth", true), field("choices", ["own"]), field("words", ["a", "b"]), field("day", null), field("decimal", "0.10")]) {
      expect(JSON.parse(fieldValue(one, inputOf(one)) ?? "0")).toEqual(JSON.parse(one.value ?? "1"));
    }
  });

  it("that is no JSON is told so", () => {
    expect(fieldValue(field("json", [1]), "not json")).toBeNull();
    expect(fieldValue(field("json", [1]), "[2]")).toBe("[2]");
  });

  it("that is empty where emptiness is a fact is filed as none", () => {
    expect(fieldValue(field("day", "2026-01-01"), "")).toBe("null");
    expect(fieldValue(field("text", "x"), "")).toBe('""');
  });
});

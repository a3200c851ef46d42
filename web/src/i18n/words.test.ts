import { describe, expect, it } from "vitest";

import auditEn from "./audit.en.json";
import auditZh from "./audit.zh-CN.json";
import en from "./en.json";
import zh from "./zh-CN.json";

interface Tree { readonly [key: string]: string | Tree }

function leaves(tree: Tree, path = ""): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([key, value]) =>
      typeof value === "string" ? [[`${path}${key}`, value] as const] : [...leaves(value, `${path}${key}.`)],
    ),
  );
}

const ZH = leaves({ ...zh, ...auditZh });
const EN = leaves({ ...en, ...auditEn });
const SLOT = /\{\{(\w+)\}\}/g;
const HAN = /[\u4e00-\u9fff]/;

function slots(text: string): readonly string[] {
  return [...text.matchAll(SLOT)].map(([, name]) => name ?? "").sort();
}

describe("the words of the console", () => {
  it("stand in one file each", () => {
    expect(Object.keys(zh).filter((key) => key in auditZh)).toEqual([]);
  });

  it("are the same keys in both languages", () => {
    expect([...ZH.keys()].sort()).toEqual([...EN.keys()].sort());
  });

  it("are never the same text in both", () => {
    const onlySlots = /^(\{\{\w+\}\}|[\s\p{P}])*$/u;
    const same = [...ZH].filter(([key, text]) => text === EN.get(key) && !onlySlots.test(text));
    expect(same).toEqual([]);
  });

  it("are Chinese in Chinese and not in English, but for the name of the other language", () => {
    const mixed = [...EN].filter(([key, text]) => HAN.test(text) && key !== "language.other");
    expect(mixed).toEqual([]);
    const foreign = [...ZH].filter(([key, text]) => !HAN.test(text) && key !== "language.other");
    expect(foreign).toEqual([]);
  });

  it("have the same places for values", () => {
    const differ = [...ZH].filter(([key, text]) => slots(text).join() !== slots(EN.get(key) ?? "").join());
    expect(differ).toEqual([]);
  });

  it("are never empty", () => {
    expect([...ZH, ...EN].filter(([, text]) => text.trim() === "")).toEqual([]);
  });
});

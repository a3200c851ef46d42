import { describe, expect, it } from "vitest";

import audit from "./audit.zh-CN.json";
import zh from "./zh-CN.json";

const SOURCES: Record<string, string> = import.meta.glob("../**/*.{ts,tsx}", {
  query: "?raw",
  import: "default",
  eager: true,
});

function sources(): readonly string[] {
  return Object.entries(SOURCES).flatMap(([path, text]) => (path.includes(".test.") ? [] : [text]));
}

/** Keys as they stand in the code: whole ones, and the beginnings of those that are put together. */
function asked(texts: readonly string[]): { readonly whole: ReadonlySet<string>; readonly heads: readonly string[] } {
  const all = texts.join("\n");
  const whole = new Set([...all.matchAll(/["'`]([a-z][\w]*(?:\.[\w]+)*)["'`]/gi)].map(([, key]) => key ?? ""));
  const heads = [...all.matchAll(/`([a-z][\w]*(?:\.[\w]+)*\.)\$\{/gi)].map(([, key]) => key ?? "");
  return { whole, heads };
}

function keysOf(tree: object, path = ""): readonly string[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "string" ? [`${path}${key}`] : keysOf(value as object, `${path}${key}.`),
  );
}

describe("the words of the console", () => {
  it("are all asked for somewhere", () => {
    const { whole, heads } = asked(sources());
    const idle = keysOf({ ...zh, ...audit }).filter((key) => !whole.has(key) && !heads.some((head) => key.startsWith(head)));
    expect(idle).toEqual([]);
  });
});

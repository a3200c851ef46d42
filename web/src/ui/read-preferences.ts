import type { Language } from "./time";

/** What a person chose for this browser; nothing in it is personal data of a callee. */
export interface Preferences {
  readonly language: Language;
  readonly scheme: "system" | "light" | "dark";
  /** Letter and digit keys act on the desk (outside text fields). Ctrl+Alt+R always does. */
  readonly letterKeys: "on" | "off";
}

const LANGUAGES = ["zh", "en"] as const;
const SCHEMES = ["system", "light", "dark"] as const;

function isOneOf<One>(all: readonly One[], value: unknown): value is One {
  return (all as readonly unknown[]).includes(value);
}

/** Preferences out of what was stored; anything unreadable falls back to the browser's own. */
export function readPreferences(stored: string | null, browserLanguage: string): Preferences {
  const fallback: Preferences = {
    language: browserLanguage.toLowerCase().startsWith("zh") ? "zh" : "en",
    scheme: "system",
    letterKeys: "on",
  };
  let value: Partial<Preferences>;
  try {
    value = (JSON.parse(stored ?? "{}") ?? {}) as Partial<Preferences>;
  } catch {
    return fallback;
  }
  return {
    language: isOneOf(LANGUAGES, value.language) ? value.language : fallback.language,
    scheme: isOneOf(SCHEMES, value.scheme) ? value.scheme : fallback.scheme,
    letterKeys: value.letterKeys === "off" ? "off" : "on",
  };
}

import { readPreferences, type Preferences } from "./read-preferences";
import { createStore } from "./store";

const KEY = "dialer.preferences";

export function hasChosenLanguage(): boolean {
  return (localStorage.getItem(KEY) ?? "").includes('"language"');
}

export const preferences = createStore<Preferences, Partial<Preferences>>(
  (state, change) => ({ ...state, ...change }),
  readPreferences(localStorage.getItem(KEY), navigator.language),
);

preferences.subscribe(() => localStorage.setItem(KEY, JSON.stringify(preferences.get())));

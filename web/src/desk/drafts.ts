import type { Draft } from "./desk";

/** Notes outlive a refresh in this tab's own storage, which the browser drops with the tab. */
const KEY = "dialer.draft";

export function keepDraft(draft: Draft | null, storage: Storage = sessionStorage): void {
  if (draft === null) storage.removeItem(KEY);
  else storage.setItem(KEY, JSON.stringify(draft));
}

export function restoreDraft(attemptId: string, storage: Storage = sessionStorage): Draft | null {
  const stored = storage.getItem(KEY);
  if (stored === null) return null;
  let value: Partial<Draft> | null;
  try {
    value = JSON.parse(stored) as Partial<Draft> | null;
  } catch {
    return null;
  }
  if (value?.attemptId !== attemptId || typeof value.note !== "string") return null;
  return { attemptId, note: value.note };
}

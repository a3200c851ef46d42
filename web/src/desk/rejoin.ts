import type { DeskView } from "../api/models";
import type { PhoneState } from "../phone/softphone";

import { inCall } from "./desk";

/**
 * The exchange calls a seat once a shift. After a reload of the page, or a leg that died, the phone is a new one that
 * waits for a leg nobody calls: then the desk asks for it again, if its agent was taking calls a moment ago.
 */
const REMEMBERED_MS = 30_000;
const KEY = "dialer.taking-calls";

function takesCalls(view: DeskView): boolean {
  return view.state === "ready" || inCall(view);
}

/** Until when an agent who was seen taking calls is taken back without pressing anything. */
export function takenBackUntil(view: DeskView, before: number, nowMs: number): number {
  if (takesCalls(view)) return nowMs + REMEMBERED_MS;
  return view.state === "paused" ? 0 : before;
}

/** Whether the desk should ask the exchange to call this phone again. */
export function shouldRejoin(view: DeskView | null, phone: PhoneState, until: number, nowMs: number): boolean {
  if (view === null || phone.kind !== "waiting") return false;
  return takesCalls(view) || (view.state === "offline" && nowMs < until);
}

/** Over a reload the memory lies in the tab's own storage; the page that reads it takes it away. */
export function keepTakenBack(until: number, storage: Storage = sessionStorage): void {
  storage.setItem(KEY, String(until));
}

export function restoreTakenBack(storage: Storage = sessionStorage): number {
  const until = Number(storage.getItem(KEY) ?? "0");
  storage.removeItem(KEY);
  return Number.isFinite(until) ? until : 0;
}

import type { DeskView, FloorView, StatusView } from "./models";

/** Whole views, sent by the server whenever they changed. After a reconnection it sends each one again. */
export type ViewEvent =
  | { readonly type: "desk"; readonly data: DeskView }
  | { readonly type: "floor"; readonly data: FloorView }
  | { readonly type: "status"; readonly data: StatusView };

const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 10_000;
const TYPES: readonly string[] = ["desk", "floor", "status"];

/** How long to wait before the next try: doubling, with jitter, so that a restart isn't met by every desk at once. */
export function retryMs(tries: number, random: number): number {
  const ceiling = Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** Math.min(tries, 10));
  return Math.round(ceiling * (0.5 + random / 2));
}

/** A frame as a view with its number, or null for anything else (a newer server may say more). */
export function readFrame(text: string): { readonly seq: number; readonly event: ViewEvent } | null {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof frame !== "object" || frame === null) return null;
  const { seq, type, data } = frame as { seq?: unknown; type?: unknown; data?: unknown };
  if (typeof seq !== "number" || typeof type !== "string" || !TYPES.includes(type)) return null;
  if (typeof data !== "object" || data === null) return null;
  return { seq, event: { type, data } as ViewEvent };
}

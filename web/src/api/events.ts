import { productNowMs } from "../ui/time";

import { answer, api } from "./client";
import type { DeskView, FloorView, StatusView } from "./models";

/** Whole views, sent by the server whenever they changed. After a reconnection it sends each one again. */
export type ViewEvent =
  | { readonly type: "desk"; readonly data: DeskView }
  | { readonly type: "floor"; readonly data: FloorView }
  | { readonly type: "status"; readonly data: StatusView };

/** Whether what is on the screen is followed: `behind` since the moment the line was lost, by the product's clock. */
export type LineState = { readonly kind: "live" } | { readonly kind: "behind"; readonly sinceMs: number };

const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 10_000;
/** The server closes with this when the session was ended elsewhere or by time. */
const SESSION_ENDED = 4401;
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

export interface EventLine {
  readonly get: () => LineState;
  readonly subscribe: (listener: () => void) => () => void;
  /** Opens the line; the answer closes it. */
  readonly open: (onEvent: (event: ViewEvent) => void) => () => void;
  /** Hears the views beside whoever opened the line; the answer stops that. */
  readonly hear: (listener: (event: ViewEvent) => void) => () => void;
}

/** Follows the server's events for as long as it is open. */
export function eventLine(): EventLine {
  let state: LineState = { kind: "live" };
  const listeners = new Set<() => void>();
  const hearers = new Set<(event: ViewEvent) => void>();
  const become = (next: LineState): void => {
    if (next.kind === state.kind) return;
    state = next;
    for (const listener of [...listeners]) listener();
  };
  const adding = <T>(set: Set<T>, one: T): (() => void) => {
    set.add(one);
    return () => {
      set.delete(one);
    };
  };
  return {
    get: () => state,
    subscribe: (listener) => adding(listeners, listener),
    hear: (listener) => adding(hearers, listener),
    open: (onEvent) => {
      const off = adding(hearers, onEvent);
      const close = keepConnected(become, (event) => {
        for (const hearer of [...hearers]) hearer(event);
      });
      return () => {
        off();
        close();
      };
    },
  };
}

function keepConnected(become: (state: LineState) => void, onEvent: (event: ViewEvent) => void): () => void {
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let tries = 0;
  let seen = -1;
  let closed = false;
  let live = false;
  const connect = (): void => {
    clearTimeout(timer);
    seen = -1;
    const own = new WebSocket(`${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/api/events`);
    socket = own;
    own.addEventListener("message", ({ data }) => {
      const frame = typeof data === "string" ? readFrame(data) : null;
      if (frame === null || frame.seq <= seen || closed) return;
      seen = frame.seq;
      tries = 0;
      live = true;
      become({ kind: "live" });
      onEvent(frame.event);
    });
    own.addEventListener("close", ({ code }) => {
      if (closed || socket !== own) return;
      // asking again makes the client see that the session is over
      if (code === SESSION_ENDED) void answer(api.GET("/api/session")).catch(() => undefined);
      live = false;
      become({ kind: "behind", sinceMs: productNowMs() });
      timer = setTimeout(connect, retryMs(tries, Math.random()));
      tries += 1;
    });
  };
  const now = (): void => {
    if (!live && socket?.readyState !== WebSocket.CONNECTING) connect();
  };
  addEventListener("online", now);
  connect();
  return () => {
    closed = true;
    clearTimeout(timer);
    removeEventListener("online", now);
    socket?.close();
  };
}

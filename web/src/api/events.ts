import { productNowMs } from "../ui/time";

import { answer, api } from "./client";
import { readFrame, retryMs, type ViewEvent } from "./frames";

/** Whether what is on the screen is followed: `behind` since the moment the line was lost, by the product's clock. */
type LineState = { readonly kind: "live" } | { readonly kind: "behind"; readonly sinceMs: number };

/** The server closes with this when the session was ended elsewhere or by time. */
const SESSION_ENDED = 4401;

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

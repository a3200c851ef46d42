import type { EchoResult } from "./echo-call";

/**
 * The agent's telephone, seen from the desk. The exchange calls the seat once a shift; the phone answers that leg by
 * itself and keeps it. Which callee is on it is the desk's business, never the phone's: it can't dial.
 *
 *            start                    registered             the exchange calls the seat
 *   off ──────────────▶ connecting ───────────────▶ waiting ─────────────────────────────▶ live
 *    ▲                    ▲    │ no network            │ ▲                                   │
 *    │ stop               │    ▼                       │ └───────── leg ended ───────────────┤
 *    │                  retry (5 s … 30 s) ◀───────────┴───────── network lost ──────────────┘ (the leg may go on)
 *    │
 *    ├── refused        the exchange doesn't take this session's secret (ended elsewhere)
 *    ├── taken_over     another tab took the phone
 *    │                 live: `steppedIn` names the microphone that took the place of one that was unplugged
 *    └── no_microphone  the browser gives none: denied, none plugged in, in use
 */
export type PhoneState =
  | { readonly kind: "off" }
  | { readonly kind: "connecting" }
  | { readonly kind: "retry"; readonly reason: "network" | "server" }
  | { readonly kind: "waiting" }
  | { readonly kind: "live"; readonly muted: boolean; readonly audio: AudioHealth; readonly steppedIn: string | null }
  | { readonly kind: "refused" }
  | { readonly kind: "taken_over" }
  | { readonly kind: "no_microphone"; readonly reason: "denied" | "missing" | "busy" };

/** What the last two seconds of media say. `unknown` until two samples are there; `microphone_gone`: unplugged. */
export type AudioHealth = "unknown" | "good" | "no_incoming" | "microphone_silent" | "microphone_gone" | "lossy";

/** How loud each side is now, 0 (silence) to 1. */
export interface AudioLevels {
  readonly microphone: number;
  readonly callee: number;
}

/** What the server tells a session's phone: an endpoint of its own and a secret that ends with the session. */
export interface PhoneAccount {
  readonly uri: string;
  readonly user: string;
  readonly password: string;
  /** Path of the SIP WebSocket on this origin. */
  readonly wsPath: string;
  readonly iceServers: readonly RTCIceServer[];
}

export interface Softphone {
  readonly get: () => PhoneState;
  readonly subscribe: (listener: () => void) => () => void;
  /** Registers and waits for the seat's leg. Safe to call again. */
  readonly start: (account: PhoneAccount) => Promise<void>;
  /** Ends the registration; the leg is left to the exchange. */
  readonly stop: (because: "off" | "taken_over") => void;
  /** Null while there is no leg to mute. */
  readonly mute: ((muted: boolean) => void) | null;
  /** Calls the exchange's echo and says what came back. Null unless the phone is registered and has no leg. */
  readonly echo: (() => Promise<EchoResult>) | null;
  readonly levels: () => AudioLevels;
  /** Sends one key (0-9, * or #) into the talk. Null while there is no leg. */
  readonly press: ((key: string) => void) | null;
}

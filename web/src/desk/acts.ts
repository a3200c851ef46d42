import type { PhoneState } from "../phone/softphone";

import { mayRefuse, type Desk } from "./desk";

/** Why an act can't be taken now: a key of `desk.why`. The server's own reason to stay unready is a sentence of its own. */
type Why =
  | "loading"
  | "busy"
  | "audio_unchecked"
  | "phone_down"
  | "phone_elsewhere"
  | "microphone_gone"
  | "already_ready"
  | "already_paused"
  | "offline"
  | "in_call"
  | "server"
  | "no_call"
  | "no_leg"
  | "call_ended"
  | "already_refused"
  | "closing"
  | "not_answered"
  | "held"
  | "callback_agreed"
  | "call_goes_on"
  | "they_rang";

/** For every act the reason why not, or null where it may be taken. */
export interface Blocks {
  readonly ready: Why | null;
  readonly pause: Why | null;
  readonly mute: Why | null;
  readonly end: Why | null;
  readonly hold: Why | null;
  readonly transfer: Why | null;
  readonly keypad: Why | null;
  readonly callback: Why | null;
  readonly refuse: Why | null;
  readonly dispose: Why | null;
}

export interface Surroundings {
  readonly phone: PhoneState;
  readonly audioChecked: "today" | "not_yet";
}

/** Unplugged, and no other is there: nobody would hear this agent. */
export function microphoneGone(phone: PhoneState): boolean {
  return phone.kind === "live" && phone.audio === "microphone_gone";
}

function readyBlock(desk: Desk, { phone, audioChecked }: Surroundings): Why | null {
  const { view } = desk;
  if (view === null) return "loading";
  if (desk.busy !== null) return "busy";
  if (view.state === "ready") return "already_ready";
  if (view.state !== "offline" && view.state !== "paused") return "in_call";
  if (audioChecked === "not_yet") return "audio_unchecked";
  if (phone.kind === "taken_over") return "phone_elsewhere";
  if (phone.kind !== "waiting" && phone.kind !== "live") return "phone_down";
  if (microphoneGone(phone)) return "microphone_gone";
  return view.ready_blocked === null ? null : "server";
}

function pauseBlock(desk: Desk): Why | null {
  const { view } = desk;
  if (view === null) return "loading";
  if (desk.busy !== null) return "busy";
  if (view.state === "offline") return "offline";
  return view.state === "paused" ? "already_paused" : null;
}

function endBlock(desk: Desk): Why | null {
  if (desk.view?.caller != null) {
    if (desk.view.state === "wrapping") return "call_ended";
    if (desk.view.state === "incoming") return "not_answered";
    return desk.busy === null ? null : "busy";
  }
  const call = desk.view?.call ?? null;
  if (call === null) return "no_call";
  if (call.ended_at !== null) return "call_ended";
  return desk.busy === null ? null : "busy";
}

/** Holding and handing over are for a talk that goes on; after a refusal there is nothing but the goodbye. */
function talkBlock(desk: Desk): Why | null {
  if (desk.view?.caller != null) return "they_rang";
  const call = desk.view?.call ?? null;
  if (call === null) return "no_call";
  if (call.ended_at !== null) return "call_ended";
  if (desk.refused?.attempt_id === call.attempt_id || call.refused !== null) return "closing";
  if (desk.view?.state !== "talking") return "not_answered";
  return desk.busy === null ? null : "busy";
}

/** Keys go into the talk itself: there must be a line, and somebody on it. */
function keypadBlock(desk: Desk, around: Surroundings): Why | null {
  const block = talkBlock(desk);
  if (block !== null) return block;
  if (desk.view?.call?.held_since != null) return "held";
  return around.phone.kind === "live" ? null : "no_leg";
}

/** A callback is agreed in the talk or written down right after it, once. */
function callbackBlock(desk: Desk): Why | null {
  const call = desk.view?.call ?? null;
  if (call === null) return "no_call";
  if (desk.refused?.attempt_id === call.attempt_id || call.refused !== null) return "closing";
  if (call.connected_at === null) return "not_answered";
  if (call.callback != null) return "callback_agreed";
  return desk.busy === null ? null : "busy";
}

function refuseBlock(desk: Desk): Why | null {
  const caller = desk.view?.caller ?? null;
  if (caller !== null) {
    if (mayRefuse(desk)) return null;
    if (caller.refused != null) return "already_refused";
    return desk.view?.state === "wrapping" ? "call_ended" : "not_answered";
  }
  const call = desk.view?.call ?? null;
  if (call === null) return "no_call";
  if (mayRefuse(desk)) return null;
  return call.answered_at === null ? "not_answered" : "already_refused";
}

function disposeBlock(desk: Desk): Why | null {
  const call = desk.view?.call ?? desk.view?.caller ?? null;
  if (call === null) return "no_call";
  if (desk.view?.state !== "wrapping") return "call_goes_on";
  return desk.busy === null ? null : "busy";
}

/** What may be done now, and why the rest may not. */
export function blocks(desk: Desk, around: Surroundings): Blocks {
  return {
    ready: readyBlock(desk, around),
    pause: pauseBlock(desk),
    mute: around.phone.kind === "live" ? null : "no_leg",
    end: endBlock(desk),
    hold: talkBlock(desk),
    transfer: talkBlock(desk),
    keypad: keypadBlock(desk, around),
    callback: callbackBlock(desk),
    refuse: refuseBlock(desk),
    dispose: disposeBlock(desk),
  };
}

import type { Act, Desk } from "./desk";
import type { DeskKey } from "./keys";

/** A key pressed while another act was on its way: its turn comes after, if the talk is still the same. */
export interface KeptKey {
  readonly key: DeskKey;
  readonly talk: string;
}

const ACT_OF: Readonly<Partial<Record<DeskKey["kind"], Act | "dialog">>> = {
  end: "hangup",
  hold: "hold",
  transfer: "dialog",
  keypad: "dialog",
  callback: "dialog",
  heard: "heard",
  dispose: "dispose",
};

function talkOf(desk: Desk): string | null {
  return desk.view?.call?.attempt_id ?? desk.view?.caller?.inbound_id ?? null;
}

/** The key to keep, or null where it acts at once or means nothing: the same act again is impatience. */
export function keptKey(key: DeskKey, desk: Desk): KeptKey | null {
  const act = ACT_OF[key.kind];
  const talk = talkOf(desk);
  if (act === undefined || talk === null || desk.busy === null || desk.busy === act) return null;
  return { key, talk };
}

/** Whether a kept key's turn has come; `dropped` once its talk is no longer the one at hand. */
export function turnOf(kept: KeptKey, desk: Desk): "now" | "later" | "dropped" {
  if (talkOf(desk) !== kept.talk) return "dropped";
  return desk.busy === null ? "now" : "later";
}

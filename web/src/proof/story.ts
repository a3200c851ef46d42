import type { Case } from "./case";
import { Fault } from "./fault";
import type { Leaf } from "./leaf";

/** The states of an attempt. */
export const STATES = [
  "authorised", "placed", "ringing", "answered", "connected", "wrapping", "sealed", "refused", "failed", "abandoned", "cancelled",
  "lapsed", "uncertain", "ended_unknown",
] as const;

const NEXT: Readonly<Record<string, string>> = {
  authorised: "placed lapsed uncertain",
  placed: "ringing answered failed cancelled uncertain",
  ringing: "answered failed cancelled uncertain",
  answered: "connected abandoned sealed uncertain",
  connected: "wrapping abandoned uncertain",
  abandoned: "sealed uncertain",
  wrapping: "sealed",
  uncertain: "placed lapsed sealed failed ended_unknown",
};
const ENDS = new Set(["sealed", "refused", "failed", "cancelled", "lapsed", "ended_unknown"]);
const ONLY_WHEN_PLACED = new Set([
  "attempt.ringing", "attempt.answered", "attempt.connected", "attempt.abandoned", "attempt.wrapping", "recording.sealed",
]);
const BEFORE_DIALLING = ["decision.permitted", "attempt.authorised", "gate2.passed", "attempt.placed"] as const;

function fault(code: ConstructorParameters<typeof Fault>[0], leaf?: Leaf, about: Readonly<Record<string, string>> = {}): Fault {
  return new Fault(code, leaf === undefined ? {} : { leaf: leaf.seq }, about);
}

function checkMoves(own: readonly Leaf[], mayGoOn: boolean): string {
  const moves = own.filter((leaf) => leaf.type.startsWith("attempt."));
  const [first] = moves;
  if (first === undefined) throw fault("story.none");
  const stateOf = (leaf: Leaf): string => leaf.type.slice("attempt.".length);
  if (!["authorised", "refused"].includes(stateOf(first))) throw fault("story.begin", first);
  let state = stateOf(first);
  for (const leaf of moves.slice(1)) {
    const next = stateOf(leaf);
    if (!(NEXT[state] ?? "").split(" ").includes(next)) throw fault("story.move", leaf, { from: state, to: next });
    state = next;
  }
  if (!ENDS.has(state) && !mayGoOn) throw fault("story.end");
  return state;
}

function checkConsent(subject: Case, decision: Leaf, consumed: Leaf): void {
  if (subject.lacks("consent")) return;
  const about = [...subject.leaves.values()].filter((leaf) => decision.consent !== null && leaf.consent === decision.consent);
  if (!about.some((leaf) => leaf.type === "consent.recorded" && leaf.seq < decision.seq)) throw fault("story.consent", decision);
  const ended = about.find(
    (leaf) => ["consent.withdrawn", "consent.expired"].includes(leaf.type) && leaf.seq < consumed.seq,
  );
  if (ended !== undefined) throw fault("story.consentEnded", ended);
}

function checkPlaced(subject: Case, own: readonly Leaf[]): number {
  const steps = BEFORE_DIALLING.map((type) => {
    const found = own.find((leaf) => leaf.type === type);
    if (found === undefined) throw fault("story.without", undefined, { step: type });
    return found;
  });
  const refused = own.find((leaf) => leaf.type === "decision.refused");
  if (refused !== undefined) throw fault("story.refused", refused);
  const twice = own.filter((leaf) => leaf.type === "gate2.passed")[1];
  if (twice !== undefined) throw fault("story.twice", twice);
  steps.forEach((leaf, at) => {
    if (at > 0 && leaf.seq < (steps[at - 1]?.seq ?? 0)) throw fault("story.order", leaf);
  });
  const [decision, , consumed, placed] = steps;
  if (decision === undefined || consumed === undefined || placed === undefined) throw fault("story.none");
  const early = own.find((leaf) => ONLY_WHEN_PLACED.has(leaf.type) && leaf.seq < placed.seq);
  if (early !== undefined) throw fault("story.order", early);
  checkConsent(subject, decision, consumed);
  return consumed.seq;
}

/** Section 10: nothing was dialled without decision, consent, permit and second gate. Returns the last state. */
export function checkStory(subject: Case): string {
  const own = subject.own();
  const state = checkMoves(own, subject.lacks("end"));
  if (!own.some((leaf) => leaf.type === "decision.permitted" || leaf.type === "decision.refused")) throw fault("story.decision");
  if (own.some((leaf) => leaf.type === "gate2.passed" || leaf.type === "attempt.placed")) {
    subject.consumedSeq = checkPlaced(subject, own);
    return state;
  }
  const stray = own.find((leaf) => ONLY_WHEN_PLACED.has(leaf.type));
  if (stray !== undefined) throw fault("story.notPlaced", stray);
  return state;
}

import type { SimulationForm } from "../api/models";
import { createStore } from "../ui/store";

type Method = SimulationForm["methods"][number];

/** Methods in the order of the page: ours first, then what the field does, then the bound of all. */
export const METHODS = [
  "predictive",
  "predictive_provable",
  "progressive",
  "fixed_ratio_1_5",
  "fixed_ratio_2",
  "vicidial_hard_limit",
  "vicidial_average",
  "vicidial_tapered",
  "clairvoyant",
] as const satisfies readonly Method[];

type Source = "history" | "figures" | "scenario";

/** What stands in the form. Hours, per cent and minutes as people write them. */
export interface Asked {
  readonly source: Source;
  readonly campaign: string | null;
  readonly agents: number;
  readonly hours: number;
  readonly capPercent: number;
  readonly days: number;
  readonly methods: readonly Method[];
  readonly leavers: number;
  readonly leaveAfterMinutes: number;
  readonly answerPercent: number;
  readonly talkSeconds: number;
  readonly wrapSeconds: number;
  readonly scenario: string;
}

export const FIRST: Asked = {
  source: "figures",
  campaign: null,
  agents: 12,
  hours: 3,
  capPercent: 1,
  days: 3,
  methods: ["predictive", "progressive", "vicidial_hard_limit"],
  leavers: 0,
  leaveAfterMinutes: 60,
  answerPercent: 30,
  talkSeconds: 120,
  wrapSeconds: 20,
  scenario: "",
};

/** The form outlives the page, so that going to the floor and back loses nothing. */
export const simulationForm = createStore<Asked, Partial<Asked>>((state, changed) => ({ ...state, ...changed }), FIRST);

/** Why it can't be asked yet: a key under `pacing.missing`, null when it can. */
export function missing(asked: Asked): "methods" | "campaign" | "scenario" | null {
  if (asked.source === "scenario") return asked.scenario.trim() === "" ? "scenario" : null;
  if (asked.methods.length === 0) return "methods";
  return asked.source === "history" && asked.campaign === null ? "campaign" : null;
}

/** The body of the request: per million instead of per cent, minutes instead of hours. */
export function bodyOf(asked: Asked): SimulationForm {
  return {
    campaign: asked.source === "history" ? asked.campaign : null,
    agents: asked.agents,
    shift_minutes: Math.round(asked.hours * 60),
    cap_ppm: Math.round(asked.capPercent * 10_000),
    methods: [...asked.methods],
    days: asked.days,
    leads: null,
    leaves: asked.leavers > 0 ? [{ count: asked.leavers, after_minutes: asked.leaveAfterMinutes }] : [],
    answer_ppm: Math.round(asked.answerPercent * 10_000),
    talk_seconds: asked.talkSeconds,
    wrap_seconds: asked.wrapSeconds,
  };
}

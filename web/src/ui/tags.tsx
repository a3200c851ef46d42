import {
  CheckCircleFilled,
  ClockCircleFilled,
  EditFilled,
  MinusCircleFilled,
  PauseCircleFilled,
  PhoneFilled,
  QuestionCircleFilled,
  StopFilled,
} from "@ant-design/icons";
import type { ReactNode } from "react";

import type { AttemptState, CampaignView, DeskState, LeadView } from "../api/models";
import { useWords } from "../i18n/use-words";
import type { InboundOutcome } from "../trail/inbound";

type Tone = "ready" | "call" | "attention" | "stop" | "quiet";

const ICON: Record<Tone, ReactNode> = {
  ready: <CheckCircleFilled />,
  call: <PhoneFilled />,
  attention: <ClockCircleFilled />,
  stop: <StopFilled />,
  quiet: <MinusCircleFilled />,
};

/** A state as icon and word; the colour only repeats what they say. */
function Tone({ tone, icon, children }: { readonly tone: Tone; readonly icon?: ReactNode; readonly children: ReactNode }) {
  return (
    <span className={`tone tone-${tone}`}>
      <span aria-hidden>{icon ?? ICON[tone]}</span>
      {children}
    </span>
  );
}

const AGENT: Record<DeskState, { readonly tone: Tone; readonly icon?: ReactNode }> = {
  offline: { tone: "quiet" },
  ready: { tone: "ready" },
  paused: { tone: "quiet", icon: <PauseCircleFilled /> },
  incoming: { tone: "call" },
  talking: { tone: "call" },
  closing: { tone: "stop" },
  wrapping: { tone: "attention", icon: <EditFilled /> },
};

export function AgentStateTag({ state }: { readonly state: DeskState }) {
  const { t } = useWords();
  return <Tone {...AGENT[state]}>{t(`agentState.${state}`)}</Tone>;
}

const ATTEMPT: Record<AttemptState, { readonly tone: Tone; readonly icon?: ReactNode }> = {
  authorised: { tone: "attention" },
  placed: { tone: "attention" },
  ringing: { tone: "attention" },
  answered: { tone: "call" },
  connected: { tone: "call" },
  abandoned: { tone: "stop" },
  wrapping: { tone: "attention", icon: <EditFilled /> },
  sealed: { tone: "ready" },
  refused: { tone: "stop" },
  failed: { tone: "quiet" },
  cancelled: { tone: "quiet" },
  lapsed: { tone: "quiet" },
  uncertain: { tone: "attention", icon: <QuestionCircleFilled /> },
  ended_unknown: { tone: "quiet", icon: <QuestionCircleFilled /> },
};

export function AttemptStateTag({ state }: { readonly state: AttemptState }) {
  const { t } = useWords();
  return <Tone {...ATTEMPT[state]}>{t(`attemptState.${state}`)}</Tone>;
}

const CAMPAIGN: Record<CampaignView["state"], Tone> = {
  draft: "quiet",
  pending_number_review: "attention",
  ready: "quiet",
  running: "ready",
  paused: "quiet",
  offline: "stop",
  ended: "quiet",
};

export function CampaignStateTag({ state }: { readonly state: CampaignView["state"] }) {
  const { t } = useWords();
  const icon = state === "paused" ? <PauseCircleFilled /> : undefined;
  return (
    <Tone tone={CAMPAIGN[state]} {...(icon === undefined ? {} : { icon })}>
      {t(`campaignState.${state}`)}
    </Tone>
  );
}

const LEAD_STATES = ["queued", "claimed", "dialing", "done", "dropped"] as const;
type LeadState = (typeof LEAD_STATES)[number];

const LEAD: Record<LeadState, Tone> = {
  queued: "attention",
  claimed: "attention",
  dialing: "call",
  done: "ready",
  dropped: "quiet",
};

export function LeadStateTag({ state }: { readonly state: LeadView["state"] }) {
  const { t } = useWords();
  const known = LEAD_STATES.find((one) => one === state);
  return known === undefined ? (
    <Tone tone="quiet">{t("unknown")}</Tone>
  ) : (
    <Tone tone={LEAD[known]}>{t(`leadState.${known}`)}</Tone>
  );
}

const AGEING_SHARE = 0.75;

/** How old a list is beside the age up to which it is believed; an old or missing one refuses every call it binds. */
export function ListAgeTag({ ageHours, ageDaysMax }: { readonly ageHours: number | null; readonly ageDaysMax: number | null }) {
  const { t } = useWords();
  const share = ageHours === null || ageDaysMax === null ? 0 : ageHours / (24 * ageDaysMax);
  const tone = ageHours === null ? "quiet" : share > 1 ? "stop" : share > AGEING_SHARE ? "attention" : "ready";
  const isRefusing = ageDaysMax !== null && (ageHours === null || share > 1);
  return (
    <span className="two-lines">
      <Tone tone={tone}>{ageHours === null ? t("refusals.notLoaded") : t("refusals.hours", { count: ageHours })}</Tone>
      {ageDaysMax !== null && <span className="meta">{t(isRefusing ? "refusals.listRefuses" : "refusals.listBound", { days: ageDaysMax })}</span>}
    </span>
  );
}

const INBOUND: Record<InboundOutcome, { readonly tone: Tone; readonly icon?: ReactNode }> = {
  refused: { tone: "stop" },
  callback: { tone: "attention" },
  talked: { tone: "ready" },
  nobody: { tone: "quiet" },
  under_way: { tone: "call" },
  none: { tone: "quiet" },
};

export function InboundOutcomeTag({ outcome }: { readonly outcome: InboundOutcome }) {
  const { t } = useWords();
  return <Tone {...INBOUND[outcome]}>{t(`inbound.outcomes.${outcome}`)}</Tone>;
}

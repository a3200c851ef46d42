import { ArrowLeftOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, useParams } from "react-router";

import { answer, api } from "../../api/client";
import type { AttemptView } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import type { Role } from "../../ui/places";
import { Shown } from "../../ui/states";
import { Objections } from "../decision/objections";
import { PassedRules } from "../decision/rules";

import { ConsentShown } from "./consent-shown";
import { LogEntries } from "./log-entries";
import { Moments } from "./moments";
import { ProofPanel } from "./proof-panel";
import { Replay } from "./replay";
import { Recording, type SoundSource } from "./recording";
import { ScriptSaid } from "./script-said";
import { SecondGate } from "./second-gate";
import { Verdict } from "./verdict";

import "./trail.css";

function Step({ tone, title, children }: { readonly tone: "good" | "stop" | "quiet"; readonly title: string; readonly children: ReactNode }) {
  return (
    <section className={`step step-${tone}`} aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

function soundOf(view: AttemptView): SoundSource {
  const attempt = view.attempt.id;
  return {
    key: attempt,
    wav: `/api/attempts/${encodeURIComponent(attempt)}/recording.wav`,
    peaks: () => answer(api.GET("/api/attempts/{attempt}/peaks", { params: { path: { attempt } } })),
    timeline: view.timeline,
    began: view.attempt.answered_at,
  };
}

interface PageProps {
  readonly view: AttemptView;
  readonly role: Role;
  readonly lookAgain: () => void;
}

function Page({ view, role, lookAgain }: PageProps) {
  const { t } = useWords();
  const refused = view.decision?.outcome === "refused";
  const { attempt, person } = view;
  return (
    <>
      <Verdict view={view} />
      <div className="call-page-main">
        <div className="steps">
          <Step tone={view.consent === null ? "stop" : "good"} title={t("step.consent")}>
            <ConsentShown consent={view.consent} zone={person.zone} />
          </Step>
          <Step tone={view.decision === null ? "quiet" : refused ? "stop" : "good"} title={t("step.decision")}>
            {view.decision === null ? (
              <p className="meta">{t("decision.none")}</p>
            ) : (
              <>
                <Objections objections={view.decision.objections} empty={t("decision.allowed")} />
                <PassedRules decision={view.decision} />
                <Replay attempt={attempt.id} />
              </>
            )}
          </Step>
          {view.second_gate === null ? (
            <Step tone={refused ? "stop" : "quiet"} title={t("step.notDialled")}>
              <p>{refused ? t("step.notDialledWhy") : t("step.noPermit")}</p>
            </Step>
          ) : (
            <Step tone={view.second_gate.state === "consumed" ? "good" : "quiet"} title={t("step.gate2")}>
              <SecondGate gate={view.second_gate} zone={person.zone} />
            </Step>
          )}
          {attempt.placed_at !== null && (
            <Step tone="good" title={t("step.call")}>
              <Moments attempt={attempt} timeline={view.timeline} zone={person.zone} />
            </Step>
          )}
          {view.script != null && (
            <Step tone={view.script.parts.some((part) => part.required && part.said_at == null) ? "quiet" : "good"} title={t("step.script", { version: view.script.version })}>
              <ScriptSaid script={view.script} />
            </Step>
          )}
          {view.recording !== null && (
            <Step tone={view.recording.state === "sealed" ? "good" : "quiet"} title={t("step.recording")}>
              <Recording sound={soundOf(view)} recording={view.recording} role={role} />
            </Step>
          )}
          <Step tone="quiet" title={t("step.log")}>
            <LogEntries timeline={view.timeline} />
          </Step>
        </div>
        <ProofPanel view={view} role={role} lookAgain={lookAgain} />
      </div>
    </>
  );
}

/** One attempt on one page, from the consent to the seal. The proof of a call that was not made is the same page. */
export default function CallPage({ role }: { readonly role: Role }) {
  const { t } = useWords();
  const { attempt = "" } = useParams();
  const view = useQuery({
    queryKey: ["attempt", attempt],
    queryFn: () => answer(api.GET("/api/attempts/{attempt}", { params: { path: { attempt } } })),
    // every look is a leaf of the evidence log: nothing looks by itself
    staleTime: Infinity,
    refetchOnWindowFocus: false,
    retry: false,
  });
  return (
    <div className="call-page">
      <Link to="/calls" className="back">
        <ArrowLeftOutlined aria-hidden /> {t("trail.back")}
      </Link>
      <Shown asked={view} rows={16}>
        {(shown) => <Page view={shown} role={role} lookAgain={() => void view.refetch()} />}
      </Shown>
    </div>
  );
}

import { ArrowLeftOutlined, CheckCircleFilled, ClockCircleFilled } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Descriptions } from "antd";
import { Link, useParams } from "react-router";

import { answer, api } from "../../api/client";
import type { InboundView } from "../../api/models";
import { inboundOutcome } from "../../trail/inbound";
import { useWords } from "../../i18n/use-words";
import type { Role } from "../../ui/places";
import { Shown } from "../../ui/states";
import { duration, fullTime } from "../../ui/time";

import { LogEntries } from "./log-entries";
import { Recording, type SoundSource } from "./recording";

import "./trail.css";

function soundOf({ call, timeline }: InboundView): SoundSource {
  const inbound = call.id;
  return {
    key: inbound,
    wav: `/api/inbound/${encodeURIComponent(inbound)}/recording.wav`,
    peaks: () => answer(api.GET("/api/inbound/{inbound}/peaks", { params: { path: { inbound } } })),
    timeline,
    began: call.received_at,
  };
}

function Proof({ proof }: Pick<InboundView, "proof">) {
  const { t, lang } = useWords();
  if (!proof.complete || proof.cosigned_at === null) {
    return (
      <p className="proof-state proof-open">
        <ClockCircleFilled aria-hidden /> {proof.signed_at === null ? t("proof.unsigned") : t("proof.uncosigned")}
      </p>
    );
  }
  return (
    <p className="proof-state proof-complete">
      <CheckCircleFilled aria-hidden /> {t("inbound.proven", { time: fullTime(proof.cosigned_at, lang) })}
    </p>
  );
}

function Facts({ view }: { readonly view: InboundView }) {
  const { t, say, lang } = useWords();
  const { call, person } = view;
  const outcome = inboundOutcome({
    state: call.state,
    wish: call.wish,
    agent: call.agent === null ? null : call.agent.id,
    asked_agent: call.asked_at !== null,
  });
  const items = [
    { key: "outcome", label: t("inbound.outcome"), children: t(`inbound.outcomes.${outcome}`) },
    { key: "line", label: t("inbound.line"), children: <span className="figure">{call.line}</span> },
    { key: "at", label: t("inbound.received"), children: fullTime(call.received_at, lang) },
    ...(call.agent === null
      ? []
      : [
          { key: "agent", label: t("trail.agent"), children: say(call.agent.name) },
          { key: "waited", label: t("inbound.waited"), children: t("inbound.seconds", { seconds: (call.waited_seconds ?? 0).toFixed(1) }) },
        ]),
    ...(call.disposition === null ? [] : [{ key: "result", label: t("trail.result"), children: say(call.disposition.sentence) }]),
    ...(call.ended_at === null
      ? []
      : [
          {
            key: "length",
            label: t("inbound.length"),
            children: duration(Date.parse(call.ended_at) - Date.parse(call.received_at)),
          },
        ]),
    ...(call.consent_id === null ? [] : [{ key: "consent", label: t("inbound.consent"), children: <span className="mono">{call.consent_id}</span> }]),
  ];
  return (
    <section aria-label={t("inbound.call")}>
      <h1 className="figure">
        {person?.name == null ? "" : `${person.name} `}
        {person === null ? t("inbound.noNumber") : person.number}
      </h1>
      <Descriptions size="small" column={{ xs: 1, sm: 2, lg: 3 }} items={items} />
    </section>
  );
}

/** One call to a number of ours on one page: what was wished, the recording, and how far its proof has come. */
export default function InboundCallPage({ role }: { readonly role: Role }) {
  const { t } = useWords();
  const { inbound = "" } = useParams();
  const view = useQuery({
    queryKey: ["inbound", inbound],
    queryFn: () => answer(api.GET("/api/inbound/{inbound}", { params: { path: { inbound } } })),
    // every look is a leaf of the evidence log: nothing looks by itself
    staleTime: Infinity,
    refetchOnWindowFocus: false,
    retry: false,
  });
  return (
    <div className="call-page">
      <Link to="/inbound" className="back">
        <ArrowLeftOutlined aria-hidden /> {t("inbound.back")}
      </Link>
      <Shown asked={view} rows={12}>
        {(shown) => (
          <>
            <Facts view={shown} />
            <Proof proof={shown.proof} />
            <div className="steps">
              <section className="step step-good" aria-label={t("step.recording")}>
                <h2>{t("step.recording")}</h2>
                {shown.recording === null ? (
                  <p className="meta">{t("inbound.noRecording")}</p>
                ) : (
                  <Recording sound={soundOf(shown)} recording={shown.recording} role={role} />
                )}
              </section>
              <section className="step step-quiet" aria-label={t("step.log")}>
                <h2>{t("step.log")}</h2>
                <LogEntries timeline={shown.timeline} />
              </section>
            </div>
          </>
        )}
      </Shown>
    </div>
  );
}

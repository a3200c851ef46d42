import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { answer, api } from "../../api/client";
import type { LastCheck, LogHealth } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { Shown } from "../../ui/states";
import { duration, fullTime } from "../../ui/time";
import { useNow } from "../../ui/use-now";
import { Mark } from "../verify/marks";

import "./trail.css";
import "./audit.css";

const LOOK_MS = 15_000;
/** The witness cosigns at least every minute; two are a cause to look. */
const WITNESS_SECONDS_MAX = 120;
/** Everything is checked once a day; a day and an hour are a cause to look. */
const CHECK_MS_MAX = 25 * 3_600_000;

type Tone = "good" | "attention" | "stop";

function Card({ title, tone, says, children }: { readonly title: string; readonly tone: Tone; readonly says: string; readonly children: ReactNode }) {
  return (
    <section className={`health health-${tone}`} aria-label={title}>
      <h2>{title}</h2>
      <p className="health-says">
        <Mark end={tone === "good" ? "pass" : tone === "stop" ? "fail" : "unreached"} label="" /> {says}
      </p>
      {children}
    </section>
  );
}

function Checked({ of, last }: { readonly of: "store" | "exchange" | "vault"; readonly last: LastCheck | null }) {
  const { t, lang } = useWords();
  const now = useNow();
  const age = last === null ? 0 : now - Date.parse(last.at);
  const tone: Tone = last === null || age > CHECK_MS_MAX ? "attention" : last.findings > 0 ? "stop" : "good";
  const says =
    last === null
      ? t("health.never")
      : last.findings > 0
        ? t("health.findings", { count: last.findings })
        : age > CHECK_MS_MAX
          ? t("health.old")
          : t("health.clean");
  return (
    <Card title={t(`health.${of}`)} tone={tone} says={says}>
      <p className="meta">{t(`health.${of}Hint`)}</p>
      {last !== null && (
        <p className="meta figure">
          {fullTime(last.at, lang)} · {t("health.looked", { count: last.looked_at, ms: last.took_ms })}
        </p>
      )}
    </Card>
  );
}

function Cards({ health }: { readonly health: LogHealth }) {
  const { t, lang } = useWords();
  const age = health.cosigned_age_seconds;
  const late = age === null || age > WITNESS_SECONDS_MAX;
  return (
    <div className="healths">
      <Card title={t("health.witness")} tone={late ? "stop" : "good"} says={age === null ? t("health.neverCosigned") : t("health.age", { time: duration(age * 1_000) })}>
        <p className="meta">{t("health.witnessHint")}</p>
        {health.cosigned_at !== null && (
          <p className="meta figure">
            {fullTime(health.cosigned_at, lang)} · {t("health.size", { size: health.cosigned_size })}
          </p>
        )}
      </Card>
      <Card title={t("health.exposed")} tone={health.exposed === 0 ? "good" : late ? "stop" : "attention"} says={t("health.exposedCount", { count: health.exposed })}>
        <p className="meta">{t("health.exposedHint")}</p>
      </Card>
      <Card title={t("health.log")} tone={health.signed_size < health.size && late ? "attention" : "good"} says={t("health.size", { size: health.size })}>
        <p className="meta figure">
          {health.last_leaf_at !== null && t("health.lastLeaf", { time: fullTime(health.last_leaf_at, lang) })}
        </p>
        <p className="meta figure">
          {health.signed_at !== null && t("health.signed", { size: health.signed_size, time: fullTime(health.signed_at, lang) })}
        </p>
      </Card>
      <Checked of="exchange" last={health.exchange} />
      <Checked of="store" last={health.store} />
      <Checked of="vault" last={health.vault} />
    </div>
  );
}

/** How the log fares: who signed and witnessed it until when, and when everything was last checked as a whole. */
export default function LogPage() {
  const { t } = useWords();
  const health = useQuery({
    queryKey: ["log-health"],
    queryFn: () => answer(api.GET("/api/log")),
    refetchInterval: LOOK_MS,
  });
  return (
    <div className="trail audit">
      <h1>{t("health.title")}</h1>
      <Shown asked={health} rows={8}>
        {(shown) => <Cards health={shown} />}
      </Shown>
    </div>
  );
}

import type { AttemptView, TimelineEvent } from "../../api/models";
import { momentsOf } from "../../trail/moments";
import { useWords } from "../../i18n/use-words";
import { duration, elsewhere, exactTime } from "../../ui/time";

interface Props {
  readonly attempt: AttemptView["attempt"];
  readonly timeline: readonly TimelineEvent[];
  readonly zone: string | null;
}

/** Dialling, ringing, answer, agent, refusal, end: each with its time and how long after the one before. */
export function Moments({ attempt, timeline, zone }: Props) {
  const { t, say, lang } = useWords();
  const moments = momentsOf(attempt, timeline);
  const by = attempt.hangup_by === "agent" || attempt.hangup_by === "callee" ? attempt.hangup_by : null;
  return (
    <>
      <ol className="moments">
        {moments.map(({ kind, at, sinceLastMs }, index) => {
          const theirs = index === 0 ? elsewhere(at, lang, zone) : null;
          return (
            <li key={`${kind} ${at}`} className={`moment moment-${kind}`}>
              <span className="figure moment-time">{exactTime(at, lang)}</span>
              <span className="moment-what">
                {t(`moment.${kind}`)}
                {theirs !== null && <span className="meta"> ({t("time.theirs", { time: theirs })})</span>}
              </span>
              {sinceLastMs !== null && <span className="meta figure">+{duration(sinceLastMs)}</span>}
            </li>
          );
        })}
      </ol>
      <dl className="facts facts-row">
        {attempt.caller_id !== null && (
          <div>
            <dt>{t("call.callerId")}</dt>
            <dd className="figure">{attempt.caller_id}</dd>
          </div>
        )}
        {attempt.agent !== null && (
          <div>
            <dt>{t("trail.agent")}</dt>
            <dd>{attempt.agent}</dd>
          </div>
        )}
        {by !== null && (
          <div>
            <dt>{t("call.endedBy")}</dt>
            <dd>{t(`call.by.${by}`)}</dd>
          </div>
        )}
        {attempt.disposition !== null && (
          <div>
            <dt>{t("trail.disposition")}</dt>
            <dd>{say(attempt.disposition.sentence)}</dd>
          </div>
        )}
        {attempt.sip_text !== null && attempt.sip_text !== "" && (
          <div>
            <dt>{t("call.carrierSaid")}</dt>
            <dd className="mono">{attempt.sip_text}</dd>
          </div>
        )}
      </dl>
    </>
  );
}

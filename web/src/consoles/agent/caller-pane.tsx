import { StopFilled } from "@ant-design/icons";
import type { ReactNode } from "react";

import type { DeskCaller, DeskState } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { dayTime, duration, exactTime } from "../../ui/time";
import { useNow } from "../../ui/use-now";

interface Props {
  readonly caller: DeskCaller;
  readonly state: DeskState;
  /** The wrap-up, when the talk is over. */
  readonly children: ReactNode;
}

function CallerRefused({ refused, now, ended }: { readonly refused: NonNullable<DeskCaller["refused"]>; readonly now: number; readonly ended: boolean }) {
  const { t, lang } = useWords();
  const { leads, permits, legs } = refused.stopped;
  const left = ended || refused.closing_until === null ? 0 : Math.max(0, Math.floor((Date.parse(refused.closing_until) - now) / 1_000));
  return (
    <div className="refusal-done" role="status">
      <StopFilled aria-hidden />
      <div>
        <strong>{t("caller.refused", { time: exactTime(refused.at, lang) })}</strong>
        <span>{t("refused.stopped", { leads, permits, legs })}</span>
        {left > 0 && <span>{t("refused.closing", { seconds: left })}</span>}
      </div>
    </div>
  );
}

/** The screen pop of somebody who rang our number: who, what they asked of us before, and what was talked about. */
export function CallerPane({ caller, state, children }: Props) {
  const { t, say, lang } = useWords();
  const now = useNow();
  const from = caller.connected_at ?? caller.asked_at;
  return (
    <div className="call">
      <header className="call-head">
        <div className="call-who">
          <h1 className="matters">{caller.name ?? t("person.unnamed")}</h1>
          <span className="figure call-number">{caller.number}</span>
          <span className="grow" />
          {from !== null && state !== "wrapping" && (
            <span className="figure matters" role="timer" aria-label={t("call.clock")}>
              {duration(now - Date.parse(from))}
            </span>
          )}
        </div>
        <p className="call-asked">
          <span className="meta">{t("caller.rang", { line: caller.line, time: dayTime(caller.received_at, lang, now) })}</span>
        </p>
      </header>
      {caller.on_do_not_call && caller.refused == null && <p className="strip strip-attention">{t("caller.onList")}</p>}
      {caller.refused != null && <CallerRefused refused={caller.refused} now={now} ended={state === "wrapping"} />}
      <div className="call-body">
        {children ?? (
          <section className="script" aria-label={t("caller.askedBefore")}>
            <h2>{t("caller.askedBefore")}</h2>
            {caller.asked_before.length === 0 && <p className="meta">{t("caller.nothingBefore")}</p>}
            <ul className="plain">
              {caller.asked_before.map((asked) => (
                <li key={asked.lead_id}>
                  <p>{asked.asked === null ? t("call.noWords") : <q>{asked.asked}</q>}</p>
                  <p className="meta">
                    {dayTime(asked.asked_at, lang, now)} · {say(asked.campaign)}
                  </p>
                </li>
              ))}
            </ul>
          </section>
        )}
        <section className="notes" aria-label={t("caller.earlier")}>
          <h2>{t("caller.earlier")}</h2>
          {caller.earlier.length === 0 && <p className="meta">{t("caller.noEarlier")}</p>}
          <ul className="plain">
            {caller.earlier.map((one) => (
              <li key={one.attempt_id}>
                {say(one.sentence)} <span className="meta">{dayTime(one.at, lang, now)}</span>
              </li>
            ))}
          </ul>
        </section>
      </div>
    </div>
  );
}

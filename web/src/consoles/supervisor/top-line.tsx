import type { ReactNode } from "react";
import { Link } from "react-router";

import type { FloorView } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { percent } from "../../ui/figures";

import { Dialable } from "./dialable";

function Figure({ label, to, children }: { readonly label: string; readonly to?: string; readonly children: ReactNode }) {
  const body = (
    <>
      <span className="meta">{label}</span>
      <span className="figure matters">{children}</span>
    </>
  );
  return to === undefined ? (
    <div className="top-figure">{body}</div>
  ) : (
    <Link to={to} className="top-figure top-figure-link">
      {body}
    </Link>
  );
}

/** The line over the floor. Every number opens to what is behind it where the console has a page for it. */
export function TopLine({ totals }: { readonly totals: FloorView["totals"] }) {
  const { t } = useWords();
  return (
    <section className="top-line" aria-label={t("floor.today")}>
      <Figure label={t("floor.talkShare")}>{percent(totals.talk_share_ppm)}</Figure>
      <Figure label={t("floor.attempts")} to="/calls">
        {totals.attempts_today}
      </Figure>
      <Figure label={t("floor.answered")} to="/calls?outcome=talked">
        {totals.answered_today}
      </Figure>
      <Figure label={t("floor.abandoned")} to="/calls?outcome=abandoned">
        {totals.abandoned_today}
      </Figure>
      <Figure label={t("floor.notCalled")} to="/calls?state=refused">
        {totals.refused_today}
      </Figure>
      <div className="top-figure top-agents">
        <span className="meta">{t("floor.agents")}</span>
        <span className="figure agents-split">
          {(["ready", "talking", "wrapping", "paused"] as const).map((state) => (
            <span key={state} className={`split split-${state}`}>
              <b>{state === "talking" ? totals.talking + totals.incoming : totals[state]}</b> {t(`agentState.${state}`)}
            </span>
          ))}
        </span>
      </div>
      <div className="top-figure top-dialable">
        <span className="meta">{t("floor.leads")}</span>
        <Dialable dialable={totals.dialable} campaign={null} />
      </div>
    </section>
  );
}

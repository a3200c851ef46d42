import type { AnyCheckId } from "../../proof/dossier";
import type { Report } from "../../proof/report";
import { Problem } from "../../api/problem";
import { useWords } from "../../i18n/use-words";
import type { Trouble, Verification } from "../../trail/verification";
import { fullTime } from "../../ui/time";

import { Checks } from "./checks";
import { Mark } from "./marks";

import "./verify.css";

/** The sentence that a person takes away. */
function Verdict({ report, tookMs }: { readonly report: Report<AnyCheckId>; readonly tookMs: number }) {
  const { t } = useWords();
  const count = (outcome: string): number => report.checks.filter(({ ended }) => ended.outcome === outcome).length;
  const kind = report.exitCode === 0 ? "complete" : report.exitCode === 3 ? "open" : "failed";
  const words =
    report.exitCode === 1
      ? t("here.failed", { count: count("fail") })
      : t(report.exitCode === 0 ? "here.passed" : "here.consistent", { count: count("pass") });
  return (
    <p className={`verify-verdict proof-${kind}`} role="status">
      <Mark end={report.exitCode === 1 ? "fail" : "pass"} label="" /> {words}{" "}
      <span className="meta">{t("here.took", { ms: tookMs })}</span>
    </p>
  );
}

/** What the file says of itself: which call or dossier, of which log, when it was made. */
function About({ report }: { readonly report: Report<AnyCheckId> }) {
  const { t, lang } = useWords();
  const { subject } = report;
  if (subject === null) return null;
  const made = new Date(subject.madeMicros / 1_000);
  return (
    <>
      {subject.isDemo && <p className="strip strip-attention">{t("here.demo")}</p>}
      <dl className="facts facts-row">
        <div>
          <dt>{t("here.of")}</dt>
          <dd className="mono">{subject.id}</dd>
        </div>
        <div>
          <dt>{t("here.log")}</dt>
          <dd className="mono">{subject.log}</dd>
        </div>
        {!Number.isNaN(made.getTime()) && (
          <div>
            <dt>{t("here.made")}</dt>
            <dd className="figure">{fullTime(made.toISOString(), lang)}</dd>
          </div>
        )}
        <div>
          <dt>{t("here.lacking")}</dt>
          <dd>{t("here.lackingCount", { missing: subject.missing, withheld: subject.withheld })}</dd>
        </div>
      </dl>
    </>
  );
}

function TroubleLine({ trouble }: { readonly trouble: Trouble }) {
  const { t, say } = useWords();
  const words =
    trouble.kind === "asked"
      ? trouble.error instanceof Problem
        ? say(trouble.error.sentence)
        : t("here.trouble.file")
      : t(`here.trouble.${trouble.kind}`);
  return (
    <p className="strip strip-stop" role="alert">
      {words}
    </p>
  );
}

/** A verification as it goes on, and how it ended. */
export function Outcome({ state, turn, withAbout }: { readonly state: Verification; readonly turn: number; readonly withAbout: boolean }) {
  const { t } = useWords();
  switch (state.kind) {
    case "idle":
      return null;
    case "fetching":
      return (
        <p className="meta" role="status">
          {t("here.fetching")}
        </p>
      );
    case "failed":
      return <TroubleLine trouble={state.trouble} />;
    case "running":
      return (
        <>
          <p className="meta" role="status">
            {state.progress === null ? t("here.running") : t("here.progress", { done: state.progress.done, of: state.progress.of })}
          </p>
          <Checks key={turn} ids={state.ids} checks={state.checks} />
        </>
      );
    case "done":
      return (
        <>
          <Verdict report={state.report} tookMs={state.tookMs} />
          {withAbout && <About report={state.report} />}
          <Checks key={turn} ids={state.ids} checks={state.report.checks} />
        </>
      );
  }
}

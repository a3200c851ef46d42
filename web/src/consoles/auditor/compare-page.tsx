import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";

import { answer, api } from "../../api/client";
import type { CompareView, DecisionView } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { Empty, Shown } from "../../ui/states";
import { fullTime } from "../../ui/time";
import { Inputs, Objections } from "../decision/objections";

import "./trail.css";
import "./audit.css";

type Rule = CompareView["rules"][number];

function Side({ result, inputs }: { readonly result: Rule["first"]; readonly inputs: Rule["first_inputs"] }) {
  const { t } = useWords();
  return (
    <td>
      {result === null ? (
        <span className="meta">{t("compare.notRead")}</span>
      ) : (
        <span className={`chip result-${result}`}>{t(`rule.${result}`)}</span>
      )}
      <Inputs inputs={inputs} />
    </td>
  );
}

function Head({ decision, attempt }: { readonly decision: DecisionView; readonly attempt: string }) {
  const { t, lang } = useWords();
  const refused = decision.outcome === "refused";
  return (
    <section className={`compare-head ${refused ? "compare-stop" : "compare-good"}`}>
      <h2>{t(refused ? "compare.refused" : "compare.allowed")}</h2>
      <p className="meta figure">{fullTime(decision.at, lang)}</p>
      <Objections objections={decision.objections} empty={t("decision.allowed")} />
      <Link to={`/calls/${attempt}`}>{t("compare.open")}</Link>
    </section>
  );
}

function Compared({ view, first, second }: { readonly view: CompareView; readonly first: string; readonly second: string }) {
  const { t, say } = useWords();
  const differing = view.rules.filter((rule) => !rule.same).length;
  return (
    <>
      <p role="status">
        <strong>{differing === 0 ? t("compare.none") : t("compare.differing", { count: differing, of: view.rules.length })}</strong>{" "}
        {view.packs_changed.length > 0 && t("compare.packs", { packs: view.packs_changed.join(", ") })}
      </p>
      <div className="compare-heads">
        <Head decision={view.first} attempt={first} />
        <Head decision={view.second} attempt={second} />
      </div>
      <div className="wide-scroll">
        <table className="compare">
          <thead>
            <tr>
              <th scope="col">{t("compare.rule")}</th>
              <th scope="col">{t("compare.first")}</th>
              <th scope="col">{t("compare.second")}</th>
            </tr>
          </thead>
          <tbody>
            {view.rules.map((rule) => (
              <tr key={rule.check} className={rule.same ? "compare-same" : "compare-differs"}>
                <th scope="row">
                  {say(rule.title)} <code>{rule.check}</code>
                  <span className="meta">{t(rule.same ? "compare.same" : "compare.differs")}</span>
                </th>
                <Side result={rule.first} inputs={rule.first_inputs} />
                <Side result={rule.second} inputs={rule.second_inputs} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

/** Two decisions rule by rule, those that differ first: why was one called and the other not? */
export default function ComparePage() {
  const { t } = useWords();
  const [params] = useSearchParams();
  const [first, second] = [params.get("first") ?? "", params.get("second") ?? ""];
  const chosen = first !== "" && second !== "";
  const compared = useQuery({
    queryKey: ["compare", first, second],
    queryFn: () => answer(api.POST("/api/attempts/compare", { body: { first, second } })),
    enabled: chosen,
    staleTime: Infinity,
    retry: false,
  });
  return (
    <div className="trail audit">
      <h1>{t("compare.title")}</h1>
      {chosen ? (
        <Shown asked={compared} rows={12}>
          {(view) => <Compared view={view} first={first} second={second} />}
        </Shown>
      ) : (
        <Empty>{t("compare.choose")}</Empty>
      )}
    </div>
  );
}

import { StopFilled } from "@ant-design/icons";

import type { InputView, Law, ObjectionView } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { dayTime, fullTime } from "../../ui/time";
import { useNow } from "../../ui/use-now";

export function Laws({ laws }: { readonly laws: readonly Law[] }) {
  if (laws.length === 0) return null;
  return (
    <ul className="laws">
      {laws.map(({ pack, rule, title, article, dated, quote }) => (
        <li key={`${pack} ${rule} ${article}`}>
          {title} {article} <span className="meta">{dated}</span>
          {quote !== "" && <q>{quote}</q>}
        </li>
      ))}
    </ul>
  );
}

const MOMENT = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;

/** A value as the evidence has it, in a reader's words where it has some: moments, yes and no, nothing. */
function useValue(): (value: string) => string {
  const { t, lang } = useWords();
  const words: Readonly<Record<string, string>> = { true: t("input.yes"), false: t("input.no"), "-": t("input.none") };
  return (value) => words[value] ?? value.replace(MOMENT, (moment) => fullTime(moment, lang));
}

/** What a rule looked at: its name in words (the evidence's own on hover), and its value. */
export function Inputs({ inputs }: { readonly inputs: readonly InputView[] }) {
  const { say } = useWords();
  const valueOf = useValue();
  if (inputs.length === 0) return null;
  return (
    <dl className="inputs">
      {inputs.map(({ name, title, value }) => (
        <div key={name}>
          <dt title={name}>{say(title)}</dt>
          <dd title={value}>{valueOf(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Every reason why a call may not be made: the sentence, the law, what would cure it, and from when. */
export function Objections({ objections, empty }: { readonly objections: readonly ObjectionView[]; readonly empty: string }) {
  const { t, say, lang } = useWords();
  const now = useNow();
  if (objections.length === 0) return <p className="meta">{empty}</p>;
  return (
    <ol className="objections">
      {objections.map((objection) => (
        <li key={objection.code}>
          <StopFilled className="objection-icon" aria-hidden />
          <div>
            <p className="objection-sentence">
              {say(objection.sentence)} <code>{[objection.code, ...objection.requirements].join(" · ")}</code>
            </p>
            <Laws laws={objection.laws} />
            <p>
              <span className="meta">{t("objection.cure")}</span> {say(objection.cure)}
            </p>
            <p>
              <span className="meta">{t("objection.when")}</span>{" "}
              <span className="figure">
                {objection.lawful_from === null ? t("objection.never") : dayTime(objection.lawful_from, lang, now)}
              </span>
            </p>
            <Inputs inputs={objection.inputs} />
          </div>
        </li>
      ))}
    </ol>
  );
}

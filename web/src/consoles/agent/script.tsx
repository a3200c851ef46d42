import { Checkbox, Tooltip } from "antd";

import type { ScriptPart, ScriptView } from "../../api/models";
import { saidParts, type Desk } from "../../desk/desk";
import type { DeskLink } from "../../desk/desk-link";
import { useWords } from "../../i18n/use-words";
import { Empty } from "../../ui/states";

/** A sentence and its tick. Before anybody is on the line it can't be ticked, and says so. */
function Part({ part, isSaid, tick }: { readonly part: ScriptPart; readonly isSaid: boolean; readonly tick: (() => void) | null }) {
  const { t, say } = useWords();
  const box = (
    <Checkbox checked={isSaid} disabled={tick === null} onChange={() => tick?.()}>
      {say(part.sentence)}
      {part.required && <span className="chip chip-required">{t("script.required")}</span>}
    </Checkbox>
  );
  return <li className={isSaid ? "said" : ""}>{tick === null ? <Tooltip title={t("desk.why.not_answered")}>{box}</Tooltip> : box}</li>;
}

/** The filed script; required sentences are ticked when they were said, which is on the evidence log. */
export function Script({
  script,
  desk,
  link,
}: {
  readonly script: ScriptView | null;
  readonly desk: Desk;
  readonly link: DeskLink;
}) {
  const { t } = useWords();
  if (script === null) {
    return (
      <section className="script">
        <Empty>{t("script.none")}</Empty>
      </section>
    );
  }
  const said = saidParts(desk, script);
  const open = script.parts.filter((part) => part.required && !said.has(part.key)).length;
  const talks = desk.view?.state === "talking";
  return (
    <section className="script" aria-labelledby="script-title">
      <h2 id="script-title">
        {t("script.title", { version: script.version })}
        <span className={`meta ${open === 0 ? "all-said" : ""}`}>
          {open === 0 ? t("script.allSaid") : t("script.open", { count: open })}
        </span>
      </h2>
      <ol>
        {script.parts.map((part) => (
          <Part key={part.key} part={part} isSaid={said.has(part.key)} tick={talks ? () => void link.tick(part.key) : null} />
        ))}
      </ol>
    </section>
  );
}

import { Checkbox } from "antd";

import type { ScriptView } from "../../api/models";
import type { Desk } from "../../desk/desk";
import type { DeskLink } from "../../desk/desk-link";
import { useWords } from "../../i18n/use-words";
import { Empty } from "../../ui/states";

/** The filed script; required sentences are ticked when they were said. */
export function Script({
  script,
  desk,
  link,
}: {
  readonly script: ScriptView | null;
  readonly desk: Desk;
  readonly link: DeskLink;
}) {
  const { t, say } = useWords();
  const ticked = desk.draft?.ticked ?? [];
  if (script === null) {
    return (
      <section className="script">
        <Empty>{t("script.none")}</Empty>
      </section>
    );
  }
  const open = script.parts.filter((part) => part.required && !ticked.includes(part.key)).length;
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
          <li key={part.key} className={ticked.includes(part.key) ? "said" : ""}>
            <Checkbox
              checked={ticked.includes(part.key)}
              onChange={() => link.desk.send({ type: "tick", part: part.key })}
            >
              {say(part.sentence)}
              {part.required && <span className="chip chip-required">{t("script.required")}</span>}
            </Checkbox>
          </li>
        ))}
      </ol>
    </section>
  );
}

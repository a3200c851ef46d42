import { CheckOutlined, MinusOutlined } from "@ant-design/icons";

import type { ScriptView } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { exactTime } from "../../ui/time";

/** What the agent had to say in this call: each sentence with the moment of its tick, or that it was not ticked. */
export function ScriptSaid({ script }: { readonly script: ScriptView }) {
  const { t, say, lang } = useWords();
  const missing = script.parts.filter((part) => part.required && part.said_at == null).length;
  return (
    <>
      <p className={missing === 0 ? "meta" : "script-missing"}>
        {missing === 0 ? t("script.allSaid") : t("said.missing", { count: missing })}
      </p>
      <ol className="script-said">
        {script.parts.map((part) => (
          <li key={part.key} className={part.said_at != null ? "said" : part.required ? "unsaid" : ""}>
            {part.said_at != null ? <CheckOutlined aria-hidden /> : <MinusOutlined aria-hidden />}
            <div>
              <p>
                {say(part.sentence)}
                {part.required && <span className="chip chip-required">{t("script.required")}</span>}
              </p>
              <p className="meta">{part.said_at != null ? t("said.at", { time: exactTime(part.said_at, lang) }) : t("said.not")}</p>
            </div>
          </li>
        ))}
      </ol>
    </>
  );
}

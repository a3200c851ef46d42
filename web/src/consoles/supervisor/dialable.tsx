import { Link } from "react-router";

import type { DialableView } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { dayTime } from "../../ui/time";
import { useNow } from "../../ui/use-now";

const PARTS = ["now", "later", "never", "unknown"] as const;

/** Leads by when they may be called: one bar, and the words with their counts. */
export function Dialable({ dialable, campaign }: { readonly dialable: DialableView; readonly campaign: string | null }) {
  const { t, lang } = useWords();
  const now = useNow();
  const all = PARTS.reduce((sum, part) => sum + dialable[part], 0);
  const words = {
    now: t("dialable.now"),
    later:
      dialable.opens_at === null ? t("dialable.later") : t("dialable.opens", { time: dayTime(dialable.opens_at, lang, now) }),
    never: t("dialable.never"),
    unknown: t("dialable.unknown"),
  };
  const shown = PARTS.filter((part) => part !== "unknown" || dialable.unknown > 0);
  return (
    <div className="dialable">
      <div className="stack" aria-hidden>
        {PARTS.map((part) =>
          dialable[part] === 0 ? null : (
            <i key={part} className={`stack-${part}`} ref={(element) => element?.style.setProperty("flex-grow", String(dialable[part]))} />
          ),
        )}
        {all === 0 && <i className="stack-none" />}
      </div>
      <Link className="dialable-words" to={campaign === null ? "/leads" : `/leads?campaign=${campaign}`}>
        {shown.map((part) => (
          <span key={part} className={`dialable-${part}`}>
            <b className="figure">{dialable[part]}</b> {words[part]}
          </span>
        ))}
      </Link>
    </div>
  );
}

import { Button } from "antd";
import { useState } from "react";

import type { TimelineEvent } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { shortHash } from "../../ui/figures";
import { exactTime } from "../../ui/time";
import { Inputs } from "../decision/objections";

const FOLDED = 6;

/** The leaves of the evidence log that concern this attempt, in the log's order. */
export function LogEntries({ timeline }: { readonly timeline: readonly TimelineEvent[] }) {
  const { t, say, lang } = useWords();
  const [all, setAll] = useState(false);
  const shown = all ? timeline : timeline.slice(0, FOLDED);
  if (timeline.length === 0) return <p className="meta">{t("log.empty")}</p>;
  return (
    <>
      <ol className="log">
        {shown.map((entry) => (
          <li key={entry.seq}>
            <span className="figure log-time">{exactTime(entry.at, lang)}</span>
            <div>
              <p>{say(entry.sentence)}</p>
              <p className="meta mono" title={entry.leaf_hash}>
                #{entry.seq} {entry.type} {shortHash(entry.leaf_hash)}
              </p>
              <Inputs inputs={entry.details} />
            </div>
          </li>
        ))}
      </ol>
      {timeline.length > FOLDED && (
        <Button type="link" className="fold" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? t("log.fold") : t("log.unfold", { count: timeline.length - FOLDED })}
        </Button>
      )}
    </>
  );
}

import { ClockCircleFilled, PhoneFilled, StopFilled } from "@ant-design/icons";

import type { AttemptView } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { AttemptStateTag } from "../../ui/tags";
import { duration, elsewhere, fullTime } from "../../ui/time";

/** What this page proves, in one line: a call that was made, or one that was not. */
export function Verdict({ view }: { readonly view: AttemptView }) {
  const { t, say, lang } = useWords();
  const { attempt, person, decision } = view;
  const refused = attempt.state === "refused";
  const open = !refused && attempt.ended_at === null && attempt.placed_at !== null && attempt.sealed_at === null;
  const talkMs =
    attempt.connected_at === null || attempt.ended_at === null
      ? null
      : Date.parse(attempt.ended_at) - Date.parse(attempt.connected_at);
  const theirs = elsewhere(attempt.authorised_at, lang, person.zone);
  const title = refused
    ? t("verdict.notCalled", { count: decision?.objections.length ?? 0 })
    : open
      ? t("verdict.open")
      : talkMs !== null
        ? t("verdict.talked", { time: duration(talkMs) })
        : t("verdict.notTalked");
  return (
    <header className={`verdict ${refused ? "verdict-stop" : open ? "verdict-open" : "verdict-good"}`}>
      {refused ? <StopFilled aria-hidden /> : open ? <ClockCircleFilled aria-hidden /> : <PhoneFilled aria-hidden />}
      <div>
        <h1>{title}</h1>
        <p className="meta">
          {person.erased ? t("person.erased") : (person.name ?? t("person.unnamed"))} ·{" "}
          <span className="figure">{person.number}</span> · {say(attempt.campaign.name)} ·{" "}
          <span className="figure">{fullTime(attempt.authorised_at, lang)}</span>
          {theirs !== null && ` (${t("time.theirs", { time: theirs })})`}
        </p>
      </div>
      <span className="grow" />
      <div className="verdict-tags">
        <AttemptStateTag state={attempt.state} />
        {attempt.disposition !== null && <span className="chip">{say(attempt.disposition.sentence)}</span>}
      </div>
    </header>
  );
}

import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";

import { answer, api } from "../../api/client";
import type { ChangeView } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { fieldText } from "../../registers/field-text";
import { MaybeButton } from "../../ui/blocked";
import { dayTime } from "../../ui/time";
import { useAct } from "../../ui/use-act";
import { useNow } from "../../ui/use-now";

function Change({ change }: { readonly change: ChangeView }) {
  const { t, say, lang } = useWords();
  const now = useNow();
  const words = { yes: t("yes"), no: t("no"), none: t("none") };
  const at = { params: { path: { change: change.id } } };
  const settle = useAct(
    (verb: "approve" | "reject") =>
      verb === "approve"
        ? answer(api.POST("/api/register-changes/{change}/approve", at))
        : answer(api.POST("/api/register-changes/{change}/reject", at)),
    [["register-changes"], ["registers"]],
  );
  return (
    <li>
      <span className="two-lines">
        <strong>{say(change.entry.title)}</strong>
        <span>{say(change.field.words)}</span>
      </span>
      <span className="field-value two-lines">
        <span>
          {change.field.value === null ? t("registers.notFiledPlain") : fieldText(change.field, lang, words)} →{" "}
          <strong>{fieldText({ ...change.field, value: change.value }, lang, words)}</strong>
        </span>
        <span className="meta">{t("registers.proposed", { who: change.proposed_by, when: dayTime(change.proposed_at, lang, now) })}</span>
      </span>
      <span className="field-acts">
        <MaybeButton size="small" type="primary" loading={settle.isPending} act={change.own ? null : () => settle.mutate("approve")} why={t("registers.ownProposal")}>
          {t("registers.approve")}
        </MaybeButton>
        <Button size="small" onClick={() => settle.mutate("reject")}>
          {t("registers.drop")}
        </Button>
      </span>
    </li>
  );
}

/** What lifts a stop waits here for a second person. */
export function WaitingChanges() {
  const { t } = useWords();
  const waiting = useQuery({
    queryKey: ["register-changes"],
    queryFn: () => answer(api.GET("/api/register-changes")),
    refetchInterval: 30_000,
  });
  if (waiting.data === undefined || waiting.data.items.length === 0) return null;
  return (
    <section className="card" aria-labelledby="waiting-title">
      <h2 id="waiting-title">{t("registers.waiting", { count: waiting.data.items.length })}</h2>
      <p className="meta">{t("registers.waitingMean")}</p>
      <ul className="fields">
        {waiting.data.items.map((change) => (
          <Change key={change.id} change={change} />
        ))}
      </ul>
    </section>
  );
}

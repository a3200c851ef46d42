import { StopFilled } from "@ant-design/icons";

import type { RefusedView } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { exactTime } from "../../ui/time";
import { useNow } from "../../ui/use-now";

/** When the refusal took effect and what it stopped. It can't be taken back here. */
export function RefusalDone({
  refused,
  ended,
}: {
  readonly refused: RefusedView;
  readonly ended: "ended" | "closing";
}) {
  const { t, lang } = useWords();
  const now = useNow();
  const { leads, permits, legs } = refused.stopped;
  const leftSeconds =
    ended === "ended" || refused.closing_until === null
      ? 0
      : Math.max(0, Math.floor((Date.parse(refused.closing_until) - now) / 1_000));
  return (
    <div className="refusal-done" role="status">
      <StopFilled aria-hidden />
      <div>
        <strong>{t("refused.done", { time: exactTime(refused.at, lang), ms: refused.took_ms })}</strong>
        <span>{t("refused.stopped", { leads, permits, legs })}</span>
        {leftSeconds > 0 && <span>{t("refused.closing", { seconds: leftSeconds })}</span>}
      </div>
    </div>
  );
}

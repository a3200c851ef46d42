import { PhoneFilled } from "@ant-design/icons";
import { Progress, Select } from "antd";

import type { PreviewView } from "../../api/models";
import type { Desk } from "../../desk/desk";
import type { DeskLink } from "../../desk/desk-link";
import { useWords } from "../../i18n/use-words";
import { MaybeButton } from "../../ui/blocked";
import { clockTime, dayTime } from "../../ui/time";
import { useNow } from "../../ui/use-now";

interface Props {
  readonly preview: PreviewView;
  readonly desk: Desk;
  readonly link: DeskLink;
}

/** Somebody who asked for a call, before they are dialled: read, then call or skip with a reason, before time is up. */
export function PreviewCard({ preview, desk, link }: Props) {
  const { t, say, lang } = useWords();
  const now = useNow();
  const { lead } = preview;
  const left = Math.max(0, Math.floor((Date.parse(preview.until) - now) / 1000));
  const why = left === 0 ? t("preview.over") : desk.busy !== null ? t("desk.why.busy") : "";
  return (
    <section className="preview" aria-labelledby="preview-title">
      <header>
        <h1 id="preview-title" className="matters">
          {lead.name ?? t("person.unnamed")} <span className="figure">{lead.number}</span>
        </h1>
        <Progress
          type="circle"
          size={56}
          percent={(left * 100) / preview.seconds}
          format={() => left}
          aria-label={t("preview.left", { seconds: left })}
        />
      </header>
      <dl className="preview-facts">
        <dt className="meta">{t("preview.campaign")}</dt>
        <dd>{say(lead.campaign)}</dd>
        <dt className="meta">{t("preview.asked")}</dt>
        <dd>
          {lead.asked ?? "—"} <span className="meta">{dayTime(lead.asked_at, lang, now)}</span>
        </dd>
        {lead.promised_from !== null && (
          <>
            <dt className="meta">{t("preview.promised")}</dt>
            <dd>
              {dayTime(lead.promised_from, lang, now)}
              {lead.promised_until !== null && `–${clockTime(lead.promised_until, lang)}`}
            </dd>
          </>
        )}
        <dt className="meta">{t("preview.tries")}</dt>
        <dd className="figure">{lead.tries}</dd>
      </dl>
      <div className="preview-acts">
        <MaybeButton
          type="primary"
          size="large"
          icon={<PhoneFilled />}
          loading={desk.busy === "preview"}
          act={why === "" ? () => void link.callPreviewed() : null}
          why={why}
        >
          {t("preview.call")}
        </MaybeButton>
        <Select
          size="large"
          value={null}
          placeholder={t("preview.skip")}
          popupMatchSelectWidth={false}
          aria-label={t("preview.skip")}
          onChange={(reason: string) => void link.skipPreviewed(reason)}
          options={preview.skip_reasons.map(({ code, sentence }) => ({ value: code, label: say(sentence) }))}
        />
      </div>
      <p className="meta">{t("preview.promise")}</p>
    </section>
  );
}

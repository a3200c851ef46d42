import { CheckCircleFilled, ExclamationCircleFilled } from "@ant-design/icons";
import { Drawer } from "antd";

import type { ConsentGlance } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { shortHash } from "../../ui/figures";
import { elsewhere, fullTime, isoDay } from "../../ui/time";

/** The consent in one glance: for what, until when, whose phone. */
export function ConsentLine({ consent, now }: { readonly consent: ConsentGlance | null; readonly now: string }) {
  const { t, say } = useWords();
  if (consent === null) {
    return (
      <span className="consent-line consent-none">
        <ExclamationCircleFilled aria-hidden /> {t("consent.none")}
      </span>
    );
  }
  const until = consent.expires_at === null ? null : isoDay(consent.expires_at);
  const ends = until === null ? t("consent.once") : t("consent.until", { day: until });
  const valid = until === null || until >= now;
  return (
    <span className={`consent-line ${valid ? "consent-valid" : "consent-none"}`}>
      {valid ? <CheckCircleFilled aria-hidden /> : <ExclamationCircleFilled aria-hidden />}
      <span>{ends}</span>
      <span className="chip">{say(consent.purpose_name)}</span>
      {consent.ownership !== "proven" && <span className="chip chip-attention">{t("consent.confirmPerson")}</span>}
    </span>
  );
}

interface Props {
  readonly consent: ConsentGlance;
  readonly open: boolean;
  readonly close: () => void;
  readonly zone: string | null;
}

/** What the person read and did, to be read out when they ask how we have their number. */
export function ConsentProof({ consent, open, close, zone }: Props) {
  const { t, say, lang } = useWords();
  const theirs = elsewhere(consent.given_at, lang, zone);
  return (
    <Drawer open={open} onClose={close} title={t("consent.proofTitle")} size={520} mask={false}>
      <dl className="facts">
        <dt>{t("consent.given")}</dt>
        <dd className="figure">
          {fullTime(consent.given_at, lang)}
          {theirs !== null && <span className="meta"> ({t("time.theirs", { time: theirs })})</span>}
        </dd>
        <dt>{t("consent.where")}</dt>
        <dd>{consent.source === null ? t("unknown") : say(consent.source)}</dd>
        <dt>{t("consent.for")}</dt>
        <dd>{say(consent.purpose_name)}</dd>
        <dt>{t("consent.validUntil")}</dt>
        <dd className="figure">{consent.expires_at === null ? t("consent.once") : fullTime(consent.expires_at, lang)}</dd>
        <dt>{t("consent.ownership")}</dt>
        <dd>{t(consent.ownership === "proven" ? "consent.owned.proven" : "consent.owned.unproven")}</dd>
        {consent.artefact_sha256 !== null && (
          <>
            <dt>{t("consent.artefact")}</dt>
            <dd className="mono">{shortHash(consent.artefact_sha256)}</dd>
          </>
        )}
      </dl>
      <h3 className="proof-shown">{t("consent.asShown")}</h3>
      <blockquote className="consent-text">{consent.text ?? t("consent.noText")}</blockquote>
    </Drawer>
  );
}

import { Link } from "react-router";

import type { ConsentShown as Consent } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { shortHash } from "../../ui/figures";
import { elsewhere, fullTime } from "../../ui/time";

const ORIGINS = ["web_form", "message", "inbound_call", "sms", "paper", "import"] as const;

/** The consent as it was shown that day: the words themselves, not a description of them. */
export function ConsentShown({ consent, zone }: { readonly consent: Consent | null; readonly zone: string | null }) {
  const { t, say, lang } = useWords();
  if (consent === null) return <p className="strip strip-stop">{t("consent.noneOnFile")}</p>;
  const origin = ORIGINS.find((one) => one === consent.origin);
  const theirs = elsewhere(consent.given_at, lang, zone);
  return (
    <div className="consent-shown">
      {consent.withdrawn_at !== null && (
        <p className="strip strip-stop">{t("consent.withdrawn", { time: fullTime(consent.withdrawn_at, lang) })}</p>
      )}
      <dl className="facts facts-row">
        <div>
          <dt>{t("consent.given")}</dt>
          <dd className="figure">
            {fullTime(consent.given_at, lang)}
            {theirs !== null && <span className="meta"> ({t("time.theirs", { time: theirs })})</span>}
          </dd>
        </div>
        <div>
          <dt>{t("consent.where")}</dt>
          <dd>
            {consent.source === null ? t("unknown") : say(consent.source)}
            {origin !== undefined && <span className="chip">{t(`consent.origin.${origin}`)}</span>}
          </dd>
        </div>
        <div>
          <dt>{t("consent.for")}</dt>
          <dd>{say(consent.purpose_name)}</dd>
        </div>
        <div>
          <dt>{t("consent.validUntil")}</dt>
          <dd className="figure">
            {consent.expires_at === null ? t("consent.once") : fullTime(consent.expires_at, lang)}
          </dd>
        </div>
        <div>
          <dt>{t("consent.ownership")}</dt>
          <dd>{t(consent.ownership === "proven" ? "consent.owned.proven" : "consent.owned.unproven")}</dd>
        </div>
        {consent.artefact_sha256 !== null && (
          <div>
            <dt>{t("consent.artefact")}</dt>
            <dd className="mono" title={consent.artefact_sha256}>
              {shortHash(consent.artefact_sha256)}
            </dd>
          </div>
        )}
      </dl>
      <p>
        <Link to={`/calls?${new URLSearchParams({ consent: consent.id }).toString()}`}>{t("consent.itsCalls")}</Link>
      </p>
      {consent.asked !== null && (
        <p>
          <span className="meta">{t("consent.asked")}</span> <q>{consent.asked}</q>
        </p>
      )}
      <figure className="as-shown">
        <figcaption className="meta">
          {t("consent.asShown")}
          {consent.text_version !== null && ` · ${t("consent.version", { version: consent.text_version })}`}
        </figcaption>
        <blockquote className="consent-text">{consent.text ?? t("consent.noText")}</blockquote>
      </figure>
    </div>
  );
}

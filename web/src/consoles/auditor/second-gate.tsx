import type { SecondGateView } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { elsewhere, fullTime } from "../../ui/time";

const STATES = ["issued", "consumed", "void", "lapsed"] as const;

/** What the permit gate beside the trunk did with the permit. */
export function SecondGate({ gate, zone }: { readonly gate: SecondGateView; readonly zone: string | null }) {
  const { t, lang } = useWords();
  const state = STATES.find((one) => one === gate.state);
  const theirs = elsewhere(gate.dial_before, lang, zone);
  return (
    <>
      <p>{state === undefined ? t("unknown") : t(`permit.${state}`)}</p>
      <dl className="facts facts-row">
        <div>
          <dt>{t("permit.issuedAt")}</dt>
          <dd className="figure">{fullTime(gate.issued_at, lang)}</dd>
        </div>
        <div>
          <dt>{t("permit.consumedAt")}</dt>
          <dd className="figure">{gate.consumed_at === null ? "—" : fullTime(gate.consumed_at, lang)}</dd>
        </div>
        <div>
          <dt>{t("permit.expiresAt")}</dt>
          <dd className="figure">{fullTime(gate.expires_at, lang)}</dd>
        </div>
        <div>
          <dt>{t("permit.dialBefore")}</dt>
          <dd className="figure">
            {fullTime(gate.dial_before, lang)}
            {theirs !== null && <span className="meta"> ({t("time.theirs", { time: theirs })})</span>}
          </dd>
        </div>
      </dl>
    </>
  );
}

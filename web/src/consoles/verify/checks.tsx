import { useEffect, useState } from "react";

import type { AnyCheckId } from "../../proof/dossier";
import type { Where } from "../../proof/fault";
import type { Check } from "../../proof/report";
import { useWords } from "../../i18n/use-words";

import { Mark } from "./marks";

const TICK_MS = 60;

function wantsStill(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** Where a fault lies: file, leaf, bytes. */
function Place({ where }: { readonly where: Where }) {
  const { t } = useWords();
  const parts = [
    where.file,
    where.leaf === undefined ? undefined : t("here.leaf", { seq: where.leaf }),
    where.start === undefined ? undefined : t("here.bytes", { from: where.start, to: where.end ?? where.start + 1 }),
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? null : <span className="meta mono check-place">{parts.join(" · ")}</span>;
}

function Line({ id, check }: { readonly id: AnyCheckId; readonly check: Check<AnyCheckId> | undefined }) {
  const { t } = useWords();
  const title = t(`proven.${id}`);
  if (check === undefined) {
    return (
      <li className="waiting">
        <Mark end="waiting" label={t("here.end.waiting")} />
        <span>{title}</span>
      </li>
    );
  }
  const { ended } = check;
  return (
    <li className={`check-${ended.outcome}`} data-check={id}>
      <Mark end={ended.outcome} label={t(`here.end.${ended.outcome}`)} />
      <span>
        {title}
        {ended.outcome === "pass" && ended.said !== null && (
          <span className="meta check-said">{t(`found.${ended.said.code}`, ended.said.about)}</span>
        )}
        {ended.outcome === "skip" && <span className="meta check-said">{t(`skip.${ended.why}`)}</span>}
        {ended.outcome === "unreached" && (
          <span className="meta check-said">{t("here.because", { check: t(`proven.${ended.because}`) })}</span>
        )}
        {ended.outcome === "fail" && (
          <>
            <span className="check-fault">{t(`fault.${ended.code}`, ended.about)}</span>
            <Place where={ended.where} />
          </>
        )}
      </span>
    </li>
  );
}

interface Props {
  readonly ids: readonly AnyCheckId[];
  readonly checks: readonly Check<AnyCheckId>[];
}

/** Every check by name, each with its own end as it comes; a failed one says what is wrong and where. */
export function Checks({ ids, checks }: Props) {
  // a verification takes less time than an eye needs: the ends are shown one after the other
  const [shown, setShown] = useState(() => (wantsStill() ? Infinity : 0));
  useEffect(() => {
    if (shown >= checks.length) return undefined;
    const timer = setTimeout(() => setShown(shown + 1), TICK_MS);
    return () => clearTimeout(timer);
  }, [shown, checks.length]);
  return (
    <ol className="checks">
      {ids.map((id, place) => (
        <Line key={id} id={id} check={place < shown ? checks[place] : undefined} />
      ))}
    </ol>
  );
}

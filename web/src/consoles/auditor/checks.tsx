import { CheckCircleFilled, CloseCircleFilled } from "@ant-design/icons";
import { useEffect, useState } from "react";

import type { VerifyView } from "../../api/models";
import { useWords } from "../../i18n/use-words";

const TICK_MS = 60;

function wantsStill(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** Every check by name, one ticking after the other; a failed one says where. */
export function Checks({ checks }: { readonly checks: VerifyView["checks"] }) {
  const { t, say } = useWords();
  const [shown, setShown] = useState(() => (wantsStill() ? checks.length : 0));
  useEffect(() => {
    if (shown >= checks.length) return undefined;
    const timer = setTimeout(() => setShown(shown + 1), TICK_MS);
    return () => clearTimeout(timer);
  }, [shown, checks.length]);
  return (
    <ol className="checks">
      {checks.map((check, index) => (
        <li key={check.id} className={index < shown ? (check.passed ? "good" : "bad") : "waiting"}>
          <span role="img" aria-label={check.passed ? t("verify.good") : t("verify.bad")}>
            {check.passed ? <CheckCircleFilled /> : <CloseCircleFilled />}
          </span>
          <span>
            {say(check.sentence)}
            {!check.passed && check.detail !== null && <span className="meta mono">{say(check.detail)}</span>}
          </span>
        </li>
      ))}
    </ol>
  );
}

import { CheckCircleFilled, ClockCircleFilled, LockFilled, StopFilled } from "@ant-design/icons";

import type { AccountView } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { dayTime } from "../../ui/time";
import { useNow } from "../../ui/use-now";

/** Whether a person can get in, and if not, why: as icon and word. */
export function PersonStateTag({ person }: { readonly person: AccountView }) {
  const { t, lang } = useWords();
  const now = useNow();
  if (person.disabled_at !== null) {
    return (
      <span className="tone tone-stop">
        <StopFilled aria-hidden /> {t("people.disabled")}
      </span>
    );
  }
  if (person.locked_until !== null) {
    return (
      <span className="tone tone-attention">
        <LockFilled aria-hidden /> {t("people.locked", { time: dayTime(person.locked_until, lang, now) })}
      </span>
    );
  }
  if (!person.has_password) {
    return (
      <span className="tone tone-attention">
        <ClockCircleFilled aria-hidden /> {t(person.open_link === null ? "people.noWayIn" : "people.invited")}
      </span>
    );
  }
  return (
    <span className="tone tone-ready">
      <CheckCircleFilled aria-hidden /> {t(person.logins > 0 ? "people.loggedIn" : "people.inOffice")}
    </span>
  );
}

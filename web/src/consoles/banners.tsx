import { AudioMutedOutlined, CalendarOutlined, ClockCircleOutlined, DisconnectOutlined, SafetyCertificateOutlined, StopOutlined } from "@ant-design/icons";
import type { ReactNode } from "react";

import type { EventLine } from "../api/events";
import type { StatusView } from "../api/models";
import { useWords } from "../i18n/use-words";
import type { Role } from "../ui/places";
import { clockTime, duration, fullTime } from "../ui/time";
import { useNow } from "../ui/use-now";
import { useFollowed } from "../ui/use-store";

/** A line that was lost for less than this mends itself before anyone reads about it. */
const QUIET_MS = 3_000;

type Weight = "note" | "attention" | "stop";

function Banner({ weight, icon, children }: { readonly weight: Weight; readonly icon: ReactNode; readonly children: ReactNode }) {
  return (
    <div className={`banner banner-${weight}`} role={weight === "note" ? "note" : "status"}>
      {icon}
      <span>{children}</span>
    </div>
  );
}

function ShiftedClock() {
  const { t, lang } = useWords();
  const now = useNow();
  return (
    <Banner weight="note" icon={<ClockCircleOutlined />}>
      {t("banner.shifted", { now: fullTime(new Date(now).toISOString(), lang) })}
    </Banner>
  );
}

/** What everybody must know before they read the page: shifted clock, stopped dialling, late witness, lost line. */
export function Banners({ status, role, line }: { readonly status: StatusView | undefined; readonly role: Role; readonly line: EventLine }) {
  const { t, say, lang } = useWords();
  const lineState = useFollowed(line);
  const now = useNow();
  const behindMs = lineState.kind === "behind" ? now - lineState.sinceMs : 0;
  return (
    <div className="banners">
      {status?.clock.demo === true && <ShiftedClock />}
      {status?.dialling.running === false && (
        <Banner weight="stop" icon={<StopOutlined />}>
          {t("banner.stopped")}{" "}
          {status.dialling.reasons
            .map(({ sentence, since }) => t("banner.since", { what: say(sentence), time: clockTime(since, lang) }))
            .join(" · ")}
        </Banner>
      )}
      {status?.weakened.map((sentence) => (
        <Banner key={sentence.en} weight="note" icon={<AudioMutedOutlined />}>
          {say(sentence)}
        </Banner>
      ))}
      {role !== "agent" &&
        status?.ahead.map((sentence) => (
          <Banner key={sentence.en} weight="attention" icon={<CalendarOutlined />}>
            {say(sentence)}
          </Banner>
        ))}
      {status?.witness.late === true && (
        <Banner weight="attention" icon={<SafetyCertificateOutlined />}>
          {status.witness.last_cosigned_at === null
            ? t("banner.witnessNever")
            : t("banner.witnessLate", { age: duration(now - Date.parse(status.witness.last_cosigned_at)) })}
        </Banner>
      )}
      {behindMs > QUIET_MS && (
        <Banner weight="attention" icon={<DisconnectOutlined />}>
          {t("banner.behind", { since: clockTime(now - behindMs, lang) })}
        </Banner>
      )}
    </div>
  );
}

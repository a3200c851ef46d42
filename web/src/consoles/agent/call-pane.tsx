import { CalendarOutlined, FileSearchOutlined } from "@ant-design/icons";
import { Button } from "antd";
import type { ReactNode } from "react";

import type { DeskCall, DeskState } from "../../api/models";
import type { Desk } from "../../desk/desk";
import type { DeskLink } from "../../desk/desk-link";
import { useWords } from "../../i18n/use-words";
import { clockTime, dayTime, duration, elsewhere, isoDay, zoneName } from "../../ui/time";
import { useNow } from "../../ui/use-now";
import { useFollowed } from "../../ui/use-store";

import { ConsentLine, ConsentProof } from "./consent-proof";
import { HeardStrip } from "./heard-strip";
import { Notes } from "./notes";
import { RefusalDone } from "./refusal-done";
import { Script } from "./script";

interface Props {
  readonly link: DeskLink;
  readonly desk: Desk;
  readonly call: DeskCall;
  readonly state: DeskState;
  readonly proofOpen: boolean;
  readonly setProofOpen: (open: boolean) => void;
  /** The wrap-up, which takes the script's place when the call is over. */
  readonly children: ReactNode;
}

function CalleeClock({ zone }: { readonly zone: string }) {
  const { lang } = useWords();
  const now = useNow();
  return (
    <span className="meta">
      {zoneName(zone, lang)} <span className="figure">{clockTime(now, lang, zone)}</span>
    </span>
  );
}

function CallClock({ call }: { readonly call: DeskCall }) {
  const { t } = useWords();
  const now = useNow();
  const from = call.connected_at ?? call.answered_at;
  if (from === null) return <span className="meta">{t("call.ringing")}</span>;
  const until = call.ended_at === null ? now : Date.parse(call.ended_at);
  return (
    <span className="figure matters" role="timer" aria-label={t("call.clock")}>
      {duration(until - Date.parse(from))}
    </span>
  );
}

/** All that is left to say after a refusal: no question why, no further offer. */
function ClosingWords() {
  const { t } = useWords();
  return (
    <section className="script" aria-label={t("refused.sayThis")}>
      <h2>{t("refused.sayThis")}</h2>
      <p className="closing-words">{t("refused.words")}</p>
      <p className="meta">{t("refused.noWhy")}</p>
    </section>
  );
}

/** The time that was agreed, by their clock and, where it differs, by one's own. */
function CallbackAgreed({ callback, zone }: { readonly callback: NonNullable<DeskCall["callback"]>; readonly zone: string | null }) {
  const { t, lang } = useWords();
  const now = useNow();
  const theirs = zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const words = { from: dayTime(callback.opens, lang, now, theirs), to: clockTime(callback.closes, lang, theirs), zone: zoneName(theirs, lang) };
  return (
    <p className="strip strip-good" role="status">
      <CalendarOutlined aria-hidden /> {t("callback.agreed", words)}
    </p>
  );
}

/** What is wrong with the sound, and what to press. */
function SoundTrouble({ link, state }: { readonly link: DeskLink; readonly state: DeskState }) {
  const { t } = useWords();
  const phone = useFollowed(link.phone);
  if (state !== "talking" && state !== "closing") return null;
  if (phone.kind === "live" && phone.muted) return <p className="strip strip-note">{t("sound.muted")}</p>;
  if (phone.kind === "live" && (phone.audio === "unknown" || phone.audio === "good")) {
    return phone.steppedIn === null ? null : <p className="strip strip-note">{t("sound.steppedIn", { name: phone.steppedIn })}</p>;
  }
  const what = phone.kind === "live" ? t(`sound.${phone.audio as "lossy"}`) : t("sound.no_leg");
  return (
    <p className="strip strip-attention" role="alert">
      {what}
    </p>
  );
}

/** The screen pop: who, what they asked for in their own words, the consent in one glance, script and notes. */
export function CallPane({ link, desk, call, state, proofOpen, setProofOpen, children }: Props) {
  const { t, say, lang } = useWords();
  const now = useNow();
  const asked =
    call.asked_at === null
      ? null
      : t("call.askedAt", {
          time: dayTime(call.asked_at, lang, now),
          source: call.consent?.source == null ? "" : say(call.consent.source),
        });
  const theirs = call.asked_at === null ? null : elsewhere(call.asked_at, lang, call.zone);
  return (
    <div className="call">
      <header className="call-head">
        <div className="call-who">
          <h1 className="matters">{call.name ?? t("person.unnamed")}</h1>
          <span className="figure call-number">{call.number}</span>
          {call.zone !== null && <CalleeClock zone={call.zone} />}
          <span className="grow" />
          <CallClock call={call} />
        </div>
        <p className="call-asked">
          {call.asked === null ? (
            <span className="meta">{t("call.noWords")}</span>
          ) : (
            <q lang={/[\u4e00-\u9fff]/.test(call.asked) ? "zh-CN" : undefined}>{call.asked}</q>
          )}
          {asked !== null && (
            <span className="meta">
              {asked}
              {theirs !== null && ` (${t("time.theirs", { time: theirs })})`}
            </span>
          )}
        </p>
        <div className="call-consent">
          <ConsentLine consent={call.consent} now={isoDay(now)} />
          <Button
            size="small"
            icon={<FileSearchOutlined />}
            disabled={call.consent === null}
            onClick={() => setProofOpen(true)}
          >
            {t("consent.proof")} <kbd>P</kbd>
          </Button>
          <span className="grow" />
          <span className="meta">{say(call.campaign)}</span>
        </div>
      </header>
      {call.held_since == null ? (
        <SoundTrouble link={link} state={state} />
      ) : (
        <p className="strip strip-attention" role="status">
          {t("call.held", { time: duration(now - Date.parse(call.held_since)) })}
        </p>
      )}
      {call.heard != null && desk.refused === null && (
        <HeardStrip heard={call.heard} link={link} showProof={() => setProofOpen(call.consent !== null)} />
      )}
      {desk.refused !== null && <RefusalDone refused={desk.refused} ended={call.ended_at === null ? "closing" : "ended"} />}
      {call.callback != null && <CallbackAgreed callback={call.callback} zone={call.zone} />}
      <div className="call-body">
        {children ?? (state === "closing" ? <ClosingWords /> : <Script script={call.script} desk={desk} link={link} />)}
        <Notes desk={desk} link={link} call={call} />
      </div>
      {call.consent !== null && (
        <ConsentProof consent={call.consent} open={proofOpen} close={() => setProofOpen(false)} zone={call.zone} />
      )}
    </div>
  );
}

import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, Button, Modal } from "antd";
import { useState } from "react";

import type { CallbackSlot, CallbackSlots } from "../../api/models";
import { Problem } from "../../api/problem";
import { callbackDays, firstOpenDay } from "../../desk/callback-days";
import type { DeskLink } from "../../desk/desk-link";
import { useWords } from "../../i18n/use-words";
import { MaybeButton } from "../../ui/blocked";
import { Empty, Shown } from "../../ui/states";
import { clockTime, elsewhere, isoDay, productNowMs, zoneName } from "../../ui/time";

const WEEK_MS = 7 * 86_400_000;

interface Choosing {
  readonly week: CallbackSlots;
  readonly chosen: CallbackSlot | null;
  readonly choose: (slot: CallbackSlot) => void;
}

/** Days with how much of each is open, and the half hours of the one that is looked at. */
function Week({ week, chosen, choose }: Choosing) {
  const { t, say, lang } = useWords();
  const days = callbackDays(week.items, week.zone);
  const [picked, setPicked] = useState<string | null>(null);
  const [looked, setLooked] = useState<CallbackSlot | null>(null);
  const day = days.find((one) => one.day === picked) ?? days.find((one) => one.day === firstOpenDay(days));
  if (day === undefined) return <Empty>{t("callback.none")}</Empty>;
  const dayName = (iso: string): string =>
    new Intl.DateTimeFormat(lang === "zh" ? "zh-CN" : "en-GB", { weekday: "short", timeZone: "UTC" }).format(new Date(`${iso}T12:00:00Z`));
  return (
    <>
      <div className="callback-days" role="tablist" aria-label={t("callback.week")}>
        {days.map((one) => (
          <button
            key={one.day}
            type="button"
            role="tab"
            aria-selected={one.day === day.day}
            className={`callback-day${one.lawful === 0 ? " callback-day-closed" : ""}`}
            onClick={() => {
              setPicked(one.day);
              setLooked(null);
            }}
          >
            <strong>{dayName(one.day)}</strong>
            <span className="figure">{one.day.slice(5)}</span>
            <span className="meta">{one.lawful === 0 ? t("callback.closed") : t("callback.open", { count: one.lawful })}</span>
          </button>
        ))}
      </div>
      <div className="callback-slots" role="group" aria-label={day.day}>
        {day.slots.map((slot) => {
          const time = clockTime(slot.opens, lang, week.zone);
          const look = (): void => setLooked(slot.why === null ? null : slot);
          return (
            <button
              key={slot.opens}
              type="button"
              className={`callback-slot${slot.why === null ? "" : " callback-slot-closed"}`}
              aria-disabled={slot.why !== null}
              aria-pressed={slot.opens === chosen?.opens}
              aria-description={slot.why === null ? undefined : say(slot.why)}
              onFocus={look}
              onMouseEnter={look}
              onClick={() => {
                if (slot.why === null) choose(slot);
                else setLooked(slot);
              }}
            >
              {time}
            </button>
          );
        })}
      </div>
      <p className="callback-why" role="status">
        {looked?.why == null ? (
          <span className="meta">{day.lawful === 0 ? t("callback.none") : t("callback.pick")}</span>
        ) : (
          t("callback.why", { time: clockTime(looked.opens, lang, week.zone), why: say(looked.why) })
        )}
      </p>
    </>
  );
}

/** A time that the person agreed to, out of those at which the gate would allow the call. */
export default function CallbackDialog({ link, close, agreed }: { readonly link: DeskLink; readonly close: () => void; readonly agreed: () => void }) {
  const { t, say, lang } = useWords();
  const [later, setLater] = useState(0);
  const [chosen, setChosen] = useState<CallbackSlot | null>(null);
  const first = isoDay(productNowMs() + later * WEEK_MS);
  const week = useQuery({ queryKey: ["callback-week", first], queryFn: () => link.callbackWeek(first), gcTime: 0, retry: false });
  const agree = useMutation({ mutationFn: link.agreeCallback, onSuccess: agreed, onError: () => void week.refetch() });
  const zone = week.data?.zone ?? null;
  const mine = chosen === null || zone === null ? null : elsewhere(chosen.opens, lang, zone);
  const words =
    chosen === null ? t("callback.pick") : t("callback.agree", { time: `${isoDay(chosen.opens, zone).slice(5)} ${clockTime(chosen.opens, lang, zone)}` });
  return (
    <Modal open title={t("callback.title")} onCancel={close} footer={null} width={640} className="callback-dialog">
      {zone !== null && <p className="meta">{t("callback.means", { zone: zoneName(zone, lang) })}</p>}
      {agree.error !== null && (
        <Alert type="warning" showIcon title={agree.error instanceof Problem ? say(agree.error.sentence) : t("error.unexpected")} />
      )}
      <Shown asked={week} rows={6}>
        {(found) => <Week key={first} week={found} chosen={chosen} choose={setChosen} />}
      </Shown>
      <div className="callback-acts">
        <Button
          onClick={() => {
            setLater(later === 0 ? 1 : 0);
            setChosen(null);
          }}
        >
          {t(later === 0 ? "callback.later" : "callback.sooner")}
        </Button>
        <span className="grow" />
        {mine !== null && chosen !== null && <span className="meta">{t("callback.mine", { time: clockTime(chosen.opens, lang) })}</span>}
        <MaybeButton
          type="primary"
          size="large"
          loading={agree.isPending}
          act={chosen === null || agree.isPending ? null : () => agree.mutate(chosen.opens)}
          why={t("callback.pick")}
        >
          {words}
        </MaybeButton>
      </div>
    </Modal>
  );
}

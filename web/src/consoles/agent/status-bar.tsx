import { AudioOutlined, CaretDownOutlined, PauseCircleOutlined, PlayCircleFilled } from "@ant-design/icons";
import { Button, Dropdown } from "antd";

import type { DeskView } from "../../api/models";
import type { Blocks } from "../../desk/acts";
import { inCall, type Desk } from "../../desk/desk";
import type { DeskLink } from "../../desk/desk-link";
import { useWords } from "../../i18n/use-words";
import type { PhoneState } from "../../phone/softphone";
import { MaybeButton } from "../../ui/blocked";
import { AgentStateTag } from "../../ui/tags";
import { duration } from "../../ui/time";
import { useNow } from "../../ui/use-now";

import { LevelDots } from "./level-dots";

interface Props {
  readonly desk: Desk;
  readonly view: DeskView;
  readonly phone: PhoneState;
  readonly block: Blocks;
  readonly link: DeskLink;
  readonly recheck: () => void;
}

/** The line at the top of the desk: what the agent is doing, whether the phone works, and the day so far. */
export function StatusBar({ desk, view, phone, block, link, recheck }: Props) {
  const { t, say } = useWords();
  const now = useNow();
  const phoneWords = phone.kind === "live" && phone.muted ? t("phone.muted") : t(`phone.${phone.kind}`);
  return (
    <div className="desk-status">
      <div className="desk-status-state">
        <AgentStateTag state={view.state} />
        <span className="figure desk-since" aria-label={t("desk.since")}>
          {duration(now - Date.parse(view.since))}
        </span>
        {view.state === "paused" && view.pause_reason !== null && (
          <span className="meta">{say(view.pause_reason.sentence)}</span>
        )}
        {view.state === "paused" || view.state === "offline" ? (
          <MaybeButton
            type="primary"
            icon={<PlayCircleFilled />}
            act={block.ready === null ? () => void link.goReady() : null}
            why={readyWhy(t, say, block, view)}
            loading={desk.busy === "ready"}
          >
            {t("desk.ready")}
          </MaybeButton>
        ) : (
          <PauseMenu desk={desk} view={view} link={link} />
        )}
      </div>
      <Button type="text" className="desk-phone" onClick={recheck} icon={<AudioOutlined />} aria-label={t("desk.recheck")}>
        <span className={`phone-word phone-${phone.kind}`}>{phoneWords}</span>
        <LevelDots levels={link.phone.levels} />
      </Button>
      <span className="grow" />
      <dl className="desk-today" aria-label={t("desk.today.label")}>
        <div>
          <dt>{t("desk.today.calls")}</dt>
          <dd className="figure">{view.today.calls}</dd>
        </div>
        <div>
          <dt>{t("desk.today.talk")}</dt>
          <dd className="figure">{duration(view.today.talk_seconds * 1_000)}</dd>
        </div>
        <div>
          <dt>{t("desk.today.kept")}</dt>
          <dd className="figure">{view.today.callbacks_kept}</dd>
        </div>
      </dl>
    </div>
  );
}

/** Pausing: at once between calls, after the call in one. */
function PauseMenu({ desk, view, link }: Pick<Props, "desk" | "view" | "link">) {
  const { t, say } = useWords();
  if (desk.pauseAfter !== null) {
    return (
      <>
        <span className="meta">{t("desk.pausePlanned", { reason: say(desk.pauseAfter.sentence) })}</span>
        <Button onClick={() => void link.stay()} loading={desk.busy === "ready"}>
          {t("desk.stay")}
        </Button>
      </>
    );
  }
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        items: view.pause_reasons.map((reason) => ({
          key: reason.code,
          label: say(reason.sentence),
          onClick: () => void link.pause(reason),
        })),
      }}
    >
      <Button icon={<PauseCircleOutlined />} loading={desk.busy === "pause"}>
        {t(inCall(view) ? "desk.pauseAfter" : "desk.pause")} <CaretDownOutlined aria-hidden />
      </Button>
    </Dropdown>
  );
}

type Words = ReturnType<typeof useWords>;

/** Why *ready* is blocked: the server's own sentence where it has one. */
export function readyWhy(t: Words["t"], say: Words["say"], block: Blocks, view: DeskView): string {
  if (block.ready === null) return "";
  if (block.ready === "server" && view.ready_blocked !== null) return say(view.ready_blocked);
  return t(`desk.why.${block.ready}`);
}

import {
  AudioMutedOutlined,
  AudioOutlined,
  CalendarOutlined,
  NumberOutlined,
  PauseOutlined,
  PhoneOutlined,
  PlayCircleOutlined,
  SwapOutlined,
} from "@ant-design/icons";

import type { Blocks } from "../../desk/acts";
import type { Desk } from "../../desk/desk";
import type { DeskLink } from "../../desk/desk-link";
import { useWords } from "../../i18n/use-words";
import type { PhoneState } from "../../phone/softphone";
import { MaybeButton } from "../../ui/blocked";

import { RefuseButton } from "./refuse-button";

interface Props {
  readonly link: DeskLink;
  readonly desk: Desk;
  readonly phone: PhoneState;
  readonly block: Blocks;
  readonly transfer: () => void;
  readonly keypad: () => void;
  readonly callback: () => void;
}

/** What can be done to the call. Always in the same place, so that the hand finds it. */
export function ActionBar({ link, desk, phone, block, transfer, keypad, callback }: Props) {
  const { t } = useWords();
  const muted = phone.kind === "live" && phone.muted;
  const { mute } = link.phone;
  const held = desk.view?.call?.held_since != null;
  return (
    <div className="desk-actions" role="toolbar" aria-label={t("desk.actions")}>
      <MaybeButton
        size="large"
        icon={muted ? <AudioMutedOutlined /> : <AudioOutlined />}
        act={mute === null ? null : () => mute(!muted)}
        why={t("desk.why.no_leg")}
        aria-pressed={muted}
        className={muted ? "is-muted" : ""}
      >
        {muted ? t("desk.unmute") : t("desk.mute")} <kbd>M</kbd>
      </MaybeButton>
      <MaybeButton
        size="large"
        icon={held ? <PlayCircleOutlined /> : <PauseOutlined />}
        act={block.hold === null ? () => void link.hold() : null}
        why={block.hold === null ? "" : t(`desk.why.${block.hold}`)}
        loading={desk.busy === "hold"}
        aria-pressed={held}
        className={held ? "is-muted" : ""}
      >
        {held ? t("desk.takeBack") : t("desk.hold")} <kbd>H</kbd>
      </MaybeButton>
      <MaybeButton
        size="large"
        icon={<SwapOutlined />}
        act={block.transfer === null ? transfer : null}
        why={block.transfer === null ? "" : t(`desk.why.${block.transfer}`)}
        loading={desk.busy === "transfer"}
      >
        {t("desk.transfer")} <kbd>T</kbd>
      </MaybeButton>
      <MaybeButton
        size="large"
        icon={<NumberOutlined />}
        act={block.keypad === null ? keypad : null}
        why={block.keypad === null ? "" : t(`desk.why.${block.keypad}`)}
      >
        {t("desk.keypad")} <kbd>K</kbd>
      </MaybeButton>
      <MaybeButton
        size="large"
        icon={<CalendarOutlined />}
        act={block.callback === null ? callback : null}
        why={block.callback === null ? "" : t(`desk.why.${block.callback}`)}
      >
        {t("desk.callback")} <kbd>B</kbd>
      </MaybeButton>
      <MaybeButton
        size="large"
        icon={<PhoneOutlined rotate={225} />}
        act={block.end === null ? () => void link.hangUp() : null}
        why={block.end === null ? "" : t(`desk.why.${block.end}`)}
        loading={desk.busy === "hangup"}
      >
        {t("desk.end")} <kbd>E</kbd>
      </MaybeButton>
      <span className="grow" />
      <RefuseButton link={link} desk={desk} block={block} />
    </div>
  );
}

import { StopOutlined } from "@ant-design/icons";
import { Tooltip } from "antd";
import { useEffect, useRef, type KeyboardEvent, type PointerEvent } from "react";

import type { Blocks } from "../../desk/acts";
import type { Desk } from "../../desk/desk";
import type { DeskLink } from "../../desk/desk-link";
import { useWords } from "../../i18n/use-words";

/** Long enough that no slip of the hand blocks a person for ever, short enough to do while talking. */
const HOLD_MS = 600;

const HOLD_KEYS = new Set(["Enter", " "]);

/** *Refused*: held for 0.6 s by pointer, Enter or space; the hot key Ctrl+Alt+R needs no hold. */
export function RefuseButton({ link, desk, block }: { readonly link: DeskLink; readonly desk: Desk; readonly block: Blocks }) {
  const { t, say } = useWords();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const why = block.refuse === null ? "" : t(`desk.why.${block.refuse}`);
  const touch = (): void => {
    if (block.refuse !== null || desk.refusal.kind === "holding") return;
    link.desk.send({ type: "refuse_touched" });
    clearTimeout(timer.current);
    timer.current = setTimeout(() => void link.refuse(), HOLD_MS);
  };
  const letGo = (): void => {
    clearTimeout(timer.current);
    link.desk.send({ type: "refuse_let_go" });
  };
  const words =
    desk.refusal.kind === "sending"
      ? t("refused.sending")
      : desk.refusal.kind === "holding"
        ? t("refused.holding")
        : desk.refusal.kind === "failed"
          ? t("refused.again")
          : t("refused.button");
  return (
    <div className="refuse-place">
      {desk.refusal.kind === "failed" && (
        <span className="refuse-failed" role="alert">
          {say(desk.refusal.sentence)}
        </span>
      )}
      <Tooltip title={why}>
        <button
          type="button"
          className={`refuse refuse-${desk.refusal.kind}${why === "" ? "" : " blocked"}`}
          aria-disabled={why !== ""}
          aria-description={why === "" ? t("refused.how") : why}
          onPointerDown={(event: PointerEvent) => {
            if (event.button === 0) touch();
          }}
          onPointerUp={letGo}
          onPointerLeave={letGo}
          onPointerCancel={letGo}
          onBlur={letGo}
          onContextMenu={(event) => event.preventDefault()}
          onKeyDown={(event: KeyboardEvent) => {
            if (HOLD_KEYS.has(event.key) && !event.repeat) touch();
          }}
          onKeyUp={(event: KeyboardEvent) => {
            if (HOLD_KEYS.has(event.key)) letGo();
          }}
        >
          <span className="refuse-fill" aria-hidden />
          <StopOutlined aria-hidden />
          <span className="refuse-words">{words}</span>
          <kbd>Ctrl Alt R</kbd>
        </button>
      </Tooltip>
    </div>
  );
}

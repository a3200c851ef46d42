import { CheckCircleFilled, PauseCircleFilled, PlayCircleFilled, PoweroffOutlined } from "@ant-design/icons";

import type { DeskView } from "../../api/models";
import type { Blocks } from "../../desk/acts";
import type { Desk } from "../../desk/desk";
import type { DeskLink } from "../../desk/desk-link";
import { useWords } from "../../i18n/use-words";
import { MaybeButton } from "../../ui/blocked";
import { duration } from "../../ui/time";
import { useNow } from "../../ui/use-now";

import { PreviewCard } from "./preview-card";
import { RefusalDone } from "./refusal-done";
import { readyWhy } from "./status-bar";

interface Props {
  readonly view: DeskView;
  readonly desk: Desk;
  readonly block: Blocks;
  readonly link: DeskLink;
}

/** Between calls: what the agent is doing, why no call comes, and the one next act. */
export function IdlePane({ view, desk, block, link }: Props) {
  const { t, say } = useWords();
  const now = useNow();
  const why = readyWhy(t, say, block, view);
  const isReady = view.state === "ready" || view.state === "incoming";
  const icon = isReady ? <CheckCircleFilled /> : view.state === "paused" ? <PauseCircleFilled /> : <PoweroffOutlined />;
  const preview = view.preview ?? null;
  if (preview !== null) return <PreviewCard preview={preview} desk={desk} link={link} />;
  return (
    <div className={`idle idle-${view.state}`}>
      <div className="idle-icon" aria-hidden>
        {icon}
      </div>
      <h1 className="matters">{t(`idle.${isReady ? "ready" : view.state === "paused" ? "paused" : "offline"}`)}</h1>
      <p className="figure idle-clock" aria-hidden>
        {duration(now - Date.parse(view.since))}
      </p>
      {view.idle_reason !== null && <p className="idle-reason">{say(view.idle_reason)}</p>}
      {!isReady && (
        <>
          <MaybeButton
            type="primary"
            size="large"
            className="idle-go"
            icon={<PlayCircleFilled />}
            act={block.ready === null ? () => void link.goReady() : null}
            why={why}
            loading={desk.busy === "ready"}
          >
            {t("desk.ready")}
          </MaybeButton>
          {why !== "" && <p className="meta idle-why">{why}</p>}
        </>
      )}
      {desk.refused !== null && <RefusalDone refused={desk.refused} ended="ended" />}
    </div>
  );
}

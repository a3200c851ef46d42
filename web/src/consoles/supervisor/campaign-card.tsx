import { ImportOutlined, PauseOutlined, PlayCircleFilled, StopFilled } from "@ant-design/icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { lazy, Suspense, useState } from "react";
import { Link } from "react-router";

import { answer, api } from "../../api/client";
import type { CampaignView } from "../../api/models";
import { Problem } from "../../api/problem";
import { useWords } from "../../i18n/use-words";
import { MaybeButton } from "../../ui/blocked";
import { filledPercent, percent } from "../../ui/figures";
import { CampaignStateTag } from "../../ui/tags";

import { Dialable } from "./dialable";
import { ForecastLine } from "./forecast-line";

const ImportDialog = lazy(() => import("./import-dialog"));

/** Abandoned calls against the cap, with what is left of it in calls. */
function AbandonBar({ campaign }: { readonly campaign: CampaignView }) {
  const { t } = useWords();
  const { share_ppm, cap_ppm, left, abandoned } = campaign.abandoned;
  const filled = filledPercent(share_ppm, cap_ppm);
  const words =
    cap_ppm === 0
      ? t("campaign.abandonNone", { count: abandoned })
      : t("campaign.abandon", { share: percent(share_ppm), cap: percent(cap_ppm), left });
  return (
    <div className="abandon">
      <span>{words}</span>
      <div className="gauge" role="img" aria-label={words}>
        <i
          className={filled >= 100 ? "gauge-full" : filled >= 75 ? "gauge-near" : ""}
          ref={(element) => element?.style.setProperty("width", `${filled}%`)}
        />
      </div>
    </div>
  );
}

function useControl(campaign: CampaignView) {
  const { say } = useWords();
  const { notification } = App.useApp();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (verb: "start" | "pause") => {
      const params = { params: { path: { campaign: campaign.id } } };
      return verb === "start"
        ? answer(api.POST("/api/campaigns/{campaign}/start", params))
        : answer(api.POST("/api/campaigns/{campaign}/pause", params));
    },
    onError: (error) => {
      if (error instanceof Problem) notification.error({ title: say(error.sentence), placement: "top" });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["floor"] }),
  });
}

const STARTABLE: readonly CampaignView["state"][] = ["ready", "paused"];

/** A campaign: what it does now, in the pacer's own sentence, and what stands in its way. */
export function CampaignCard({ campaign }: { readonly campaign: CampaignView }) {
  const { t, say } = useWords();
  const [importing, setImporting] = useState(false);
  const control = useControl(campaign);
  const running = campaign.state === "running";
  return (
    <article className="campaign" aria-label={say(campaign.name)}>
      <header>
        <h3>
          <Link to={`/campaigns/${campaign.id}`}>{say(campaign.name)}</Link>
        </h3>
        <CampaignStateTag state={campaign.state} />
        <span className="grow" />
        <Button size="small" icon={<ImportOutlined />} onClick={() => setImporting(true)}>
          {t("campaign.import")}
        </Button>
        {running ? (
          <Button size="small" icon={<PauseOutlined />} loading={control.isPending} onClick={() => control.mutate("pause")}>
            {t("campaign.pause")}
          </Button>
        ) : (
          <MaybeButton
            size="small"
            type="primary"
            icon={<PlayCircleFilled />}
            loading={control.isPending}
            act={STARTABLE.includes(campaign.state) ? () => control.mutate("start") : null}
            why={t("campaign.notStartable", { state: t(`campaignState.${campaign.state}`) })}
          >
            {t("campaign.start")}
          </MaybeButton>
        )}
      </header>
      <p className="meta">
        {say(campaign.purpose_name)} · {t(`mode.${campaign.mode}`)}
      </p>
      <ForecastLine campaign={campaign.id} />
      {campaign.stops.map((stop) => (
        <p key={stop.en} className="campaign-stop">
          <StopFilled aria-hidden /> {say(stop)}
        </p>
      ))}
      {campaign.pacer !== null && <p className="campaign-pacer">{say(campaign.pacer)}</p>}
      <dl className="campaign-figures">
        {(
          [
            ["ringing", campaign.ringing],
            ["ready", campaign.agents_ready],
            ["talking", campaign.agents_talking],
            ["attempts", campaign.attempts_today],
          ] as const
        ).map(([name, value]) => (
          <div key={name}>
            <dt className="meta">{t(`campaign.${name}`)}</dt>
            <dd className="figure">{value}</dd>
          </div>
        ))}
      </dl>
      <AbandonBar campaign={campaign} />
      <Dialable dialable={campaign.dialable} campaign={campaign.id} />
      {importing && (
        <Suspense fallback={null}>
          <ImportDialog campaign={campaign} close={() => setImporting(false)} />
        </Suspense>
      )}
    </article>
  );
}

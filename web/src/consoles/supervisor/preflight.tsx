import { CheckCircleFilled, PlayCircleFilled, ReloadOutlined, StopFilled } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { Link } from "react-router";

import { answer, api } from "../../api/client";
import type { PreflightView } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { MaybeButton } from "../../ui/blocked";
import { Shown } from "../../ui/states";
import { exactTime } from "../../ui/time";
import { useAct } from "../../ui/use-act";
import { Laws } from "../decision/objections";

const PARTS = ["now", "today", "later", "never"] as const;

function Bar({ view }: { readonly view: PreflightView }) {
  const { t } = useWords();
  const { counts, leads } = view.list;
  return (
    <>
      <div className="preflight-bar" aria-hidden>
        {PARTS.map((part) => (
          <i
            key={part}
            className={`preflight-${part}`}
            ref={(element) => element?.style.setProperty("flex-grow", String(leads === 0 ? 0 : counts[part]))}
          />
        ))}
      </div>
      <dl className="preflight-counts">
        {PARTS.map((part) => (
          <div key={part}>
            <dt className="meta">
              <i className={`preflight-dot preflight-${part}`} aria-hidden /> {t(`preflight.${part}`)}
            </dt>
            <dd className="figure matters">{counts[part]}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function Reasons({ view, campaign }: { readonly view: PreflightView; readonly campaign: string }) {
  const { t, say } = useWords();
  return (
    <ol className="objections">
      {view.list.counts.reasons.map((reason) => (
        <li key={reason.code}>
          <StopFilled className="objection-icon" aria-hidden />
          <div className="grow">
            <p className="objection-sentence">
              {say(reason.sentence)} <code>{reason.code}</code>
            </p>
            <Laws laws={reason.laws} />
            <p>
              <span className="meta">{t("objection.cure")}</span> {say(reason.cure)}
            </p>
          </div>
          <span className="two-lines preflight-share">
            <strong className="figure">{t("preflight.leads", { count: reason.leads })}</strong>
            <Link to={`/leads?campaign=${campaign}&code=${reason.code}`}>{t("preflight.show")}</Link>
          </span>
        </li>
      ))}
    </ol>
  );
}

/** Every rule of the gate for every open lead, made with the data of now; starting makes it once more. */
export function Preflight({ campaign, version, dirty }: { readonly campaign: string; readonly version: number; readonly dirty: boolean }) {
  const { t, say, lang } = useWords();
  const at = { params: { path: { campaign } } };
  const preflight = useQuery({
    queryKey: ["preflight", campaign, version],
    queryFn: () => answer(api.POST("/api/campaigns/{campaign}/preflight", at)),
    staleTime: 0,
  });
  const start = useAct(() => answer(api.POST("/api/campaigns/{campaign}/start", at)), [["campaigns"], ["campaign", campaign], ["preflight", campaign], ["floor"]]);
  const blocked = (view: PreflightView): string | null =>
    dirty ? t("preflight.unsaved") : view.version !== version ? t("preflight.changed") : view.why_not === null ? null : say(view.why_not);
  return (
    <section className="card preflight" aria-labelledby="preflight-title">
      <div className="card-head">
        <h2 id="preflight-title">{t("preflight.title")}</h2>
        <span className="grow" />
        <Button size="small" icon={<ReloadOutlined />} loading={preflight.isFetching} onClick={() => void preflight.refetch()}>
          {t("preflight.again")}
        </Button>
      </div>
      <Shown asked={preflight} rows={5}>
        {(view) => {
          const why = blocked(view);
          return (
            <>
              <p className="meta">{t("preflight.made", { time: exactTime(view.list.at, lang), count: view.list.leads })}</p>
              <Bar view={view} />
              <div className={`verdict ${why === null ? "verdict-good" : "verdict-stop"}`}>
                {why === null ? <CheckCircleFilled aria-hidden /> : <StopFilled aria-hidden />}
                <span>{why ?? t("preflight.may")}</span>
                <span className="grow" />
                <MaybeButton
                  type="primary"
                  size="large"
                  icon={<PlayCircleFilled />}
                  loading={start.isPending}
                  act={why === null ? () => start.mutate(undefined) : null}
                  why={why ?? ""}
                >
                  {t("campaign.start")}
                </MaybeButton>
              </div>
              {view.list.counts.reasons.length > 0 && (
                <>
                  <h3>{t("preflight.reasons")}</h3>
                  <Reasons view={view} campaign={campaign} />
                </>
              )}
            </>
          );
        }}
      </Shown>
    </section>
  );
}

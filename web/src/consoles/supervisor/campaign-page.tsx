import { ImportOutlined, SaveOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Form } from "antd";
import { lazy, Suspense, useState } from "react";
import { Link, useNavigate, useParams } from "react-router";

import { answer, api } from "../../api/client";
import type { CampaignChoices, CampaignDetail } from "../../api/models";
import { Problem } from "../../api/problem";
import { FRESH, inputOf, sentOf, type CampaignInput } from "../../campaigns/form";
import { useWords } from "../../i18n/use-words";
import { MaybeButton } from "../../ui/blocked";
import { Shown } from "../../ui/states";
import { CampaignStateTag } from "../../ui/tags";
import { useAct } from "../../ui/use-act";

import { CampaignForm } from "./campaign-form";
import { Preflight } from "./preflight";

import "../admin/admin.css";
import "./campaigns.css";

const ImportDialog = lazy(() => import("./import-dialog"));

function Editing({ detail, choices }: { readonly detail: CampaignDetail; readonly choices: CampaignChoices }) {
  const { t, say } = useWords();
  const { notification } = App.useApp();
  const queries = useQueryClient();
  const [form] = Form.useForm<CampaignInput>();
  const [dirty, setDirty] = useState(false);
  const [version, setVersion] = useState(detail.version);
  const [importing, setImporting] = useState(false);
  const save = useAct(
    (given: CampaignInput) =>
      answer(api.PUT("/api/campaigns/{campaign}", { params: { path: { campaign: detail.id } }, body: { ...sentOf(given), version } })),
    [["campaigns"], ["floor"]],
    (saved) => {
      setDirty(false);
      setVersion(saved.version);
      queries.setQueryData(["campaign", detail.id], saved);
      notification.success({ title: t("wizard.saved"), placement: "top" });
    },
  );
  const meanwhile = save.error instanceof Problem && save.error.code === "campaign.edited_meanwhile" ? save.error : null;
  const theirs = async (): Promise<void> => {
    const fresh = await answer(api.GET("/api/campaigns/{campaign}", { params: { path: { campaign: detail.id } } }));
    queries.setQueryData(["campaign", detail.id], fresh);
    form.setFieldsValue(inputOf(fresh));
    setVersion(fresh.version);
    setDirty(false);
    save.reset();
  };
  const running = detail.state === "running";
  return (
    <>
      <div className="filters">
        <h1>
          <Link to="/campaigns">{t("nav.campaigns")}</Link> / {say(detail.form.name)}
        </h1>
        <CampaignStateTag state={detail.state} />
        <span className="grow" />
        <Button icon={<ImportOutlined />} onClick={() => setImporting(true)}>
          {t("campaign.import")}
        </Button>
        <MaybeButton
          type={dirty ? "primary" : "default"}
          icon={<SaveOutlined />}
          loading={save.isPending}
          act={running || !dirty ? null : form.submit}
          why={running ? t("wizard.pauseFirst") : t("wizard.nothingToSave")}
        >
          {t("save")}
        </MaybeButton>
      </div>
      {meanwhile !== null && (
        <Alert
          className="office-note"
          showIcon
          type="warning"
          title={say(meanwhile.sentence)}
          action={
            <Button size="small" onClick={() => void theirs()}>
              {t("wizard.theirs")}
            </Button>
          }
        />
      )}
      <div className="wizard">
        <CampaignForm campaign={detail.id} form={form} choices={choices} initial={inputOf(detail)} changed={() => setDirty(true)} save={(given) => save.mutate(given)} />
        <Preflight campaign={detail.id} version={version} dirty={dirty} />
      </div>
      {importing && (
        <Suspense fallback={null}>
          <ImportDialog
            campaign={{ id: detail.id, name: detail.form.name }}
            close={() => {
              setImporting(false);
              void queries.invalidateQueries({ queryKey: ["preflight", detail.id] });
            }}
          />
        </Suspense>
      )}
    </>
  );
}

function New({ choices }: { readonly choices: CampaignChoices }) {
  const { t } = useWords();
  const navigate = useNavigate();
  const [form] = Form.useForm<CampaignInput>();
  const create = useAct(
    (given: CampaignInput) => answer(api.POST("/api/campaigns", { body: sentOf(given) })),
    [["campaigns"], ["floor"]],
    (made) => void navigate(`/campaigns/${made.id}`, { replace: true }),
  );
  return (
    <>
      <div className="filters">
        <h1>
          <Link to="/campaigns">{t("nav.campaigns")}</Link> / {t("wizard.new")}
        </h1>
        <span className="grow" />
        <Button type="primary" icon={<SaveOutlined />} loading={create.isPending} onClick={form.submit}>
          {t("wizard.create")}
        </Button>
      </div>
      <div className="wizard">
        <CampaignForm campaign={null} form={form} choices={choices} initial={FRESH} changed={() => undefined} save={(given) => create.mutate(given)} />
        <section className="card" aria-labelledby="next-title">
          <h2 id="next-title">{t("wizard.next")}</h2>
          <ol className="wizard-steps">
            <li>{t("wizard.next1")}</li>
            <li>{t("wizard.next2")}</li>
            <li>{t("wizard.next3")}</li>
          </ol>
        </section>
      </div>
    </>
  );
}

/** One campaign: what it is, what its list may do, and the start that is only possible from a lawful pre-flight. */
export default function CampaignPage() {
  const id = useParams().campaign ?? "new";
  const choices = useQuery({ queryKey: ["campaign-choices"], queryFn: () => answer(api.GET("/api/campaign-choices")) });
  const detail = useQuery({
    queryKey: ["campaign", id],
    queryFn: () => answer(api.GET("/api/campaigns/{campaign}", { params: { path: { campaign: id } } })),
    enabled: id !== "new",
    refetchOnWindowFocus: false,
  });
  return (
    <div className="office">
      <Shown asked={choices} rows={10}>
        {(offered) =>
          id === "new" ? (
            <New choices={offered} />
          ) : (
            <Shown asked={detail} rows={10}>
              {(found) => <Editing key={found.id} detail={found} choices={offered} />}
            </Shown>
          )
        }
      </Shown>
    </div>
  );
}

import { CheckCircleFilled, StopFilled, UploadOutlined } from "@ant-design/icons";
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Form, Input, Modal, Select, Upload } from "antd";
import { useState } from "react";

import { answer, api } from "../../api/client";
import type { DecisionView, ExplainView } from "../../api/models";
import { Problem } from "../../api/problem";
import { useWords } from "../../i18n/use-words";
import type { Role } from "../../ui/places";
import { dayTime } from "../../ui/time";
import { useNow } from "../../ui/use-now";
import { Objections } from "../decision/objections";
import { PassedRules } from "../decision/rules";

interface Asked {
  readonly number: string;
  readonly campaign?: string;
  readonly under?: string | null;
}

function campaignsOf(role: Role) {
  return queryOptions({
    queryKey: ["campaigns", role],
    queryFn: async () =>
      role === "supervisor"
        ? (await answer(api.GET("/api/floor"))).campaigns
        : (await answer(api.GET("/api/attempts/filters"))).campaigns,
  });
}

function Verdict({ view, decision }: { readonly view: ExplainView; readonly decision: DecisionView }) {
  const { t, say, lang } = useWords();
  const now = useNow();
  const allowed = decision.outcome === "allowed";
  return (
    <>
      <p className={`verdict ${allowed ? "verdict-good" : "verdict-stop"}`}>
        {allowed ? <CheckCircleFilled aria-hidden /> : <StopFilled aria-hidden />}
        <span>
          <strong>{allowed ? t("explain.allowed") : t("explain.refused", { count: decision.objections.length })}</strong>
          <span className="meta">
            <span className="figure">{view.number}</span> · {say(view.campaign.name)}
            {view.lead_id === null && ` · ${t("explain.noLead")}`}
          </span>
        </span>
        {!allowed && (
          <span className="verdict-side">
            <span className="meta">{t("explain.next")}</span>
            <span className="figure">
              {decision.lawful_from === null ? t("objection.never") : dayTime(decision.lawful_from, lang, now)}
            </span>
          </span>
        )}
      </p>
      <Objections objections={decision.objections} empty={t("explain.none")} />
      <PassedRules decision={decision} />
    </>
  );
}

function Answer({ view }: { readonly view: ExplainView }) {
  const { t } = useWords();
  const changed = view.changed ?? null;
  if (changed === null)
    return (
      <div className="explained">
        <Verdict view={view} decision={view.decision} />
      </div>
    );
  return (
    <div className="explained">
      <section aria-label={t("why.asIs")}>
        <h3 className="explained-part">{t("why.asIs")}</h3>
        <Verdict view={view} decision={view.decision} />
      </section>
      <section aria-label={t("why.changed")} className="explained-changed">
        <h3 className="explained-part">{t("why.changed")}</h3>
        <Verdict view={view} decision={changed} />
      </section>
    </div>
  );
}

/** Why isn't this number called? Asked from anywhere with Ctrl+K; nothing is dialled by asking. */
export default function ExplainDialog({ role, close }: { readonly role: Role; readonly close: () => void }) {
  const { t, say } = useWords();
  const [form] = Form.useForm<Asked>();
  const chosen = Form.useWatch("campaign", form);
  const [pack, setPack] = useState<{ readonly name: string; readonly text: string } | null>(null);
  const known = useQueryClient();
  const campaigns = useQuery(campaignsOf(role));
  const asking = useMutation({
    // Somebody quick asks before the campaigns are here: the question waits for them.
    mutationFn: async ({ number, campaign, under }: Asked) => {
      const first = (await known.query({ ...campaignsOf(role), staleTime: "static" }))[0]?.id;
      const asked = campaign ?? first;
      return asked === undefined ? null : answer(api.POST("/api/explain", { body: { number, campaign: asked, under: under ?? null, pack: pack?.text ?? null } }));
    },
  });
  return (
    <Modal open title={t("explain.title")} onCancel={close} footer={null} width={760} destroyOnHidden>
      <Form
        form={form}
        layout="inline"
        className="explain-form"
        onFinish={({ number, campaign, under }: Asked) => {
          asking.mutate({ number: number.trim(), under: under ?? null, ...(campaign && { campaign }) });
        }}
      >
        <Form.Item
          name="number"
          rules={[{ required: true, pattern: /^[0-9+() .-]{2,32}$/, message: t("explain.numberShape") }]}
          className="grow"
        >
          <Input autoFocus size="large" placeholder={t("explain.number")} aria-label={t("explain.number")} inputMode="tel" autoComplete="off" />
        </Form.Item>
        <Form.Item name="campaign" className="explain-campaign">
          <Select
            size="large"
            aria-label={t("leads.campaign")}
            loading={campaigns.isPending}
            placeholder={campaigns.data?.[0] === undefined ? t("leads.campaign") : say(campaigns.data[0].name)}
            options={(campaigns.data ?? []).map(({ id, name }) => ({ value: id, label: say(name) }))}
            popupMatchSelectWidth={false}
          />
        </Form.Item>
        <Button type="primary" size="large" htmlType="submit" loading={asking.isPending}>
          {t("explain.ask")}
        </Button>
        <div className="explain-change">
          <Form.Item name="under">
            <Select
              allowClear
              aria-label={t("why.under")}
              placeholder={t("why.under")}
              options={(campaigns.data ?? [])
                .filter(({ id }) => id !== (chosen ?? campaigns.data?.[0]?.id))
                .map(({ id, name }) => ({ value: id, label: say(name) }))}
              notFoundContent={t("why.noOther")}
              popupMatchSelectWidth={false}
            />
          </Form.Item>
          <Upload
            accept=".toml"
            maxCount={1}
            fileList={pack === null ? [] : [{ uid: "pack", name: pack.name }]}
            onRemove={() => setPack(null)}
            beforeUpload={(file) => {
              void file.text().then((text) => setPack({ name: file.name, text }));
              return false;
            }}
          >
            <Button icon={<UploadOutlined />}>{t("why.pack")}</Button>
          </Upload>
        </div>
      </Form>
      <div aria-live="polite">
        {campaigns.error instanceof Problem && <Alert showIcon type="error" title={say(campaigns.error.sentence)} />}
        {asking.error instanceof Problem && <Alert showIcon type="error" title={say(asking.error.sentence)} />}
        {asking.data === undefined || asking.data === null ? (
          asking.error === null && <p className="meta explain-hint">{t("explain.hint")}</p>
        ) : (
          <Answer view={asking.data} />
        )}
      </div>
    </Modal>
  );
}

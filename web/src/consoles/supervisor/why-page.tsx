import { UploadOutlined } from "@ant-design/icons";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, Button, Select, Table, Upload, type TableColumnsType } from "antd";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";

import { answer, api } from "../../api/client";
import type { CountsView, ListView, ReasonView } from "../../api/models";
import { Problem } from "../../api/problem";
import { useWords } from "../../i18n/use-words";
import type { Role } from "../../ui/places";
import { Empty, Loading } from "../../ui/states";
import { fullTime } from "../../ui/time";
import { Laws } from "../decision/objections";

import "./floor.css";
import "./why.css";

const PARTS = ["now", "today", "later", "never"] as const;

interface Asked {
  readonly campaign: string;
  readonly under: string | null;
  readonly pack: string | null;
}

function Counts({ counts, label }: { readonly counts: CountsView; readonly label: string }) {
  const { t } = useWords();
  return (
    <section className="why-counts" aria-label={label}>
      <h2>{label}</h2>
      <div className="stack" aria-hidden>
        {PARTS.map((part) =>
          counts[part] === 0 ? null : (
            <i key={part} className={`stack-${part}`} ref={(element) => element?.style.setProperty("flex-grow", String(counts[part]))} />
          ),
        )}
      </div>
      <dl className="why-parts">
        {PARTS.map((part) => (
          <div key={part} className={`why-${part}`}>
            <dt>{t(`why.${part}`)}</dt>
            <dd className="figure">{counts[part]}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

interface Row extends ReasonView {
  /** On how many leads it would lie under the change; null where nothing was changed. */
  readonly after: number | null;
}

/** Reasons of both answers, those of now first; one that only the change brings lies on no lead now. */
function rowsOf(view: ListView): readonly Row[] {
  const after = new Map((view.changed?.reasons ?? []).map((reason) => [reason.code, reason.leads]));
  const now = view.counts.reasons.map((reason) => ({
    ...reason,
    after: view.changed === null ? null : (after.get(reason.code) ?? 0),
  }));
  const known = new Set(now.map(({ code }) => code));
  const added = (view.changed?.reasons ?? []).filter(({ code }) => !known.has(code));
  return [...now, ...added.map((reason) => ({ ...reason, leads: 0, after: reason.leads }))];
}

function Reasons({ view, role }: { readonly view: ListView; readonly role: Role }) {
  const { t, say } = useWords();
  const columns: TableColumnsType<Row> = [
    { title: t("why.leads"), dataIndex: "leads", width: 88, className: "figure", align: "right" },
    ...(view.changed === null
      ? []
      : [{ title: t("why.after"), dataIndex: "after", width: 88, className: "figure", align: "right" as const }]),
    {
      title: t("why.reason"),
      key: "reason",
      render: (_, reason) => (
        <span className="two-lines">
          <span>
            {say(reason.sentence)} <code>{reason.code}</code>
          </span>
          <span className="meta">
            {t("objection.cure")} {say(reason.cure)}
          </span>
        </span>
      ),
    },
    {
      title: "",
      key: "show",
      width: 104,
      responsive: ["md"],
      render: (_, reason) =>
        role === "supervisor" && reason.leads > 0 ? (
          <Link to={`/leads?campaign=${view.campaign.id}&code=${reason.code}`}>{t("why.show")}</Link>
        ) : null,
    },
  ];
  return (
    <Table<Row>
      size="small"
      rowKey="code"
      columns={columns}
      dataSource={rowsOf(view)}
      pagination={false}
      expandable={{ expandedRowRender: ({ laws }) => <Laws laws={laws} />, rowExpandable: ({ laws }) => laws.length > 0, expandRowByClick: true }}
      locale={{ emptyText: <Empty>{t("why.noReason")}</Empty> }}
    />
  );
}

function Answer({ view, role }: { readonly view: ListView; readonly role: Role }) {
  const { t, say, lang } = useWords();
  if (view.leads === 0) return <Empty>{t("why.empty")}</Empty>;
  return (
    <>
      <p className="meta">
        {t("why.of", { count: view.leads, campaign: say(view.campaign.name), time: fullTime(view.at, lang) })}
      </p>
      <div className="why-both">
        <Counts counts={view.counts} label={t("why.asIs")} />
        {view.changed !== null && <Counts counts={view.changed} label={t("why.changed")} />}
      </div>
      <Reasons view={view} role={role} />
    </>
  );
}

/** Which leads of a list may be called now, today, later or never, and why not the rest; also under a change. */
export default function WhyPage({ role }: { readonly role: Role }) {
  const { t, say } = useWords();
  const [search, setSearch] = useSearchParams();
  const [under, setUnder] = useState<string | null>(null);
  const [pack, setPack] = useState<{ readonly name: string; readonly text: string } | null>(null);
  const campaigns = useQuery({
    queryKey: ["campaigns", role],
    queryFn: async () =>
      role === "supervisor"
        ? (await answer(api.GET("/api/floor"))).campaigns
        : (await answer(api.GET("/api/attempts/filters"))).campaigns,
  });
  const campaign = search.get("campaign") ?? campaigns.data?.[0]?.id ?? null;
  const asking = useMutation({ mutationFn: (body: Asked) => answer(api.POST("/api/explain/list", { body })) });
  const options = (campaigns.data ?? []).map(({ id, name }) => ({ value: id, label: say(name) }));
  const ask = (): void => {
    if (campaign !== null) asking.mutate({ campaign, under, pack: pack?.text ?? null });
  };
  return (
    <div className="leads why">
      <div className="filters">
        <h1>{t("nav.why")}</h1>
        <Select
          aria-label={t("leads.campaign")}
          loading={campaigns.isPending}
          value={campaign}
          onChange={(value: string) => setSearch({ campaign: value }, { replace: true })}
          options={options}
          popupMatchSelectWidth={false}
        />
        <Select
          allowClear
          aria-label={t("why.under")}
          placeholder={t("why.under")}
          value={under}
          onChange={(value?: string | null) => setUnder(value ?? null)}
          options={options.filter(({ value }) => value !== campaign)}
          notFoundContent={t("why.noOther")}
          popupMatchSelectWidth={false}
        />
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
        <Button type="primary" onClick={ask} loading={asking.isPending} disabled={campaign === null} title={campaign === null ? t("why.noCampaign") : undefined}>
          {t("why.ask")}
        </Button>
      </div>
      {campaign === null && !campaigns.isPending && <p className="meta">{t("why.noCampaign")}</p>}
      <div aria-live="polite">
        {asking.error instanceof Problem && <Alert showIcon type="error" title={say(asking.error.sentence)} />}
        {asking.status === "pending" && <Loading rows={8} />}
        {asking.status === "idle" && <p className="meta">{t("why.hint")}</p>}
        {asking.status === "success" && <Answer view={asking.data} role={role} />}
      </div>
    </div>
  );
}

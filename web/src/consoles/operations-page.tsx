import { CheckCircleFilled, CloseCircleFilled, StopFilled } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Form, Input, Modal, Table } from "antd";
import { useState } from "react";

import { answer, api } from "../api/client";
import type { JobView, StopRow } from "../api/models";
import { useWords } from "../i18n/use-words";
import { MaybeButton } from "../ui/blocked";
import type { Role } from "../ui/places";
import { Shown } from "../ui/states";
import { dayTime, duration } from "../ui/time";
import { useAct } from "../ui/use-act";
import { useNow } from "../ui/use-now";

import "./admin/admin.css";

const SUSPENDED = "organisation.suspended";
const PAST_A_PAGE = 10;

function Lift({ stop, close }: { readonly stop: StopRow; readonly close: () => void }) {
  const { t, say } = useWords();
  const [form] = Form.useForm<{ reason: string }>();
  const lift = useAct(
    (body: { reason: string }) => answer(api.POST("/api/stops/{stop}/lift", { params: { path: { stop: stop.id } }, body })),
    [["stops"], ["status"], ["floor"]],
    close,
  );
  return (
    <Modal open title={t("operations.liftTitle")} okText={t("operations.lift")} confirmLoading={lift.isPending} onOk={form.submit} onCancel={close}>
      <p className="office-note">{say(stop.sentence)}</p>
      <Form<{ reason: string }> form={form} layout="vertical" requiredMark={false} onFinish={(given) => lift.mutate(given)}>
        <Form.Item name="reason" label={t("operations.reason")} extra={t("operations.reasonMeans")} rules={[{ required: true, min: 5, message: t("registers.whyShape") }]}>
          <Input.TextArea autoFocus maxLength={500} />
        </Form.Item>
      </Form>
    </Modal>
  );
}

function Stops({ role }: { readonly role: Role }) {
  const { t, say, lang } = useWords();
  const now = useNow();
  const [lifted, setLifted] = useState<StopRow | null>(null);
  const stops = useQuery({ queryKey: ["stops"], queryFn: () => answer(api.GET("/api/stops")), refetchInterval: 5_000 });
  return (
    <section className="card" aria-labelledby="stops-title">
      <h2 id="stops-title">{t("operations.stops")}</h2>
      <Shown asked={stops} rows={2}>
        {(list) =>
          list.items.length === 0 ? (
            <p className="tone tone-ready stops-none">
              <CheckCircleFilled aria-hidden /> {t("operations.noStops")}
            </p>
          ) : (
            <ul className="fields">
              {list.items.map((stop) => (
                <li key={stop.id}>
                  <span className="tone tone-stop">
                    <StopFilled aria-hidden /> {t(stop.platform_wide ? "operations.everybody" : stop.campaign_id === null ? "operations.organisation" : "operations.campaign")}
                  </span>
                  <span className="field-value two-lines">
                    <span>{say(stop.sentence)}</span>
                    <span className="meta">{t("operations.since", { time: dayTime(stop.since, lang, now) })}</span>
                  </span>
                  <MaybeButton
                    size="small"
                    act={stop.code === SUSPENDED || (stop.platform_wide && role !== "administrator") ? null : () => setLifted(stop)}
                    why={t(stop.code === SUSPENDED ? "operations.operators" : "operations.notYours")}
                  >
                    {t("operations.lift")}
                  </MaybeButton>
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
      {lifted !== null && <Lift stop={lifted} close={() => setLifted(null)} />}
    </section>
  );
}

/** What stopped dialling before, from when to when. */
function PastStops() {
  const { t, say, lang } = useWords();
  const now = useNow();
  const past = useQuery({ queryKey: ["stops", "past"], queryFn: () => answer(api.GET("/api/stops/past")) });
  return (
    <section className="card" aria-labelledby="past-title">
      <h2 id="past-title">{t("operations.past")}</h2>
      <Shown asked={past} rows={2}>
        {(list) =>
          list.items.length === 0 ? (
            <p className="meta">{t("operations.nonePast")}</p>
          ) : (
            <Table<StopRow>
              size="small"
              rowKey="id"
              scroll={{ x: "max-content" }}
              pagination={list.items.length > PAST_A_PAGE ? { pageSize: PAST_A_PAGE, size: "small" } : false}
              dataSource={[...list.items]}
              columns={[
                { title: t("operations.what"), key: "what", render: (_, stop) => say(stop.sentence) },
                { title: t("operations.from"), key: "from", className: "figure", width: 132, render: (_, stop) => dayTime(stop.since, lang, now) },
                {
                  title: t("operations.until"),
                  key: "until",
                  className: "figure",
                  width: 132,
                  render: (_, stop) => (stop.lifted_at == null ? "—" : dayTime(stop.lifted_at, lang, now)),
                },
                {
                  title: t("operations.lasted"),
                  key: "lasted",
                  align: "right",
                  className: "figure",
                  width: 96,
                  render: (_, stop) => (stop.lifted_at == null ? "—" : duration(Date.parse(stop.lifted_at) - Date.parse(stop.since))),
                },
              ]}
            />
          )
        }
      </Shown>
    </section>
  );
}

/** Each timer of the dialer in words; a new one is shown by its name until it has some. */
function useJobName(): (name: string) => string {
  const { t } = useWords();
  const names: Readonly<Record<string, string>> = {
    accounts: t("job.accounts"),
    certificate: t("job.certificate"),
    clock: t("job.clock"),
    cosign: t("job.cosign"),
    cut: t("job.cut"),
    dialing: t("job.dialing"),
    deliveries: t("job.deliveries"),
    erase: t("job.erase"),
    gate: t("job.gate"),
    lapse: t("job.lapse"),
    refusals: t("job.refusals"),
    repeats: t("job.repeats"),
    retention: t("job.retention"),
    second: t("job.second"),
    sign: t("job.sign"),
    trunk: t("job.trunk"),
    vault: t("job.vault"),
    webhooks: t("job.webhooks"),
  };
  return (name) => names[name] ?? name;
}

function Jobs() {
  const { t, lang } = useWords();
  const now = useNow();
  const nameOf = useJobName();
  const jobs = useQuery({ queryKey: ["jobs"], queryFn: () => answer(api.GET("/api/jobs")), refetchInterval: 2_000 });
  return (
    <section className="card" aria-labelledby="jobs-title">
      <h2 id="jobs-title">{t("operations.jobs")}</h2>
      <p className="meta">{t("operations.jobsMean")}</p>
      <Shown asked={jobs} rows={8}>
        {(list) => (
          <Table<JobView>
            size="small"
            rowKey="name"
            pagination={false}
            dataSource={[...list.items]}
            columns={[
              { title: t("operations.job"), key: "name", render: (_, job) => nameOf(job.name) },
              {
                title: t("operations.result"),
                key: "result",
                width: "45%",
                render: (_, job) =>
                  job.last_run_at === null ? (
                    <span className="meta">{t("operations.notRun")}</span>
                  ) : job.failure === null ? (
                    <span className="tone tone-ready">
                      <CheckCircleFilled aria-hidden /> {t("operations.well")}
                    </span>
                  ) : (
                    <span className="tone tone-stop">
                      <CloseCircleFilled aria-hidden /> {t("operations.failed")} <code>{job.failure}</code>
                    </span>
                  ),
              },
              {
                title: t("operations.last"),
                key: "last",
                width: 132,
                responsive: ["sm"],
                className: "figure",
                render: (_, job) => (job.last_run_at === null ? "—" : dayTime(job.last_run_at, lang, now)),
              },
              {
                title: t("operations.took"),
                key: "took",
                width: 96,
                align: "right",
                className: "figure",
                responsive: ["md"],
                render: (_, job) => (job.took_ms === null ? "—" : `${job.took_ms} ms`),
              },
              {
                title: t("operations.every"),
                key: "every",
                width: 96,
                align: "right",
                className: "figure",
                responsive: ["md"],
                render: (_, job) => (job.every_seconds < 60 ? `${job.every_seconds} s` : duration(job.every_seconds * 1_000)),
              },
            ]}
          />
        )}
      </Shown>
    </section>
  );
}

/** What keeps the installation going: why nothing is dialled where something stops it, and every timer's last run. */
export default function OperationsPage({ role }: { readonly role: Role }) {
  const { t } = useWords();
  return (
    <div className="office office-narrow">
      <div className="filters">
        <h1>{t("nav.operations")}</h1>
      </div>
      <Stops role={role} />
      <PastStops />
      <Jobs />
    </div>
  );
}

import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, Button, Form, Input, Select, Table, type TableColumnsType } from "antd";

import { answer, api } from "../../api/client";
import type { CaseKind, CaseRow } from "../../api/models";
import { Problem } from "../../api/problem";
import { useWords } from "../../i18n/use-words";
import { deadlineOf } from "../../trail/deadline";
import { Empty, Shown } from "../../ui/states";
import { fullTime, isoDay } from "../../ui/time";
import { useNow } from "../../ui/use-now";

import { CaseActs, useFreshCases } from "./case-acts";
import { Holds } from "./holds";

import "./trail.css";
import "./audit.css";

const KINDS = ["query", "correct", "delete"] as const satisfies readonly CaseKind[];
const NUMBER = /^[+\d][\d\s()-]{4,30}$/;

function Open() {
  const { t, say } = useWords();
  const fresh = useFreshCases();
  const [form] = Form.useForm<{ number: string; kind: CaseKind }>();
  const open = useMutation({
    mutationFn: (body: { readonly number: string; readonly kind: CaseKind }) => answer(api.POST("/api/cases", { body })),
    onSuccess: () => {
      form.resetFields();
      fresh();
    },
    // a number that was typed is not kept
    gcTime: 0,
  });
  return (
    <section className="card" aria-labelledby="open-title">
      <h2 id="open-title">{t("case.open")}</h2>
      <Form form={form} layout="inline" className="ask-form" initialValues={{ number: "", kind: "query" }} onFinish={(body) => open.mutate(body)}>
        <Form.Item name="number" label={t("case.number")} rules={[{ required: true, pattern: NUMBER, message: t("explain.numberShape") }]}>
          <Input autoComplete="off" inputMode="tel" maxLength={32} />
        </Form.Item>
        <Form.Item name="kind" label={t("case.kind")}>
          <Select className="case-kind" options={KINDS.map((value) => ({ value, label: t(`case.kinds.${value}`) }))} />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={open.isPending}>
          {t("case.take")}
        </Button>
      </Form>
      <p className="meta">{t("case.openHint")}</p>
      {open.isSuccess && <Alert showIcon type="success" title={t("case.opened", { day: isoDay(open.data.due_on) })} />}
      {open.error instanceof Problem && <Alert showIcon type="error" title={say(open.error.sentence)} />}
    </section>
  );
}

function Due({ row }: { readonly row: CaseRow }) {
  const { t } = useWords();
  const now = useNow();
  if (row.closed_at !== null) return <span className="meta figure one-line">{isoDay(row.due_on)}</span>;
  const { tone, days } = deadlineOf(row.due_on, now);
  return (
    <span className={`due due-${tone}`}>
      <span className="figure one-line">{isoDay(row.due_on)}</span>{" "}
      <span className="meta">{t(`case.due.${tone}`, { days })}</span>
    </span>
  );
}

function useColumns(): TableColumnsType<CaseRow> {
  const { t, lang } = useWords();
  return [
    {
      title: t("case.kind"),
      key: "kind",
      width: 104,
      render: (_, row) => (
        <>
          {t(`case.kinds.${row.kind}`)}
          <span className="narrow-only">
            <Due row={row} />
          </span>
        </>
      ),
    },
    { title: t("trail.number"), dataIndex: "number", width: 128, className: "figure one-line" },
    { title: t("case.openedAt"), key: "opened", width: 190, className: "figure one-line", responsive: ["lg"], render: (_, row) => fullTime(row.opened_at, lang) },
    { title: t("case.dueOn"), key: "due", width: 200, responsive: ["sm"], render: (_, row) => <Due row={row} /> },
    {
      title: t("case.state"),
      key: "state",
      responsive: ["md"],
      render: (_, row) => (
        <>
          <span className="chip">{t(row.closed_at === null ? "case.openState" : "case.closedState")}</span>
          {row.held && <span className="chip chip-attention">{t("case.held")}</span>}
          {row.closed_at !== null && <span className="meta figure"> {fullTime(row.closed_at, lang)}</span>}
        </>
      ),
    },
    { title: t("dossier.acts"), key: "acts", render: (_, row) => <CaseActs row={row} /> },
  ];
}

/** What people asked for: to see, to correct, to have deleted what is kept of them; each with its deadline. */
export default function CasesPage() {
  const { t } = useWords();
  const columns = useColumns();
  const rows = useQuery({ queryKey: ["cases"], queryFn: () => answer(api.GET("/api/cases")), refetchInterval: 60_000 });
  return (
    <div className="trail audit">
      <h1>{t("case.title")}</h1>
      <p className="meta">{t("case.promise")}</p>
      <Open />
      <Shown asked={rows} rows={6}>
        {({ items }) => (
          <Table<CaseRow>
            size="small"
            rowKey="id"
            columns={columns}
            dataSource={items}
            pagination={false}
            locale={{ emptyText: <Empty>{t("case.none")}</Empty> }}
          />
        )}
      </Shown>
      <Holds />
    </div>
  );
}

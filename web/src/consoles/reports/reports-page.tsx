import { DownloadOutlined, FileExcelOutlined, FilePdfOutlined, SafetyCertificateOutlined } from "@ant-design/icons";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button, Input, Table } from "antd";
import { lazy, Suspense, useState } from "react";

import { answer, api } from "../../api/client";
import type { ReportTable } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { Empty, Shown } from "../../ui/states";
import { isoDay, productNowMs, type Language } from "../../ui/time";

import "../admin/admin.css";

const ReportChart = lazy(() => import("./report-chart"));

const DAY_MS = 86_400_000;

/** A span of whole days in the viewer's zone, its end not included. */
function spanOf(first: string, last: string): { readonly from: string; readonly to: string } {
  const until = new Date(`${last}T00:00:00`);
  until.setDate(until.getDate() + 1);
  return { from: new Date(`${first}T00:00:00`).toISOString(), to: until.toISOString() };
}

type Span = ReturnType<typeof spanOf>;

function fileOf(name: string, span: Span, locale: Language): string {
  return `/api/reports/${name}?${new URLSearchParams({ ...span, locale }).toString()}`;
}

function One({ table, span }: { readonly table: ReportTable; readonly span: Span }) {
  const { t, say, lang } = useWords();
  return (
    <section className="card" aria-label={say(table.title)}>
      <div className="card-head">
        <h2>{say(table.title)}</h2>
        <span className="grow" />
        {table.part === "certificate" && (
          <Button size="small" icon={<SafetyCertificateOutlined />} href={fileOf("certificate.pdf", span, lang)}>
            {t("reports.certificate")}
          </Button>
        )}
        <Button size="small" icon={<DownloadOutlined />} href={fileOf(`${table.part}/table.csv`, span, lang)}>
          CSV
        </Button>
      </div>
      <Suspense fallback={null}>
        <ReportChart table={table} />
      </Suspense>
      <Table<ReportTable["rows"][number]>
        size="small"
        rowKey={(row) => `${row.name.en} ${row.values.join(" ")}`}
        pagination={false}
        scroll={{ x: "max-content" }}
        dataSource={[...table.rows]}
        locale={{ emptyText: <Empty>{t("reports.empty")}</Empty> }}
        columns={[
          { title: say(table.first), key: "name", render: (_, row) => say(row.name) },
          ...table.columns.map((column, place) => ({
            title: say(column),
            key: column.en,
            align: "right" as const,
            className: "figure",
            render: (_: unknown, row: ReportTable["rows"][number]) => row.values[place],
          })),
        ]}
      />
    </section>
  );
}

/** What was done, counted out of the attempts themselves, and each table to keep. */
export default function ReportsPage() {
  const { t, lang } = useWords();
  const [first, setFirst] = useState(isoDay(productNowMs() - 6 * DAY_MS));
  const [last, setLast] = useState(isoDay(productNowMs()));
  const span = spanOf(first, last);
  const report = useQuery({
    queryKey: ["reports", first, last],
    queryFn: () => answer(api.GET("/api/reports", { params: { query: span } })),
    placeholderData: keepPreviousData,
  });
  return (
    <div className="office">
      <div className="filters">
        <h1>{t("nav.reports")}</h1>
        <span className="grow" />
        <Button icon={<FileExcelOutlined />} href={fileOf("book.xlsx", span, lang)}>
          XLSX
        </Button>
        <Button icon={<FilePdfOutlined />} href={fileOf("report.pdf", span, lang)}>
          PDF
        </Button>
        <Input className="report-day" type="date" aria-label={t("reports.first")} value={first} max={last} onChange={(event) => setFirst(event.target.value || first)} />
        <Input className="report-day" type="date" aria-label={t("reports.last")} value={last} min={first} onChange={(event) => setLast(event.target.value || last)} />
      </div>
      <Shown asked={report} rows={10}>
        {(view) => view.tables.map((table) => <One key={table.part} table={table} span={span} />)}
      </Shown>
    </div>
  );
}

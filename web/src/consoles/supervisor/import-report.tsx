import { DownloadOutlined } from "@ant-design/icons";
import { Alert, Button, Table } from "antd";

import type { ImportView } from "../../api/models";
import { rejectedCsv } from "../../floor/rejected-csv";
import { useWords } from "../../i18n/use-words";

const ROWS_A_PAGE = 8;

/** What became of a file: how many rows are in, and each that is not with its reason, to be kept as a file. */
export function ImportReport({ report }: { readonly report: ImportView }) {
  const { t, say, lang } = useWords();
  const keep = (): void => {
    const url = URL.createObjectURL(new Blob([rejectedCsv(report, lang)], { type: "text/csv;charset=utf-8" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = `rejected-${report.id}.csv`;
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <>
      <Alert
        showIcon
        type={report.rejected.length === 0 ? "success" : report.accepted === 0 ? "error" : "warning"}
        title={t("import.done", { accepted: report.accepted, rows: report.rows })}
        description={report.rejected.length === 0 ? t("import.allIn") : t("import.someOut", { count: report.rejected.length })}
      />
      {report.rejected.length > 0 && (
        <>
          <Table
            size="small"
            className="import-rows"
            rowKey={(row) => `${row.line}-${row.column ?? ""}-${row.code}`}
            dataSource={[...report.rejected]}
            pagination={report.rejected.length > ROWS_A_PAGE ? { pageSize: ROWS_A_PAGE, size: "small" } : false}
            columns={[
              { title: t("import.line"), dataIndex: "line", width: 72, className: "figure" },
              { title: t("import.column"), key: "column", width: 140, render: (_, row) => row.column ?? "—" },
              { title: t("import.why"), key: "why", render: (_, row) => say(row.sentence) },
            ]}
          />
          <Button icon={<DownloadOutlined />} onClick={keep}>
            {t("import.keep")}
          </Button>
        </>
      )}
    </>
  );
}

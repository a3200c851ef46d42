import { DownloadOutlined, InboxOutlined } from "@ant-design/icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Modal, Table, Upload } from "antd";

import { answer, api } from "../../api/client";
import type { CampaignView, ImportView } from "../../api/models";
import { Problem } from "../../api/problem";
import { rejectedCsv } from "../../floor/rejected-csv";
import { useWords } from "../../i18n/use-words";

const FILE_BYTES_MAX = 32 * 1024 * 1024;
const ROWS_A_PAGE = 8;

function Report({ report }: { readonly report: ImportView }) {
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

/** A file of leads and consents: good rows are taken together, every bad row is named with its reason. */
export default function ImportDialog({ campaign, close }: { readonly campaign: Pick<CampaignView, "id" | "name">; readonly close: () => void }) {
  const { t, say } = useWords();
  const queries = useQueryClient();
  const sending = useMutation({
    mutationFn: (file: File) =>
      answer(
        api.POST("/api/imports", {
          params: { query: { campaign: campaign.id } },
          body: { file: "" },
          bodySerializer: () => {
            const form = new FormData();
            form.set("file", file);
            return form;
          },
        }),
      ),
    onSuccess: () => Promise.all([queries.invalidateQueries({ queryKey: ["floor"] }), queries.invalidateQueries({ queryKey: ["leads"] })]),
  });
  return (
    <Modal open title={t("import.title", { campaign: say(campaign.name) })} onCancel={close} footer={null} width={720}>
      <Upload.Dragger
        accept=".csv,text/csv,.zip,application/zip"
        multiple={false}
        showUploadList={false}
        disabled={sending.isPending}
        beforeUpload={(file) => {
          if (file.size <= FILE_BYTES_MAX) sending.mutate(file);
          else sending.reset();
          return false;
        }}
      >
        <p className="import-icon">
          <InboxOutlined />
        </p>
        <p>{sending.isPending ? t("import.sending") : t("import.drop")}</p>
        <p className="meta">{t("import.columns")}</p>
      </Upload.Dragger>
      <div className="import-result" aria-live="polite">
        {sending.error instanceof Problem && <Alert showIcon type="error" title={say(sending.error.sentence)} />}
        {sending.data !== undefined && <Report report={sending.data} />}
      </div>
    </Modal>
  );
}

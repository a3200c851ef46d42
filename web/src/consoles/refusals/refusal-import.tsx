import { InboxOutlined } from "@ant-design/icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, Modal, Table, Upload } from "antd";

import { answer, api } from "../../api/client";
import type { RefusalImportView } from "../../api/models";
import { Problem } from "../../api/problem";
import { useWords } from "../../i18n/use-words";

const ROWS_A_PAGE = 8;

function Report({ report }: { readonly report: RefusalImportView }) {
  const { t, say } = useWords();
  const rows = [...report.rejected, ...report.remarks];
  return (
    <>
      <Alert
        showIcon
        type={report.unreadable + report.waiting === 0 ? "success" : "warning"}
        title={t("refusals.imported", { entered: report.entered, known: report.known, rows: report.rows })}
        description={t("refusals.importedRest", {
          unreadable: report.unreadable,
          superseded: report.superseded,
          waiting: report.waiting,
        })}
      />
      {rows.length > 0 && (
        <Table
          size="small"
          rowKey={(row) => `${row.line}-${row.code}`}
          dataSource={rows}
          pagination={rows.length > ROWS_A_PAGE ? { pageSize: ROWS_A_PAGE, size: "small" } : false}
          columns={[
            { title: t("import.line"), dataIndex: "line", width: 72, className: "figure" },
            { title: t("import.why"), key: "why", render: (_, row) => say(row.sentence) },
          ]}
        />
      )}
    </>
  );
}

/** A file of refusals: every readable number holds at once; the same file does nothing twice. */
export function RefusalImport({ close }: { readonly close: () => void }) {
  const { t, say } = useWords();
  const queries = useQueryClient();
  const sending = useMutation({
    mutationFn: (file: File) =>
      answer(
        api.POST("/api/refusals/import", {
          params: { query: {} },
          body: { file: "" },
          bodySerializer: () => {
            const form = new FormData();
            form.set("file", file);
            return form;
          },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["refusals"] }),
  });
  return (
    <Modal open title={t("refusals.import")} onCancel={close} footer={null} width={720}>
      <Upload.Dragger
        accept=".csv,text/csv"
        multiple={false}
        showUploadList={false}
        disabled={sending.isPending}
        beforeUpload={(file) => {
          sending.mutate(file);
          return false;
        }}
      >
        <p className="import-icon">
          <InboxOutlined />
        </p>
        <p>{sending.isPending ? t("import.sending") : t("import.drop")}</p>
        <p className="meta">{t("refusals.importColumns")}</p>
      </Upload.Dragger>
      <div aria-live="polite">
        {sending.error instanceof Problem && <Alert showIcon type="error" title={say(sending.error.sentence)} />}
        {sending.data !== undefined && <Report report={sending.data} />}
      </div>
    </Modal>
  );
}

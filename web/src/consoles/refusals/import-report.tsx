import { InboxOutlined } from "@ant-design/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Progress, Table, Upload } from "antd";
import { useEffect } from "react";

import { answer, api } from "../../api/client";
import type { ImportJob } from "../../api/models";
import { Problem } from "../../api/problem";
import { useWords } from "../../i18n/use-words";

const ROWS_A_PAGE = 8;
const ASK_MS = 1_000;

/** What became of a file: its counts, and every row that was not taken as written. */
function Report({ job }: { readonly job: ImportJob }) {
  const { t, say } = useWords();
  const { refusals, outside } = job;
  const rows = [...(refusals?.rejected ?? []), ...(refusals?.remarks ?? []), ...(outside?.rejected ?? [])];
  const isWhole = (refusals?.unreadable ?? 0) + (refusals?.waiting ?? 0) + (outside?.unreadable ?? 0) === 0;
  return (
    <>
      {refusals && (
        <Alert
          showIcon
          type={isWhole ? "success" : "warning"}
          title={t("refusals.imported", { entered: refusals.entered, known: refusals.known, rows: refusals.rows })}
          description={t("refusals.importedRest", {
            unreadable: refusals.unreadable,
            superseded: refusals.superseded,
            waiting: refusals.waiting,
          })}
        />
      )}
      {outside && (
        <Alert
          showIcon
          type={isWhole ? "success" : "warning"}
          title={t("refusals.listTaken", { list: outside.list.kind, entries: outside.list.entries })}
          description={t("refusals.listRest", { rows: outside.rows, unreadable: outside.unreadable })}
        />
      )}
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

/** How far a file is, asked once a second until it has ended. */
function Running({ started, ended }: { readonly started: ImportJob; readonly ended: () => void }) {
  const { t, say } = useWords();
  const asked = useQuery({
    queryKey: ["import-job", started.id],
    queryFn: () => answer(api.GET("/api/import-jobs/{job}", { params: { path: { job: started.id } } })),
    initialData: started,
    refetchInterval: (query) => (query.state.data?.state === "running" ? ASK_MS : false),
  });
  const job = asked.data;
  const isRunning = job.state === "running";
  useEffect(() => {
    if (!isRunning) ended();
  }, [isRunning, ended]);
  if (isRunning) {
    return (
      <>
        <Progress percent={job.percent} status="active" aria-label={t("refusals.importRunning")} />
        <p className="meta">{t("refusals.importRows", { rows: job.rows })}</p>
      </>
    );
  }
  return job.why ? <Alert showIcon type="error" title={say(job.why)} /> : <Report job={job} />;
}

/** A place for one file: it is sent, taken in the background, and its report is shown here. */
export function FileImport({
  send,
  hint,
  blocked,
  stale,
}: {
  readonly send: (file: File) => Promise<ImportJob>;
  readonly hint: string;
  /** Why no file may be chosen yet; null: it may. */
  readonly blocked: string | null;
  /** What is asked anew when the file has ended. */
  readonly stale: string;
}) {
  const { t, say } = useWords();
  const queries = useQueryClient();
  const sending = useMutation({ mutationFn: send });
  return (
    <>
      <Upload.Dragger
        accept=".csv,.txt,text/csv,text/plain"
        multiple={false}
        showUploadList={false}
        disabled={sending.isPending || blocked !== null}
        beforeUpload={(file) => {
          sending.mutate(file);
          return false;
        }}
      >
        <p className="import-icon">
          <InboxOutlined />
        </p>
        <p>{blocked ?? (sending.isPending ? t("import.sending") : t("refusals.drop"))}</p>
        <p className="meta">{hint}</p>
      </Upload.Dragger>
      <div aria-live="polite" className="import-outcome">
        {sending.error instanceof Problem && <Alert showIcon type="error" title={say(sending.error.sentence)} />}
        {sending.data !== undefined && (
          <Running key={sending.data.id} started={sending.data} ended={() => void queries.invalidateQueries({ queryKey: [stale] })} />
        )}
      </div>
    </>
  );
}

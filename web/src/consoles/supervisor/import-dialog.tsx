import { InboxOutlined } from "@ant-design/icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Modal, Progress, Upload } from "antd";
import { useState } from "react";

import type { CampaignView } from "../../api/models";
import { Problem } from "../../api/problem";
import { uploadList } from "../../api/upload";
import { guessMapping, mappedRows, type Mapping } from "../../floor/import-mapping";
import { isArchive, readList, writeList } from "../../floor/list-file";
import { useWords } from "../../i18n/use-words";

import { ImportMapping } from "./import-mapping";
import { ImportReport } from "./import-report";

const FILE_BYTES_MAX = 32 * 1024 * 1024;
const ALL_SENT = 100;

interface Chosen {
  readonly name: string;
  readonly rows: readonly (readonly string[])[];
  readonly mapping: Mapping;
}

type Refused = "too_large" | "unreadable" | "empty" | "kind";

/** The rows of a file, or that it is an archive, or why it can't be sent. */
async function opened(file: File): Promise<Chosen["rows"] | "archive" | Refused> {
  if (file.size > FILE_BYTES_MAX) return "too_large";
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (isArchive(bytes)) return "archive";
  if (!/\.(csv|txt)$/i.test(file.name)) return "kind";
  const rows = readList(bytes);
  if (rows === null) return "unreadable";
  return rows.length < 2 ? "empty" : rows;
}

/** A file of leads and consents: columns are matched first, good rows are taken together, every bad row is named. */
export default function ImportDialog({ campaign, close }: { readonly campaign: Pick<CampaignView, "id" | "name">; readonly close: () => void }) {
  const { t, say } = useWords();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [refused, setRefused] = useState<Refused | null>(null);
  const [percent, setPercent] = useState(0);
  const sending = useMutation({
    mutationFn: (file: File) => uploadList(campaign.id, file, setPercent),
    onSuccess: () => {
      setChosen(null);
      return Promise.all([queries.invalidateQueries({ queryKey: ["floor"] }), queries.invalidateQueries({ queryKey: ["leads"] })]);
    },
  });
  const send = (file: File): void => {
    setPercent(0);
    sending.mutate(file);
  };
  const choose = async (file: File): Promise<void> => {
    sending.reset();
    setRefused(null);
    setChosen(null);
    const read = await opened(file);
    if (read === "archive") send(file);
    else if (typeof read === "string") setRefused(read);
    else setChosen({ name: file.name, rows: read, mapping: guessMapping(read[0] ?? []) });
  };
  const sendMapped = ({ name, rows, mapping }: Chosen): void => send(new File([writeList(mappedRows(rows, mapping))], name, { type: "text/csv" }));
  return (
    <Modal open title={t("import.title", { campaign: say(campaign.name) })} onCancel={close} footer={null} width={820}>
      {chosen === null && (
        <Upload.Dragger
          accept=".csv,.txt,text/csv,.zip,application/zip"
          multiple={false}
          showUploadList={false}
          disabled={sending.isPending}
          beforeUpload={(file) => {
            void choose(file);
            return false;
          }}
        >
          <p className="import-icon">
            <InboxOutlined />
          </p>
          <p>{t("import.drop")}</p>
          <p className="meta">{t("import.columns")}</p>
        </Upload.Dragger>
      )}
      {refused !== null && <Alert className="import-alert" showIcon type="error" title={t(`import.refused.${refused}`)} />}
      {chosen !== null && (
        <ImportMapping
          rows={chosen.rows}
          mapping={chosen.mapping}
          change={(mapping) => setChosen({ ...chosen, mapping })}
          send={sending.isPending ? null : () => sendMapped(chosen)}
        />
      )}
      {chosen !== null && !sending.isPending && (
        <Button type="link" onClick={() => setChosen(null)}>
          {t("import.other")}
        </Button>
      )}
      <div className="import-result" aria-live="polite">
        {sending.isPending && (
          <>
            <Progress percent={percent} status="active" aria-label={t("import.progress")} />
            <p className="meta">{percent < ALL_SENT ? t("import.sent", { percent }) : t("import.sending")}</p>
          </>
        )}
        {sending.error !== null && (
          <Alert showIcon type="error" title={sending.error instanceof Problem ? say(sending.error.sentence) : t("error.unexpected")} />
        )}
        {sending.data !== undefined && <ImportReport report={sending.data} />}
      </div>
    </Modal>
  );
}

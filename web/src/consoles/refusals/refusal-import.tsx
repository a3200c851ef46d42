import { Modal } from "antd";

import { answer, api } from "../../api/client";
import { useWords } from "../../i18n/use-words";

import { fileBody } from "./file-body";
import { FileImport } from "./import-report";

/** A file of refusals: every readable number holds at once; the same file does nothing twice. */
export function RefusalImport({ close }: { readonly close: () => void }) {
  const { t } = useWords();
  const send = (file: File) => answer(api.POST("/api/refusals/import", { params: { query: {} }, ...fileBody(file) }));
  return (
    <Modal open title={t("refusals.import")} onCancel={close} footer={null} width={720}>
      <FileImport send={send} hint={t("refusals.importColumns")} blocked={null} stale="refusals" />
    </Modal>
  );
}

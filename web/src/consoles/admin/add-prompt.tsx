import { PlusOutlined, UploadOutlined } from "@ant-design/icons";
import { Button, Form, Input, Modal, Select, Upload } from "antd";
import { useState } from "react";

import { answer, api } from "../../api/client";
import type { PromptList, PromptView } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { MaybeButton } from "../../ui/blocked";
import { useAct } from "../../ui/use-act";
import { fileBody } from "../refusals/file-body";

const CHANGED = [["prompts"]] as const;
const TEXT_CHARACTERS_MAX = 600;

interface Given {
  readonly name: string;
  readonly text: string;
}

interface Brought {
  readonly prompt: PromptView;
  readonly text: string;
  readonly sound: File;
}

/** A spoken file with every word of it; nobody hears it before another person has approved it. */
export function AddPrompt({ items }: Pick<PromptList, "items">) {
  const { t, say } = useWords();
  const [open, setOpen] = useState(false);
  const [file, setFile] = useState<File | null>(null);
  const [form] = Form.useForm<Given>();
  const close = (): void => {
    setOpen(false);
    setFile(null);
  };
  const add = useAct(
    ({ prompt: { purpose, language }, text, sound }: Brought) => answer(api.POST("/api/prompts", { params: { query: { purpose, language, text } }, ...fileBody(sound) })),
    CHANGED,
    close,
  );
  const send = ({ name, text }: Given): void => {
    const prompt = items.find((one) => one.name === name);
    if (prompt !== undefined && file !== null) add.mutate({ prompt, text, sound: file });
  };
  return (
    <>
      <Button icon={<PlusOutlined />} onClick={() => setOpen(true)} className="office-add">
        {t("prompts.add")}
      </Button>
      <Modal
        open={open}
        title={t("prompts.add")}
        onCancel={close}
        destroyOnHidden
        footer={[
          <Button key="cancel" onClick={close}>
            {t("cancel")}
          </Button>,
          <MaybeButton key="add" type="primary" loading={add.isPending} act={file === null ? null : form.submit} why={t("prompts.fileMissing")}>
            {t("prompts.add")}
          </MaybeButton>,
        ]}
      >
        <Form<Given> form={form} layout="vertical" requiredMark={false} initialValues={{ name: items[0]?.name }} onFinish={send}>
          <Form.Item name="name" label={t("prompts.purpose")}>
            <Select options={items.map(({ name, heard_when, language }) => ({ value: name, label: `${say(heard_when)} · ${t(`prompts.spoken.${language}`)}` }))} />
          </Form.Item>
          <Form.Item name="text" label={t("prompts.text")} rules={[{ required: true, whitespace: true, message: t("prompts.textMissing") }]}>
            <Input.TextArea rows={4} maxLength={TEXT_CHARACTERS_MAX} showCount />
          </Form.Item>
          <Form.Item label={t("prompts.file")} extra={t("prompts.fileKind")}>
            <Upload
              accept=".wav,audio/wav"
              maxCount={1}
              fileList={file === null ? [] : [{ uid: file.name, name: file.name }]}
              onRemove={() => setFile(null)}
              beforeUpload={(chosen) => {
                setFile(chosen);
                return false;
              }}
            >
              <Button icon={<UploadOutlined />}>{t("prompts.chooseFile")}</Button>
            </Upload>
          </Form.Item>
        </Form>
      </Modal>
    </>
  );
}

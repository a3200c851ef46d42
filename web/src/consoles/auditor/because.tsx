import { Alert, Button, Form, Input, Modal } from "antd";

import { Problem } from "../../api/problem";
import { useWords } from "../../i18n/use-words";

const REASON_CHARACTERS_MIN = 5;
const REASON_CHARACTERS_MAX = 500;

interface Props {
  readonly title: string;
  readonly hint: string;
  readonly act: string;
  readonly busy: boolean;
  readonly error: unknown;
  readonly done: (reason: string) => void;
  readonly close: () => void;
}

/** Asks for a reason, which goes onto the log, before something is done. */
export function Because({ title, hint, act, busy, error, done, close }: Props) {
  const { t, say } = useWords();
  return (
    <Modal open title={title} onCancel={close} footer={null} destroyOnHidden>
      <Form layout="vertical" onFinish={({ reason }: { reason: string }) => done(reason.trim())}>
        <p>{hint}</p>
        <Form.Item
          name="reason"
          label={t("because.reason")}
          rules={[{ required: true, whitespace: true, min: REASON_CHARACTERS_MIN, message: t("reveal.reasonShort") }]}
        >
          <Input.TextArea rows={3} maxLength={REASON_CHARACTERS_MAX} autoFocus />
        </Form.Item>
        {error instanceof Problem && <Alert showIcon type="error" title={say(error.sentence)} />}
        <Button type="primary" htmlType="submit" loading={busy}>
          {act}
        </Button>
      </Form>
    </Modal>
  );
}

import { useMutation } from "@tanstack/react-query";
import { Alert, Button, Form, Input, Modal } from "antd";

import type { Revealed } from "../api/models";
import { Problem } from "../api/problem";
import { useWords } from "../i18n/use-words";
import { fullTime } from "../ui/time";

const REASON_CHARACTERS_MIN = 5;
const REASON_CHARACTERS_MAX = 500;

/** Shows a number once, for a reason: who, when and why is on the log first. `ask` is what writes it there. */
export function RevealDialog({ ask, close }: { readonly ask: (reason: string) => Promise<Revealed>; readonly close: () => void }) {
  const { t, say, lang } = useWords();
  const reveal = useMutation({ mutationFn: ask, gcTime: 0 });
  return (
    <Modal open title={t("reveal.title")} onCancel={close} footer={null} destroyOnHidden>
      {reveal.data === undefined ? (
        <Form layout="vertical" onFinish={({ reason }: { reason: string }) => reveal.mutate(reason.trim())}>
          <p>{t("reveal.logged")}</p>
          <Form.Item
            name="reason"
            label={t("reveal.reason")}
            rules={[{ required: true, whitespace: true, min: REASON_CHARACTERS_MIN, message: t("reveal.reasonShort") }]}
          >
            <Input.TextArea rows={3} maxLength={REASON_CHARACTERS_MAX} autoFocus />
          </Form.Item>
          {reveal.error instanceof Problem && <Alert showIcon type="error" title={say(reveal.error.sentence)} />}
          <Button type="primary" htmlType="submit" loading={reveal.isPending}>
            {t("reveal.show")}
          </Button>
        </Form>
      ) : (
        <>
          <p className="figure matters revealed">{reveal.data.number}</p>
          <p className="meta">{t("reveal.done", { seq: reveal.data.leaf_seq, time: fullTime(reveal.data.at, lang) })}</p>
        </>
      )}
    </Modal>
  );
}

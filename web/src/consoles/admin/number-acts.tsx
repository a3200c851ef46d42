import { PlusOutlined } from "@ant-design/icons";
import { Button, Form, Input, Modal } from "antd";
import { useState } from "react";

import { answer, api } from "../../api/client";
import type { RegisterEntry } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { MaybeButton } from "../../ui/blocked";
import { useAct } from "../../ui/use-act";

const CHANGED = [["registers", "caller-number"]] as const;

interface NewNumber {
  readonly id: string;
  readonly number: string;
}

/** Registers a caller number; nobody is called with it before another person lets it be shown. */
export function AddNumber() {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  const [form] = Form.useForm<NewNumber>();
  const add = useAct((body: NewNumber) => answer(api.POST("/api/caller-numbers", { body })), CHANGED, () => setOpen(false));
  return (
    <>
      <Button icon={<PlusOutlined />} onClick={() => setOpen(true)} className="office-add">
        {t("registers.addNumber")}
      </Button>
      <Modal open={open} title={t("registers.addNumber")} okText={t("registers.addNumber")} confirmLoading={add.isPending} onOk={form.submit} onCancel={() => setOpen(false)} destroyOnHidden>
        <p className="meta office-note">{t("registers.addNumberMeans")}</p>
        <Form<NewNumber> form={form} layout="vertical" requiredMark={false} onFinish={(given) => add.mutate(given)}>
          <Form.Item name="id" label={t("registers.id")} rules={[{ required: true, pattern: /^[A-Za-z0-9_.:-]{1,64}$/, message: t("registers.idShape") }]}>
            <Input autoComplete="off" />
          </Form.Item>
          <Form.Item name="number" label={t("registers.digits")} rules={[{ required: true, pattern: /^\+?[0-9]{3,15}$/, message: t("registers.digitsShape") }]}>
            <Input inputMode="tel" autoComplete="off" />
          </Form.Item>
        </Form>
      </Modal>
    </>
  );
}

/** What may be done to a number: let it be shown, by a second person, or take it off. */
export function NumberActs({ entry }: { readonly entry: RegisterEntry }) {
  const { t, say } = useWords();
  const [suspending, setSuspending] = useState(false);
  const [form] = Form.useForm<{ why: string }>();
  const path = { params: { path: { number: entry.id } } };
  const activate = useAct(() => answer(api.POST("/api/caller-numbers/{number}/activate", path)), CHANGED);
  const suspend = useAct(
    (body: { why: string }) => answer(api.POST("/api/caller-numbers/{number}/suspend", { ...path, body })),
    CHANGED,
    () => setSuspending(false),
  );
  const state = entry.state?.code ?? "";
  return (
    <>
      <MaybeButton
        size="small"
        loading={activate.isPending}
        act={state === "registered" || state === "suspended" ? () => activate.mutate(undefined) : null}
        why={t("registers.notToActivate")}
      >
        {t("registers.activate")}
      </MaybeButton>
      <MaybeButton size="small" danger act={state === "active" ? () => setSuspending(true) : null} why={t("registers.notShown")}>
        {t("registers.suspend")}
      </MaybeButton>
      <Modal open={suspending} title={t("registers.suspendTitle", { name: say(entry.title) })} okText={t("registers.suspend")} okButtonProps={{ danger: true }} confirmLoading={suspend.isPending} onOk={form.submit} onCancel={() => setSuspending(false)} destroyOnHidden>
        <Form<{ why: string }> form={form} layout="vertical" requiredMark={false} onFinish={(given) => suspend.mutate(given)}>
          <Form.Item name="why" label={t("registers.why")} extra={t("registers.suspendMeans")} rules={[{ required: true, min: 5, message: t("registers.whyShape") }]}>
            <Input.TextArea maxLength={500} />
          </Form.Item>
        </Form>
      </Modal>
    </>
  );
}

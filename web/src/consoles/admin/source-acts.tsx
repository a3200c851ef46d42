import { PlusOutlined } from "@ant-design/icons";
import { Button, Form, Input, Modal, Select } from "antd";
import { useState } from "react";

import { answer, api } from "../../api/client";
import type { Choice, RegisterEntry } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { isoDay, productNowMs } from "../../ui/time";
import { useAct } from "../../ui/use-act";

const CHANGED = [["registers", "source"]] as const;

interface NewSource {
  readonly id: string;
  readonly kind: "filed_site";
  readonly name: string;
}

/** A new source, unverified until somebody else has checked it. */
export function AddSource({ kinds }: { readonly kinds: readonly Choice[] }) {
  const { t, say } = useWords();
  const [open, setOpen] = useState(false);
  const [form] = Form.useForm<NewSource>();
  const add = useAct((body: NewSource) => answer(api.POST("/api/sources", { body })), CHANGED, () => setOpen(false));
  return (
    <>
      <Button icon={<PlusOutlined />} className="office-note" onClick={() => setOpen(true)}>
        {t("registers.addSource")}
      </Button>
      <Modal open={open} title={t("registers.addSource")} okText={t("registers.file")} confirmLoading={add.isPending} onOk={form.submit} onCancel={() => setOpen(false)} destroyOnHidden>
        <Form<NewSource> form={form} layout="vertical" requiredMark={false} initialValues={{ kind: "filed_site" }} onFinish={(given) => add.mutate(given)}>
          <Form.Item name="id" label={t("registers.id")} rules={[{ required: true, pattern: /^[A-Za-z0-9_.:-]{1,64}$/, message: t("registers.idShape") }]}>
            <Input autoComplete="off" />
          </Form.Item>
          <Form.Item name="kind" label={t("registers.sourceKind")} extra={t("registers.sourceKindMeans")}>
            <Select options={kinds.map(({ code, sentence }) => ({ value: code, label: say(sentence) }))} />
          </Form.Item>
          <Form.Item name="name" label={t("registers.sourceName")} rules={[{ required: true, whitespace: true, message: t("registers.nameMissing") }]}>
            <Input maxLength={120} />
          </Form.Item>
        </Form>
      </Modal>
    </>
  );
}

interface Check {
  readonly filing: string;
  readonly checked_on: string;
  readonly expires_on?: string;
}

function Verify({ entry, close }: { readonly entry: RegisterEntry; readonly close: () => void }) {
  const { t, say } = useWords();
  const [form] = Form.useForm<Check>();
  const verify = useAct(
    ({ expires_on, ...check }: Check) =>
      answer(
        api.POST("/api/sources/{source}/verify", {
          params: { path: { source: entry.id } },
          body: { ...check, expires_on: expires_on === undefined || expires_on === "" ? null : expires_on },
        }),
      ),
    CHANGED,
    close,
  );
  return (
    <Modal open title={t("registers.verifyTitle", { name: say(entry.title) })} okText={t("registers.verified")} confirmLoading={verify.isPending} onOk={form.submit} onCancel={close}>
      <p className="meta office-note">{t("registers.verifyMeans")}</p>
      <Form<Check> form={form} layout="vertical" requiredMark={false} initialValues={{ checked_on: isoDay(productNowMs()) }} onFinish={(given) => verify.mutate(given)}>
        <Form.Item name="filing" label={t("registers.filing")} rules={[{ required: true, whitespace: true, message: t("registers.nameMissing") }]}>
          <Input maxLength={120} />
        </Form.Item>
        <Form.Item name="checked_on" label={t("registers.checkedOn")} rules={[{ required: true, message: t("registers.nameMissing") }]}>
          <Input type="date" />
        </Form.Item>
        <Form.Item name="expires_on" label={t("registers.expiresOn")}>
          <Input type="date" />
        </Form.Item>
      </Form>
    </Modal>
  );
}

function Hold({ entry, close }: { readonly entry: RegisterEntry; readonly close: () => void }) {
  const { t, say } = useWords();
  const [form] = Form.useForm<{ why: string }>();
  const hold = useAct(
    (body: { why: string }) => answer(api.POST("/api/sources/{source}/hold", { params: { path: { source: entry.id } }, body })),
    CHANGED,
    close,
  );
  return (
    <Modal open title={t("registers.holdTitle", { name: say(entry.title) })} okText={t("registers.hold")} okButtonProps={{ danger: true }} confirmLoading={hold.isPending} onOk={form.submit} onCancel={close}>
      <Form<{ why: string }> form={form} layout="vertical" requiredMark={false} onFinish={(given) => hold.mutate(given)}>
        <Form.Item name="why" label={t("registers.why")} extra={t("registers.holdMeans")} rules={[{ required: true, min: 5, message: t("registers.whyShape") }]}>
          <Input.TextArea maxLength={500} />
        </Form.Item>
      </Form>
    </Modal>
  );
}

/** What may be done to a source: checked by a second person, or held. */
export function SourceActs({ entry }: { readonly entry: RegisterEntry }) {
  const { t } = useWords();
  const [doing, setDoing] = useState<"verify" | "hold" | null>(null);
  return (
    <>
      <Button size="small" onClick={() => setDoing("verify")}>
        {t("registers.verify")}
      </Button>
      <Button size="small" danger onClick={() => setDoing("hold")}>
        {t("registers.hold")}
      </Button>
      {doing === "verify" && <Verify entry={entry} close={() => setDoing(null)} />}
      {doing === "hold" && <Hold entry={entry} close={() => setDoing(null)} />}
    </>
  );
}

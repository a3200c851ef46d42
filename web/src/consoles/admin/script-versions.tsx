import { CheckCircleFilled, ExclamationCircleFilled, MinusCircleOutlined, PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Checkbox, Form, Input, Modal, Select } from "antd";
import { useState } from "react";
import { Link } from "react-router";

import { answer, api } from "../../api/client";
import type { ScriptList, ScriptVersionView } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import type { Role } from "../../ui/places";
import { Empty, Shown } from "../../ui/states";
import { useAct } from "../../ui/use-act";

const CHANGED = [["scripts"], ["registers", "script"], ["campaign-choices"]] as const;
type NewVersion = Parameters<typeof sent>[0];
type Given = Omit<NewVersion, "parts"> & { readonly parts: readonly { readonly key: string; readonly zh: string; readonly en: string; readonly required?: boolean }[] };

function sent(body: { readonly family: string; readonly purpose: ScriptList["items"][number]["purpose"] & string; readonly steps: string[]; readonly parts: { key: string; zh: string; en: string; required: boolean }[] }) {
  return answer(api.POST("/api/scripts", { body: body as never }));
}

function Version({ version }: { readonly version: ScriptVersionView }) {
  const { t, say, lang } = useWords();
  return (
    <li className="card">
      <div className="card-head">
        <h3>{t("scripts.version", { number: version.version })}</h3>
        <Link to={`/registers/script/${version.id}`}>
          <code>{version.id}</code>
        </Link>
        {version.filed ? (
          <span className="tone tone-ready">
            <CheckCircleFilled aria-hidden /> {t("scripts.filed")}
          </span>
        ) : (
          <span className="tone tone-attention">
            <ExclamationCircleFilled aria-hidden /> {t("scripts.notFiled")}
          </span>
        )}
        <span className="grow" />
        <span className="meta">{version.campaigns.length === 0 ? t("scripts.unused") : version.campaigns.map(say).join(lang === "zh" ? "、" : ", ")}</span>
      </div>
      <ol className="script-words">
        {version.parts.map((part) => (
          <li key={part.key}>
            {lang === "zh" ? part.zh : part.en} {part.required && <span className="chip chip-required">{t("script.required")}</span>}
          </li>
        ))}
      </ol>
      <p className="meta">
        SHA-256 <code className="mono">{version.sha256}</code>
      </p>
    </li>
  );
}

/** A new wording: it stands beside what was, and is refused by the gate until its hash is filed. */
function AddVersion({ list }: { readonly list: ScriptList }) {
  const { t, say } = useWords();
  const [open, setOpen] = useState(false);
  const [form] = Form.useForm<Given>();
  const add = useAct(
    ({ parts, ...rest }: Given) => sent({ ...rest, steps: [...rest.steps], parts: parts.map((part) => ({ ...part, required: part.required === true })) }),
    CHANGED,
    () => setOpen(false),
  );
  const newest = list.items[0];
  const initial: Partial<Given> = {
    family: newest?.family ?? "",
    steps: [...(newest?.steps ?? [])],
    parts: newest === undefined ? [{ key: "identity", zh: "", en: "", required: true }] : [...newest.parts],
    ...(newest?.purpose == null ? {} : { purpose: newest.purpose }),
  };
  const needed = [{ required: true, whitespace: true, message: t("registers.nameMissing") }];
  return (
    <>
      <Button icon={<PlusOutlined />} onClick={() => setOpen(true)} className="office-add">
        {t("scripts.add")}
      </Button>
      <Modal open={open} width={860} title={t("scripts.add")} okText={t("scripts.keep")} confirmLoading={add.isPending} onOk={form.submit} onCancel={() => setOpen(false)} destroyOnHidden>
        <p className="meta office-note">{t("scripts.addMeans")}</p>
        <Form<Given> form={form} layout="vertical" requiredMark={false} initialValues={initial} onFinish={(given) => add.mutate(given)}>
          <div className="wizard-pair">
            <Form.Item name="family" label={t("scripts.family")} rules={[{ required: true, pattern: /^[a-z][a-z0-9_-]{0,39}$/, message: t("scripts.familyShape") }]}>
              <Input autoComplete="off" />
            </Form.Item>
            <Form.Item name="purpose" label={t("wizard.purpose")} rules={[{ required: true, message: t("registers.nameMissing") }]}>
              <Select options={list.purposes.map(({ code, sentence }) => ({ value: code, label: say(sentence) }))} />
            </Form.Item>
          </div>
          <Form.Item name="steps" label={t("scripts.steps")}>
            <Checkbox.Group options={list.step_choices.map(({ code, sentence }) => ({ value: code, label: say(sentence) }))} />
          </Form.Item>
          <Form.List name="parts">
            {(fields, { add: more, remove }) => (
              <>
                {fields.map(({ key, name }) => (
                  <div key={key} className="script-part">
                    <Form.Item name={[name, "key"]} label={t("scripts.key")} rules={[{ required: true, pattern: /^[a-z][a-z0-9_]{0,39}$/, message: t("scripts.keyShape") }]}>
                      <Input autoComplete="off" />
                    </Form.Item>
                    <Form.Item name={[name, "zh"]} label={t("scripts.zh")} rules={needed}>
                      <Input.TextArea rows={2} maxLength={1_000} />
                    </Form.Item>
                    <Form.Item name={[name, "en"]} label={t("scripts.en")} rules={needed}>
                      <Input.TextArea rows={2} maxLength={1_000} />
                    </Form.Item>
                    <Form.Item name={[name, "required"]} valuePropName="checked" label={t("script.required")}>
                      <Checkbox aria-label={t("script.required")} />
                    </Form.Item>
                    {fields.length > 1 && <Button type="text" icon={<MinusCircleOutlined />} aria-label={t("scripts.remove")} onClick={() => remove(name)} />}
                  </div>
                ))}
                <Button icon={<PlusOutlined />} onClick={() => more({ key: "", zh: "", en: "", required: false })}>
                  {t("scripts.more")}
                </Button>
              </>
            )}
          </Form.List>
        </Form>
      </Modal>
    </>
  );
}

/** Every version of every script, newest first: what is said, whether it is filed, and where it is used. */
export function ScriptVersions({ role }: { readonly role: Role }) {
  const { t } = useWords();
  const scripts = useQuery({ queryKey: ["scripts"], queryFn: () => answer(api.GET("/api/scripts")) });
  return (
    <Shown asked={scripts} rows={8}>
      {(list) => (
        <section aria-label={t("registers.kind.script")}>
          {role === "administrator" && <AddVersion list={list} />}
          {list.items.length === 0 ? (
            <Empty>{t("registers.empty")}</Empty>
          ) : (
            [...new Set(list.items.map(({ family }) => family))].map((family) => (
              <div key={family}>
                <h2>{family}</h2>
                <ul className="script-versions">
                  {list.items
                    .filter((version) => version.family === family)
                    .map((version) => (
                      <Version key={version.id} version={version} />
                    ))}
                </ul>
              </div>
            ))
          )}
        </section>
      )}
    </Shown>
  );
}

import { CheckCircleFilled, PlusOutlined, StopFilled } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Form, Input, Modal, Table } from "antd";
import { useState } from "react";

import { answer, api } from "../../api/client";
import type { PauseCodeView } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { MaybeButton } from "../../ui/blocked";
import { OnTelephone } from "../../ui/on-telephone";
import type { Role } from "../../ui/places";
import { Empty, Shown } from "../../ui/states";
import { useAct } from "../../ui/use-act";

const CHANGED = [["pause-codes"]] as const;
const NAME_CHARS_MAX = 40;

interface Given {
  readonly code: string;
  readonly zh: string;
  readonly en: string;
}

function Names() {
  const { t } = useWords();
  return (["zh", "en"] as const).map((language) => (
    <Form.Item key={language} name={language} label={t(`pauses.${language}`)} rules={[{ required: true, whitespace: true, message: t("registers.nameMissing") }]}>
      <Input autoComplete="off" maxLength={NAME_CHARS_MAX} lang={language === "zh" ? "zh-CN" : "en"} />
    </Form.Item>
  ));
}

function Add({ close }: { readonly close: () => void }) {
  const { t } = useWords();
  const [form] = Form.useForm<Given>();
  const add = useAct((body: Given) => answer(api.POST("/api/pause-codes", { body })), CHANGED, close);
  return (
    <Modal open title={t("pauses.add")} okText={t("pauses.add")} confirmLoading={add.isPending} onOk={form.submit} onCancel={close}>
      <Form<Given> form={form} layout="vertical" requiredMark={false} onFinish={(given) => add.mutate(given)}>
        <Form.Item name="code" label={t("pauses.code")} extra={t("pauses.codeMeans")} rules={[{ required: true, pattern: /^[a-z][a-z0-9_]{0,39}$/, message: t("pauses.codeShape") }]}>
          <Input autoFocus autoComplete="off" maxLength={40} />
        </Form.Item>
        <Names />
      </Form>
    </Modal>
  );
}

function Rename({ one, close }: { readonly one: PauseCodeView; readonly close: () => void }) {
  const { t, say } = useWords();
  const [form] = Form.useForm<Omit<Given, "code">>();
  const rename = useAct(
    ({ zh, en }: Omit<Given, "code">) =>
      answer(
        api.PUT("/api/pause-codes/{code}", {
          params: { path: { code: one.code } },
          body: { zh, en, was_zh: one.name.zh, was_en: one.name.en },
        }),
      ),
    CHANGED,
    close,
  );
  return (
    <Modal open title={t("pauses.renameOne", { name: say(one.name) })} okText={t("pauses.rename")} confirmLoading={rename.isPending} onOk={form.submit} onCancel={close}>
      <Form<Omit<Given, "code">> form={form} layout="vertical" requiredMark={false} initialValues={one.name} onFinish={(given) => rename.mutate(given)}>
        <Names />
      </Form>
    </Modal>
  );
}

function Acts({ one, last, role, rename }: { readonly one: PauseCodeView; readonly last: boolean; readonly role: Role; readonly rename: () => void }) {
  const { t, say } = useWords();
  const path = { params: { path: { code: one.code } } };
  const retire = useAct(() => answer(api.POST("/api/pause-codes/{code}/retire", path)), CHANGED);
  const offer = useAct(() => answer(api.POST("/api/pause-codes/{code}/offer", path)), CHANGED);
  const may = role === "administrator";
  const why = t(may ? "pauses.last" : "pauses.readOnly");
  return (
    <span className="card-head">
      <MaybeButton size="small" act={may ? rename : null} why={why} aria-label={t("pauses.renameOne", { name: say(one.name) })}>
        {t("pauses.rename")}
      </MaybeButton>
      {one.retired_at === null ? (
        <MaybeButton size="small" loading={retire.isPending} act={may && !last ? () => retire.mutate(undefined) : null} why={why} aria-label={t("pauses.retireOne", { name: say(one.name) })}>
          {t("pauses.retire")}
        </MaybeButton>
      ) : (
        <MaybeButton size="small" loading={offer.isPending} act={may ? () => offer.mutate(undefined) : null} why={why} aria-label={t("pauses.offerOne", { name: say(one.name) })}>
          {t("pauses.offer")}
        </MaybeButton>
      )}
    </span>
  );
}

/** Why agents pause: what the desk offers, in both languages. */
export function PauseCodes({ role }: { readonly role: Role }) {
  const { t } = useWords();
  const [adding, setAdding] = useState(false);
  const [renamed, setRenamed] = useState<PauseCodeView | null>(null);
  const asked = useQuery({ queryKey: ["pause-codes"], queryFn: () => answer(api.GET("/api/pause-codes")) });
  return (
    <section aria-label={t("pauses.title")}>
      <p className="meta office-note">{t("pauses.means")}</p>
      {role === "administrator" && (
        <Button icon={<PlusOutlined />} onClick={() => setAdding(true)} className="office-add">
          {t("pauses.add")}
        </Button>
      )}
      <Shown asked={asked} rows={4}>
        {({ items }) => {
          const offered = items.filter((one) => one.retired_at === null).length;
          const acts = (one: PauseCodeView) => (
            <Acts one={one} last={one.retired_at === null && offered < 2} role={role} rename={() => setRenamed(one)} />
          );
          return (
            <Table<PauseCodeView>
              size="small"
              rowKey="code"
              pagination={false}
              dataSource={[...items]}
              scroll={{ x: "max-content" }}
              locale={{ emptyText: <Empty>{t("registers.empty")}</Empty> }}
              columns={[
                {
                  title: t("pauses.zh"),
                  key: "zh",
                  render: (_, one) => (
                    <span className="two-lines">
                      <span lang="zh-CN">{one.name.zh}</span>
                      <OnTelephone>
                        <span className="meta" lang="en">
                          {one.name.en}
                        </span>
                      </OnTelephone>
                    </span>
                  ),
                },
                { title: t("pauses.en"), key: "en", responsive: ["md"], render: (_, one) => <span lang="en">{one.name.en}</span> },
                { title: t("pauses.code"), key: "code", responsive: ["md"], render: (_, one) => <code>{one.code}</code> },
                {
                  title: t("pauses.state"),
                  key: "state",
                  width: 160,
                  render: (_, one) => (
                    <span className="two-lines">
                      {one.retired_at === null ? (
                        <span className="tone tone-ready">
                          <CheckCircleFilled aria-hidden /> {t("pauses.offered")}
                        </span>
                      ) : (
                        <span className="tone tone-quiet">
                          <StopFilled aria-hidden /> {t("pauses.retired")}
                        </span>
                      )}
                      <OnTelephone>{acts(one)}</OnTelephone>
                    </span>
                  ),
                },
                {
                  title: <span className="unseen">{t("people.manage")}</span>,
                  key: "acts",
                  width: 200,
                  responsive: ["md"],
                  render: (_, one) => acts(one),
                },
              ]}
            />
          );
        }}
      </Shown>
      {adding && <Add close={() => setAdding(false)} />}
      {renamed !== null && <Rename one={renamed} close={() => setRenamed(null)} />}
    </section>
  );
}

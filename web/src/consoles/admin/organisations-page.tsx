import { CheckCircleFilled, PlusOutlined, StopFilled } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Form, Input, Modal, Select, Table } from "antd";
import { useState } from "react";

import { answer, api } from "../../api/client";
import type { OrganisationMade, OrganisationView, TicketView } from "../../api/models";
import { Problem } from "../../api/problem";
import { useWords } from "../../i18n/use-words";
import { MaybeButton } from "../../ui/blocked";
import { OnTelephone } from "../../ui/on-telephone";
import { Empty, Shown } from "../../ui/states";
import { dayTime } from "../../ui/time";
import { useAct } from "../../ui/use-act";
import { useNow } from "../../ui/use-now";

import { LinkDialog } from "./link-dialog";

import "./admin.css";

const CHANGED = [["organisations"]] as const;

interface Given {
  readonly name_zh: string;
  readonly name_en: string;
  readonly uscc: string;
  readonly country: string;
  readonly login: string;
  readonly name: string;
  readonly locale: "zh" | "en";
}

function Create({ close, done }: { readonly close: () => void; readonly done: (made: OrganisationMade) => void }) {
  const { t, say, lang } = useWords();
  const [form] = Form.useForm<Given>();
  const make = useAct((body: Given) => answer(api.POST("/api/organisations", { body })), CHANGED, done);
  const needed = { required: true, whitespace: true, message: t("registers.nameMissing") };
  return (
    <Modal open title={t("organisations.add")} okText={t("organisations.add")} confirmLoading={make.isPending} onOk={form.submit} onCancel={close}>
      <p className="meta office-note">{t("organisations.addMeans")}</p>
      <Form<Given> form={form} layout="vertical" requiredMark={false} initialValues={{ country: "CN", locale: lang }} onFinish={(given) => make.mutate(given)}>
        {make.error instanceof Problem && <Alert className="office-note" showIcon type="error" title={say(make.error.sentence)} />}
        <Form.Item name="name_zh" label={t("organisations.nameZh")} rules={[needed]}>
          <Input autoFocus autoComplete="off" maxLength={100} lang="zh-CN" />
        </Form.Item>
        <Form.Item name="name_en" label={t("organisations.nameEn")} rules={[needed]}>
          <Input autoComplete="off" maxLength={100} lang="en" />
        </Form.Item>
        <Form.Item name="uscc" label={t("organisations.uscc")} rules={[{ required: true, pattern: /^[0-9A-Za-z-]{1,40}$/, message: t("organisations.usccShape") }]}>
          <Input autoComplete="off" maxLength={40} />
        </Form.Item>
        <Form.Item name="country" label={t("organisations.country")} rules={[{ required: true, pattern: /^[A-Z]{2}$/, message: t("organisations.countryShape") }]}>
          <Input autoComplete="off" maxLength={2} />
        </Form.Item>
        <Form.Item name="login" label={t("organisations.login")} rules={[{ required: true, pattern: /^[A-Za-z0-9][A-Za-z0-9._@-]+$/, max: 64, message: t("people.loginShape") }]}>
          <Input autoComplete="off" maxLength={64} />
        </Form.Item>
        <Form.Item name="name" label={t("organisations.person")} rules={[needed]}>
          <Input autoComplete="off" maxLength={80} />
        </Form.Item>
        <Form.Item name="locale" label={t("people.locale")}>
          <Select
            options={[
              { value: "zh", label: "中文" },
              { value: "en", label: "English" },
            ]}
          />
        </Form.Item>
      </Form>
    </Modal>
  );
}

/** Holds an organisation's dialling back, or lets it go on; either with a reason that stands on the log. */
function Hold({ one, close }: { readonly one: OrganisationView; readonly close: () => void }) {
  const { t, say } = useWords();
  const [form] = Form.useForm<{ why: string }>();
  const verb = one.suspended_at === null ? "suspend" : "resume";
  const act = useAct(
    (body: { why: string }) => {
      const given = { params: { path: { organisation: one.id } }, body };
      return answer(
        one.suspended_at === null
          ? api.POST("/api/organisations/{organisation}/suspend", given)
          : api.POST("/api/organisations/{organisation}/resume", given),
      );
    },
    CHANGED,
    close,
  );
  return (
    <Modal
      open
      title={t(`organisations.${verb}One`, { name: say(one.name) })}
      okText={t(`organisations.${verb}`)}
      okButtonProps={{ danger: verb === "suspend" }}
      confirmLoading={act.isPending}
      onOk={form.submit}
      onCancel={close}
    >
      <Form<{ why: string }> form={form} layout="vertical" requiredMark={false} onFinish={(given) => act.mutate(given)}>
        <Form.Item name="why" label={t("registers.why")} extra={t(`organisations.${verb}Means`)} rules={[{ required: true, min: 5, message: t("registers.whyShape") }]}>
          <Input.TextArea autoFocus maxLength={500} />
        </Form.Item>
      </Form>
    </Modal>
  );
}

function State({ one }: { readonly one: OrganisationView }) {
  const { t, lang } = useWords();
  const now = useNow();
  if (one.suspended_at === null)
    return (
      <span className="tone tone-ready">
        <CheckCircleFilled aria-hidden /> {t("organisations.active")}
      </span>
    );
  return (
    <span className="two-lines">
      <span className="tone tone-stop">
        <StopFilled aria-hidden /> {t("organisations.suspended")}
      </span>
      <span className="meta">{t("operations.since", { time: dayTime(one.suspended_at, lang, now) })}</span>
    </span>
  );
}

/** Who dials on this platform: organisations are taken in, held back and let go on by its operator. */
export default function OrganisationsPage() {
  const { t, say } = useWords();
  const [adding, setAdding] = useState(false);
  const [held, setHeld] = useState<OrganisationView | null>(null);
  const [ticket, setTicket] = useState<TicketView | null>(null);
  const asked = useQuery({ queryKey: ["organisations"], queryFn: () => answer(api.GET("/api/organisations")), refetchInterval: 10_000 });
  const hold = (one: OrganisationView) => {
    const verb = one.suspended_at === null ? "suspend" : "resume";
    return (
      <MaybeButton
        size="small"
        danger={verb === "suspend"}
        act={one.operates ? null : () => setHeld(one)}
        why={t("organisations.own")}
        aria-label={t(`organisations.${verb}One`, { name: say(one.name) })}
      >
        {t(`organisations.${verb}`)}
      </MaybeButton>
    );
  };
  return (
    <div className="office">
      <div className="filters">
        <h1>{t("nav.organisations")}</h1>
        <span className="grow" />
        <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)}>
          {t("organisations.add")}
        </Button>
      </div>
      <p className="meta office-note">{t("organisations.means")}</p>
      <Shown asked={asked} rows={4}>
        {({ items }) => (
          <Table<OrganisationView>
            size="small"
            rowKey="id"
            pagination={false}
            dataSource={[...items]}
            scroll={{ x: "max-content" }}
            locale={{ emptyText: <Empty>{t("registers.empty")}</Empty> }}
            columns={[
              {
                title: t("organisations.name"),
                key: "name",
                render: (_, one) => (
                  <span className="two-lines">
                    <span>{say(one.name)}</span>
                    <span className="meta mono">{one.uscc}</span>
                  </span>
                ),
              },
              { title: t("organisations.people"), dataIndex: "people", key: "people", width: 96, responsive: ["md"], align: "right", className: "figure" },
              { title: t("organisations.running"), dataIndex: "campaigns_running", key: "running", width: 144, responsive: ["md"], align: "right", className: "figure" },
              {
                title: t("people.state"),
                key: "state",
                width: 200,
                render: (_, one) => (
                  <span className="two-lines">
                    <State one={one} />
                    <OnTelephone>
                      <span>{hold(one)}</span>
                    </OnTelephone>
                  </span>
                ),
              },
              {
                title: <span className="unseen">{t("people.manage")}</span>,
                key: "acts",
                width: 160,
                align: "right",
                responsive: ["md"],
                render: (_, one) => hold(one),
              },
            ]}
          />
        )}
      </Shown>
      {adding && (
        <Create
          close={() => setAdding(false)}
          done={(made) => {
            setAdding(false);
            setTicket(made.administrator);
          }}
        />
      )}
      {held !== null && <Hold one={held} close={() => setHeld(null)} />}
      {ticket !== null && <LinkDialog ticket={ticket} close={() => setTicket(null)} />}
    </div>
  );
}

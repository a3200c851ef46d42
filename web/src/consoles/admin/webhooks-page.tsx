import { CheckCircleFilled, ClockCircleFilled, CloseCircleFilled, PlusOutlined, StopFilled } from "@ant-design/icons";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Alert, App, Button, Form, Input, Modal, Select, Table, Typography } from "antd";
import { useState } from "react";

import { answer, api } from "../../api/client";
import type { DeliveryView, WebhookCreated, WebhookView } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { MaybeButton } from "../../ui/blocked";
import { Empty, Shown } from "../../ui/states";
import { dayTime } from "../../ui/time";
import { useAct } from "../../ui/use-act";
import { useNow } from "../../ui/use-now";

import "./admin.css";

const WEBHOOKS = [["webhooks"]] as const;

interface Given {
  readonly url: string;
  readonly events: WebhookCreated["webhook"]["events"];
}

function Add({ offered, close, done }: { readonly offered: readonly string[]; readonly close: () => void; readonly done: (made: WebhookCreated) => void }) {
  const { t } = useWords();
  const [form] = Form.useForm<Given>();
  const make = useAct(
    // the server refuses an event that it does not offer
    (body: Given) => answer(api.POST("/api/webhooks", { body: body as { url: string; events: never[] } })),
    WEBHOOKS,
    done,
  );
  return (
    <Modal open title={t("hook.add")} okText={t("hook.add")} confirmLoading={make.isPending} onOk={form.submit} onCancel={close}>
      <Form<Given> form={form} layout="vertical" requiredMark={false} onFinish={(given) => make.mutate(given)}>
        <Form.Item name="url" label={t("hook.address")} rules={[{ required: true, pattern: /^https?:\/\/[^\s/@#]+[^\s@#]*$/, message: t("hook.addressWrong") }]}>
          <Input autoFocus autoComplete="off" inputMode="url" placeholder="https://" maxLength={500} />
        </Form.Item>
        <Form.Item name="events" label={t("hook.events")} rules={[{ required: true, message: t("hook.eventsNone") }]}>
          <Select mode="multiple" options={offered.map((value) => ({ value, label: <code>{value}</code> }))} />
        </Form.Item>
      </Form>
    </Modal>
  );
}

function Secret({ made, close }: { readonly made: WebhookCreated; readonly close: () => void }) {
  const { t } = useWords();
  return (
    <Modal open title={t("hook.add")} okText={t("hook.secretKept")} onOk={close} onCancel={close} cancelButtonProps={{ hidden: true }} mask={{ closable: false }}>
      <Alert showIcon type="warning" title={t("hook.secret", { url: made.webhook.url })} />
      <Typography.Paragraph className="one-link mono" copyable>
        {made.secret}
      </Typography.Paragraph>
    </Modal>
  );
}

function Result({ one }: { readonly one: DeliveryView }) {
  const { t, lang } = useWords();
  const now = useNow();
  const known: Readonly<Record<string, string>> = {
    address_refused: t("hook.results.address_refused"),
    unreachable: t("hook.results.unreachable"),
    timeout: t("hook.results.timeout"),
    certificate_refused: t("hook.results.certificate_refused"),
    disabled: t("hook.results.disabled"),
  };
  const tones = { waiting: "tone-attention", delivered: "tone-ready", failed: "tone-stop" } as const;
  const icons = { waiting: <ClockCircleFilled aria-hidden />, delivered: <CheckCircleFilled aria-hidden />, failed: <CloseCircleFilled aria-hidden /> } as const;
  const said = one.result === null ? t("hook.notTried") : (known[one.result] ?? `HTTP ${one.result}`);
  return (
    <span className="two-lines">
      <span className={`tone ${tones[one.state]}`}>
        {icons[one.state]} {t(`hook.states.${one.state}`)}
      </span>
      <span className="meta">
        {said}
        {one.due_at !== null && one.tries > 0 && ` · ${t("hook.next", { time: dayTime(one.due_at, lang, now) })}`}
      </span>
    </span>
  );
}

function Deliveries({ hook, close }: { readonly hook: WebhookView; readonly close: () => void }) {
  const { t, lang } = useWords();
  const now = useNow();
  const key = ["deliveries", hook.id] as const;
  const asked = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/api/webhooks/{webhook}/deliveries", {
          params: { path: { webhook: hook.id }, query: { limit: 20, ...(pageParam === null ? {} : { after: pageParam }) } },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    refetchInterval: 3_000,
  });
  const again = useAct(
    (delivery: string) =>
      answer(api.POST("/api/webhooks/{webhook}/deliveries/{delivery}/again", { params: { path: { webhook: hook.id, delivery } } })),
    [key, ["webhooks"]],
  );
  return (
    <Modal open width={760} title={t("hook.of", { url: hook.url })} footer={null} onCancel={close}>
      <Shown asked={asked} rows={6}>
        {({ pages }) => (
          <Table<DeliveryView>
            size="small"
            rowKey="id"
            pagination={false}
            dataSource={pages.flatMap((page) => page.items)}
            scroll={{ x: "max-content", y: 420 }}
            locale={{ emptyText: <Empty>{t("hook.nothingSent")}</Empty> }}
            columns={[
              { title: t("hook.at"), key: "at", width: 128, className: "figure", render: (_, one) => dayTime(one.created_at, lang, now) },
              { title: t("hook.event"), key: "event", render: (_, one) => <code>{one.event}</code> },
              { title: t("hook.result"), key: "result", render: (_, one) => <Result one={one} /> },
              { title: t("hook.tries"), key: "tries", width: 64, align: "right", className: "figure", dataIndex: "tries" },
              {
                key: "again",
                width: 112,
                render: (_, one) => (
                  <MaybeButton size="small" act={hook.disabled_at === null ? () => again.mutate(one.id) : null} why={t("hook.ended")}>
                    {t("hook.again")}
                  </MaybeButton>
                ),
              },
            ]}
          />
        )}
      </Shown>
      {asked.hasNextPage && (
        <Button block loading={asked.isFetchingNextPage} onClick={() => void asked.fetchNextPage()}>
          {t("hook.older")}
        </Button>
      )}
    </Modal>
  );
}

function State({ hook }: { readonly hook: WebhookView }) {
  const { t } = useWords();
  if (hook.disabled_at !== null)
    return (
      <span className="tone tone-quiet">
        <StopFilled aria-hidden /> {t(hook.disabled_why === "gone" ? "hook.gone" : "hook.byStaff")}
      </span>
    );
  return (
    <span className="two-lines">
      <span className="tone tone-ready">
        <CheckCircleFilled aria-hidden /> {t("hook.inUse")}
      </span>
      {hook.waiting + hook.failed > 0 && <span className="meta">{t("hook.backlog", { waiting: hook.waiting, failed: hook.failed })}</span>}
    </span>
  );
}

function Acts({ hook, look }: { readonly hook: WebhookView; readonly look: () => void }) {
  const { t } = useWords();
  const { modal } = App.useApp();
  const at = { params: { path: { webhook: hook.id } } };
  const test = useAct(() => answer(api.POST("/api/webhooks/{webhook}/test", at)), WEBHOOKS, look);
  const end = useAct(() => answer(api.POST("/api/webhooks/{webhook}/disable", at)), WEBHOOKS);
  const inUse = hook.disabled_at === null;
  const ask = (): void => {
    modal.confirm({
      title: t("hook.endAsk"),
      content: t("hook.endMeans"),
      okText: t("hook.end"),
      okButtonProps: { danger: true },
      onOk: () => end.mutateAsync(undefined).catch(() => undefined),
    });
  };
  return (
    <span className="card-head">
      <Button size="small" onClick={look}>
        {t("hook.sent")}
      </Button>
      <MaybeButton size="small" loading={test.isPending} act={inUse ? () => test.mutate(undefined) : null} why={t("hook.ended")}>
        {t("hook.test")}
      </MaybeButton>
      <MaybeButton size="small" danger act={inUse ? ask : null} why={t("hook.ended")}>
        {t("hook.end")}
      </MaybeButton>
    </span>
  );
}

/** Other programs that are told of events: where, of what, and what became of each message. */
export default function WebhooksPage() {
  const { t, lang } = useWords();
  const now = useNow();
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<WebhookCreated | null>(null);
  const [looked, setLooked] = useState<string | null>(null);
  const asked = useQuery({ queryKey: ["webhooks"], queryFn: () => answer(api.GET("/api/webhooks")), refetchInterval: 5_000 });
  const shown = asked.data?.items.find((hook) => hook.id === looked);
  return (
    <div className="office">
      <div className="filters">
        <h1>{t("nav.webhooks")}</h1>
        <span className="grow" />
        <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)}>
          {t("hook.add")}
        </Button>
      </div>
      <p className="meta office-note">{t("hook.means")}</p>
      <Shown asked={asked} rows={4}>
        {(list) => (
          <Table<WebhookView>
            size="small"
            rowKey="id"
            pagination={false}
            dataSource={[...list.items]}
            scroll={{ x: "max-content" }}
            locale={{ emptyText: <Empty>{t("hook.none")}</Empty> }}
            columns={[
              {
                title: t("hook.address"),
                key: "url",
                render: (_, hook) => (
                  <span className="two-lines">
                    <span className="mono">{hook.url}</span>
                    <span className="meta">{hook.events.join(", ")}</span>
                  </span>
                ),
              },
              { title: t("hook.since"), key: "since", width: 132, className: "figure", render: (_, hook) => dayTime(hook.created_at, lang, now) },
              { title: t("hook.state"), key: "state", width: 200, render: (_, hook) => <State hook={hook} /> },
              { key: "acts", width: 300, render: (_, hook) => <Acts hook={hook} look={() => setLooked(hook.id)} /> },
            ]}
          />
        )}
      </Shown>
      {adding && asked.data !== undefined && (
        <Add
          offered={asked.data.offered}
          close={() => setAdding(false)}
          done={(created) => {
            setAdding(false);
            setMade(created);
          }}
        />
      )}
      {made !== null && <Secret made={made} close={() => setMade(null)} />}
      {shown !== undefined && <Deliveries hook={shown} close={() => setLooked(null)} />}
    </div>
  );
}

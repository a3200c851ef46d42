import { useQuery } from "@tanstack/react-query";
import { App, Button, Form, Table } from "antd";

import { answer, api } from "../../api/client";
import type { LoginView, SessionView } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { Shown } from "../../ui/states";
import { fullTime } from "../../ui/time";
import { useAct } from "../../ui/use-act";

import { NewPasswordFields, PasswordField } from "./password-field";
import { SecondFactor } from "./second-factor";

import "../admin/admin.css";

interface Given {
  readonly current: string;
  readonly password: string;
}

function Password() {
  const { t } = useWords();
  const { notification } = App.useApp();
  const [form] = Form.useForm<Given>();
  const change = useAct(
    ({ current, password }: Given) => answer(api.PUT("/api/session/password", { body: { current, password } })),
    [["logins"]],
    () => {
      form.resetFields();
      notification.success({ title: t("account.changed"), placement: "top" });
    },
  );
  return (
    <section className="card" aria-labelledby="password-title">
      <h2 id="password-title">{t("account.password")}</h2>
      <Form<Given> form={form} layout="vertical" requiredMark={false} onFinish={(given) => change.mutate(given)}>
        <PasswordField name="current" label={t("account.current")} />
        <NewPasswordFields />
        <Button type="primary" htmlType="submit" loading={change.isPending}>
          {t("account.change")}
        </Button>
      </Form>
    </section>
  );
}

function Logins() {
  const { t, lang } = useWords();
  const logins = useQuery({ queryKey: ["logins"], queryFn: () => answer(api.GET("/api/session/logins")) });
  const end = useAct(
    (login: string) => answer(api.DELETE("/api/session/logins/{login}", { params: { path: { login } } })),
    [["logins"]],
  );
  return (
    <section className="card" aria-labelledby="logins-title">
      <h2 id="logins-title">{t("account.logins")}</h2>
      <p className="meta">{t("account.loginsMean")}</p>
      <Shown asked={logins} rows={3}>
        {(list) => (
          <Table<LoginView>
            size="small"
            rowKey="id"
            pagination={false}
            dataSource={[...list.items]}
            columns={[
              { title: t("account.browser"), dataIndex: "user_agent", ellipsis: true, render: (said: string) => said || "—" },
              { title: t("account.since"), key: "since", width: 176, className: "figure", responsive: ["sm"], render: (_, login) => fullTime(login.created_at, lang) },
              {
                title: t("account.used"),
                key: "used",
                width: 176,
                className: "figure",
                responsive: ["md"],
                render: (_, login) => fullTime(login.seen_at, lang),
              },
              {
                title: <span className="unseen">{t("account.end")}</span>,
                key: "end",
                width: 108,
                align: "right",
                render: (_, login) =>
                  login.current ? (
                    <span className="meta">{t("account.this")}</span>
                  ) : (
                    <Button size="small" danger loading={end.isPending && end.variables === login.id} onClick={() => end.mutate(login.id)}>
                      {t("account.end")}
                    </Button>
                  ),
              },
            ]}
          />
        )}
      </Shown>
    </section>
  );
}

/** One's own account: second factor, password, and where one is logged in. Who owes a second factor sees that alone. */
export default function AccountPage({ view }: { readonly view: SessionView }) {
  const { t } = useWords();
  return (
    <div className="office office-narrow">
      <div className="filters">
        <h1>{t("account.title")}</h1>
      </div>
      <SecondFactor view={view} />
      {!view.owes_second_factor && (
        <>
          <Password />
          <Logins />
        </>
      )}
    </div>
  );
}

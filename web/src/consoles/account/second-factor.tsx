import { SafetyOutlined } from "@ant-design/icons";
import { Alert, Button, Form, Input, QRCode } from "antd";
import { useState } from "react";

import { answer, api } from "../../api/client";
import type { SecondFactorView, SessionView } from "../../api/models";
import { Problem } from "../../api/problem";
import { renewSession } from "../../api/session";
import { useWords } from "../../i18n/use-words";
import { useAct } from "../../ui/use-act";

import { PasswordField } from "./password-field";

function Enrol({ begun }: { readonly begun: SecondFactorView }) {
  const { t, say } = useWords();
  const confirm = useAct(
    (code: string) => answer(api.POST("/api/session/second-factor/confirm", { body: { code } })),
    [],
    renewSession,
  );
  return (
    <div className="second-factor">
      <QRCode value={begun.uri} size={176} bgColor="#ffffff" color="#000000" aria-label={t("account.scan")} />
      <ol>
        <li>{t("account.scan")}</li>
        <li>
          {t("account.orType")} <code>{begun.secret.replace(/(.{4})/g, "$1 ").trim()}</code>
        </li>
        <li>
          <Form layout="inline" requiredMark={false} onFinish={({ code }: { code?: string }) => confirm.mutate(code ?? "")}>
            <Form.Item name="code" label={t("account.code")} rules={[{ required: true, pattern: /^[0-9]{6}$/, message: t("login.totpShape") }]}>
              <Input inputMode="numeric" autoComplete="one-time-code" maxLength={6} />
            </Form.Item>
            <Button type="primary" htmlType="submit" loading={confirm.isPending}>
              {t("account.confirm")}
            </Button>
          </Form>
          {confirm.error instanceof Problem && <Alert showIcon type="error" title={say(confirm.error.sentence)} />}
        </li>
      </ol>
    </div>
  );
}

/** The one-time codes of an authenticator: begun with the password, counted once a code was told. */
export function SecondFactor({ view }: { readonly view: SessionView }) {
  const { t } = useWords();
  const [begun, setBegun] = useState<SecondFactorView | null>(null);
  const begin = useAct(
    (current: string) => answer(api.POST("/api/session/second-factor", { body: { current } })),
    [],
    setBegun,
  );
  return (
    <section className="card" aria-labelledby="second-factor-title">
      <h2 id="second-factor-title">
        <SafetyOutlined aria-hidden /> {t("account.secondFactor")}
      </h2>
      <p>{t(view.owes_second_factor ? "account.owed" : view.has_second_factor ? "account.hasSecondFactor" : "account.noSecondFactor")}</p>
      {begun !== null && (view.owes_second_factor || !view.has_second_factor) ? (
        <Enrol begun={begun} />
      ) : (
        <Form layout="inline" requiredMark={false} onFinish={({ current }: { current?: string }) => begin.mutate(current ?? "")}>
          <PasswordField name="current" label={t("account.current")} />
          <Button type={view.owes_second_factor ? "primary" : "default"} htmlType="submit" loading={begin.isPending}>
            {t(view.has_second_factor ? "account.another" : "account.begin")}
          </Button>
        </Form>
      )}
    </section>
  );
}

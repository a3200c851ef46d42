import { useQuery } from "@tanstack/react-query";
import { BankOutlined, GlobalOutlined, LockOutlined, SafetyOutlined, UserOutlined } from "@ant-design/icons";
import { Alert, Button, Form, Input } from "antd";
import { useState } from "react";

import { Problem } from "../../api/problem";
import { answer, api } from "../../api/client";
import { beginSignOn, openSession, type Credentials } from "../../api/session";
import { useWords } from "../../i18n/use-words";
import { hasChosenLanguage, preferences } from "../../ui/preferences";

import "./login.css";

/** One card: user, password, and the second factor where the account has one. */
export function LoginPage({ ended }: { readonly ended: boolean }) {
  const { t, say, lang } = useWords();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const [second, setSecond] = useState(false);
  const submit = async (given: Partial<Credentials>): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      const { user } = await openSession({ login: "", password: "", totp: "", ...given });
      if (!hasChosenLanguage()) preferences.send({ language: user.locale });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  const offer = useQuery({ queryKey: ["sign-on"], queryFn: () => answer(api.GET("/api/sign-on")), staleTime: Infinity });
  const leave = async (): Promise<void> => {
    setProblem(null);
    try {
      await beginSignOn();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
    }
  };
  const other = lang === "zh" ? "en" : "zh";
  return (
    <main className="login">
      <section className="login-card" aria-labelledby="login-title">
        <div className="login-head">
          <img src="/favicon.svg" alt="" width={36} height={36} />
          <h1 id="login-title">{t("login.title")}</h1>
          <Button
            type="text"
            icon={<GlobalOutlined />}
            lang={other === "zh" ? "zh-CN" : "en"}
            onClick={() => preferences.send({ language: other })}
          >
            {t("language.other")}
          </Button>
        </div>
        <p className="meta login-promise">{t("login.promise")}</p>
        {ended && problem === null && <Alert type="warning" showIcon title={t("login.ended")} />}
        {problem !== null && <Alert type="error" showIcon title={say(problem.sentence)} role="alert" />}
        <Form layout="vertical" requiredMark={false} onFinish={(given: Partial<Credentials>) => void submit(given)}>
          <Form.Item name="login" label={t("login.user")} rules={[{ required: true, message: t("login.userMissing") }]}>
            <Input prefix={<UserOutlined />} size="large" autoComplete="username" autoFocus maxLength={128} />
          </Form.Item>
          <Form.Item
            name="password"
            label={t("login.password")}
            rules={[{ required: true, message: t("login.passwordMissing") }]}
          >
            <Input.Password prefix={<LockOutlined />} size="large" autoComplete="current-password" maxLength={512} />
          </Form.Item>
          {second ? (
            <Form.Item
              name="totp"
              label={t("login.totp")}
              rules={[{ pattern: /^[0-9]{6}$/, message: t("login.totpShape") }]}
            >
              <Input
                prefix={<SafetyOutlined />}
                size="large"
                autoComplete="one-time-code"
                inputMode="numeric"
                maxLength={6}
              />
            </Form.Item>
          ) : (
            <Button type="link" className="login-second" onClick={() => setSecond(true)}>
              {t("login.hasTotp")}
            </Button>
          )}
          <Button type="primary" htmlType="submit" size="large" block loading={busy}>
            {t("login.enter")}
          </Button>
        </Form>
        {offer.data?.offered === true && (
          <Button icon={<BankOutlined />} size="large" block disabled={busy} onClick={() => void leave()}>
            {t("login.signOn")}
          </Button>
        )}
      </section>
    </main>
  );
}

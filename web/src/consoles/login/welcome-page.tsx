import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, Button, Form } from "antd";

import { answer, api } from "../../api/client";
import { Problem } from "../../api/problem";
import { useWords } from "../../i18n/use-words";
import { Loading } from "../../ui/states";
import { NewPasswordFields } from "../account/password-field";

import "./login.css";

/** Where a one-time link leads: its holder sets a password. The token is read from behind the # and sent in a body. */
export default function WelcomePage() {
  const { t, say } = useWords();
  const token = location.hash.slice(1);
  const link = useQuery({
    queryKey: ["welcome", token],
    queryFn: () => answer(api.POST("/api/welcome", { body: { token } })),
    retry: false,
    staleTime: Infinity,
  });
  const accept = useMutation({
    mutationFn: (password: string) => answer(api.POST("/api/welcome/password", { body: { token, password } })),
  });
  const problem = accept.error ?? link.error;
  return (
    <main className="login">
      <section className="login-card" aria-labelledby="welcome-title">
        <div className="login-head">
          <img src="/favicon.svg" alt="" width={36} height={36} />
          <h1 id="welcome-title">{t(link.data?.kind === "reset" ? "welcome.reset" : "welcome.title")}</h1>
        </div>
        {problem !== null && (
          <Alert showIcon type="error" role="alert" title={problem instanceof Problem && problem.status !== 422 ? say(problem.sentence) : t("welcome.noLink")} />
        )}
        {link.isPending && <Loading rows={4} />}
        {accept.data !== undefined ? (
          <>
            <Alert showIcon type="success" title={t("welcome.done", { login: accept.data.login })} />
            <Button type="primary" size="large" block href="/">
              {t("welcome.enter")}
            </Button>
          </>
        ) : (
          link.data !== undefined && (
            <Form
              layout="vertical"
              requiredMark={false}
              onFinish={({ password }: { password?: string }) => accept.mutate(password ?? "")}
            >
              <p className="welcome-who">{t("welcome.who", { name: link.data.name, org: say(link.data.org.name), login: link.data.login })}</p>
              <input className="unseen" type="text" autoComplete="username" value={link.data.login} readOnly tabIndex={-1} aria-hidden />
              <NewPasswordFields />
              <Button type="primary" htmlType="submit" size="large" block loading={accept.isPending}>
                {t("welcome.set")}
              </Button>
            </Form>
          )
        )}
      </section>
    </main>
  );
}

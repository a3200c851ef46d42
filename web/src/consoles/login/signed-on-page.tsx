import { useMutation } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { useEffect, useRef } from "react";
import { Navigate, useSearchParams } from "react-router";

import { Problem } from "../../api/problem";
import { finishSignOn } from "../../api/session";
import { useWords } from "../../i18n/use-words";
import { Loading } from "../../ui/states";

import "./login.css";

/** Where the operator's provider sends people back to. The code is used once and leaves the address with the page. */
export default function SignedOnPage() {
  const { t, say } = useWords();
  const [asked] = useSearchParams();
  const begun = useRef(false);
  const { mutate, data, error } = useMutation({
    mutationFn: () => finishSignOn(asked.get("code") ?? "", asked.get("state") ?? ""),
  });
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    mutate();
  }, [mutate]);
  if (data !== undefined) return <Navigate to="/" replace />;
  if (error === null) return <Loading rows={4} />;
  return (
    <main className="login">
      <section className="login-card" aria-labelledby="signed-on-title">
        <div className="login-head">
          <img src="/favicon.svg" alt="" width={36} height={36} />
          <h1 id="signed-on-title">{t("login.title")}</h1>
        </div>
        <Alert
          showIcon
          type="error"
          role="alert"
          title={error instanceof Problem && error.status >= 500 ? say(error.sentence) : t("login.signOnFailed")}
        />
        <Button type="primary" size="large" block href="/">
          {t("login.back")}
        </Button>
      </section>
    </main>
  );
}

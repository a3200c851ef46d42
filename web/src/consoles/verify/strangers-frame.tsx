import { Suspense, type ReactNode } from "react";

import { useWords } from "../../i18n/use-words";
import { preferences } from "../../ui/preferences";

import "./verify.css";

/** The frame for somebody who isn't logged in: a name, the other language, the page. */
export function StrangersFrame({ children }: { readonly children: ReactNode }) {
  const { t, lang } = useWords();
  const other = lang === "zh" ? "en" : "zh";
  return (
    <div className="stranger">
      <header className="stranger-top">
        <strong>Dialer</strong>
        <span className="grow" />
        <button type="button" className="plain" lang={other === "zh" ? "zh-CN" : "en"} onClick={() => preferences.send({ language: other })}>
          {t("language.other")}
        </button>
      </header>
      <main>
        <Suspense fallback={null}>{children}</Suspense>
      </main>
    </div>
  );
}

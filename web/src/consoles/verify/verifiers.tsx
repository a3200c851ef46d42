import { useQuery } from "@tanstack/react-query";

import { answer, api } from "../../api/client";
import { useWords } from "../../i18n/use-words";
import { Shown } from "../../ui/states";

import "./verify.css";

/** The verifiers to take home, each one file with the hash that bundles name too. */
export default function Verifiers() {
  const { t } = useWords();
  const found = useQuery({ queryKey: ["verifiers"], queryFn: async () => answer(api.GET("/api/verifiers")), staleTime: Infinity });
  return (
    <section className="take-home" aria-label={t("here.takeHome.title")}>
      <h2>{t("here.takeHome.title")}</h2>
      <p className="meta">{t("here.takeHome.why")}</p>
      <Shown asked={found} rows={2}>
        {({ items }) => (
          <ul>
            {items.map(({ name, address, bytes, sha256 }) => (
              <li key={name}>
                <a href={address} download={name}>
                  {name}
                </a>{" "}
                <span className="meta">
                  {t(name.endsWith(".html") ? "here.takeHome.page" : "here.takeHome.program")} · {t("here.takeHome.size", { kb: Math.ceil(bytes / 1_000) })}
                </span>
                <span className="meta mono">SHA-256 {sha256}</span>
              </li>
            ))}
          </ul>
        )}
      </Shown>
    </section>
  );
}

import { CaretDownOutlined, GlobalOutlined, LogoutOutlined, SearchOutlined, UserOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Dropdown } from "antd";
import { lazy, Suspense, useEffect, useState, type ReactNode } from "react";
import { NavLink, useNavigate } from "react-router";

import { answer, api } from "../api/client";
import { eventLine, type EventLine as Line } from "../api/events";
import type { SessionView } from "../api/models";
import { closeSession } from "../api/session";
import { useWords } from "../i18n/use-words";
import { placesOf } from "../ui/places";
import { preferences } from "../ui/preferences";
import { setProductNow } from "../ui/time";
import { useFollowed } from "../ui/use-store";

import { Banners } from "./banners";
import { LineContext } from "./line";

const ExplainDialog = lazy(() => import("./supervisor/explain-dialog"));

/** The server's whole views go into the same places that the pages read. */
function useEventLine(): Line {
  const queries = useQueryClient();
  const [line] = useState(eventLine);
  useEffect(
    () =>
      line.open((event) => {
        if (event.type === "status") setProductNow(event.data.clock.now);
        queries.setQueryData([event.type], event.data);
      }),
    [line, queries],
  );
  return line;
}

function Menu({ view }: { readonly view: SessionView }) {
  const { t } = useWords();
  const { scheme, letterKeys } = useFollowed(preferences);
  const navigate = useNavigate();
  const schemes = ["system", "light", "dark"] as const;
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        selectable: false,
        items: [
          {
            key: "scheme",
            type: "group",
            label: t("menu.scheme"),
            children: schemes.map((key) => ({
              key,
              label: `${scheme === key ? "✓ " : ""}${t(`menu.schemes.${key}`)}`,
              onClick: () => preferences.send({ scheme: key }),
            })),
          },
          ...(view.user.role === "agent"
            ? [
                {
                  key: "keys",
                  type: "group" as const,
                  label: t("menu.keys"),
                  children: [
                    {
                      key: "letter",
                      label: `${letterKeys === "on" ? "✓ " : ""}${t("menu.letterKeys")}`,
                      onClick: () => preferences.send({ letterKeys: letterKeys === "on" ? "off" : "on" }),
                    },
                  ],
                },
              ]
            : []),
          { type: "divider" },
          { key: "account", icon: <UserOutlined />, label: t("account.title"), onClick: () => void navigate("/account") },
          { key: "leave", icon: <LogoutOutlined />, label: t("menu.leave"), onClick: () => void closeSession() },
        ],
      }}
    >
      <Button type="text" className="top-user">
        <span className="top-user-name">{view.user.name}</span>
        <span className="meta">{t(`role.${view.user.role}`)}</span>
        <CaretDownOutlined aria-hidden />
      </Button>
    </Dropdown>
  );
}

function LanguageSwitch() {
  const { t, lang } = useWords();
  const other = lang === "zh" ? "en" : "zh";
  const choose = (): void => {
    preferences.send({ language: other });
    void api.PUT("/api/session/locale", { body: { locale: other } }).catch(() => undefined);
  };
  return (
    <Button type="text" className="top-language" icon={<GlobalOutlined />} onClick={choose} lang={other === "zh" ? "zh-CN" : "en"}>
      {t("language.other")}
    </Button>
  );
}

/** The frame of every page: the line at the top, what everybody must know, and the page. */
export function Shell({ view, children }: { readonly view: SessionView; readonly children: ReactNode }) {
  const { t, say } = useWords();
  const line = useEventLine();
  const [asking, setAsking] = useState(false);
  const { role } = view.user;
  const mayExplain = role === "supervisor" || role === "auditor";
  const status = useQuery({
    queryKey: ["status"],
    queryFn: async () => {
      const got = await answer(api.GET("/api/status"));
      setProductNow(got.clock.now);
      return got;
    },
    refetchInterval: 60_000,
  });
  useEffect(() => {
    if (!mayExplain) return undefined;
    const onKey = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.code === "KeyK") {
        event.preventDefault();
        setAsking(true);
      }
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [mayExplain]);
  const places = view.owes_second_factor ? [] : placesOf(view);
  return (
    <div className={`shell shell-${role}`}>
      <header className="top">
        <strong className="top-org">{say(view.user.org.name)}</strong>
        {places.length > 1 && (
          <nav className="top-nav" aria-label={t("nav.label")}>
            {places.map((place) => (
              <NavLink key={place} to={`/${place}`} className="top-link">
                {t(`nav.${place}`)}
              </NavLink>
            ))}
          </nav>
        )}
        <span className="grow" />
        {mayExplain && (
          <Button icon={<SearchOutlined />} onClick={() => setAsking(true)} className="top-ask" aria-label={t("explain.title")}>
            <span className="top-ask-words">{t("explain.title")}</span>
            <kbd className="wide-only">Ctrl K</kbd>
          </Button>
        )}
        <LanguageSwitch />
        <Menu view={view} />
      </header>
      <Banners status={status.data} role={role} line={line} />
      <main className="page">
        <LineContext value={line}>{children}</LineContext>
      </main>
      {asking && (
        <Suspense fallback={null}>
          <ExplainDialog role={role} close={() => setAsking(false)} />
        </Suspense>
      )}
    </div>
  );
}

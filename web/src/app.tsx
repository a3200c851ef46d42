import { QueryClientProvider, type QueryClient } from "@tanstack/react-query";
import { App as AntApp, ConfigProvider } from "antd";
import type { Locale } from "antd/es/locale";
import { lazy, Suspense, useEffect, useState, useSyncExternalStore } from "react";
import { BrowserRouter, Navigate, Route, Routes } from "react-router";

import type { SessionView } from "./api/models";
import { session } from "./api/session";
import { LoginPage } from "./consoles/login/login-page";
import { Shell } from "./consoles/shell";
import { installationKeys } from "./consoles/verify/installation-keys";
import { StrangersFrame } from "./consoles/verify/strangers-frame";
import { speak } from "./i18n";
import { homeOf } from "./ui/places";
import { preferences } from "./ui/preferences";
import { Failed, Loading } from "./ui/states";
import { themeOf } from "./ui/theme";
import type { Language } from "./ui/time";
import { useFollowed } from "./ui/use-store";

const DeskPage = lazy(() => import("./consoles/agent/desk-page"));
const FloorPage = lazy(() => import("./consoles/supervisor/floor-page"));
const PacingPage = lazy(() => import("./consoles/supervisor/pacing-page"));
const LeadsPage = lazy(() => import("./consoles/supervisor/leads-page"));
const WhyPage = lazy(() => import("./consoles/supervisor/why-page"));
const RefusalsPage = lazy(() => import("./consoles/refusals/refusals-page"));
const CallsPage = lazy(() => import("./consoles/auditor/calls-page"));
const CallPage = lazy(() => import("./consoles/auditor/call-page"));
const InboundPage = lazy(() => import("./consoles/auditor/inbound-page"));
const InboundCallPage = lazy(() => import("./consoles/auditor/inbound-call-page"));
const ComparePage = lazy(() => import("./consoles/auditor/compare-page"));
const SamplePage = lazy(() => import("./consoles/auditor/sample-page"));
const DossierPage = lazy(() => import("./consoles/auditor/dossier-page"));
const CasesPage = lazy(() => import("./consoles/auditor/cases-page"));
const LogPage = lazy(() => import("./consoles/auditor/log-page"));
const VerifyPage = lazy(() => import("./consoles/verify/verify-page"));
const Verifiers = lazy(() => import("./consoles/verify/verifiers"));

const CampaignsPage = lazy(() => import("./consoles/supervisor/campaigns-page"));
const CampaignPage = lazy(() => import("./consoles/supervisor/campaign-page"));
const ReportsPage = lazy(() => import("./consoles/reports/reports-page"));
const PeoplePage = lazy(() => import("./consoles/admin/people-page"));
const RegistersPage = lazy(() => import("./consoles/admin/registers-page"));
const WebhooksPage = lazy(() => import("./consoles/admin/webhooks-page"));
const OrganisationsPage = lazy(() => import("./consoles/admin/organisations-page"));
const OperationsPage = lazy(() => import("./consoles/operations-page"));
const AccountPage = lazy(() => import("./consoles/account/account-page"));
const SignedOnPage = lazy(() => import("./consoles/login/signed-on-page"));
const WelcomePage = lazy(() => import("./consoles/login/welcome-page"));

const DARK = matchMedia("(prefers-color-scheme: dark)");

function followDark(listener: () => void): () => void {
  DARK.addEventListener("change", listener);
  return () => DARK.removeEventListener("change", listener);
}

async function widgetWords(language: Language): Promise<Locale> {
  switch (language) {
    case "zh":
      return (await import("antd/locale/zh_CN")).default;
    case "en":
      return (await import("antd/locale/en_GB")).default;
  }
}

function nonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";
}

/** Who owes a second factor reaches nothing but the page that enrols one. */
function Owing({ view }: { readonly view: SessionView }) {
  return (
    <Shell view={view}>
      <Suspense fallback={<Loading rows={8} />}>
        <AccountPage view={view} />
      </Suspense>
    </Shell>
  );
}

function Pages({ view }: { readonly view: SessionView }) {
  const { role } = view.user;
  const home = homeOf(role);
  const mayHaveKeys = role === "auditor" || role === "supervisor";
  return (
    <Shell view={view}>
      <Suspense fallback={<Loading rows={8} />}>
        <Routes>
          {view.user.role === "agent" && <Route path="/desk" element={<DeskPage />} />}
          {view.user.role === "supervisor" && (
            <>
              <Route path="/floor" element={<FloorPage />} />
              <Route path="/pacing" element={<PacingPage />} />
              <Route path="/leads" element={<LeadsPage />} />
              <Route path="/campaigns" element={<CampaignsPage />} />
              <Route path="/campaigns/:campaign" element={<CampaignPage />} />
            </>
          )}
          {(view.user.role === "supervisor" || view.user.role === "auditor") && (
            <>
              <Route path="/why" element={<WhyPage role={view.user.role} />} />
              <Route path="/calls" element={<CallsPage role={view.user.role} />} />
              <Route path="/calls/:attempt" element={<CallPage role={view.user.role} />} />
              <Route path="/inbound" element={<InboundPage />} />
              <Route path="/inbound/:inbound" element={<InboundCallPage role={view.user.role} />} />
            </>
          )}
          {(role === "supervisor" || role === "auditor") && <Route path="/reports" element={<ReportsPage />} />}
          {role === "administrator" && <Route path="/people" element={<PeoplePage view={view} />} />}
          {view.operates_platform && <Route path="/organisations" element={<OrganisationsPage />} />}
          {role === "administrator" && <Route path="/dossiers" element={<DossierPage mayFetch={false} />} />}
          {role === "administrator" && <Route path="/webhooks" element={<WebhooksPage />} />}
          {role !== "agent" && <Route path="/refusals" element={<RefusalsPage role={role} />} />}
          {role !== "agent" && <Route path="/registers/:kind?/:entry?" element={<RegistersPage role={role} />} />}
          {(role === "administrator" || role === "supervisor") && <Route path="/operations" element={<OperationsPage role={role} />} />}
          <Route path="/account" element={<AccountPage view={view} />} />
          {role === "auditor" && (
            <>
              <Route path="/compare" element={<ComparePage />} />
              <Route path="/samples/:seq?" element={<SamplePage />} />
              <Route path="/dossiers" element={<DossierPage mayFetch />} />
              <Route path="/cases" element={<CasesPage />} />
              <Route path="/log" element={<LogPage />} />
            </>
          )}
          <Route
            path="/verify"
            element={
              <VerifyPage installation={mayHaveKeys ? installationKeys : null}>
                <Verifiers />
              </VerifyPage>
            }
          />
          <Route path="*" element={<Navigate to={home} replace />} />
        </Routes>
      </Suspense>
    </Shell>
  );
}

function Inside() {
  const state = useFollowed(session);
  switch (state.kind) {
    case "asking":
      return <Loading rows={6} />;
    case "unreachable":
      return <Failed error={state.problem} again={() => location.reload()} />;
    case "out":
      return location.pathname === "/verify" ? (
        <StrangersFrame>
          <VerifyPage installation={null}>
            <Verifiers />
          </VerifyPage>
        </StrangersFrame>
      ) : (
        <LoginPage ended={state.ended} />
      );
    case "in":
      return state.session.owes_second_factor ? <Owing view={state.session} /> : <Pages view={state.session} />;
  }
}

export function App({ queries }: { readonly queries: QueryClient }) {
  const { language, scheme } = useFollowed(preferences);
  const [words, setWords] = useState<Locale | null>(null);
  const systemDark = useSyncExternalStore(followDark, () => DARK.matches);
  const dark = scheme === "dark" || (scheme === "system" && systemDark);
  useEffect(() => {
    let current = true;
    void Promise.all([widgetWords(language), speak(language)]).then(([loaded]) => {
      if (current) setWords(loaded);
    });
    return () => {
      current = false;
    };
  }, [language]);
  useEffect(() => {
    document.documentElement.dataset.scheme = dark ? "dark" : "light";
  }, [dark]);
  if (words === null) return null;
  return (
    <ConfigProvider theme={themeOf(dark ? "dark" : "light", language)} locale={words} csp={{ nonce: nonce() }} button={{ autoInsertSpace: false }}>
      <AntApp className="app">
        <QueryClientProvider client={queries}>
          <BrowserRouter>
            <Routes>
              <Route
                path="/welcome"
                element={
                  <Suspense fallback={<Loading rows={6} />}>
                    <WelcomePage />
                  </Suspense>
                }
              />
              <Route
                path="/signed-on"
                element={
                  <Suspense fallback={<Loading rows={6} />}>
                    <SignedOnPage />
                  </Suspense>
                }
              />
              <Route path="*" element={<Inside />} />
            </Routes>
          </BrowserRouter>
        </QueryClientProvider>
      </AntApp>
    </ConfigProvider>
  );
}

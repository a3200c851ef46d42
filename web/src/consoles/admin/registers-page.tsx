import { ExclamationCircleFilled } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { NavLink, useParams } from "react-router";

import { answer, api } from "../../api/client";
import type { RegisterEntry, RegisterKind } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import type { Role } from "../../ui/places";
import { Empty, Shown } from "../../ui/states";

import { AddNumber } from "./number-acts";
import { PauseCodes } from "./pause-codes";
import { PromptsList } from "./prompts-list";
import { RegisterDetail } from "./register-detail";
import { ScriptVersions } from "./script-versions";
import { AddSource } from "./source-acts";
import { WaitingChanges } from "./waiting-changes";

import "./admin.css";

const PAUSES = "pause-code";
const PROMPTS = "prompt";
const KINDS: readonly RegisterKind[] = ["organisation", "caller-number", "source", "script", "campaign", "agent"];

function Row({ kind, entry }: { readonly kind: RegisterKind; readonly entry: RegisterEntry }) {
  const { t, say } = useWords();
  return (
    <li>
      <NavLink to={`/registers/${kind}/${entry.id}`}>
        <strong>{say(entry.title)}</strong>
        <span className="meta">{entry.state === null ? entry.id : say(entry.state.sentence)}</span>
        {entry.unknown > 0 && (
          <span className="tone tone-attention">
            <ExclamationCircleFilled aria-hidden /> {t("registers.unknown", { count: entry.unknown, all: entry.fields })}
          </span>
        )}
      </NavLink>
    </li>
  );
}

/** What is filed: an entry with a fact that isn't stops every call that needs it, so the list says how many there are. */
export default function RegistersPage({ role }: { readonly role: Role }) {
  const { t } = useWords();
  const params = useParams();
  const kind = KINDS.find((one) => one === params.kind) ?? "organisation";
  const isOwnPage = params.kind === PAUSES || params.kind === PROMPTS;
  return (
    <div className="office">
      <div className="filters">
        <h1>{t("nav.registers")}</h1>
      </div>
      <WaitingChanges />
      <nav className="kinds" aria-label={t("nav.registers")}>
        {KINDS.map((one) => (
          <NavLink key={one} to={`/registers/${one}`} className={one === kind && !isOwnPage ? "active" : ""} aria-current={one === kind && !isOwnPage ? "page" : undefined}>
            {t(`registers.kind.${one}`)}
          </NavLink>
        ))}
        <NavLink to={`/registers/${PROMPTS}`}>{t("registers.kind.prompt")}</NavLink>
        <NavLink to={`/registers/${PAUSES}`}>{t("pauses.title")}</NavLink>
      </nav>
      {params.kind === PAUSES && <PauseCodes role={role} />}
      {params.kind === PROMPTS && <PromptsList role={role} />}
      {!isOwnPage && <Entries kind={kind} entry={params.entry} role={role} />}
    </div>
  );
}

function Entries({ kind, entry, role }: { readonly kind: RegisterKind; readonly entry: string | undefined; readonly role: Role }) {
  const { t } = useWords();
  const list = useQuery({
    queryKey: ["registers", kind],
    queryFn: () => answer(api.GET("/api/registers/{kind}", { params: { path: { kind } } })),
  });
  return (
    <Shown asked={list} rows={8}>
      {(view) => (
        <div className="register">
          <div>
            {kind === "source" && role === "administrator" && <AddSource kinds={view.kinds} />}
            {kind === "caller-number" && role === "administrator" && <AddNumber />}
            {view.items.length === 0 ? (
              <Empty>{t("registers.empty")}</Empty>
            ) : (
              <ul className="register-list">
                {view.items.map((one) => (
                  <Row key={one.id} kind={kind} entry={one} />
                ))}
              </ul>
            )}
          </div>
          {entry === undefined && kind === "script" ? (
            <ScriptVersions role={role} />
          ) : entry === undefined ? (
            <Empty>{t("registers.choose")}</Empty>
          ) : (
            <RegisterDetail key={`${kind}/${entry}`} kind={kind} id={entry} role={role} />
          )}
        </div>
      )}
    </Shown>
  );
}

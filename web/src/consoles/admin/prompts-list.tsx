import { CheckCircleFilled, ExclamationCircleFilled } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Popconfirm } from "antd";

import { answer, api } from "../../api/client";
import type { PromptVersion, PromptView } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { MaybeButton } from "../../ui/blocked";
import type { Role } from "../../ui/places";
import { Shown } from "../../ui/states";
import { fullTime } from "../../ui/time";
import { useAct } from "../../ui/use-act";

import { AddPrompt } from "./add-prompt";

import "./prompts.css";

const CHANGED = [["prompts"]] as const;

function Words({ version }: { readonly version: PromptVersion }) {
  const { t, lang } = useWords();
  const { brought_by, brought_at, approved_by, approved_at } = version;
  return (
    <>
      <p lang={version.language}>{version.text}</p>
      <audio controls preload="none" src={`/api/prompts/${version.id}/sound.wav`} aria-label={t("prompts.listen", { name: version.name })} />
      <p className="meta">
        {t("prompts.brought", { who: brought_by, when: fullTime(brought_at, lang) })}
        {approved_by !== null && approved_at !== null && ` · ${t("prompts.approved", { who: approved_by, when: fullTime(approved_at, lang) })}`}
      </p>
      <p className="meta">
        SHA-256 <code className="mono">{version.sha256}</code>
      </p>
    </>
  );
}

function Waiting({ version }: { readonly version: PromptVersion }) {
  const { t } = useWords();
  const path = { params: { path: { version: version.id } } };
  const approve = useAct(() => answer(api.POST("/api/prompts/{version}/approve", path)), CHANGED);
  const reject = useAct(() => answer(api.POST("/api/prompts/{version}/reject", path)), CHANGED);
  return (
    <section className="prompt-waiting" aria-label={t("prompts.waits")}>
      <span className="tone tone-attention">
        <ExclamationCircleFilled aria-hidden /> {t("prompts.waits")}
      </span>
      <Words version={version} />
      <div className="field-acts">
        {version.own ? (
          <MaybeButton size="small" act={null} why={t("prompts.ownDraft")}>
            {t("prompts.approve")}
          </MaybeButton>
        ) : (
          <Popconfirm title={t("prompts.approveTitle")} description={t("prompts.approveMeans")} okText={t("prompts.approve")} onConfirm={() => approve.mutate(undefined)}>
            <Button size="small" type="primary" loading={approve.isPending}>
              {t("prompts.approve")}
            </Button>
          </Popconfirm>
        )}
        <Button size="small" loading={reject.isPending} onClick={() => reject.mutate(undefined)}>
          {t("prompts.reject")}
        </Button>
      </div>
    </section>
  );
}

function Entry({ prompt }: { readonly prompt: PromptView }) {
  const { t, say } = useWords();
  const { approved, waiting } = prompt;
  return (
    <li className="card">
      <div className="card-head">
        <h3>{say(prompt.heard_when)}</h3>
        <span className="meta">{t(`prompts.spoken.${prompt.language}`)}</span>
        <code>{prompt.name}</code>
        <span className="grow" />
        {approved !== null && !prompt.played && (
          <span className="tone tone-attention">
            <ExclamationCircleFilled aria-hidden /> {t("prompts.notPlayed")}
          </span>
        )}
        {approved === null ? (
          <span className="tone tone-attention">
            <ExclamationCircleFilled aria-hidden /> {t("prompts.nothing")}
          </span>
        ) : (
          <span className="tone tone-ready">
            <CheckCircleFilled aria-hidden /> {t("prompts.inForce")}
          </span>
        )}
      </div>
      {approved !== null && <Words version={approved} />}
      {waiting !== null && <Waiting version={waiting} />}
    </li>
  );
}

/** Everything that callees and callers hear: what is in force, and what waits for a second person. */
export function PromptsList({ role }: { readonly role: Role }) {
  const { t } = useWords();
  const prompts = useQuery({ queryKey: ["prompts"], queryFn: () => answer(api.GET("/api/prompts")) });
  return (
    <Shown asked={prompts} rows={8}>
      {(list) => (
        <section aria-label={t("registers.kind.prompt")}>
          <p className="meta office-note">{t("prompts.means")}</p>
          {!list.predictive && <p className="strip strip-attention">{t("prompts.noNotice")}</p>}
          {role === "administrator" && <AddPrompt items={list.items} />}
          <ul className="prompts">
            {list.items.map((prompt) => (
              <Entry key={prompt.name} prompt={prompt} />
            ))}
          </ul>
        </section>
      )}
    </Shown>
  );
}

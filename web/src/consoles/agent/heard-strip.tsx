import { AudioOutlined, ExclamationCircleFilled, StopFilled } from "@ant-design/icons";
import { Button } from "antd";
import { useEffect } from "react";

import type { HeardPrompt, HeardView } from "../../api/models";
import type { DeskLink } from "../../desk/desk-link";
import { newestOpen } from "../../desk/heard";
import { useWords } from "../../i18n/use-words";

const KEYS = { confirm: "Y", dismiss: "N", seen: "Y" } as const;
type Answer = keyof typeof KEYS;

interface PromptProps {
  readonly prompt: HeardPrompt;
  readonly link: DeskLink;
}

function Prompt({ prompt, link }: PromptProps) {
  const { t, say } = useWords();
  const urgent = prompt.by === "callee" && prompt.answers.length > 0;
  return (
    <div className={`heard heard-${urgent ? "ask" : "note"}`} role="alert">
      {urgent ? <StopFilled aria-hidden /> : <ExclamationCircleFilled aria-hidden />}
      <div className="heard-what">
        <strong>{prompt.by === "agent" ? t("heard.youSaid", { what: say(prompt.what) }) : say(prompt.what)}</strong>
        <q>{prompt.text}</q>
        {urgent && <span className="meta">{t(prompt.answers.includes("confirm") ? "heard.ask" : "heard.review")}</span>}
      </div>
      <span className="grow" />
      {(prompt.answers as readonly Answer[]).map((answer) => (
        <Button
          key={answer}
          danger={answer === "confirm"}
          type={answer === "confirm" ? "primary" : "default"}
          onClick={() => void link.answerHeard(prompt.id, answer)}
        >
          {t(`heard.${answer}`)} <kbd>{KEYS[answer]}</kbd>
        </Button>
      ))}
    </div>
  );
}

/** What listening gives: a question about words that may be a refusal, or the last words as a caption. */
export function HeardStrip({
  heard,
  link,
  showProof,
}: {
  readonly heard: HeardView;
  readonly link: DeskLink;
  readonly showProof: () => void;
}) {
  const { t, say } = useWords();
  const open = newestOpen(heard);
  const line = heard.lines.at(-1);
  const proofAsked = open?.kind === "show_proof" ? open.id : null;
  useEffect(() => {
    if (proofAsked !== null) showProof();
    // the proof opens once for each question, and stays closed when the agent closes it
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [proofAsked]);
  return (
    <section className="heard-strip" aria-label={t("heard.title")} aria-live="polite">
      {open !== undefined && <Prompt prompt={open} link={link} />}
      {line !== undefined && (
        <p className="heard-line">
          <AudioOutlined aria-hidden /> <span className="meta">{t(line.by === "agent" ? "heard.you" : "heard.callee")}</span>{" "}
          <span className={line.standing === "partial" ? "heard-partial" : ""}>{line.text}</span>
        </p>
      )}
      {heard.trouble !== null && <p className="heard-line meta">{say(heard.trouble)}</p>}
    </section>
  );
}

import type { DeskCall, DeskCaller } from "../../api/models";
import type { Blocks } from "../../desk/acts";
import { saidParts, type Desk } from "../../desk/desk";
import { useWords } from "../../i18n/use-words";
import { duration } from "../../ui/time";
import { useNow } from "../../ui/use-now";

interface Props {
  readonly desk: Desk;
  readonly call: DeskCall | DeskCaller;
  readonly block: Blocks;
  readonly dispose: (code: string) => void;
}

const KEYS_MAX = 9;
const BIG = 3;

/** What came of the call: the most likely results first and biggest, each on its digit. */
export function WrapUp({ desk, call, block, dispose }: Props) {
  const { t, say } = useWords();
  const now = useNow();
  const leftMs = call.wrap_until === null ? null : Date.parse(call.wrap_until) - now;
  const script = "script" in call ? call.script : null;
  const said = script === null ? null : saidParts(desk, script);
  const unsaid = script?.parts.filter((part) => part.required && said?.has(part.key) !== true).length ?? 0;
  return (
    <section className="wrap" aria-labelledby="wrap-title">
      <h2 id="wrap-title">
        {t("wrap.title")}
        {leftMs !== null && (
          <span className={`figure wrap-left ${leftMs < 10_000 ? "short" : ""}`} role="timer">
            {leftMs > 0 ? t("wrap.left", { time: duration(leftMs) }) : t("wrap.over")}
          </span>
        )}
      </h2>
      {unsaid > 0 && desk.refused === null && <p className="meta">{t("wrap.unsaid", { count: unsaid })}</p>}
      <div className="wrap-keys">
        {call.dispositions.map(({ code, sentence }, index) => (
          <button
            key={code}
            type="button"
            className={`wrap-key${index < BIG ? " wrap-key-big" : ""}`}
            aria-disabled={block.dispose !== null}
            onClick={() => {
              if (block.dispose === null) dispose(code);
            }}
          >
            {index < KEYS_MAX && <kbd>{index + 1}</kbd>}
            <span>{say(sentence)}</span>
          </button>
        ))}
      </div>
    </section>
  );
}

import type { DeskView, QueueItem } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { Empty } from "../../ui/states";
import { dayTime, type Language } from "../../ui/time";
import { useNow } from "../../ui/use-now";

function when(item: QueueItem, lang: Language, nowMs: number, nowWord: string): string {
  return Date.parse(item.at) <= nowMs ? nowWord : dayTime(item.at, lang, nowMs);
}

function byTime(queue: readonly QueueItem[]): readonly QueueItem[] {
  return [...queue].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

/** Who will be called back, as the agent may see it: the exchange dials, nobody picks. */
export function Queue({ view }: { readonly view: DeskView }) {
  const { t, lang } = useWords();
  const now = useNow();
  return (
    <aside className="desk-queue" aria-labelledby="queue-title">
      <h2 id="queue-title">{t("queue.title")}</h2>
      {view.queue.length === 0 ? (
        <Empty>{t("queue.empty")}</Empty>
      ) : (
        <ol tabIndex={0} aria-labelledby="queue-title">
          {byTime(view.queue).map((item) => (
            <li
              key={item.lead_id}
              className={item.lead_id === view.call?.lead_id ? "current" : ""}
              aria-current={item.lead_id === view.call?.lead_id}
            >
              <span className="figure queue-time">{when(item, lang, now, t("queue.now"))}</span>
              <span className="queue-who">
                <span className="queue-name">{item.name ?? t("person.unnamed")}</span>
                <span className="meta figure">{item.number}</span>
                {item.asked !== null && <span className="meta queue-asked">{item.asked}</span>}
              </span>
              <span className={`mark mark-${item.kind}`}>{t(`queue.kind.${item.kind}`)}</span>
            </li>
          ))}
        </ol>
      )}
      <p className="meta queue-sum">{t("queue.sum", { due: view.queue_due, later: view.queue_later })}</p>
    </aside>
  );
}

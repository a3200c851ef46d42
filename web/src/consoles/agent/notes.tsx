import { Input } from "antd";

import type { DeskCall } from "../../api/models";
import { NOTE_CHARACTERS_MAX, type Desk } from "../../desk/desk";
import type { DeskLink } from "../../desk/desk-link";
import { useWords } from "../../i18n/use-words";
import { dayTime } from "../../ui/time";
import { useNow } from "../../ui/use-now";

/** Notes of this call, and earlier contacts with the same person. */
export function Notes({
  desk,
  link,
  call,
}: {
  readonly desk: Desk;
  readonly link: DeskLink;
  readonly call: DeskCall;
}) {
  const { t, say, lang } = useWords();
  const now = useNow();
  return (
    <aside className="notes" aria-labelledby="notes-title">
      <h2 id="notes-title">{t("notes.title")}</h2>
      <Input.TextArea
        value={desk.draft?.note ?? ""}
        onChange={(event) => link.desk.send({ type: "note", text: event.target.value })}
        placeholder={t("notes.hint")}
        maxLength={NOTE_CHARACTERS_MAX}
        aria-labelledby="notes-title"
        className="notes-field"
      />
      <h3>{t("notes.earlier")}</h3>
      {call.earlier.length === 0 ? (
        <p className="meta">{t("notes.first")}</p>
      ) : (
        <ul className="earlier">
          {call.earlier.map((contact) => (
            <li key={contact.attempt_id}>
              <span className="figure meta">{dayTime(contact.at, lang, now)}</span> {say(contact.sentence)}
            </li>
          ))}
        </ul>
      )}
    </aside>
  );
}

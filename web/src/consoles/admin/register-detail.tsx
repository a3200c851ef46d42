import { EditOutlined, ExclamationCircleFilled } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";

import { answer, api } from "../../api/client";
import type { RegisterField, RegisterKind } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { fieldText } from "../../registers/field-text";
import type { Role } from "../../ui/places";
import { Shown } from "../../ui/states";
import { useAct } from "../../ui/use-act";

import { FieldEditor } from "./field-editor";
import { NumberActs } from "./number-acts";
import { SourceActs } from "./source-acts";

function Field({
  field,
  kind,
  entry,
  mayEdit,
  waits,
}: {
  readonly field: RegisterField;
  readonly kind: RegisterKind;
  readonly entry: string;
  readonly mayEdit: boolean;
  readonly waits: boolean;
}) {
  const { t, say, lang } = useWords();
  const [editing, setEditing] = useState(false);
  const file = useAct(
    (value: string) =>
      answer(
        api.PUT("/api/registers/{kind}/{entry}/{field}", {
          params: { path: { kind, entry, field: field.name } },
          body: { value, was: field.value },
        }),
      ),
    [["registers", kind], ["register-changes"]],
    () => setEditing(false),
  );
  return (
    <li>
      <span>{say(field.words)}</span>
      <div className="field-value">
        {editing ? (
          <FieldEditor field={field} busy={file.isPending} save={(value) => file.mutate(value)} cancel={() => setEditing(false)} />
        ) : field.value === null && kind === "agent" ? (
          <span className="meta">{t("registers.notFiledPlain")}</span>
        ) : field.value === null ? (
          <span className="tone tone-attention">
            <ExclamationCircleFilled aria-hidden /> {t("registers.notFiled")}
          </span>
        ) : (
          <span className="figure">{fieldText(field, lang, { yes: t("yes"), no: t("no"), none: t("none") })}</span>
        )}
        {waits && <span className="chip chip-attention">{t("registers.waits")}</span>}
      </div>
      {mayEdit && !editing && (
        <Button size="small" type="text" icon={<EditOutlined />} aria-label={t("registers.editOne", { name: say(field.words) })} onClick={() => setEditing(true)} />
      )}
    </li>
  );
}

/** One entry: every fact, and who may change it here. */
export function RegisterDetail({ kind, id, role }: { readonly kind: RegisterKind; readonly id: string; readonly role: Role }) {
  const { t, say } = useWords();
  const entry = useQuery({
    queryKey: ["registers", kind, id],
    queryFn: () => answer(api.GET("/api/registers/{kind}/{entry}", { params: { path: { kind, entry: id } } })),
  });
  return (
    <Shown asked={entry} rows={8}>
      {(view) => (
        <section className="card" aria-labelledby="entry-title">
          <div className="card-head">
            <h2 id="entry-title">{say(view.entry.title)}</h2>
            <code>{view.entry.id}</code>
            <span className="grow" />
            {kind === "caller-number" && <NumberActs entry={view.entry} />}
            {kind === "source" && <SourceActs entry={view.entry} />}
          </div>
          {role !== "administrator" && <p className="meta">{t("registers.readOnly")}</p>}
          <ul className="fields">
            {view.fields.map((field) => (
              <Field key={field.name} field={field} kind={kind} entry={id} mayEdit={role === "administrator"} waits={view.waiting.includes(field.name)} />
            ))}
          </ul>
        </section>
      )}
    </Shown>
  );
}

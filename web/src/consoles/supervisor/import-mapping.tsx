import { ArrowRightOutlined } from "@ant-design/icons";
import { Select } from "antd";

import { LEAD_FIELDS, missingFields, remap, type LeadField, type Mapping } from "../../floor/import-mapping";
import { useWords } from "../../i18n/use-words";
import { MaybeButton } from "../../ui/blocked";

const SAMPLES = 3;
const STAYS = "-";

/** The file's columns with three rows of each, and the field that each stands for. What stands for none isn't sent. */
export function ImportMapping({
  rows,
  mapping,
  change,
  send,
}: {
  readonly rows: readonly (readonly string[])[];
  readonly mapping: Mapping;
  readonly change: (mapping: Mapping) => void;
  readonly send: (() => void) | null;
}) {
  const { t, lang } = useWords();
  const header = rows[0] ?? [];
  const samples = rows.slice(1, 1 + SAMPLES);
  const missing = missingFields(mapping);
  const options = [
    { value: STAYS, label: t("import.stays") },
    ...LEAD_FIELDS.map((field) => ({ value: field, label: t(`leadField.${field}`) })),
  ];
  const lacks = missing.map((field) => t(`leadField.${field}`)).join(lang === "zh" ? "、" : ", ");
  const left = mapping.filter((field) => field === null).length;
  return (
    <section aria-labelledby="mapping-title">
      <h3 id="mapping-title">{t("import.mapping", { count: rows.length - 1 })}</h3>
      <p className="meta">{left === 0 ? t("import.allMapped") : t("import.someStay", { count: left })}</p>
      <div className="import-map">
        <table>
          <thead>
            <tr>
              <th scope="col">{t("import.theirs")}</th>
              <th scope="col">{t("import.samples")}</th>
              <th scope="col">{t("import.field")}</th>
            </tr>
          </thead>
          <tbody>
            {header.map((name, column) => (
              <tr key={`${String(column)}-${name}`} className={mapping[column] === null ? "import-stays" : ""}>
                <th scope="row">{name.trim() === "" ? t("import.unnamed", { place: column + 1 }) : name}</th>
                <td className="meta">
                  {samples.map((row, place) => (
                    <div key={String(place)} className="import-sample">
                      {row[column] ?? ""}
                    </div>
                  ))}
                </td>
                <td>
                  <ArrowRightOutlined aria-hidden />{" "}
                  <Select
                    value={mapping[column] ?? STAYS}
                    options={options}
                    showSearch={{ optionFilterProp: "label" }}
                    aria-label={t("import.fieldOf", { name })}
                    className="import-field"
                    onChange={(value: string) => change(remap(mapping, column, value === STAYS ? null : (value as LeadField)))}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <MaybeButton
        type="primary"
        size="large"
        act={missing.length === 0 ? send : null}
        why={missing.length === 0 ? t("import.sending") : t("import.missing", { fields: lacks })}
      >
        {t("import.send", { count: rows.length - 1 })}
      </MaybeButton>
      {missing.length > 0 && <p className="import-missing">{t("import.missing", { fields: lacks })}</p>}
    </section>
  );
}

import type { Choice, RegisterField } from "../api/models";
import type { Language } from "../ui/time";

interface Words {
  readonly yes: string;
  readonly no: string;
  readonly none: string;
}

type Inner = RegisterField["inner"][number];

function named(choices: readonly Choice[], code: string, lang: Language): string {
  return choices.find((choice) => choice.code === code)?.sentence[lang] ?? code;
}

function plain(shape: RegisterField["shape"], choices: readonly Choice[], value: unknown, lang: Language, words: Words): string {
  if (value === null || value === "" || (Array.isArray(value) && value.length === 0)) return words.none;
  if (typeof value === "boolean") return value ? words.yes : words.no;
  if (Array.isArray(value) && shape !== "json") {
    return value.map((one) => named(choices, String(one), lang)).join(lang === "zh" ? "、" : ", ");
  }
  if (shape === "choice" && typeof value === "string") return named(choices, value, lang);
  return typeof value === "string" || typeof value === "number" ? String(value) : JSON.stringify(value);
}

/** A filed value as people read it; raw codes only where no words for them exist. */
export function fieldText(field: RegisterField, lang: Language, words: Words): string {
  if (field.value === null) return words.none;
  const value: unknown = JSON.parse(field.value);
  if (field.shape !== "group" || typeof value !== "object" || value === null) {
    return plain(field.shape, field.choices, value, lang, words);
  }
  const group = value as Readonly<Record<string, unknown>>;
  return field.inner
    .map((inner: Inner) => `${inner.words[lang]}: ${plain(inner.shape, inner.choices, group[inner.name] ?? null, lang, words)}`)
    .join(" · ");
}

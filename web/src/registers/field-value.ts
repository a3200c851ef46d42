import type { RegisterField } from "../api/models";

type Shaped = Pick<RegisterField, "shape">;

/** What a field's form starts from. */
export function inputOf(field: RegisterField): unknown {
  const value: unknown = field.value === null ? undefined : JSON.parse(field.value);
  return field.shape === "json" ? (value === undefined ? "" : JSON.stringify(value, null, 1)) : value;
}

/** Days and moments that are empty are known to be none; an empty text is a text. */
function cleaned({ shape }: Shaped, input: unknown): unknown {
  switch (shape) {
    case "day":
    case "moment":
      return input === "" || input === undefined ? null : input;
    case "text":
      return input ?? "";
    case "truth":
      return input === true;
    case "choices":
    case "words":
      return input ?? [];
    case "whole":
    case "decimal":
    case "choice":
    case "group":
    case "json":
      return input ?? null;
  }
}

/** The JSON text of what was typed; null where it is no JSON. */
export function fieldValue(field: RegisterField, input: unknown): string | null {
  if (field.shape === "json") {
    try {
      return JSON.stringify(JSON.parse(String(input)));
    } catch {
      return null;
    }
  }
  if (field.shape === "group") {
    const group = (input ?? {}) as Readonly<Record<string, unknown>>;
    return JSON.stringify(Object.fromEntries(field.inner.map((inner) => [inner.name, cleaned(inner, group[inner.name])])));
  }
  return JSON.stringify(cleaned(field, input));
}

import type { ImportView } from "../api/models";
import type { Language } from "../ui/time";

/** A cell that a spreadsheet can't take for a formula. */
function cell(value: string): string {
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return `"${harmless.replaceAll('"', '""')}"`;
}

/** The rejected rows as a file: line, column, code and reason, with a mark that makes spreadsheets read it as UTF-8. */
export function rejectedCsv(report: Pick<ImportView, "rejected">, lang: Language): string {
  const rows = report.rejected.map(({ line, column, code, sentence }) =>
    [String(line), column ?? "", code, sentence[lang]].map(cell).join(","),
  );
  return `\uFEFF${["line,column,code,reason", ...rows].join("\r\n")}\r\n`;
}

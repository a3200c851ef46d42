import type { ReportTable, Sentence } from "../api/models";

/** One line of figures in a chart. `cap`: a bound, drawn as a line. */
export interface Series {
  readonly key: string;
  readonly name: string;
  readonly kind: "first" | "second" | "cap";
}

/** A table as a chart takes it. `lying`: names are long, so bars lie beneath each other. */
export interface Chart {
  readonly points: readonly Readonly<Record<string, string | number>>[];
  readonly series: readonly Series[];
  readonly lying: boolean;
  readonly percent: boolean;
}

/** More bars than this say nothing; the table below has all of them. */
const ROWS_MAX = 24;

const DRAWN: Record<ReportTable["part"], readonly { readonly column: number; readonly kind: Series["kind"] }[]> = {
  campaign: [
    { column: 0, kind: "first" },
    { column: 3, kind: "second" },
  ],
  agent: [
    { column: 0, kind: "first" },
    { column: 3, kind: "second" },
  ],
  hour: [
    { column: 0, kind: "first" },
    { column: 3, kind: "second" },
  ],
  reason: [{ column: 0, kind: "first" }],
  certificate: [
    { column: 2, kind: "first" },
    { column: 3, kind: "cap" },
  ],
};

/** The figure in a cell: 12, 10.5, or the 0.75 of “0.75 %”. */
export function figureOf(cell: string | undefined): number {
  const found = /^-?\d+(?:\.\d+)?/.exec(cell ?? "");
  return found === null ? 0 : Number(found[0]);
}

/** What of a table is drawn; null: nothing is in it. */
export function chartOf(table: ReportTable, say: (sentence: Sentence) => string): Chart | null {
  if (table.rows.length === 0) return null;
  const drawn = DRAWN[table.part];
  const series = drawn.map(({ column, kind }) => ({ key: `v${column}`, name: sayOr(table.columns[column], say), kind }));
  const points = table.rows.slice(0, ROWS_MAX).map((row) => ({
    name: say(row.name),
    ...Object.fromEntries(drawn.map(({ column }) => [`v${column}`, figureOf(row.values[column])])),
  }));
  return { points, series, lying: table.part !== "hour" && table.part !== "certificate", percent: table.part === "certificate" };
}

function sayOr(sentence: Sentence | undefined, say: (sentence: Sentence) => string): string {
  return sentence === undefined ? "" : say(sentence);
}

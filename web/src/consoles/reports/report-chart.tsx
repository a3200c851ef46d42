import { Bar, BarChart, CartesianGrid, Legend, Line, ComposedChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";

import type { ReportTable } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { chartOf, type Series } from "../../reports/chart";

const HEIGHT = 260;
const ROW_HEIGHT = 34;
const NAME_WIDTH = 220;
const NAME_WIDTH_ON_PHONE = 120;
const PHONE = matchMedia("(max-width: 600px)");
const COLOURS: Record<Series["kind"], string> = { first: "var(--c-call)", second: "var(--wave-agent)", cap: "var(--c-stop)" };
const TICK = { fill: "var(--c-meta)", fontSize: 12 };
const TIP = { background: "var(--c-surface)", border: "1px solid var(--c-line)", borderRadius: 8, color: "var(--c-text)" };

/** Beneath a column the year is known; a telephone has room for the day alone. */
function dayShort(name: string): string {
  const [, day, rest] = /^\d{4}-(\d{2}-\d{2})(.*)$/.exec(name) ?? [];
  if (day === undefined) return name;
  return PHONE.matches ? day : `${day}${rest ?? ""}`;
}

/** A table drawn: hours and days as columns, names as bars. The table itself stands beneath it for whoever can't see. */
export default function ReportChart({ table }: { readonly table: ReportTable }) {
  const { say } = useWords();
  const chart = chartOf(table, say);
  if (chart === null) return null;
  const { points, series, lying, percent } = chart;
  const shown = (value: unknown): string => (percent ? `${Number(value).toFixed(2)} %` : String(value));
  const height = lying ? points.length * ROW_HEIGHT + 80 : HEIGHT;
  const tip = <Tooltip contentStyle={TIP} cursor={{ fill: "var(--c-quiet-soft)" }} formatter={shown} isAnimationActive={false} />;
  return (
    <div className="report-chart" aria-hidden style={{ height }}>
      <ResponsiveContainer width="100%" height="100%">
        {lying ? (
          <BarChart accessibilityLayer={false} data={[...points]} layout="vertical" margin={{ top: 8, right: 24, bottom: 8, left: 8 }}>
            <CartesianGrid stroke="var(--c-line)" horizontal={false} />
            <XAxis type="number" allowDecimals={false} tick={TICK} stroke="var(--c-line)" />
            <YAxis type="category" dataKey="name" width={PHONE.matches ? NAME_WIDTH_ON_PHONE : NAME_WIDTH} tick={TICK} stroke="var(--c-line)" interval={0} />
            {tip}
            {series.length > 1 && <Legend />}
            {series.map(({ key, name, kind }) => (
              <Bar key={key} dataKey={key} name={name} fill={COLOURS[kind]} barSize={12} isAnimationActive={false} />
            ))}
          </BarChart>
        ) : (
          <ComposedChart accessibilityLayer={false} data={[...points]} margin={{ top: 8, right: 16, bottom: 8, left: 0 }}>
            <CartesianGrid stroke="var(--c-line)" vertical={false} />
            <XAxis dataKey="name" tick={TICK} minTickGap={16} tickFormatter={dayShort} stroke="var(--c-line)" />
            <YAxis allowDecimals={percent} tick={TICK} tickFormatter={(value: number) => (percent ? `${value} %` : String(value))} stroke="var(--c-line)" width={percent ? 60 : 48} />
            {tip}
            <Legend />
            {series.map(({ key, name, kind }) =>
              kind === "cap" ? (
                <Line key={key} dataKey={key} name={name} stroke={COLOURS[kind]} strokeDasharray="6 4" dot={false} isAnimationActive={false} />
              ) : (
                <Bar key={key} dataKey={key} name={name} fill={COLOURS[kind]} maxBarSize={28} isAnimationActive={false} />
              ),
            )}
          </ComposedChart>
        )}
      </ResponsiveContainer>
    </div>
  );
}

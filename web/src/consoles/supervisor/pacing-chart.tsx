import type { ComparisonView, MethodView } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { percent } from "../../ui/figures";

const LEFT_PERCENT = 40;
const WIDTH = 300;

function across(ppm: number): number {
  return (Math.min(100, Math.max(LEFT_PERCENT, ppm / 10_000)) - LEFT_PERCENT) * (WIDTH / (100 - LEFT_PERCENT));
}

/** Talk time as a mark on a scale from 40 to 100 %, with the band in which eight of ten days lie. */
function Band({ method }: { readonly method: MethodView }) {
  const { utilisation } = method;
  const [low, mean, high] = [across(utilisation.low), across(utilisation.mean), across(utilisation.high)];
  return (
    <svg className={`band band-${method.kind}`} viewBox={`0 0 ${WIDTH} 22`} preserveAspectRatio="none" aria-hidden>
      {[0, 1, 2, 3].map((line) => (
        <line key={line} className="band-grid" x1={(line * WIDTH) / 3} x2={(line * WIDTH) / 3} y1="0" y2="22" />
      ))}
      <rect className="band-fill" x="0" y="8" width={mean} height="6" />
      <rect className="band-range" x={low} y="4" width={Math.max(2, high - low)} height="14" rx="2" />
      <rect className="band-mean" x={mean - 1} y="2" width="2" height="18" />
    </svg>
  );
}

function Row({ method, label }: { readonly method: MethodView; readonly label: string }) {
  const { t, lang } = useWords();
  const hours = method.finished_hours;
  const calls = Math.round(method.dials_an_hour.mean).toLocaleString(lang === "zh" ? "zh-CN" : "en");
  return (
    <tr className={`method method-${method.kind}`}>
      <th scope="row">
        <span>{label}</span>
        <span className="meta">{t(`pacing.kinds.${method.kind}`)}</span>
      </th>
      <td className="method-band">
        <Band method={method} />
      </td>
      <td className="figure method-talk">
        <b>{(method.utilisation.mean / 10_000).toFixed(1)} %</b>
        <span className="meta">
          {(method.utilisation.low / 10_000).toFixed(1)}–{(method.utilisation.high / 10_000).toFixed(1)}
        </span>
      </td>
      <td className="figure">
        {percent(method.abandoned_share.mean)}
        {method.over_days_ppm > 0 && <span className="over">{t("pacing.over", { share: percent(method.over_days_ppm) })}</span>}
      </td>
      <td className="figure wide-only">{calls}</td>
      <td className="figure wide-only">{hours === null ? "—" : t("pacing.hours", { hours: hours.mean.toFixed(1) })}</td>
    </tr>
  );
}

/** Methods side by side over the same days, then the same after what was asked about, then why agents were idle. */
export function PacingChart({ comparison }: { readonly comparison: ComparisonView }) {
  const { t, say } = useWords();
  const own = comparison.methods[0];
  return (
    <>
      <table className="methods">
        <caption>
          {t("pacing.shown", {
            agents: comparison.agents,
            hours: comparison.shift_hours,
            days: comparison.days,
            cap: percent(comparison.cap_ppm),
          })}
        </caption>
        <thead>
          <tr>
            <th scope="col">{t("pacing.method")}</th>
            <th scope="col" className="method-band">
              <span className="scale">
                <span>40 %</span>
                <span>60 %</span>
                <span>80 %</span>
                <span>100 %</span>
              </span>
            </th>
            <th scope="col">{t("pacing.talk")}</th>
            <th scope="col">{t("pacing.abandoned")}</th>
            <th scope="col" className="wide-only">{t("pacing.calls")}</th>
            <th scope="col" className="wide-only">{t("pacing.finished")}</th>
          </tr>
        </thead>
        <tbody>
          {comparison.methods.map((method) => (
            <Row key={method.method} method={method} label={say(method.name)} />
          ))}
          {comparison.what_if.map((method) => (
            <Row key={`${method.method} changed`} method={method} label={t("pacing.whatIf", { method: say(method.name) })} />
          ))}
        </tbody>
      </table>
      {own !== undefined && own.idle.length > 0 && (
        <p className="meta">
          {t("pacing.idle", { method: say(own.name) })}{" "}
          {own.idle.slice(0, 3).map((one) => `${say(one.reason)} ${percent(one.share_ppm)}`).join(" · ")}
        </p>
      )}
    </>
  );
}

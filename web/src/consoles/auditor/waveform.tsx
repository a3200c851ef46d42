import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";

import type { PeaksView } from "../../api/models";
import { barsOf, gainOf, type marksOf } from "../../trail/waveform";
import { useWords } from "../../i18n/use-words";
import { duration } from "../../ui/time";

interface Props {
  readonly peaks: PeaksView;
  readonly at: number;
  readonly marks: ReturnType<typeof marksOf>;
  readonly seek: (seconds: number) => void;
  readonly toggle: () => void;
}

const BAR_PX = 3;
const GAP_PX = 1;
const HEIGHT_PX = 112;
const STEP_SECONDS = 1;
const LEAP_SECONDS = 5;

function paint(canvas: HTMLCanvasElement, { peaks, at, marks }: Pick<Props, "peaks" | "at" | "marks">): void {
  const width = canvas.clientWidth;
  const ratio = devicePixelRatio;
  canvas.width = width * ratio;
  canvas.height = HEIGHT_PX * ratio;
  const draw = canvas.getContext("2d");
  if (draw === null) return;
  draw.scale(ratio, ratio);
  const style = getComputedStyle(canvas);
  const colour = (name: string): string => style.getPropertyValue(name);
  const count = Math.floor(width / (BAR_PX + GAP_PX));
  const middle = HEIGHT_PX / 2;
  const played = peaks.seconds > 0 ? (at / peaks.seconds) * count : 0;
  const gain = gainOf(peaks);
  const legs = [
    { bars: barsOf(peaks.callee, count), up: true, name: "--wave-callee" },
    { bars: barsOf(peaks.agent, count), up: false, name: "--wave-agent" },
  ];
  for (const { bars, up, name } of legs) {
    bars.forEach((loud, index) => {
      const height = Math.max(1, Math.min(1, loud * gain) * (middle - 4));
      draw.fillStyle = colour(name);
      draw.globalAlpha = index <= played ? 1 : 0.45;
      draw.fillRect(index * (BAR_PX + GAP_PX), up ? middle - 1 - height : middle + 1, BAR_PX, height);
    });
  }
  draw.globalAlpha = 1;
  for (const mark of marks) {
    draw.fillStyle = colour(mark.kind === "refusal" ? "--wave-refusal" : "--wave-key");
    draw.fillRect((mark.atSeconds / peaks.seconds) * width - 1, 0, 2, HEIGHT_PX);
  }
  draw.fillStyle = colour("--wave-head");
  draw.fillRect(peaks.seconds > 0 ? (at / peaks.seconds) * width : 0, 0, 1.5, HEIGHT_PX);
}

/** Both legs over time: the callee above the line, the agent below. Click or arrow keys scrub, space plays. */
export function Waveform({ peaks, at, marks, seek, toggle }: Props) {
  const { t } = useWords();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (canvas.current !== null && width > 0) paint(canvas.current, { peaks, at, marks });
  }, [peaks, at, marks, width]);
  const onKeyDown = (event: KeyboardEvent): void => {
    const steps: Readonly<Record<string, number>> = {
      ArrowLeft: at - STEP_SECONDS,
      ArrowRight: at + STEP_SECONDS,
      PageDown: at - LEAP_SECONDS,
      PageUp: at + LEAP_SECONDS,
      Home: 0,
      End: peaks.seconds,
    };
    const to = steps[event.key];
    if (to !== undefined) seek(to);
    else if (event.key === " ") toggle();
    else return;
    event.preventDefault();
  };
  const scrub = (event: PointerEvent<HTMLCanvasElement>): void => {
    if (event.buttons !== 1) return;
    const box = event.currentTarget.getBoundingClientRect();
    seek(((event.clientX - box.left) / box.width) * peaks.seconds);
  };
  return (
    <div className="wave">
      <div className="wave-legs meta" aria-hidden>
        <span>{t("recording.callee")}</span>
        <span>{t("recording.agent")}</span>
      </div>
      <canvas
        ref={canvas}
        className="wave-canvas"
        role="slider"
        tabIndex={0}
        aria-label={t("recording.position")}
        aria-valuemin={0}
        aria-valuemax={Math.round(peaks.seconds)}
        aria-valuenow={Math.round(at)}
        aria-valuetext={duration(at * 1_000)}
        onKeyDown={onKeyDown}
        onPointerDown={scrub}
        onPointerMove={scrub}
      />
      {marks.length > 0 && (
        <ul className="wave-marks">
          {marks.map((mark) => (
            <li key={mark.seq}>
              <button type="button" className={`wave-mark wave-mark-${mark.kind}`} onClick={() => seek(mark.atSeconds)}>
                {t(`recording.mark.${mark.kind}`)} <span className="figure">{duration(mark.atSeconds * 1_000)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

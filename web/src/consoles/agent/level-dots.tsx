import { useEffect, useRef } from "react";

import type { AudioLevels } from "../../phone/softphone";

const DOTS = [0.15, 0.35, 0.55, 0.75];

/** How loud the microphone is, in four dots. Painted past React: it moves with every frame. */
export function LevelDots({ levels }: { readonly levels: () => AudioLevels }) {
  const place = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    let frame = 0;
    const paint = (): void => {
      const loud = levels().microphone;
      const dots = place.current?.children ?? [];
      DOTS.forEach((from, index) => dots[index]?.classList.toggle("on", loud >= from));
      frame = requestAnimationFrame(paint);
    };
    paint();
    return () => cancelAnimationFrame(frame);
  }, [levels]);
  return (
    <span className="level-dots" ref={place} aria-hidden>
      {DOTS.map((from) => (
        <i key={from} />
      ))}
    </span>
  );
}

import { PauseOutlined, PlayCircleFilled } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Segmented } from "antd";
import { useEffect, useRef, useState } from "react";

import type { PeaksView, RecordingView, TimelineEvent } from "../../api/models";
import { isSilent, marksOf } from "../../trail/waveform";
import { useWords } from "../../i18n/use-words";
import type { Role } from "../../ui/places";
import { Shown } from "../../ui/states";
import { duration } from "../../ui/time";
import { shortHash } from "../../ui/figures";

import { Waveform } from "./waveform";

/** Where the sound comes from, and what happened in it. `began`: when the recording began. */
export interface SoundSource {
  readonly key: string;
  readonly wav: string;
  readonly peaks: () => Promise<PeaksView>;
  readonly timeline: readonly TimelineEvent[];
  readonly began: string | null;
}

interface Props {
  readonly sound: SoundSource;
  readonly recording: RecordingView;
  readonly role: Role;
}

const SPEEDS = [1, 1.5, 2] as const;
const STATES = ["pending", "sealed", "missing", "erased"] as const;

function Player({ sound, seconds }: { readonly sound: SoundSource; readonly seconds: number }) {
  const { t } = useWords();
  const audio = useRef<HTMLAudioElement>(null);
  const [playing, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [speed, setSpeed] = useState<(typeof SPEEDS)[number]>(1);
  const peaks = useQuery({
    queryKey: ["peaks", sound.key],
    queryFn: sound.peaks,
    staleTime: Infinity,
  });
  useEffect(() => {
    if (audio.current !== null) audio.current.playbackRate = speed;
  }, [speed]);
  useEffect(() => {
    if (!playing) return undefined;
    let frame = 0;
    const follow = (): void => {
      setAt(audio.current?.currentTime ?? 0);
      frame = requestAnimationFrame(follow);
    };
    follow();
    return () => cancelAnimationFrame(frame);
  }, [playing]);
  const seek = (to: number): void => {
    const within = Math.min(seconds, Math.max(0, to));
    if (audio.current !== null) audio.current.currentTime = within;
    setAt(within);
  };
  const toggle = (): void => {
    const element = audio.current;
    if (element === null) return;
    if (element.paused) void element.play().catch(() => setPlaying(false));
    else element.pause();
  };
  return (
    <div className="player">
      <audio
        ref={audio}
        preload="none"
        src={sound.wav}
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onEnded={() => setPlaying(false)}
      />
      <Shown asked={peaks} rows={3}>
        {(shown) => (
          <>
            <Waveform
              peaks={shown}
              at={at}
              marks={marksOf(sound.timeline, sound.began, shown.seconds)}
              seek={seek}
              toggle={toggle}
            />
            {(["callee", "agent"] as const).map((leg) =>
              isSilent(shown[leg]) ? (
                <p key={leg} className="strip strip-attention">
                  {t(`recording.silent.${leg}`)}
                </p>
              ) : null,
            )}
          </>
        )}
      </Shown>
      <div className="player-bar">
        <Button type="primary" icon={playing ? <PauseOutlined /> : <PlayCircleFilled />} onClick={toggle}>
          {playing ? t("recording.pause") : t("recording.play")}
        </Button>
        <span className="figure">
          {duration(at * 1_000)} / {duration(seconds * 1_000)}
        </span>
        <span className="grow" />
        <Segmented
          aria-label={t("recording.speed")}
          options={SPEEDS.map((value) => ({ value, label: `${value}×` }))}
          value={speed}
          onChange={setSpeed}
        />
      </div>
    </div>
  );
}

/** The recording of both legs: seen, heard, and bound to the proof by its digest. */
export function Recording({ sound, recording, role }: Props) {
  const { t } = useWords();
  const state = STATES.find((one) => one === recording.state);
  return (
    <div className="recording">
      {state !== "sealed" && <p>{state === undefined ? t("unknown") : t(`recording.state.${state}`)}</p>}
      {state === "sealed" && role !== "auditor" && <p className="meta">{t("recording.auditorOnly")}</p>}
      {state === "sealed" && role === "auditor" && <Player sound={sound} seconds={recording.seconds ?? 0} />}
      {recording.gaps.map((gap) => (
        <p key={gap.from_seconds} className="strip strip-attention">
          {t("recording.gap", {
            from: duration(gap.from_seconds * 1_000),
            to: duration(gap.to_seconds * 1_000),
            reason: gap.reason,
          })}
        </p>
      ))}
      {recording.flac_sha256 !== null && (
        <p className="meta">
          {t("recording.digest")} <span className="mono" title={recording.flac_sha256}>{shortHash(recording.flac_sha256)}</span>
        </p>
      )}
    </div>
  );
}

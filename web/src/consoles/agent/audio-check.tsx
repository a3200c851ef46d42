import { AudioOutlined, CheckCircleFilled, CustomerServiceOutlined, LoadingOutlined, SoundOutlined, WifiOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useEffect, useRef, useState, type ReactNode } from "react";

import { answer, api } from "../../api/client";
import { useWords } from "../../i18n/use-words";
import { levelMeter, type LevelMeter } from "../../phone/level-meter";
import type { Softphone } from "../../phone/softphone";
import { MaybeButton } from "../../ui/blocked";
import { useFollowed } from "../../ui/use-store";

/** A voice at arm's length is well above this; a muted headset never reaches it. */
const HEARD_LEVEL = 0.3;
const TONE_SECONDS = 0.6;
const TONE_HZ = 660;
const NETWORK_MS_MAX = 400;

type Result = "open" | "trying" | "good" | "bad";

function playTone(): void {
  const context = new AudioContext();
  const tone = context.createOscillator();
  const volume = context.createGain();
  volume.gain.value = 0.2;
  tone.frequency.value = TONE_HZ;
  tone.connect(volume).connect(context.destination);
  tone.start();
  tone.stop(context.currentTime + TONE_SECONDS);
  tone.addEventListener("ended", () => void context.close());
}

/** Waits until the microphone hears something; the stream is closed in the end. */
function useMicrophone(): { readonly result: Result; readonly level: number; readonly listen: () => void } {
  const [result, setResult] = useState<Result>("open");
  const [level, setLevel] = useState(0);
  const stop = useRef<() => void>(() => undefined);
  useEffect(() => () => stop.current(), []);
  const listen = (): void => {
    stop.current();
    setResult("trying");
    navigator.mediaDevices.getUserMedia({ audio: true }).then(
      (stream) => {
        const meter: LevelMeter = levelMeter(stream);
        const timer = setInterval(() => {
          const heard = meter.level();
          setLevel(heard);
          if (heard >= HEARD_LEVEL) setResult("good");
        }, 80);
        stop.current = () => {
          clearInterval(timer);
          meter.close();
          for (const track of stream.getTracks()) track.stop();
        };
      },
      () => setResult("bad"),
    );
  };
  return { result, level, listen };
}

function Step({
  icon,
  title,
  result,
  words,
  children,
}: {
  readonly icon: ReactNode;
  readonly title: string;
  readonly result: Result;
  readonly words: string;
  readonly children: ReactNode;
}) {
  return (
    <li className={`check check-${result}`}>
      <span className="check-icon" aria-hidden>
        {result === "good" ? <CheckCircleFilled /> : result === "trying" ? <LoadingOutlined /> : icon}
      </span>
      <div className="grow">
        <strong>{title}</strong>
        <p className="meta" role="status">
          {words}
        </p>
      </div>
      {children}
    </li>
  );
}

/** A call to the exchange's echo: whoever hears themselves will be heard. It may be left out. */
function TestCall({ phone }: { readonly phone: Softphone }) {
  const { t } = useWords();
  useFollowed(phone);
  const [result, setResult] = useState<Result>("open");
  const [broken, setBroken] = useState<"silent" | "failed">("failed");
  const { echo } = phone;
  const call = (): void => {
    if (echo === null) return;
    setResult("trying");
    void echo().then((came) => {
      if (came !== "heard") setBroken(came);
      setResult(came === "heard" ? "good" : "bad");
    });
  };
  return (
    <Step
      icon={<CustomerServiceOutlined />}
      title={t("check.echo")}
      result={result}
      words={t(result === "bad" ? `check.echoIs.${broken}` : `check.echoIs.${result}`)}
    >
      {result !== "trying" && (
        <MaybeButton act={echo === null ? null : call} why={t(phone.get().kind === "live" ? "check.echoLive" : "desk.why.phone_down")}>
          {t("check.call")}
        </MaybeButton>
      )}
    </Step>
  );
}

/** Microphone, loudspeaker and network, once a day before the first call. */
export function AudioCheck({ phone, done }: { readonly phone: Softphone; readonly done: () => void }) {
  const { t } = useWords();
  const microphone = useMicrophone();
  const [speaker, setSpeaker] = useState<Result>("open");
  const [network, setNetwork] = useState<Result>("trying");
  const [milliseconds, setMilliseconds] = useState(0);
  useEffect(() => {
    const from = performance.now();
    answer(api.GET("/api/status")).then(
      () => {
        const took = Math.round(performance.now() - from);
        setMilliseconds(took);
        setNetwork(took <= NETWORK_MS_MAX ? "good" : "bad");
      },
      () => setNetwork("bad"),
    );
  }, []);
  const good = microphone.result === "good" && speaker === "good" && network !== "trying";
  return (
    <div className="audio-check">
      <h1 className="matters">{t("check.title")}</h1>
      <p className="meta">{t("check.why")}</p>
      <ol>
        <Step
          icon={<AudioOutlined />}
          title={t("check.microphone")}
          result={microphone.result}
          words={t(`check.microphoneIs.${microphone.result}`)}
        >
          {microphone.result === "open" || microphone.result === "bad" ? (
            <Button type="primary" onClick={microphone.listen}>
              {t("check.listen")}
            </Button>
          ) : (
            <meter className="check-meter" min={0} max={1} value={microphone.level} aria-label={t("check.level")} />
          )}
        </Step>
        <Step
          icon={<SoundOutlined />}
          title={t("check.speaker")}
          result={speaker}
          words={t(`check.speakerIs.${speaker}`)}
        >
          <Button
            onClick={() => {
              playTone();
              if (speaker !== "good") setSpeaker("trying");
            }}
          >
            {t("check.play")}
          </Button>
          {speaker === "trying" && (
            <Button type="primary" onClick={() => setSpeaker("good")}>
              {t("check.heard")}
            </Button>
          )}
        </Step>
        <Step
          icon={<WifiOutlined />}
          title={t("check.network")}
          result={network}
          words={t(`check.networkIs.${network}`, { ms: milliseconds })}
        >
          {null}
        </Step>
        <TestCall phone={phone} />
      </ol>
      {good && (
        <Button type="primary" size="large" onClick={done}>
          {t("check.done")}
        </Button>
      )}
      {!good && <p className="meta">{t("check.waits")}</p>}
    </div>
  );
}

import { levelMeter, type LevelMeter } from "./level-meter";

/** What came back of one's own voice: `heard`, `silent` (a line without sound), or `failed` (no line). */
export type EchoResult = "heard" | "silent" | "failed";

/** A voice comes back far above this. */
const HEARD_LEVEL = 0.3;
const LOOK_EVERY_MS = 100;
const SILENT_AFTER_MS = 8_000;
/** Long enough to hear oneself. */
const LISTEN_MS = 2_500;

/** What the phone tells of its call to the echo. */
interface EchoEvents {
  readonly peerconnection: (event: { readonly peerconnection: RTCPeerConnection }) => void;
  readonly confirmed: () => void;
  readonly ended: () => void;
  readonly failed: () => void;
}

/** The call, as the phone holds it. */
interface EchoCall {
  readonly isEnded: () => boolean;
  readonly terminate: () => void;
}

/** Calls the exchange's echo and listens until one's own voice came back: signalling and sound both ways, as in a call. */
export function callEcho(dial: (events: EchoEvents) => EchoCall, speaker: HTMLAudioElement): Promise<EchoResult> {
  return new Promise((resolve) => {
    let meter: LevelMeter | null = null;
    let session: EchoCall | null = null;
    let result: EchoResult = "silent";
    let end: ReturnType<typeof setTimeout> | undefined;
    let look: ReturnType<typeof setInterval> | undefined;
    const over = (came: EchoResult): void => {
      clearTimeout(end);
      clearInterval(look);
      meter?.close();
      speaker.srcObject = null;
      if (session?.isEnded() === false) session.terminate();
      resolve(came);
    };
    const listen = (): void => {
      end = setTimeout(() => over(result), SILENT_AFTER_MS);
      look = setInterval(() => {
        if (result === "heard" || meter === null || meter.level() < HEARD_LEVEL) return;
        result = "heard";
        clearTimeout(end);
        end = setTimeout(() => over("heard"), LISTEN_MS);
      }, LOOK_EVERY_MS);
    };
    session = dial({
      peerconnection: ({ peerconnection }) => {
        peerconnection.addEventListener("track", ({ track, streams }) => {
          const stream = streams[0] ?? new MediaStream([track]);
          speaker.srcObject = stream;
          void speaker.play().catch(() => undefined);
          meter = levelMeter(stream);
        });
      },
      confirmed: listen,
      ended: () => over(result),
      failed: () => over("failed"),
    });
  });
}

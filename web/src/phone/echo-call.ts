import type { UA } from "jssip";
import type { RTCSession } from "jssip/lib/RTCSession";

import { levelMeter, type LevelMeter } from "./level-meter";

/** What came back of one's own voice: `heard`, `silent` (a line without sound), or `failed` (no line). */
export type EchoResult = "heard" | "silent" | "failed";

/** The exchange says again whatever it hears here; a phone may call this and its own seat, and nothing else. */
const ECHO = "echo";
/** A voice comes back far above this. */
const HEARD_LEVEL = 0.3;
const LOOK_EVERY_MS = 100;
const SILENT_AFTER_MS = 8_000;
/** Long enough to hear oneself. */
const LISTEN_MS = 2_500;

interface Line {
  readonly microphone: MediaStream;
  readonly speaker: HTMLAudioElement;
  readonly iceServers: readonly RTCIceServer[];
}

/** Calls the exchange's echo and listens until one's own voice came back: signalling and sound both ways, as in a call. */
export function callEcho(ua: UA, { microphone, speaker, iceServers }: Line): Promise<EchoResult> {
  return new Promise((resolve) => {
    let meter: LevelMeter | null = null;
    let session: RTCSession | null = null;
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
    session = ua.call(ECHO, {
      mediaStream: microphone,
      pcConfig: { iceServers: [...iceServers] },
      eventHandlers: {
        peerconnection: ({ peerconnection }: { readonly peerconnection: RTCPeerConnection }) => {
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
      },
    });
  });
}

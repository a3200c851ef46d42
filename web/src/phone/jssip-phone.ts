import { C, UA, WebSocketInterface } from "jssip";
import type { RTCSession } from "jssip/lib/RTCSession";
import type { RTCSessionEvent } from "jssip/lib/UA";

import { audioHealth, type MediaSample } from "./audio-health";
import { callEcho, type EchoResult } from "./echo-call";
import { levelMeter, type LevelMeter } from "./level-meter";
import { Microphone, type MicrophoneChange } from "./microphone";
import type { AudioHealth, AudioLevels, PhoneAccount, PhoneState, Softphone } from "./softphone";

const STATS_EVERY_MS = 2_000;
const REGISTER_EXPIRES_SECONDS = 120;
const RECOVERY_SECONDS_MIN = 1;
const RECOVERY_SECONDS_MAX = 15;
/** As RFC 4733 events in the sound's own stream: the far end's menus know nothing else. */
const KEYS = { transportType: C.DTMF_TRANSPORT.RFC2833, duration: 120, interToneGap: 80 } as const;
/** The exchange says again whatever it hears here; a phone may call this and its own seat, and nothing else. */
const ECHO = "echo";
const NO_LEVELS: AudioLevels = { microphone: 0, callee: 0 };


function microphoneFault(error: unknown): "denied" | "missing" | "busy" {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "missing";
  return "busy";
}

async function sampleOf(connection: RTCPeerConnection): Promise<MediaSample> {
  const sample = { atMs: performance.now(), packetsReceived: 0, packetsLost: 0, microphoneEnergy: 0 };
  for (const report of (await connection.getStats()).values() as Iterable<Record<string, unknown>>) {
    if (report.type === "inbound-rtp" && report.kind === "audio") {
      sample.packetsReceived += Number(report.packetsReceived ?? 0);
      sample.packetsLost += Number(report.packetsLost ?? 0);
    }
    if (report.type === "media-source" && report.kind === "audio") {
      sample.microphoneEnergy += Number(report.totalAudioEnergy ?? 0);
    }
  }
  return sample;
}

/** A telephone over SIP on a WebSocket of this origin. `inCall` tells whether a callee should be heard now. */
export class JsSipPhone implements Softphone {
  private state: PhoneState = { kind: "off" };
  private readonly listeners = new Set<() => void>();
  private readonly inCall: () => boolean;
  private ua: UA | null = null;
  private socket: WebSocketInterface | null = null;
  private account: PhoneAccount | null = null;
  private leg: RTCSession | null = null;
  private readonly microphone = new Microphone((change) => void this.microphoneChanged(change));
  private readonly speaker: HTMLAudioElement;
  private meters: { microphone: LevelMeter; callee: LevelMeter | null } | null = null;
  private statsTimer: ReturnType<typeof setInterval> | undefined;
  private lastSample: MediaSample | null = null;

  constructor(inCall: () => boolean) {
    this.inCall = inCall;
    this.speaker = new Audio();
    this.speaker.autoplay = true;
  }

  readonly get = (): PhoneState => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  get mute(): ((muted: boolean) => void) | null {
    const leg = this.leg;
    const state = this.state;
    if (leg === null || state.kind !== "live") return null;
    return (muted) => {
      if (muted) leg.mute({ audio: true });
      else leg.unmute({ audio: true });
      this.become({ ...state, muted });
    };
  }

  get press(): ((key: string) => void) | null {
    const leg = this.leg;
    if (leg === null || this.state.kind !== "live") return null;
    return (key) => {
      leg.sendDTMF(key, KEYS);
    };
  }

  get echo(): (() => Promise<EchoResult>) | null {
    const { ua, account } = this;
    const microphone = this.microphone.get();
    if (ua === null || account === null || microphone === null || this.state.kind !== "waiting") return null;
    const line = { mediaStream: microphone, pcConfig: { iceServers: [...account.iceServers] } };
    return () => callEcho((eventHandlers) => ua.call(ECHO, { ...line, eventHandlers }), this.speaker);
  }

  readonly levels = (): AudioLevels =>
    this.meters === null
      ? NO_LEVELS
      : { microphone: this.meters.microphone.level(), callee: this.meters.callee?.level() ?? 0 };

  readonly start = async (account: PhoneAccount): Promise<void> => {
    this.closeUa();
    this.become({ kind: "connecting" });
    try {
      this.meters = { microphone: levelMeter(await this.microphone.open()), callee: null };
    } catch (error) {
      this.become({ kind: "no_microphone", reason: microphoneFault(error) });
      return;
    }
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    this.socket = new WebSocketInterface(`${scheme}//${location.host}${account.wsPath}`);
    const ua = new UA({
      sockets: [this.socket],
      uri: account.uri,
      authorization_user: account.user,
      password: account.password,
      register_expires: REGISTER_EXPIRES_SECONDS,
      connection_recovery_min_interval: RECOVERY_SECONDS_MIN,
      connection_recovery_max_interval: RECOVERY_SECONDS_MAX,
      session_timers: false,
    });
    this.ua = ua;
    this.account = account;
    ua.on("registered", () => this.become(this.leg === null ? { kind: "waiting" } : this.state));
    ua.on("registrationFailed", ({ response }) => {
      // without a response it is the network: the library registers again by itself
      const status = (response as { status_code?: number } | undefined)?.status_code ?? 0;
      const refused = status === 401 || status === 403;
      this.become(refused ? { kind: "refused" } : { kind: "retry", reason: status === 0 ? "network" : "server" });
      if (refused) this.closeUa();
    });
    ua.on("disconnected", ({ error }) => {
      if (error && this.leg === null) this.become({ kind: "retry", reason: "network" });
    });
    ua.on("newRTCSession", (event: RTCSessionEvent) => this.answer(event, account));
    ua.start();
  };

  readonly stop = (because: "off" | "taken_over"): void => {
    // a hang-up would be heard as the agent's leaving: who takes the phone over finds the talk as after a reload
    if (this.leg !== null && this.inCall()) this.socket?.disconnect();
    this.closeUa();
    this.become({ kind: because });
  };

  /** Answers the seat's leg; the last one asked wins, because the exchange calls again after a reload. */
  private answer(event: RTCSessionEvent, account: PhoneAccount): void {
    const session = event.session;
    // our own call to the echo, which listens to itself
    if ((event.originator as string) !== "remote") return;
    const microphone = this.microphone.get();
    if (microphone === null) {
      session.terminate();
      return;
    }
    this.leg = session;
    session.on("peerconnection", ({ peerconnection }) => this.listenTo(peerconnection));
    session.on("confirmed", () => {
      this.become({ kind: "live", muted: false, audio: "unknown", steppedIn: null });
      this.watchSound(session);
    });
    const gone = (): void => {
      if (this.leg === session) this.legGone();
    };
    session.on("ended", gone);
    session.on("failed", gone);
    session.answer({
      mediaStream: microphone,
      pcConfig: { iceServers: [...account.iceServers] },
    });
  }

  private listenTo(connection: RTCPeerConnection): void {
    connection.addEventListener("track", ({ track, streams }) => {
      const stream = streams[0] ?? new MediaStream([track]);
      this.speaker.srcObject = stream;
      void this.speaker.play().catch(() => undefined);
      if (this.meters !== null) this.meters = { ...this.meters, callee: levelMeter(stream) };
    });
  }

  private watchSound(session: RTCSession): void {
    clearInterval(this.statsTimer);
    this.lastSample = null;
    this.statsTimer = setInterval(() => {
      void sampleOf(session.connection).then((sample) => {
        const before = this.lastSample;
        this.lastSample = sample;
        if (before === null || this.leg !== session || this.state.kind !== "live") return;
        const talking = this.inCall();
        if (this.microphone.get() === null) return;
        const audio = audioHealth(before, sample, { incoming: talking, outgoing: talking && !this.state.muted });
        this.hear(audio);
      });
    }, STATS_EVERY_MS);
  }

  /** Unplugged in the middle of the shift: the leg stays, and speaks with whatever microphone comes next. */
  private async microphoneChanged(change: MicrophoneChange): Promise<void> {
    if (change.kind === "gone") {
      this.hear("microphone_gone");
      return;
    }
    this.meters?.microphone.close();
    this.meters = { microphone: levelMeter(change.stream), callee: this.meters?.callee ?? null };
    const track = change.stream.getAudioTracks()[0];
    if (this.leg === null || track === undefined || this.state.kind !== "live") return;
    track.enabled = !this.state.muted;
    for (const sender of this.leg.connection.getSenders()) {
      if (sender.track === null || sender.track.kind === "audio") await sender.replaceTrack(track);
    }
    this.soundsThrough(change.label);
  }

  private soundsThrough(label: string): void {
    if (this.state.kind === "live") this.become({ ...this.state, audio: "unknown", steppedIn: label });
  }

  private hear(audio: AudioHealth): void {
    if (this.state.kind === "live" && this.state.audio !== audio) this.become({ ...this.state, audio });
  }

  private legGone(): void {
    clearInterval(this.statsTimer);
    this.leg = null;
    this.meters?.callee?.close();
    this.speaker.srcObject = null;
    if (this.ua?.isRegistered() === true) this.become({ kind: "waiting" });
    else this.become({ kind: "retry", reason: "network" });
  }

  private closeUa(): void {
    clearInterval(this.statsTimer);
    this.leg = null;
    this.ua?.removeAllListeners();
    this.ua?.stop();
    this.ua = null;
    this.socket = null;
    this.meters?.microphone.close();
    this.meters?.callee?.close();
    this.meters = null;
    this.microphone.close();
  }

  private become(state: PhoneState): void {
    if (this.state === state) return;
    this.state = state;
    for (const listener of [...this.listeners]) listener();
  }
}

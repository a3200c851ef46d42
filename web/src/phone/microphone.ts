/** What an agent speaks into. `gone`: unplugged, and there is no other; the next one that is plugged in is taken. */
export type MicrophoneChange = { readonly kind: "gone" } | { readonly kind: "taken"; readonly stream: MediaStream; readonly label: string };

const WANTED: MediaStreamConstraints = { audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true } };

/** The browser's microphone; another takes its place when it is unplugged, at once or as soon as there is one. */
export class Microphone {
  private stream: MediaStream | null = null;
  private readonly changed: (change: MicrophoneChange) => void;
  private looking = false;

  constructor(changed: (change: MicrophoneChange) => void) {
    this.changed = changed;
  }

  /** The sound of whatever the system offers first; throws what the browser throws. */
  async open(): Promise<MediaStream> {
    this.close();
    navigator.mediaDevices.addEventListener("devicechange", this.plugged);
    return await this.take();
  }

  /** What is spoken into now, or null. */
  get(): MediaStream | null {
    return this.stream;
  }

  close(): void {
    navigator.mediaDevices.removeEventListener("devicechange", this.plugged);
    for (const track of this.stream?.getTracks() ?? []) {
      track.removeEventListener("ended", this.unplugged);
      track.stop();
    }
    this.stream = null;
  }

  private async take(): Promise<MediaStream> {
    const stream = await navigator.mediaDevices.getUserMedia(WANTED);
    this.stream = stream;
    for (const track of stream.getAudioTracks()) track.addEventListener("ended", this.unplugged);
    return stream;
  }

  private readonly unplugged = (): void => {
    this.stream = null;
    this.changed({ kind: "gone" });
    this.lookAgain();
  };

  private readonly plugged = (): void => {
    if (this.stream === null) this.lookAgain();
  };

  private lookAgain(): void {
    if (this.looking) return;
    this.looking = true;
    this.take()
      .then(
        (stream) => this.changed({ kind: "taken", stream, label: stream.getAudioTracks()[0]?.label ?? "" }),
        // none yet: the next one that is plugged in asks again
        () => undefined,
      )
      .finally(() => {
        this.looking = false;
      });
  }
}

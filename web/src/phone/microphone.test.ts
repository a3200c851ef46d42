import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Microphone, type MicrophoneChange } from "./microphone";

/** A headset as the browser shows it: its track ends when it is pulled out. */
class Headset extends EventTarget {
  readonly label: string;
  stopped = false;

  constructor(label: string) {
    super();
    this.label = label;
  }

  stop(): void {
    this.stopped = true;
  }
}

/** What is plugged in, first to last; the first is what the browser gives. */
class Sockets extends EventTarget {
  plugged: readonly string[] = ["Headset"];
  readonly given: Headset[] = [];

  getUserMedia = (): Promise<MediaStream> => {
    const [label] = this.plugged;
    if (label === undefined) return Promise.reject(new DOMException("none", "NotFoundError"));
    const track = new Headset(label);
    this.given.push(track);
    return Promise.resolve({ getTracks: () => [track], getAudioTracks: () => [track] } as unknown as MediaStream);
  };

  pull(): void {
    this.plugged = this.plugged.slice(1);
    this.given.at(-1)?.dispatchEvent(new Event("ended"));
  }

  plug(label: string): void {
    this.plugged = [...this.plugged, label];
    this.dispatchEvent(new Event("devicechange"));
  }
}

describe("a microphone that is pulled out", () => {
  let sockets: Sockets;
  let heard: MicrophoneChange[];
  let microphone: Microphone;

  beforeEach(async () => {
    sockets = new Sockets();
    vi.stubGlobal("navigator", { mediaDevices: sockets });
    heard = [];
    microphone = new Microphone((change) => heard.push(change));
    await microphone.open();
  });
  afterEach(() => vi.unstubAllGlobals());

  it("gives way at once to another that is there", async () => {
    sockets.plugged = ["Headset", "Built-in"];
    sockets.pull();
    await vi.waitFor(() => expect(heard).toHaveLength(2));
    expect(heard).toMatchObject([{ kind: "gone" }, { kind: "taken", label: "Built-in" }]);
    expect(microphone.get()?.getAudioTracks()[0]?.label).toBe("Built-in");
  });

  it("is waited for where there is no other", async () => {
    sockets.pull();
    await new Promise((resolve) => setTimeout(resolve));
    expect(heard).toEqual([{ kind: "gone" }]);
    expect(microphone.get()).toBeNull();
    sockets.plug("New headset");
    await vi.waitFor(() => expect(heard.at(-1)).toMatchObject({ kind: "taken", label: "New headset" }));
  });

  it("is nobody's business once the phone is closed", async () => {
    const [track] = sockets.given;
    microphone.close();
    expect(track?.stopped).toBe(true);
    track?.dispatchEvent(new Event("ended"));
    sockets.plug("Another");
    await new Promise((resolve) => setTimeout(resolve));
    expect(heard).toEqual([]);
    expect(sockets.given).toHaveLength(1);
  });
});

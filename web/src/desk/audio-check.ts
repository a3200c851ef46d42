/** Whether microphone, loudspeaker and network were tried today on this machine. */
const KEY = "dialer.audio-checked";

export function audioCheckedOn(day: string, storage: Storage = localStorage): "today" | "not_yet" {
  return storage.getItem(KEY) === day ? "today" : "not_yet";
}

export function keepAudioChecked(day: string, storage: Storage = localStorage): void {
  storage.setItem(KEY, day);
}

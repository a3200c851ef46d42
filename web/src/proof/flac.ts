import { type Bytes } from "./bytes";
import { Fault } from "./fault";
import type { Recording } from "./leaf";

const STREAMINFO_END = 42;

/** Rate, channels and frames as a FLAC file's STREAMINFO states them. */
export function shapeOf(bytes: Bytes): Recording {
  const isFlac =
    bytes.length >= STREAMINFO_END &&
    String.fromCharCode(...bytes.subarray(0, 4)) === "fLaC" &&
    ((bytes[4] ?? 0xff) & 0x7f) === 0 &&
    bytes[5] === 0 && bytes[6] === 0 && bytes[7] === 34;
  if (!isFlac) throw new Fault("recording.notFlac");
  const packed = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(18);
  return {
    rate: Number(packed >> 44n),
    channels: Number((packed >> 41n) & 7n) + 1,
    frames: Number(packed & 0xfffffffffn),
  };
}

import type { Bytes } from "../proof/bytes";
import type { DecodeSound } from "../proof/case";
import { sha256Hex } from "../proof/crypto";

/** Browsers make numbers from −1 to 1 of 16-bit samples by one of these. */
const SCALES = [32_768, 32_767] as const;
const NEAR = 0.01;

/** The 16-bit samples that a browser's decoder read, or null where its numbers come from none. */
export function samplesOf(channels: readonly Float32Array[]): Int16Array | null {
  const [first] = channels;
  if (first === undefined) return null;
  const scale = SCALES.find((one) =>
    channels.every((channel) => channel.every((value) => value < 0 || Math.abs(value * one - Math.round(value * one)) < NEAR)),
  );
  if (scale === undefined) return null;
  const samples = new Int16Array(first.length * channels.length);
  for (const [at, channel] of channels.entries()) {
    for (let frame = 0; frame < channel.length; frame += 1) {
      const value = channel[frame] ?? 0;
      samples[frame * channels.length + at] = Math.round(value * (value < 0 ? 32_768 : scale));
    }
  }
  return samples;
}

/** Decodes by the browser, at the file's own rate, so that nothing is resampled. Null where it can't. */
export const decodeSound: DecodeSound = async (flac, rate, channels) => {
  try {
    const context = new OfflineAudioContext(channels, 1, rate);
    const sound = await context.decodeAudioData(flac.slice().buffer);
    const samples = samplesOf(Array.from({ length: sound.numberOfChannels }, (_, at) => sound.getChannelData(at)));
    if (samples === null || sound.numberOfChannels !== channels || sound.sampleRate !== rate) return null;
    const bytes: Bytes = new Uint8Array(samples.buffer as ArrayBuffer);
    return { pcmSha256: await sha256Hex(bytes), frames: sound.length };
  } catch {
    return null;
  }
};

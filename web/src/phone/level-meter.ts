/** Follows how loud a stream is. */
export interface LevelMeter {
  /** 0 (silence) to 1, on a scale that a speaking voice fills. */
  readonly level: () => number;
  readonly close: () => void;
}

const FFT_SIZE = 512;
const FLOOR_DECIBEL = -60;

/** Loudness in decibel below full scale, brought to 0 … 1. */
export function levelOf(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const rms = Math.sqrt(sum / Math.max(1, samples.length));
  const decibel = rms > 0 ? 20 * Math.log10(rms) : FLOOR_DECIBEL;
  return Math.min(1, Math.max(0, 1 - decibel / FLOOR_DECIBEL));
}

/** A meter on the stream's audio; it plays nothing. */
export function levelMeter(stream: MediaStream): LevelMeter {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = FFT_SIZE;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(FFT_SIZE);
  return {
    level: () => {
      if (context.state === "suspended") void context.resume();
      analyser.getFloatTimeDomainData(samples);
      return levelOf(samples);
    },
    close: () => void context.close().catch(() => undefined),
  };
}

import type { AudioHealth } from "./softphone";

/** Counters of one leg at one moment, as getStats gives them. */
export interface MediaSample {
  readonly atMs: number;
  readonly packetsReceived: number;
  readonly packetsLost: number;
  /** Sum of squared sound energy that the microphone gave since the leg began. */
  readonly microphoneEnergy: number;
}

/** Loss above this share of the packets of one interval is heard as broken words. */
const LOSS_SHARE_MAX = 0.05;
/** An interval shorter than this says nothing. */
const INTERVAL_MS_MIN = 1_500;
/** Energy per second below this is digital silence: a muted headset, not a quiet room. */
const MICROPHONE_ENERGY_PER_SECOND_MIN = 1e-9;

/**
 * What two samples of one leg say about its sound.
 *
 * `expectsIncoming` is false while the seat waits without a callee: the exchange sends nothing then, and that is right.
 */
export function audioHealth(
  before: MediaSample,
  now: MediaSample,
  expects: { readonly incoming: boolean; readonly outgoing: boolean },
): AudioHealth {
  const intervalMs = now.atMs - before.atMs;
  if (intervalMs < INTERVAL_MS_MIN) return "unknown";
  const received = now.packetsReceived - before.packetsReceived;
  const lost = Math.max(0, now.packetsLost - before.packetsLost);
  if (expects.incoming && received === 0) return "no_incoming";
  if (expects.outgoing) {
    const energyPerSecond = ((now.microphoneEnergy - before.microphoneEnergy) * 1_000) / intervalMs;
    if (energyPerSecond < MICROPHONE_ENERGY_PER_SECOND_MIN) return "microphone_silent";
  }
  if (received + lost > 0 && lost / (received + lost) > LOSS_SHARE_MAX) return "lossy";
  return "good";
}
